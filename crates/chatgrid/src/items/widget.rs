//! A thing with sounds of its owner's choice.

use super::Initial::{Bool, Int, Text};
use super::facets::{EFFECTS, between, percent, seconds};
use super::values::{Complaint, Draft, is_on, text_of};
use super::{ItemType, Used, Using, sound};
use commonroom_core::item::{Param, Params};
use serde_json::{Value, json};

/// The type.
pub const TYPE: ItemType = ItemType {
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
    metadata,
    check,
    used: toggle,
    heard: None,
};

fn metadata() -> Value {
    json!({
        "enabled": {"valueType": "boolean", "tooltip": "The sound it makes by itself is on."},
        "directional": {"valueType": "boolean", "tooltip": "Louder in front than behind."},
        "facing": {"valueType": "number", "range": between(0, 360), "visibleWhen": {"directional": true},
            "tooltip": "Where it faces: 0 is north, 90 is east."},
        "emitRange": {"valueType": "number", "range": between(1, 20),
            "tooltip": "How many squares away it can be heard."},
        "emitVolume": {"valueType": "number", "range": between(0, 100), "tooltip": "How loud it is."},
        "emitSoundSpeed": {"valueType": "number", "range": percent(),
            "tooltip": "Speed and pitch: 0 is half, 50 is normal, 100 is double."},
        "emitSoundTempo": {"valueType": "number", "range": percent(),
            "tooltip": "Speed alone: 0 is half, 50 is normal, 100 is double."},
        "emitInitialDelay": {"valueType": "number", "range": seconds(),
            "tooltip": "Seconds before the sound begins."},
        "emitLoopDelay": {"valueType": "number", "range": seconds(),
            "tooltip": "Seconds of silence between two repetitions."},
        "emitEffect": {"valueType": "list", "options": EFFECTS, "tooltip": "What is done to the sound."},
        "emitEffectValue": {"valueType": "number", "range": percent(),
            "tooltip": "How much is done to the sound."},
        "useSound": {"valueType": "sound", "maxLength": 2048, "tooltip": "The sound of using it."},
        "emitSound": {"valueType": "sound", "maxLength": 2048, "tooltip": "The sound it makes by itself."},
    })
}

fn check(draft: Draft<'_>) -> Result<Params, Complaint> {
    // A switch that is neither on nor off is as it is on a new widget.
    let switch = |key: &str, usual: bool| Param::Bool(draft.on_off(key).unwrap_or(usual));
    let whole = |key: &str, min: i32, max: i32| {
        draft.whole_in(key, min..=max, &format!("must be an integer between {min} and {max}."))
    };
    let decimal = |key: &str, max: i32| {
        draft.decimal_in(key, 0..=max, &format!("must be a number between 0 and {max}."))
    };
    let effects = format!("emitEffect must be one of {}.", EFFECTS.join(", "));
    let entries = [
        ("enabled", switch("enabled", true)),
        ("directional", switch("directional", false)),
        ("facing", whole("facing", 0, 360)?),
        ("emitRange", whole("emitRange", 1, 20)?),
        ("emitVolume", whole("emitVolume", 0, 100)?),
        ("emitSoundSpeed", decimal("emitSoundSpeed", 100)?),
        ("emitSoundTempo", decimal("emitSoundTempo", 100)?),
        ("emitInitialDelay", decimal("emitInitialDelay", 300)?),
        ("emitLoopDelay", decimal("emitLoopDelay", 300)?),
        ("emitEffect", draft.one_of("emitEffect", &EFFECTS, &effects)?),
        ("emitEffectValue", draft.decimal_in("emitEffectValue", 0..=100, "must be a number.")?),
        ("useSound", sound::checked(draft, "useSound")?),
        ("emitSound", sound::checked(draft, "emitSound")?),
    ];
    Ok(entries.map(|(key, value)| (key.to_owned(), value)).into())
}

fn toggle(using: &mut Using<'_>) -> Used {
    let sound = text_of(&using.item.params, "useSound");
    Used { sound: (!sound.is_empty()).then(|| sound.to_owned()), ..switched(using) }
}

/// Switches something on or off: widgets and radios.
pub(super) fn switched(using: &Using<'_>) -> Used {
    let on = !is_on(&using.item.params, "enabled");
    let (word, title) = (if on { "on" } else { "off" }, &using.item.title);
    Used {
        own: format!("You turn {word} {title}."),
        others: Some(format!("{} turns {word} {title}.", using.name)),
        set: Params::from([("enabled".to_owned(), Param::Bool(on))]),
        ..Used::default()
    }
}
