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

    /// The full minute that has come since the last look, unless it was missed by too much.
    fn crossed(&mut self, now: Timestamp) -> Option<Timestamp> {
        let minute = Timestamp(now.0.div_euclid(MINUTE) * MINUTE);
        let crossed = minute > self.checked;
        self.checked = self.checked.max(now);
        let in_time = now <= minute.plus_seconds(limits::ANNOUNCE_SECONDS);
        (crossed && in_time).then_some(minute)
    }

    /// Speaks when a full minute has come.
    pub fn tick(&mut self, scene: Scene<'_>, cx: &mut Context<'_>) {
        let Some(minute) = self.crossed(cx.now) else { return };
        let mut said = BTreeMap::new();
        let items = scene.state.directory.items(scene.id());
        for item in items.filter(|item| item.kind == clock::TYPE.word).map(|item| whole(item)) {
            let mut own = self.said.get(&item.id).copied().unwrap_or_default();
            for occasion in own.due(&item, minute) {
                announce(scene, &item, occasion, minute, cx);
            }
            said.insert(item.id, own);
        }
        self.said = said;
    }
}

impl Said {
    /// What a clock says at a full minute.
    fn due(&mut self, clock: &Item, minute: Timestamp) -> Vec<Occasion> {
        let local = clock::local(clock, minute);
        let mut due = Vec::new();
        let on_the_hour = local.minute == 0 && values::is_on(&clock.params, "topOfHourAnnounce");
        if on_the_hour && self.hour != Some(local) {
            self.hour = Some(local);
            due.push(Occasion::TopOfHour);
        }
        let rings =
            clock::alarm(clock).is_some_and(|alarm| (alarm.hour, alarm.minute) == (local.hour, local.minute));
        if rings && self.alarm != Some(local) {
            self.alarm = Some(local);
            due.push(Occasion::Alarm);
        }
        due
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use commonroom_core::item::{Param, Params};

    fn item(zone: &str, alarm: &str) -> Item {
        let params = Params::from([
            ("timeZone".to_owned(), Param::Text(zone.to_owned())),
            ("topOfHourAnnounce".to_owned(), Param::Bool(true)),
            ("alarmEnabled".to_owned(), Param::Bool(true)),
            ("alarmTime".to_owned(), Param::Text(alarm.to_owned())),
        ]);
        Item {
            id: ItemId::MIN,
            space: commonroom_core::SpaceId::MIN,
            kind: "clock".to_owned(),
            title: "clock".to_owned(),
            square: (0, 0),
            params,
            memory: None,
            owner: commonroom_core::AccountId::MIN,
            owner_name: String::new(),
            updated_by: None,
            version: 1,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    /// Hours struck, and alarms rung, from a moment on.
    fn day(zone: &str, alarm: &str, from: &str, hours: i64) -> (Vec<i8>, usize) {
        let (clock, mut said) = (item(zone, alarm), Said::default());
        let start = Timestamp::parse(from).expect("a moment");
        let (mut struck, mut rung) = (Vec::new(), 0);
        for minute in 0..hours * 60 {
            let minute = start.plus_seconds(minute * 60);
            for occasion in said.due(&clock, minute) {
                match occasion {
                    Occasion::TopOfHour => struck.push(clock::local(&clock, minute).hour),
                    Occasion::Alarm => rung += 1,
                    Occasion::Asked => {}
                }
            }
        }
        (struck, rung)
    }

    #[test]
    fn an_hour_that_comes_twice_is_struck_once_and_one_that_is_left_out_never() {
        // 2026-11-01 06:00Z: Detroit goes from 2:00 back to 1:00.
        assert_eq!(day("America/Detroit", "1:30", "2026-11-01T04:00:00Z", 5), (vec![0, 1, 2, 3], 1));
        // 2026-03-08 07:00Z: Detroit goes from 2:00 on to 3:00.
        assert_eq!(day("America/Detroit", "2:30", "2026-03-08T05:00:00Z", 4), (vec![0, 1, 3, 4], 0));
        // 2026-04-04 15:00Z: Lord Howe goes from 2:00 back to 1:30.
        assert_eq!(day("Australia/Lord_Howe", "1:45", "2026-04-04T13:00:00Z", 4), (vec![0, 1, 2, 3], 1));
        assert_eq!(day("Asia/Kathmandu", "1:00 AM", "2026-04-04T18:00:00Z", 3), (vec![0, 1, 2], 1));
    }

    #[test]
    fn a_minute_is_told_when_it_is_crossed_and_not_long_after() {
        let hour = Timestamp::parse("2026-11-21T12:00:00Z").expect("a moment");
        let crossed = |from: i64, to: i64| {
            let mut clocks = Clocks::new(hour.plus_millis(from));
            clocks.crossed(hour.plus_millis(to))
        };
        assert_eq!(crossed(-1, 0), Some(hour));
        assert_eq!(crossed(-40_000, 29_000), Some(hour));
        assert_eq!(crossed(-40_000, 31_000), None);
        assert_eq!(crossed(0, 1_000), None);
        assert_eq!(Clocks::new(hour).deadline(), hour.plus_seconds(60));
        assert_eq!(Clocks::new(hour.plus_millis(-1)).deadline(), hour);
    }
}
