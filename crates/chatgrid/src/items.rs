//! The six types of items and how an item looks on the wire (chatgrid.md 4.2 to 4.5).

use crate::config::Config;
use crate::wire;
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::item::{Item, Param};
use std::collections::BTreeMap;

/// What may be done with every built-in type.
pub const CAPABILITIES: &[&str] = &["editable", "carryable", "deletable", "usable"];

/// One type of item.
#[derive(Debug)]
pub struct ItemType {
    /// Its id on the wire.
    pub word: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What a new one is called.
    pub title: &'static str,
    /// A sentence about it.
    pub tooltip: &'static str,
    /// Sound of its use.
    pub use_sound: Option<&'static str>,
    /// Sound it makes by itself.
    pub emit_sound: Option<&'static str>,
    /// Milliseconds between two uses.
    pub cooldown_millis: i64,
    /// Squares within which it is heard.
    pub emit_range: i32,
    /// It sounds louder in front.
    pub directional: bool,
    /// Properties offered for editing, in order.
    pub editable: &'static [&'static str],
    /// Properties of a new one.
    pub defaults: &'static [(&'static str, Initial)],
}

/// A property of a new item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Initial {
    /// True or false.
    Bool(bool),
    /// A number.
    Int(i64),
    /// Words.
    Text(&'static str),
}

use Initial::{Bool, Int, Text};

/// All types, in the order of the menu.
pub const TYPES: [ItemType; 6] = [
    ItemType {
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
    },
    ItemType {
        word: "dice",
        label: "dice",
        title: "Dice",
        tooltip: "Rolls as many dice as you like with as many sides as you like.",
        use_sound: Some("sounds/roll.ogg"),
        emit_sound: None,
        cooldown_millis: 1_000,
        emit_range: 15,
        directional: false,
        editable: &["title", "sides", "number"],
        defaults: &[("sides", Int(6)), ("number", Int(2))],
    },
    ItemType {
        word: "piano",
        label: "piano",
        title: "piano",
        tooltip: "An instrument to play with the keyboard; it can record a tune.",
        use_sound: None,
        emit_sound: None,
        cooldown_millis: 1_000,
        emit_range: 15,
        directional: false,
        editable: &[
            "title",
            "instrument",
            "voiceMode",
            "octave",
            "attack",
            "decay",
            "release",
            "brightness",
            "emitRange",
        ],
        defaults: &[
            ("instrument", Text("piano")),
            ("voiceMode", Text("poly")),
            ("octave", Int(0)),
            ("attack", Int(15)),
            ("decay", Int(45)),
            ("release", Int(35)),
            ("brightness", Int(55)),
            ("emitRange", Int(15)),
            ("songId", Text("unterlandersheimweh")),
        ],
    },
    ItemType {
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
    },
    ItemType {
        word: "wheel",
        label: "wheel",
        title: "wheel",
        tooltip: "Spins and lands on one of the words written on it.",
        use_sound: Some("sounds/spin.ogg"),
        emit_sound: None,
        cooldown_millis: 4_000,
        emit_range: 15,
        directional: false,
        editable: &["title", "spaces"],
        defaults: &[("spaces", Text("yes, no"))],
    },
    ItemType {
        word: "widget",
        label: "widget",
        title: "widget",
        tooltip: "A thing with sounds of your choice.",
        use_sound: None,
        emit_sound: None,
        cooldown_millis: 1_000,
        emit_range: 15,
        directional: false,
        editable: &[
            "title",
            "enabled",
            "directional",
            "facing",
            "emitRange",
            "emitVolume",
            "emitSoundSpeed",
            "emitSoundTempo",
            "emitInitialDelay",
            "emitLoopDelay",
            "emitEffect",
            "emitEffectValue",
            "useSound",
            "emitSound",
        ],
        defaults: &[
            ("enabled", Bool(true)),
            ("directional", Bool(false)),
            ("facing", Int(0)),
            ("emitRange", Int(15)),
            ("emitVolume", Int(100)),
            ("emitSoundSpeed", Int(50)),
            ("emitSoundTempo", Int(50)),
            ("emitInitialDelay", Int(0)),
            ("emitLoopDelay", Int(0)),
            ("emitEffect", Text("off")),
            ("emitEffectValue", Int(50)),
            ("useSound", Text("")),
            ("emitSound", Text("")),
        ],
    },
];

/// The type with a word.
pub fn item_type(word: &str) -> Option<&'static ItemType> {
    TYPES.iter().find(|kind| kind.word == word)
}

impl ItemType {
    /// The properties of a new item.
    pub fn params(&self) -> BTreeMap<String, Param> {
        let param = |value: &Initial| match value {
            Bool(value) => Param::Bool(*value),
            Int(value) => Param::Int(*value),
            Text(value) => Param::Text((*value).to_owned()),
        };
        self.defaults.iter().map(|(key, value)| ((*key).to_owned(), param(value))).collect()
    }
}

/// How texts name an item: `Dice (dice)` (5).
pub fn named(title: &str, kind: &str) -> String {
    let word = if kind == "radio_station" { "radio" } else { kind };
    format!("{title} ({word})")
}

/// A whole number among an item's properties.
pub fn number(item: &Item, key: &str) -> Option<i64> {
    match item.params.get(key) {
        Some(Param::Int(value)) => Some(*value),
        Some(Param::Bool(_) | Param::Real(_) | Param::Text(_)) | None => None,
    }
}

/// An item as clients see it.
pub fn on_wire(item: &Item, config: &Config, directory: &Directory) -> wire::Item {
    let kind = item_type(&item.kind);
    let (x, y) = config.clamped(item.square);
    let number_of = |id| directory.account(id).map_or_else(String::new, |account| account.number.to_string());
    let name_of = |id| directory.account(id).map_or_else(String::new, |account| account.handle.clone());
    let system = || "system".to_owned();
    let mut wire = wire::Item {
        id: item.id.to_string(),
        kind: item.kind.clone(),
        title: item.title.clone(),
        x,
        y,
        created_by: number_of(item.owner),
        created_by_name: item.owner_name.clone(),
        updated_by: item.updated_by.map_or_else(system, number_of),
        updated_by_name: item.updated_by.map_or_else(system, name_of),
        created_at: item.created_at.millis(),
        updated_at: item.updated_at.millis(),
        version: item.version,
        capabilities: CAPABILITIES,
        use_sound: kind.and_then(|kind| kind.use_sound),
        emit_sound: kind.and_then(|kind| kind.emit_sound),
        params: item.params.clone(),
        display: BTreeMap::new(),
    };
    wire.display = display(&wire, item);
    wire
}

/// How an item's properties read (4.2).
fn display(wire: &wire::Item, item: &Item) -> BTreeMap<&'static str, String> {
    let sound = |key: &str, own: Option<&'static str>| {
        let chosen = match item.params.get(key) {
            Some(Param::Text(text)) => text.as_str(),
            Some(Param::Bool(_) | Param::Int(_) | Param::Real(_)) | None => own.unwrap_or_default(),
        };
        file_name(chosen)
    };
    let either = |name: &str, id: &str| if name.is_empty() { id.to_owned() } else { name.to_owned() };
    BTreeMap::from([
        ("type", wire.kind.clone()),
        ("x", wire.x.to_string()),
        ("y", wire.y.to_string()),
        ("version", wire.version.to_string()),
        ("carrierId", "none".to_owned()),
        ("createdBy", either(&wire.created_by_name, &wire.created_by)),
        ("updatedBy", either(&wire.updated_by_name, &wire.updated_by)),
        ("createdAt", minute(item.created_at)),
        ("updatedAt", minute(item.updated_at)),
        ("capabilities", CAPABILITIES.join(", ")),
        ("useSound", sound("useSound", wire.use_sound)),
        ("emitSound", sound("emitSound", wire.emit_sound)),
    ])
}

/// `YYYY-MM-DD HH:MM` in UTC.
fn minute(moment: Timestamp) -> String {
    moment.rfc3339().chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

fn file_name(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.is_empty() { "none".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_reads_as_its_file() {
        assert_eq!(file_name("sounds/roll.ogg"), "roll.ogg");
        assert_eq!(file_name("https://a.example/x/ding.ogg?b=/c#d"), "ding.ogg");
        assert_eq!(file_name(""), "none");
    }

    #[test]
    fn a_moment_reads_to_the_minute() {
        assert_eq!(minute(Timestamp(1_795_262_400_000_000)), "2026-11-21 12:00");
    }

    #[test]
    fn what_can_be_edited_has_a_value() {
        for kind in &TYPES {
            let params = kind.params();
            for key in kind.editable.iter().filter(|key| **key != "title") {
                assert!(params.contains_key(*key), "{} {key}", kind.word);
            }
        }
    }
}
