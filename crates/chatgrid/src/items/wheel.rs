//! A wheel of fortune.

use super::facets::text;
use super::values::{Complaint, Draft, text_of};
use super::{Initial::Text, ItemType, Then, Used, Using};
use commonroom_core::item::{Param, Params};
use serde_json::{Value, json};

/// Characters of all words together.
const CHARS: usize = 4_000;
/// Words on the wheel.
const SPACES: usize = 100;
/// Characters of one word.
const SPACE_CHARS: usize = 80;

/// The type.
pub const TYPE: ItemType = ItemType {
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
    metadata,
    check,
    used: spin,
    heard: None,
};

fn metadata() -> Value {
    json!({"spaces": text(CHARS, "The words on the wheel, separated by commas.")})
}

fn spaces(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).filter(|space| !space.is_empty()).collect()
}

fn check(draft: Draft<'_>) -> Result<Params, Complaint> {
    let text = draft.text("spaces").ok_or("spaces must be a comma-delimited string.")?;
    if text.chars().count() > CHARS {
        return Err(format!("spaces must be {CHARS} characters or less."));
    }
    let spaces = spaces(&text);
    if spaces.is_empty() {
        return Err("spaces must include at least one value, separated by commas.".to_owned());
    }
    if spaces.len() > SPACES {
        return Err(format!("spaces supports up to {SPACES} values."));
    }
    if spaces.iter().any(|space| space.chars().count() > SPACE_CHARS) {
        return Err(format!("each space must be {SPACE_CHARS} chars or less."));
    }
    Ok(Params::from([("spaces".to_owned(), Param::Text(spaces.join(", ")))]))
}

/// Where it lands is chosen at once and told when it has come to rest.
fn spin(using: &mut Using<'_>) -> Used {
    let title = &using.item.title;
    let spaces = spaces(text_of(&using.item.params, "spaces"));
    let at = using.env.below(u32::try_from(spaces.len()).unwrap_or(0));
    let landed = spaces.get(at as usize).copied().unwrap_or("yes");
    Used {
        own: format!("You spin {title}."),
        others: Some(format!("{} spins {title}.", using.name)),
        sound: TYPE.use_sound.map(str::to_owned),
        then: Some(Then::Land(landed.to_owned())),
        ..Used::default()
    }
}
