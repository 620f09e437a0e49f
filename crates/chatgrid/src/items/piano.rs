//! An instrument to play with the keyboard; it can record a tune and play it back.

use super::Initial::{Int, Text};
use super::facets::between;
use super::values::{Complaint, Draft, number_of, text_of};
use super::{ItemType, Then, Used, Using};
use crate::song::Synth;
use commonroom_core::item::{Item, Param, Params};
use serde_json::{Value, json};

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
const VOICES: [&str; 2] = ["poly", "mono"];

/// How each instrument sounds until its owner says otherwise, in the order of [`INSTRUMENTS`]: attack, decay, release,
/// brightness, voices, octave.
const PRESETS: [(i64, i64, i64, i64, &str, i64); INSTRUMENTS.len()] = [
    (15, 45, 35, 55, "poly", 0),
    (12, 40, 30, 62, "poly", 0),
    (8, 35, 25, 50, "poly", 0),
    (25, 70, 45, 48, "poly", 0),
    (2, 24, 18, 34, "mono", -1),
    (22, 75, 55, 58, "mono", 0),
    (6, 30, 22, 72, "poly", 0),
    (10, 45, 30, 60, "mono", 0),
    (1, 24, 15, 85, "poly", 0),
    (1, 22, 12, 68, "poly", 0),
];

/// The type.
pub const TYPE: ItemType = ItemType {
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
    metadata,
    check,
    used: sit_down,
    heard: None,
};

fn metadata() -> Value {
    json!({
        "instrument": {"valueType": "list", "options": INSTRUMENTS,
            "tooltip": "What it sounds like; choosing one resets the other sound settings."},
        "voiceMode": {"valueType": "list", "options": VOICES, "tooltip": "Many notes at once, or one at a time."},
        "octave": {"valueType": "number", "range": between(-2, 2), "tooltip": "Octaves up or down."},
        "attack": {"valueType": "number", "range": between(0, 100), "tooltip": "How slowly a note begins."},
        "decay": {"valueType": "number", "range": between(0, 100), "tooltip": "How slowly a note settles."},
        "release": {"valueType": "number", "range": between(0, 100), "tooltip": "How slowly a note ends."},
        "brightness": {"valueType": "number", "range": between(0, 100), "tooltip": "How bright a note is."},
        "emitRange": {"valueType": "number", "range": between(5, 20),
            "tooltip": "How many squares away it can be heard."},
    })
}

fn check(draft: Draft<'_>) -> Result<Params, Complaint> {
    let listed = |key: &str, options: &[&str]| {
        draft.one_of(key, options, &format!("{key} must be one of: {}.", options.join(", ")))
    };
    let whole = |key: &str, min: i32, max: i32| {
        draft.whole_in(key, min..=max, &format!("must be an integer between {min} and {max}."))
    };
    let instrument = listed("instrument", &INSTRUMENTS)?;
    let mut params = Params::from([
        ("emitRange".to_owned(), whole("emitRange", 5, 20)?),
        ("songId".to_owned(), draft.managed("songId")),
    ]);
    let preset = match &instrument {
        Param::Text(word) if *word != text_of(draft.kept, "instrument") => {
            INSTRUMENTS.iter().position(|known| known == word).map(|at| PRESETS[at])
        }
        Param::Text(_) | Param::Bool(_) | Param::Int(_) | Param::Real(_) => None,
    };
    let sound = match preset {
        // Whatever came with another instrument was meant for the one before.
        Some((attack, decay, release, brightness, voices, octave)) => [
            ("attack", Param::Int(attack)),
            ("decay", Param::Int(decay)),
            ("release", Param::Int(release)),
            ("brightness", Param::Int(brightness)),
            ("voiceMode", Param::Text(voices.to_owned())),
            ("octave", Param::Int(octave)),
        ],
        None => [
            ("attack", whole("attack", 0, 100)?),
            ("decay", whole("decay", 0, 100)?),
            ("release", whole("release", 0, 100)?),
            ("brightness", whole("brightness", 0, 100)?),
            ("voiceMode", listed("voiceMode", &VOICES)?),
            ("octave", whole("octave", -2, 2)?),
        ],
    };
    params.extend(sound.map(|(key, value)| (key.to_owned(), value)));
    params.insert("instrument".to_owned(), instrument);
    Ok(params)
}

/// How a piano sounds now.
pub fn synth(piano: &Item) -> Synth {
    let text = |key, usual: &str| match text_of(&piano.params, key) {
        "" => usual.to_owned(),
        text => text.to_owned(),
    };
    let number = |key, usual| number_of(&piano.params, key).unwrap_or(usual);
    Synth {
        instrument: text("instrument", "piano"),
        voice_mode: text("voiceMode", "poly"),
        attack: number("attack", 15),
        decay: number("decay", 45),
        release: number("release", 35),
        brightness: number("brightness", 55),
        emit_range: number("emitRange", 15).max(1),
    }
}

/// Octaves up or down.
pub fn octave(piano: &Item) -> i64 {
    number_of(&piano.params, "octave").unwrap_or(0)
}

fn sit_down(using: &mut Using<'_>) -> Used {
    let title = &using.item.title;
    Used {
        own: format!("You begin playing {title}."),
        others: Some(format!("{} begins playing {title}.", using.name)),
        then: Some(Then::Play),
        ..Used::default()
    }
}
