//! What a world remembers of what happened in it, for tests to look at.

use super::World;
use commonroom_core::event::Event;
use commonroom_hub::request::{Log, Outside};
use std::sync::Arc;

impl World {
    /// Every event published so far, in order.
    pub fn told(&self) -> &[Arc<Event>] {
        &self.told
    }

    /// What services outside were asked and told so far, in order.
    pub fn asked(&self) -> &[Outside] {
        &self.asked
    }

    /// Milliseconds that handlers waited so far, in order; the clock does not move for them.
    pub fn pauses(&self) -> Vec<u64> {
        self.backend.lock().pauses.clone()
    }

    /// Lines of text logs so far, in order.
    pub fn logged(&self) -> &[Log] {
        &self.logged
    }

    /// URLs of radio stations that were asked what they play, in order.
    pub fn tuned(&self) -> &[String] {
        &self.tuned
    }
}
