//! Clocks that speak by themselves: on the hour and at their alarm (chatgrid.md 4.6).

use super::tell_all;
use crate::encode::Scene;
use crate::items::clock::{self, Local, Occasion};
use crate::items::{values, whole};
use crate::limits;
use crate::wire::Frame;
use crate::world;
use commonroom_core::ItemId;
use commonroom_core::env::Timestamp;
use commonroom_core::item::Item;
use commonroom_hub::session::Context;
use std::collections::BTreeMap;

/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;

/// What a clock has said, by the time on its wall: an hour that comes twice is told once.
#[derive(Clone, Copy, Default, Debug)]
struct Said {
    hour: Option<Local>,
    alarm: Option<Local>,
}

/// All clocks of the grid.
#[derive(Default, Debug)]
pub struct Clocks {
    /// The last look at them.
    checked: Timestamp,
    said: BTreeMap<ItemId, Said>,
}

impl Clocks {
    /// Clocks that say nothing of the time before.
    pub fn new(now: Timestamp) -> Self {
        Self { checked: now, said: BTreeMap::new() }
    }

    /// The next full minute: offsets of all zones are whole minutes.
    pub fn deadline(&self) -> Timestamp {
        Timestamp((self.checked.0.div_euclid(MINUTE) + 1) * MINUTE)
    }

    /// Speaks when a full minute has come; not when it was missed by too much.
    pub fn tick(&mut self, scene: Scene<'_>, cx: &mut Context<'_>) {
        let minute = Timestamp(cx.now.0.div_euclid(MINUTE) * MINUTE);
        let crossed = minute > self.checked;
        self.checked = self.checked.max(cx.now);
        if !crossed || cx.now > minute.plus_seconds(limits::ANNOUNCE_SECONDS) {
            return;
        }
        let is_clock = |item: &&std::sync::Arc<Item>| item.kind == clock::TYPE.word;
        let mut said = BTreeMap::new();
        for item in scene.state.directory.items(scene.id()).filter(is_clock) {
            let before = self.said.get(&item.id).copied().unwrap_or_default();
            said.insert(item.id, strike(scene, &whole(item), minute, before, cx));
        }
        self.said = said;
    }
}

fn strike(scene: Scene<'_>, item: &Item, minute: Timestamp, mut said: Said, cx: &mut Context<'_>) -> Said {
    let local = clock::local(item, minute);
    let on_the_hour = local.minute == 0 && values::is_on(&item.params, "topOfHourAnnounce");
    if on_the_hour && said.hour != Some(local) {
        said.hour = Some(local);
        announce(scene, item, Occasion::TopOfHour, minute, cx);
    }
    let rings =
        clock::alarm(item).is_some_and(|alarm| (alarm.hour, alarm.minute) == (local.hour, local.minute));
    if rings && said.alarm != Some(local) {
        said.alarm = Some(local);
        announce(scene, item, Occasion::Alarm, minute, cx);
    }
    said
}

fn announce(scene: Scene<'_>, item: &Item, occasion: Occasion, minute: Timestamp, cx: &mut Context<'_>) {
    let (x, y) = world::square_of(scene.config, scene.state, item);
    let said = Frame::ItemClockAnnounce {
        item_id: &item.id.to_string(),
        sounds: &clock::says(item, occasion, minute),
        x,
        y,
        range: world::range_of(item),
    };
    tell_all(scene.id(), said.json(), cx);
}
