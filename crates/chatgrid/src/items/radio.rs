//! An internet radio. What it plays comes to clients from the station; the server only asks what that is called.

use super::Initial::{Bool, Int, Text};
use super::facets::{EFFECTS, between, percent, text};
use super::stream;
use super::values::{Complaint, Draft, int, is_on, text_of};
use super::widget::switched;
use super::{ItemType, Used, Using};
use commonroom_core::item::{Item, Param, Params};
use serde_json::{Value, json};

/// Characters of a station's name.
pub const STATION_CHARS: usize = 160;
/// Characters of what it plays.
pub const PLAYING_CHARS: usize = 200;
const CHANNELS: [&str; 4] = ["stereo", "mono", "left", "right"];

/// The type.
pub const TYPE: ItemType = ItemType {
    word: "radio_station",
    label: "radio",
    title: "radio",
    tooltip: "Plays an internet radio station to those who are near.",
    use_sound: None,
    emit_sound: None,
    cooldown_millis: 1_000,
    emit_range: 10,
    directional: true,
    editable: &[
        "title",
        "streamUrl",
        "enabled",
        "mediaVolume",
        "mediaChannel",
        "mediaEffect",
        "mediaEffectValue",
        "facing",
        "emitRange",
    ],
    defaults: &[
        ("streamUrl", Text("")),
        ("enabled", Bool(true)),
        ("mediaVolume", Int(50)),
        ("mediaChannel", Text("stereo")),
        ("mediaEffect", Text("off")),
        ("mediaEffectValue", Int(50)),
        ("stationName", Text("")),
        ("nowPlaying", Text("")),
        ("facing", Int(0)),
        ("emitRange", Int(10)),
    ],
    metadata,
    check,
    used: toggle,
    heard: Some(now_playing),
};

fn metadata() -> Value {
    json!({
        "streamUrl": text(stream::CHARS, "The address of the station's stream."),
        "enabled": {"valueType": "boolean", "tooltip": "The radio is on."},
        "mediaVolume": {"valueType": "number", "range": between(0, 100), "tooltip": "How loud it is."},
        "mediaChannel": {"valueType": "list", "options": CHANNELS, "tooltip": "Which channels are heard."},
        "mediaEffect": {"valueType": "list", "options": EFFECTS, "tooltip": "What is done to the sound."},
        "mediaEffectValue": {"valueType": "number", "range": percent(), "visibleWhen": {"mediaEffect": "!off"},
            "tooltip": "How much is done to the sound."},
        "stationName": {"valueType": "text", "tooltip": "What the station calls itself."},
        "nowPlaying": {"valueType": "text", "tooltip": "What the station plays now."},
        "facing": {"valueType": "number", "range": between(0, 360), "visibleWhen": {"directional": true},
            "tooltip": "Where it faces: 0 is north, 90 is east."},
        "emitRange": {"valueType": "number", "range": between(5, 20),
            "tooltip": "How many squares away it can be heard."},
    })
}

fn check(draft: Draft<'_>) -> Result<Params, Complaint> {
    let url = draft.text("streamUrl").ok_or("streamUrl must be a valid http/https URL.")?;
    let url = stream::checked(&url, &draft.config.radio.allow_private_hosts)?;
    let same = url == text_of(draft.kept, "streamUrl");
    // What another station plays says nothing about this one.
    let heard = |key: &str| if same { draft.managed(key) } else { Param::Text(String::new()) };
    let facing = draft.number("facing").ok_or("facing must be a number between 0 and 360.")?;
    if !(0.0..=360.0).contains(&facing) {
        return Err("facing must be between 0 and 360.".to_owned());
    }
    let effects = format!("mediaEffect must be one of {}.", EFFECTS.join(", "));
    let channels = format!("mediaChannel must be one of {}.", CHANNELS.join(", "));
    let enabled = draft.on_off("enabled").ok_or("enabled must be true/false or on/off.")?;
    let entries = [
        ("stationName", heard("stationName")),
        ("nowPlaying", heard("nowPlaying")),
        ("streamUrl", Param::Text(url)),
        ("enabled", Param::Bool(enabled)),
        ("mediaVolume", draft.whole_in("mediaVolume", 0..=100, "must be a number.")?),
        ("mediaChannel", draft.one_of("mediaChannel", &CHANNELS, &channels)?),
        ("mediaEffect", draft.one_of("mediaEffect", &EFFECTS, &effects)?),
        ("mediaEffectValue", draft.decimal_in("mediaEffectValue", 0..=100, "must be a number.")?),
        ("facing", int(facing)),
        ("emitRange", draft.whole_in("emitRange", 5..=20, "must be an integer between 5 and 20.")?),
    ];
    Ok(entries.map(|(key, value)| (key.to_owned(), value)).into())
}

fn toggle(using: &mut Using<'_>) -> Used {
    switched(using)
}

/// What a radio says of itself.
fn now_playing(item: &Item) -> String {
    let text = |key| text_of(&item.params, key);
    match (text("nowPlaying"), text("stationName")) {
        _ if !is_on(&item.params, "enabled") => format!("{} is off.", item.title),
        ("", "") => "No now playing data.".to_owned(),
        ("", station) => format!("Playing from {station}."),
        (now, "") => format!("Playing {now}."),
        (now, station) => format!("Playing {now} from {station}."),
    }
}
