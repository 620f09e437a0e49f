//! Wheels that spin: where one lands is told when it has come to rest (chatgrid.md 4.5).

use super::tell_all;
use crate::encode::Scene;
use crate::limits;
use crate::wire::Frame;
use commonroom_core::ItemId;
use commonroom_core::env::Timestamp;
use commonroom_hub::session::Context;
use std::collections::VecDeque;

/// Wheels that spin, the first one to rest first.
#[derive(Default, Debug)]
pub struct Spins(VecDeque<(Timestamp, ItemId, String)>);

impl Spins {
    /// A wheel begins to spin.
    pub fn begin(&mut self, item: ItemId, word: String, now: Timestamp) {
        if self.0.len() < limits::SPINS {
            self.0.push_back((now.plus_millis(limits::SPIN_MILLIS), item, word));
        }
    }

    /// When the next one comes to rest.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.0.front().map(|(due, ..)| *due)
    }

    /// Tells where wheels have landed; one that is gone lands nowhere (defect 27).
    pub fn tick(&mut self, scene: Scene<'_>, cx: &mut Context<'_>) {
        while self.deadline().is_some_and(|due| due <= cx.now)
            && let Some((_, item, word)) = self.0.pop_front()
        {
            if scene.state.directory.item(item).is_some() {
                tell_all(scene.id(), Frame::line(&word), cx);
            }
        }
    }
}
