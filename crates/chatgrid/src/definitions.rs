//! The metadata from which the client builds its item menus (chatgrid.md 4.4 and 4.5): without it there is no item UI.

use crate::items::{CAPABILITIES, ItemType, TYPES};
use crate::wire::MenuAction;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};

const EFFECTS: [&str; 6] = ["reverb", "echo", "flanger", "high_pass", "low_pass", "off"];
const INSTRUMENTS: [&str; 10] = [
    "piano",
    "electric_piano",
    "guitar",
    "organ",
    "bass",
    "violin",
    "synth_lead",
    "brass",
    "nintendo",
    "drum_kit",
];
/// Exactly the time zones that clients offer.
const ZONES: [&str; 40] = [
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

/// The definitions as text, made once for every set of entries of the administration menu.
#[derive(Debug, Default)]
pub struct Definitions {
    by_menu: [OnceLock<Arc<RawValue>>; 1 << MENUS],
}

/// Independent rights that open entries of the administration menu.
const MENUS: usize = 3;

impl Definitions {
    /// The definitions with these entries in the administration menu; `which` tells apart sets of entries.
    pub fn with_menu(&self, which: usize, menu: &[MenuAction]) -> Arc<RawValue> {
        let make = || serde_json::value::to_raw_value(&definitions(menu)).expect("plain JSON").into();
        self.by_menu[which % self.by_menu.len()].get_or_init(make).clone()
    }
}

fn definitions(menu: &[MenuAction]) -> Value {
    json!({
        "itemTypeOrder": TYPES.iter().map(|kind| kind.word).collect::<Vec<_>>(),
        "itemTypes": TYPES.iter().map(definition).collect::<Vec<_>>(),
        "commandMetadata": {"mainModeActions": main_mode_actions()},
        "itemManagement": {"actions": [
            {"id": "transfer", "label": "Transfer item", "tooltip": "Give this item to somebody else.",
             "anyPermission": "item.transfer.any", "ownPermission": "item.transfer.own"},
            {"id": "delete", "label": "Delete item", "tooltip": "Take this item off the grid for good.",
             "anyPermission": "item.delete.any", "ownPermission": "item.delete.own"},
        ]},
        "adminMenu": {"actions": menu},
    })
}

fn main_mode_actions() -> Value {
    json!([
        {"id": "addItem", "label": "Add item", "tooltip": "Put a new item on your square."},
        {"id": "useItem", "label": "Use item", "tooltip": "Use an item on your square."},
        {"id": "secondaryUseItem", "label": "Use item in another way",
         "tooltip": "Do the second thing an item on your square can do."},
        {"id": "pickupDropItem", "label": "Pick up or drop item",
         "tooltip": "Take an item from your square, or put down what you carry."},
        {"id": "openItemManagement", "label": "Manage item", "tooltip": "Delete an item or give it away."},
        {"id": "editItem", "label": "Edit item", "tooltip": "Change the properties of an item."},
        {"id": "inspectItem", "label": "Inspect item", "tooltip": "Hear all properties of an item."},
    ])
}

fn definition(kind: &ItemType) -> Value {
    json!({
        "type": kind.word,
        "label": kind.label,
        "tooltip": kind.tooltip,
        "capabilities": CAPABILITIES,
        "editableProperties": kind.editable,
        "propertyMetadata": metadata(kind),
        "globalProperties": {
            "useSound": kind.use_sound.unwrap_or("none"),
            "emitSound": kind.emit_sound.unwrap_or("none"),
            "useCooldownMs": kind.cooldown_millis,
            "emitRange": kind.emit_range,
            "directional": kind.directional,
            "emitSoundSpeed": 50,
            "emitSoundTempo": 50,
            "emitInitialDelay": 0,
            "emitLoopDelay": 0,
        },
    })
}

fn metadata(kind: &ItemType) -> Map<String, Value> {
    let mut all = common();
    let own = match kind.word {
        "clock" => clock(),
        "dice" => dice(),
        "piano" => piano(),
        "radio_station" => radio(),
        "wheel" => json!({"spaces": {"valueType": "text", "maxLength": 4000,
            "tooltip": "The words on the wheel, separated by commas."}}),
        _ => widget(),
    };
    if let Value::Object(own) = own {
        all.extend(own);
    }
    all
}

fn common() -> Map<String, Value> {
    let labelled = [
        ("type", "Type", "text", "What kind of item this is."),
        ("carrierId", "Carrier", "text", "Who carries this item."),
        ("createdBy", "Created by", "text", "Who owns this item."),
        ("updatedBy", "Updated by", "text", "Who changed this item last."),
        ("createdAt", "Created at", "text", "When this item was placed."),
        ("updatedAt", "Updated at", "text", "When this item last changed."),
        ("capabilities", "Capabilities", "text", "What can be done with this item."),
        ("x", "X", "number", "How far east this item is."),
        ("y", "Y", "number", "How far north this item is."),
        ("version", "Version", "number", "How often this item has changed."),
    ];
    let mut all = Map::new();
    for (key, label, value, tooltip) in labelled {
        all.insert(key.to_owned(), json!({"valueType": value, "label": label, "tooltip": tooltip}));
    }
    let rest = json!({
        "useSound": {"valueType": "sound", "maxLength": 2048, "tooltip": "The sound of using this item."},
        "emitSound": {"valueType": "sound", "maxLength": 2048, "tooltip": "The sound this item makes by itself."},
        "useCooldownMs": {"valueType": "number", "tooltip": "Milliseconds between two uses of this item."},
        "emitRange": {"valueType": "number", "tooltip": "How many squares away this item can be heard."},
        "directional": {"valueType": "boolean", "tooltip": "Louder in front of this item than behind it."},
        "emitSoundSpeed": {"valueType": "number", "range": percent(0.1), "tooltip": "How fast and high the sound is."},
        "emitSoundTempo": {"valueType": "number", "range": percent(0.1), "tooltip": "How fast the sound is."},
        "emitInitialDelay": {"valueType": "number", "range": seconds(),
            "tooltip": "Seconds before the sound begins."},
        "emitLoopDelay": {"valueType": "number", "range": seconds(),
            "tooltip": "Seconds of silence between two repetitions."},
        "title": {"valueType": "text", "maxLength": 80, "tooltip": "What this item is called."},
    });
    if let Value::Object(rest) = rest {
        all.extend(rest);
    }
    all
}

fn percent(step: f64) -> Value {
    if step < 1.0 {
        json!({"min": 0, "max": 100, "step": step})
    } else {
        json!({"min": 0, "max": 100, "step": 1})
    }
}

fn seconds() -> Value {
    json!({"min": 0, "max": 300, "step": 0.1})
}

fn between(min: i32, max: i32) -> Value {
    json!({"min": min, "max": max, "step": 1})
}

fn clock() -> Value {
    json!({
        "timeZone": {"valueType": "list", "options": ZONES[..], "tooltip": "Where this clock keeps its time."},
        "use24Hour": {"valueType": "boolean", "tooltip": "Count the hours to twenty-four."},
        "topOfHourAnnounce": {"valueType": "boolean", "tooltip": "Say the time at every full hour."},
        "alarmEnabled": {"valueType": "boolean", "tooltip": "Ring at the alarm time."},
        "alarmTime": {"valueType": "text", "maxLength": 8, "visibleWhen": {"alarmEnabled": true},
            "tooltip": "When the alarm rings, for example 7:05 AM or 19:05."},
    })
}

fn dice() -> Value {
    json!({
        "sides": {"valueType": "number", "range": between(1, 100), "tooltip": "How many sides each die has."},
        "number": {"valueType": "number", "range": between(1, 100), "tooltip": "How many dice are rolled."},
    })
}

fn piano() -> Value {
    json!({
        "instrument": {"valueType": "list", "options": INSTRUMENTS,
            "tooltip": "What it sounds like; choosing one resets the other sound settings."},
        "voiceMode": {"valueType": "list", "options": ["poly", "mono"],
            "tooltip": "Many notes at once, or one at a time."},
        "octave": {"valueType": "number", "range": between(-2, 2), "tooltip": "Octaves up or down."},
        "attack": {"valueType": "number", "range": between(0, 100), "tooltip": "How slowly a note begins."},
        "decay": {"valueType": "number", "range": between(0, 100), "tooltip": "How slowly a note settles."},
        "release": {"valueType": "number", "range": between(0, 100), "tooltip": "How slowly a note ends."},
        "brightness": {"valueType": "number", "range": between(0, 100), "tooltip": "How bright a note is."},
        "emitRange": {"valueType": "number", "range": between(5, 20),
            "tooltip": "How many squares away it can be heard."},
    })
}

fn radio() -> Value {
    json!({
        "streamUrl": {"valueType": "text", "maxLength": 2048, "tooltip": "The address of the station's stream."},
        "enabled": {"valueType": "boolean", "tooltip": "The radio is on."},
        "mediaVolume": {"valueType": "number", "range": between(0, 100), "tooltip": "How loud it is."},
        "mediaChannel": {"valueType": "list", "options": ["stereo", "mono", "left", "right"],
            "tooltip": "Which channels are heard."},
        "mediaEffect": {"valueType": "list", "options": EFFECTS, "tooltip": "What is done to the sound."},
        "mediaEffectValue": {"valueType": "number", "range": percent(0.1), "visibleWhen": {"mediaEffect": "!off"},
            "tooltip": "How much is done to the sound."},
        "stationName": {"valueType": "text", "tooltip": "What the station calls itself."},
        "nowPlaying": {"valueType": "text", "tooltip": "What the station plays now."},
        "facing": {"valueType": "number", "range": between(0, 360), "visibleWhen": {"directional": true},
            "tooltip": "Where it faces: 0 is north, 90 is east."},
        "emitRange": {"valueType": "number", "range": between(5, 20),
            "tooltip": "How many squares away it can be heard."},
    })
}

fn widget() -> Value {
    json!({
        "enabled": {"valueType": "boolean", "tooltip": "The sound it makes by itself is on."},
        "directional": {"valueType": "boolean", "tooltip": "Louder in front than behind."},
        "facing": {"valueType": "number", "range": between(0, 360), "visibleWhen": {"directional": true},
            "tooltip": "Where it faces: 0 is north, 90 is east."},
        "emitRange": {"valueType": "number", "range": between(1, 20),
            "tooltip": "How many squares away it can be heard."},
        "emitVolume": {"valueType": "number", "range": between(0, 100), "tooltip": "How loud it is."},
        "emitSoundSpeed": {"valueType": "number", "range": percent(0.1),
            "tooltip": "Speed and pitch: 0 is half, 50 is normal, 100 is double."},
        "emitSoundTempo": {"valueType": "number", "range": percent(0.1),
            "tooltip": "Speed alone: 0 is half, 50 is normal, 100 is double."},
        "emitInitialDelay": {"valueType": "number", "range": seconds(),
            "tooltip": "Seconds before the sound begins."},
        "emitLoopDelay": {"valueType": "number", "range": seconds(),
            "tooltip": "Seconds of silence between two repetitions."},
        "emitEffect": {"valueType": "list", "options": EFFECTS, "tooltip": "What is done to the sound."},
        "emitEffectValue": {"valueType": "number", "range": percent(0.1),
            "tooltip": "How much is done to the sound."},
        "useSound": {"valueType": "sound", "maxLength": 2048, "tooltip": "The sound of using it."},
        "emitSound": {"valueType": "sound", "maxLength": 2048, "tooltip": "The sound it makes by itself."},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_property_has_a_type_and_a_tooltip() {
        let all = definitions(&[]);
        let kinds = all["itemTypes"].as_array().expect("a list");
        assert_eq!(kinds.len(), 6);
        for kind in kinds {
            let metadata = kind["propertyMetadata"].as_object().expect("an object");
            for (key, entry) in metadata {
                let value = entry["valueType"].as_str().expect("a type");
                assert!(["boolean", "text", "number", "list", "sound"].contains(&value), "{key}");
                assert!(entry["tooltip"].as_str().is_some_and(|tooltip| tooltip.ends_with('.')), "{key}");
                assert_eq!(entry.get("options").is_some(), value == "list", "{key}");
            }
            for key in kind["editableProperties"].as_array().expect("a list") {
                assert!(metadata.contains_key(key.as_str().expect("a word")), "{key}");
            }
            assert_eq!(kind["globalProperties"].as_object().map(Map::len), Some(9));
        }
        assert_eq!(all["itemTypeOrder"].as_array().map(Vec::len), Some(6));
        assert!(ZONES.is_sorted());
    }
}
