//! Pieces of the metadata that several types share (chatgrid.md 4.4).

use serde_json::{Value, json};

/// What can be done to a sound.
pub const EFFECTS: [&str; 6] = ["reverb", "echo", "flanger", "high_pass", "low_pass", "off"];

/// A range of whole numbers.
pub fn between(min: i32, max: i32) -> Value {
    json!({"min": min, "max": max, "step": 1})
}

/// 0 to 100 with one decimal.
pub fn percent() -> Value {
    json!({"min": 0, "max": 100, "step": 0.1})
}

/// Seconds of a delay.
pub fn seconds() -> Value {
    json!({"min": 0, "max": 300, "step": 0.1})
}

/// A text of at most so many characters.
pub fn text(most: usize, tooltip: &str) -> Value {
    json!({"valueType": "text", "maxLength": most, "tooltip": tooltip})
}
