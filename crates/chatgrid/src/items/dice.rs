//! Dice.

use super::Initial::Int;
use super::facets::between;
use super::values::{Complaint, Draft, number_of};
use super::{ItemType, Used, Using};
use commonroom_core::item::Params;
use serde_json::{Value, json};

/// The type.
pub const TYPE: ItemType = ItemType {
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
    metadata,
    check,
    used: roll,
    heard: None,
};

fn metadata() -> Value {
    json!({
        "sides": {"valueType": "number", "range": between(1, 100), "tooltip": "How many sides each die has."},
        "number": {"valueType": "number", "range": between(1, 100), "tooltip": "How many dice are rolled."},
    })
}

fn check(draft: Draft<'_>) -> Result<Params, Complaint> {
    let mut params = Params::new();
    for key in ["sides", "number"] {
        let number = draft.whole(key).ok_or("Dice values must be numbers.")?;
        if !(1.0..=100.0).contains(&number) {
            return Err("Dice sides and number must be between 1 and 100.".to_owned());
        }
        params.insert(key.to_owned(), super::values::int(number));
    }
    Ok(params)
}

fn roll(using: &mut Using<'_>) -> Used {
    let between = |key, usual| number_of(&using.item.params, key).unwrap_or(usual).clamp(1, 100);
    let sides = u32::try_from(between("sides", 6)).unwrap_or(6);
    let rolls: Vec<u32> = (0..between("number", 2)).map(|_| using.env.below(sides) + 1).collect();
    let words: Vec<String> = rolls.iter().map(u32::to_string).collect();
    let title = &using.item.title;
    let outcome = match &rolls[..] {
        [one] => format!("{title}: {one}."),
        many => format!("{title}: {} (total {}).", words.join(", "), many.iter().sum::<u32>()),
    };
    Used {
        own: format!("You rolled {outcome}"),
        others: Some(format!("{} rolled {outcome}", using.name)),
        sound: TYPE.use_sound.map(str::to_owned),
        ..Used::default()
    }
}
