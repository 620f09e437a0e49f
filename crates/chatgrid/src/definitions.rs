//! The metadata from which the client builds its item menus (chatgrid.md 4.4 and 4.5): without it there is no item UI.

use crate::items::facets::{percent, seconds};
use crate::items::{CAPABILITIES, ItemType, TYPES};
use crate::wire::MenuAction;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};

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
    let own = (kind.metadata)();
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
        "emitSoundSpeed": {"valueType": "number", "range": percent(), "tooltip": "How fast and high the sound is."},
        "emitSoundTempo": {"valueType": "number", "range": percent(), "tooltip": "How fast the sound is."},
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
    }

    // chatgrid.md 4.5: word, label, title, sound of use and by itself, milliseconds, squares, louder in front, editable.
    #[test]
    fn the_types_are_as_their_table_says() {
        let radio =
            "title,streamUrl,enabled,mediaVolume,mediaChannel,mediaEffect,mediaEffectValue,facing,emitRange";
        let piano = "title,instrument,voiceMode,octave,attack,decay,release,brightness,emitRange";
        let clock = "title,timeZone,use24Hour,topOfHourAnnounce,alarmEnabled,alarmTime";
        let widget = "title,enabled,directional,facing,emitRange,emitVolume,emitSoundSpeed,emitSoundTempo,\
                      emitInitialDelay,emitLoopDelay,emitEffect,emitEffectValue,useSound,emitSound";
        let dice = "title,sides,number";
        let table = [
            ("clock", "clock", "clock", "none", "sounds/clock.ogg", 1000, 10, false, clock),
            ("dice", "dice", "Dice", "sounds/roll.ogg", "none", 1000, 15, false, dice),
            ("piano", "piano", "piano", "none", "none", 1000, 15, false, piano),
            ("radio_station", "radio", "radio", "none", "none", 1000, 10, true, radio),
            ("wheel", "wheel", "wheel", "sounds/spin.ogg", "none", 4000, 15, false, "title,spaces"),
            ("widget", "widget", "widget", "none", "none", 1000, 15, false, widget),
        ];
        let all = definitions(&[]);
        for ((word, label, title, used, emitted, millis, range, front, editable), at) in
            table.into_iter().zip(0..)
        {
            let kind = &all["itemTypes"][at];
            let own = &kind["globalProperties"];
            assert_eq!((&kind["type"], &kind["label"]), (&json!(word), &json!(label)));
            assert_eq!(all["itemTypeOrder"][at], json!(word));
            assert_eq!(TYPES[at].title, title);
            assert_eq!((&own["useSound"], &own["emitSound"]), (&json!(used), &json!(emitted)), "{word}");
            let numbers = json!([own["useCooldownMs"], own["emitRange"], own["directional"]]);
            assert_eq!(numbers, json!([millis, range, front]), "{word}");
            assert_eq!(kind["editableProperties"], json!(editable.split(',').collect::<Vec<_>>()), "{word}");
            assert_eq!(kind["capabilities"], json!(["editable", "carryable", "deletable", "usable"]));
        }
    }

    // chatgrid.md 4.4: what the newest client looks for by name.
    #[test]
    fn actions_have_the_names_that_clients_know() {
        let all = definitions(&[]);
        let ids = |actions: &Value| {
            let actions = actions.as_array().expect("a list").iter();
            actions
                .map(|action| action["id"].as_str().expect("an id").to_owned())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            ids(&all["commandMetadata"]["mainModeActions"]),
            "addItem useItem secondaryUseItem pickupDropItem openItemManagement editItem inspectItem"
        );
        assert_eq!(ids(&all["itemManagement"]["actions"]), "transfer delete");
        let shown =
            |kind: usize, key: &str| all["itemTypes"][kind]["propertyMetadata"][key]["visibleWhen"].clone();
        assert_eq!(shown(0, "alarmTime"), json!({"alarmEnabled": true}));
        assert_eq!(shown(3, "mediaEffectValue"), json!({"mediaEffect": "!off"}));
        for kind in [3, 5] {
            assert_eq!(shown(kind, "facing"), json!({"directional": true}));
        }
        let zones = &all["itemTypes"][0]["propertyMetadata"]["timeZone"]["options"];
        assert_eq!(zones.as_array().map(Vec::len), Some(40));
    }
}
