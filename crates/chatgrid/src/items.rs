//! The types of items (chatgrid.md 4.5): one file each, listed here. A new type is a new file and a line in [`TYPES`].

pub mod clock;
mod dice;
pub mod facets;
pub mod piano;
pub mod radio;
pub mod shown;
mod sound;
mod stream;
pub mod values;
mod wheel;
mod widget;

pub use shown::on_wire;

use commonroom_core::env::{Env, Timestamp};
use commonroom_core::item::{Item, Param, Params};
use serde_json::Value;
use values::{Complaint, Draft};

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
    /// What clients are told of its own properties.
    pub metadata: fn() -> Value,
    /// All its properties after a change, or why that cannot be.
    pub check: fn(Draft<'_>) -> Result<Params, Complaint>,
    /// What using one does.
    pub used: fn(&mut Using<'_>) -> Used,
    /// What the second way of using one says, if it has one.
    pub heard: Option<fn(&Item) -> String>,
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

/// Somebody about to use an item.
#[derive(Debug)]
pub struct Using<'a> {
    /// What is used.
    pub item: &'a Item,
    /// By whom.
    pub name: &'a str,
    /// When.
    pub now: Timestamp,
    /// Chance.
    pub env: &'a mut Env,
}

/// What using an item did.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Used {
    /// What its user is told.
    pub own: String,
    /// What the others are told.
    pub others: Option<String>,
    /// What everybody hears.
    pub sound: Option<String>,
    /// Properties that change.
    pub set: Params,
    /// What else happens.
    pub then: Option<Then>,
}

/// What else using an item does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Then {
    /// Everybody hears these sounds in a row.
    Announce(Vec<String>),
    /// Its user's keyboard becomes its own.
    Play,
    /// It comes to rest on this word a little later.
    Land(String),
}

/// All types, in the order of the menu.
pub const TYPES: [ItemType; 6] =
    [clock::TYPE, dice::TYPE, piano::TYPE, radio::TYPE, wheel::TYPE, widget::TYPE];

/// The type with a word.
pub fn item_type(word: &str) -> Option<&'static ItemType> {
    static ALL: [ItemType; 6] = TYPES;
    ALL.iter().find(|kind| kind.word == word)
}

impl ItemType {
    /// The properties of a new item.
    pub fn params(&self) -> Params {
        let param = |value: &Initial| match value {
            Initial::Bool(value) => Param::Bool(*value),
            Initial::Int(value) => Param::Int(*value),
            Initial::Text(value) => Param::Text((*value).to_owned()),
        };
        self.defaults.iter().map(|(key, value)| ((*key).to_owned(), param(value))).collect()
    }

    /// All properties of an item of this type: those it lacks are as on a new one.
    pub fn params_of(&self, item: &Item) -> Params {
        let mut params = self.params();
        params.extend(item.params.clone());
        params
    }
}

/// An item with all the properties of its type.
pub fn whole(item: &Item) -> Item {
    let params = item_type(&item.kind).map_or_else(|| item.params.clone(), |kind| kind.params_of(item));
    Item { params, ..item.clone() }
}

/// How texts name an item: `Dice (dice)` (5).
pub fn named(title: &str, kind: &str) -> String {
    let word = if kind == radio::TYPE.word { "radio" } else { kind };
    format!("{title} ({word})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use serde_json::Map;

    #[test]
    fn what_can_be_edited_has_a_value() {
        for kind in &TYPES {
            let params = kind.params();
            for key in kind.editable.iter().filter(|key| **key != "title") {
                assert!(params.contains_key(*key), "{} {key}", kind.word);
            }
        }
    }

    #[test]
    fn a_new_item_is_as_it_would_be_after_a_change_of_nothing() {
        for kind in &TYPES {
            let kept = kind.params();
            let draft = Draft { kept: &kept, sent: &Map::new(), config: &Config::default() };
            assert_eq!((kind.check)(draft).as_ref(), Ok(&kept), "{}", kind.word);
        }
    }

    #[test]
    fn whatever_is_sent_leaves_an_item_sound() {
        let odd: Vec<Value> = serde_json::from_str(
            r#"[null, true, false, 0, 1, -1, 7, 50, 100, 101, 360, 1e300, -1e300, 0.05, 12.349, 9007199254740993, "", " ",
                "on", "off", "none", "poly", "bass", "5", "7:05 pm", "a,b", ",", "http://a.example/x", "//", "http://[",
                "\u0000", "\u202e", "inf", "nan", "é", [], [1], {}, {"a": 1}]"#,
        )
        .expect("JSON");
        let long = Value::from("x,".repeat(5_000));
        let config = Config::default();
        let mut taken = 0;
        for kind in &TYPES {
            let kept = kind.params();
            for key in kept.keys() {
                for value in odd.iter().chain([&long]) {
                    let sent =
                        Map::from_iter([(key.clone(), value.clone()), ("other".to_owned(), value.clone())]);
                    let Ok(after) = (kind.check)(Draft { kept: &kept, sent: &sent, config: &config }) else {
                        continue;
                    };
                    taken += 1;
                    assert!(after.keys().eq(kept.keys()), "{} {key} {value}", kind.word);
                    let again = (kind.check)(Draft { kept: &after, sent: &Map::new(), config: &config });
                    assert_eq!(again.as_ref(), Ok(&after), "{} {key} {value}", kind.word);
                }
            }
        }
        assert!(taken > 300, "{taken}");
    }
}
