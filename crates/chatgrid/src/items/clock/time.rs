//! What time it is where, and times of the day as people write them.

use commonroom_core::env::Timestamp;

/// Exactly the time zones that clients offer.
pub const ZONES: [&str; 40] = [
    "America/Anchorage",
    "America/Argentina/Buenos_Aires",
    "America/Chicago",
    "America/Detroit",
    "America/Halifax",
    "America/Indiana/Indianapolis",
    "America/Kentucky/Louisville",
    "America/Los_Angeles",
    "America/St_Johns",
    "Asia/Bangkok",
    "Asia/Dhaka",
    "Asia/Dubai",
    "Asia/Hong_Kong",
    "Asia/Kabul",
    "Asia/Karachi",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Seoul",
    "Asia/Singapore",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Asia/Yangon",
    "Atlantic/Azores",
    "Atlantic/South_Georgia",
    "Australia/Brisbane",
    "Australia/Darwin",
    "Australia/Eucla",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Helsinki",
    "Europe/London",
    "Europe/Moscow",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Honolulu",
    "Pacific/Kiritimati",
    "Pacific/Noumea",
    "Pacific/Pago_Pago",
    "UTC",
];

/// What a clock on the wall shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Local {
    /// Year.
    pub year: i16,
    /// Day of the year, from 1.
    pub day: i16,
    /// Hour, from 0 to 23.
    pub hour: i8,
    /// Minute.
    pub minute: i8,
}

impl Local {
    /// The time in a zone; in UTC when there is no such zone.
    pub fn of(zone: &str, now: Timestamp) -> Self {
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let moment = jiff::Timestamp::from_microsecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let shown = zone.to_datetime(moment);
        Self {
            year: shown.year(),
            day: shown.date().day_of_year(),
            hour: shown.hour(),
            minute: shown.minute(),
        }
    }
}

/// A time of the day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alarm {
    /// Hour, from 0 to 23.
    pub hour: i8,
    /// Minute.
    pub minute: i8,
}

impl Alarm {
    /// Reads `7:05`, `07:05`, `19:05`, `7:05 PM`, `7:05pm`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_uppercase();
        let half = [("AM", 0), ("PM", 12)].into_iter().find(|(word, _)| text.ends_with(word));
        let digits = match half {
            Some((word, _)) => text.strip_suffix(word)?.trim_end(),
            None => &text,
        };
        let (hour, minute) = digits.split_once(':')?;
        let plain = |part: &str, most: usize| {
            (part.len() <= most && !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then_some(())
        };
        plain(hour, 2)?;
        plain(minute, 2).filter(|()| minute.len() == 2)?;
        let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
        let hour = match half {
            Some((_, add)) if (1..=12).contains(&hour) => hour % 12 + add,
            Some(_) => return None,
            None => hour,
        };
        ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(Self { hour, minute })
    }

    /// The one way in which it is kept.
    pub fn written(self, hours24: bool) -> String {
        let Self { hour, minute } = self;
        if hours24 {
            return format!("{hour:02}:{minute:02}");
        }
        let half = if hour < 12 { "AM" } else { "PM" };
        let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
        format!("{hour}:{minute:02} {half}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_is_known() {
        assert!(ZONES.is_sorted());
        for zone in ZONES {
            assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone}");
        }
    }

    #[test]
    fn clocks_follow_their_zone() {
        // 2026-11-21T12:00:00Z
        let noon = Timestamp(1_795_262_400_000_000);
        let at = |zone| {
            let local = Local::of(zone, noon);
            (local.hour, local.minute)
        };
        assert_eq!(at("UTC"), (12, 0));
        assert_eq!(at("America/Detroit"), (7, 0));
        assert_eq!(at("Asia/Kathmandu"), (17, 45));
        assert_eq!(at("Pacific/Chatham"), (1, 45));
        assert_eq!(Local::of("UTC", noon).day, 325);
        assert_eq!(Local::of("Mars/Olympus", noon), Local::of("UTC", noon));
    }

    #[test]
    fn an_alarm_is_read_in_either_form() {
        let read = |text| Alarm::parse(text).map(|alarm| (alarm.hour, alarm.minute));
        for (text, time) in [
            ("7:05pm", (19, 5)),
            ("7:05 PM", (19, 5)),
            (" 07:05  am ", (7, 5)),
            ("12:00 AM", (0, 0)),
            ("12:30 pm", (12, 30)),
            ("19:05", (19, 5)),
            ("0:00", (0, 0)),
            ("23:59", (23, 59)),
        ] {
            assert_eq!(read(text), Some(time), "{text}");
        }
        for bad in [
            "", "7", "7:5", "24:00", "13:00 PM", "0:30 am", "7:60", "-1:00", "7:05 XM", "+7:05", "007:05",
            "é:05",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_alarm_is_written_in_one_form() {
        for hour in 0..24 {
            for minute in [0, 5, 30, 59] {
                let alarm = Alarm { hour, minute };
                for hours24 in [true, false] {
                    let written = alarm.written(hours24);
                    assert!(written.len() <= 8);
                    assert_eq!(Alarm::parse(&written), Some(alarm), "{written}");
                }
            }
        }
        assert_eq!(Alarm { hour: 19, minute: 5 }.written(false), "7:05 PM");
        assert_eq!(Alarm { hour: 7, minute: 5 }.written(true), "07:05");
    }
}
