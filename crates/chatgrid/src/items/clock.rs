//! A clock that says the time, on the hour and at an alarm if its owner likes.

mod speech;
mod time;

pub use speech::{Occasion, speech};
pub use time::{Alarm, Local};

use super::Initial::{Bool, Text};
use super::facets::text;
use super::values::{Complaint, Draft, is_on, text_of};
use super::{ItemType, Then, Used, Using};
use commonroom_core::env::Timestamp;
use commonroom_core::item::{Item, Param, Params};
use serde_json::{Value, json};

/// Characters of the alarm time.
const ALARM_CHARS: usize = 8;

/// The type.
pub const TYPE: ItemType = ItemType {
    word: "clock",
    label: "clock",
    title: "clock",
    tooltip: "Says the time of its time zone, on the hour and at an alarm if you like.",
    use_sound: None,
    emit_sound: Some("sounds/clock.ogg"),
    cooldown_millis: 1_000,
    emit_range: 10,
    directional: false,
    editable: &["title", "timeZone", "use24Hour", "topOfHourAnnounce", "alarmEnabled", "alarmTime"],
    defaults: &[
        ("timeZone", Text("America/Detroit")),
        ("use24Hour", Bool(false)),
        ("topOfHourAnnounce", Bool(true)),
        ("alarmEnabled", Bool(false)),
        ("alarmTime", Text("12:00 AM")),
    ],
    metadata,
    check,
    used: tell,
    heard: None,
};

fn metadata() -> Value {
    let mut alarm = text(ALARM_CHARS, "When the alarm rings, for example 7:05 AM or 19:05.");
    alarm["visibleWhen"] = json!({"alarmEnabled": true});
    json!({
        "timeZone": {"valueType": "list", "options": time::ZONES[..], "tooltip": "Where this clock keeps its time."},
        "use24Hour": {"valueType": "boolean", "tooltip": "Count the hours to twenty-four."},
        "topOfHourAnnounce": {"valueType": "boolean", "tooltip": "Say the time at every full hour."},
        "alarmEnabled": {"valueType": "boolean", "tooltip": "Ring at the alarm time."},
        "alarmTime": alarm,
    })
}

fn check(draft: Draft<'_>) -> Result<Params, Complaint> {
    let zone = draft.text("timeZone").filter(|zone| time::ZONES.contains(&zone.as_str()));
    let zone = zone.ok_or_else(|| format!("timeZone must be one of {}.", time::ZONES.join(", ")))?;
    let mut params = Params::from([("timeZone".to_owned(), Param::Text(zone))]);
    for key in ["use24Hour", "topOfHourAnnounce", "alarmEnabled"] {
        let on = draft.on_off(key).ok_or_else(|| format!("{key} must be on/off."))?;
        params.insert(key.to_owned(), Param::Bool(on));
    }
    let typed = draft.text("alarmTime");
    let alarm = match typed.as_deref() {
        Some("") => String::new(),
        Some(typed) => {
            let alarm = Alarm::parse(typed).ok_or(BAD_ALARM)?;
            alarm.written(is_on(&params, "use24Hour"))
        }
        None => return Err(BAD_ALARM.to_owned()),
    };
    params.insert("alarmTime".to_owned(), Param::Text(alarm));
    Ok(params)
}

const BAD_ALARM: &str = "alarmTime must be a valid time (HH:MM or H:MM AM/PM).";

/// The time where a clock keeps it.
pub fn local(clock: &Item, now: Timestamp) -> Local {
    let zone = text_of(&clock.params, "timeZone");
    Local::of(if zone.is_empty() { "America/Detroit" } else { zone }, now)
}

/// When a clock's alarm rings, if it does.
pub fn alarm(clock: &Item) -> Option<Alarm> {
    if !is_on(&clock.params, "alarmEnabled") {
        return None;
    }
    Alarm::parse(text_of(&clock.params, "alarmTime"))
}

/// What a clock says (4.6).
pub fn says(clock: &Item, occasion: Occasion, now: Timestamp) -> Vec<String> {
    speech(local(clock, now), is_on(&clock.params, "use24Hour"), occasion)
}

fn tell(using: &mut Using<'_>) -> Used {
    let sounds = says(using.item, Occasion::Asked, using.now);
    Used { then: Some(Then::Announce(sounds)), ..Used::default() }
}
