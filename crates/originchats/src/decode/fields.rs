//! The fields of a frame by name and type. Missing and `null` are the same; a wrong type names the field.

use super::places::{Place, Start};
use crate::limits;
use crate::wording::{Wrong, text};
use serde_json::{Map, Value};

/// The fields of a frame.
#[derive(Clone, Debug)]
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    /// A field that is there.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>, Wrong> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Wrong::Field(name, "a string")),
        }
    }

    /// A text that is not empty.
    pub(super) fn filled(&self, name: &'static str) -> Result<Option<String>, Wrong> {
        Ok(self.text(name)?.filter(|text| !text.is_empty()))
    }

    /// A list of texts.
    pub(super) fn texts(&self, name: &'static str) -> Result<Option<Vec<String>>, Wrong> {
        let wrong = Wrong::Field(name, "a list of strings");
        match self.value(name) {
            None => Ok(None),
            Some(Value::Array(values)) => {
                let texts: Option<Vec<String>> =
                    values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
                texts.map(Some).ok_or(wrong)
            }
            Some(_) => Err(wrong),
        }
    }

    /// True for a field that is there and `null`.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(Value::is_null)
    }

    /// A text of at most `most` characters that `null` and the empty text clear; `None` when it is not there.
    pub(super) fn clearable(&self, name: &'static str, most: usize) -> Result<Option<Option<String>>, Wrong> {
        if self.is_null(name) {
            return Ok(Some(None));
        }
        let Some(text) = self.text(name)? else { return Ok(None) };
        let text = text.trim();
        if text.chars().count() > most {
            return Err(Wrong::FieldTooLong(name, most));
        }
        Ok(Some((!text.is_empty()).then(|| text.to_owned())))
    }

    /// Yes or no.
    pub(super) fn flag(&self, name: &'static str) -> Result<Option<bool>, Wrong> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Wrong::Field(name, "a boolean")),
        }
    }

    /// A whole number; one beyond 64 bits is the nearest that fits.
    pub(super) fn number(&self, name: &'static str) -> Result<Option<i64>, Wrong> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Number(number)) => whole(number).map(Some).ok_or(Wrong::Field(name, "an integer")),
            Some(_) => Err(Wrong::Field(name, "an integer")),
        }
    }

    /// A number with or without decimals; always finite.
    pub(super) fn real(&self, name: &'static str) -> Result<Option<f64>, Wrong> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Number(number)) => number
                .as_f64()
                .filter(|number| number.is_finite())
                .map(Some)
                .ok_or(Wrong::Field(name, "a number")),
            Some(_) => Err(Wrong::Field(name, "a number")),
        }
    }

    /// The person a command is about.
    pub(super) fn user(&self) -> Result<String, Wrong> {
        self.filled("user")?.ok_or(Wrong::Plain(text::USER_REQUIRED))
    }

    /// Where a command is to act; a thread wins over a channel (originchats.md 5).
    pub(super) fn place(&self) -> Result<Option<Place>, Wrong> {
        let (thread, channel) = (self.filled("thread_id")?, self.filled("channel")?);
        Ok(match thread {
            Some(id) => Some(Place::Thread { id, channel }),
            None => channel.map(Place::Channel),
        })
    }

    /// The beginning of a history page.
    pub(super) fn start(&self) -> Result<Start, Wrong> {
        match self.value("start") {
            None => Ok(Start::Newest(0)),
            Some(Value::String(id)) => Ok(Start::Before(id.clone())),
            Some(Value::Number(number)) => {
                let number = whole(number).ok_or(Wrong::Field("start", "an integer or a message id"))?;
                Ok(Start::Newest(u64::try_from(number).unwrap_or(0)))
            }
            Some(_) => Err(Wrong::Field("start", "an integer or a message id")),
        }
    }

    /// The length of a history page.
    pub(super) fn limit(&self) -> Result<usize, Wrong> {
        let wanted = self.number("limit")?.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0);
        Ok(if wanted == 0 { limits::PAGE_DEFAULT } else { wanted.min(limits::PAGE_MAX) })
    }

    /// A count within `bounds`.
    pub(super) fn bound(&self, name: &'static str) -> Result<usize, Wrong> {
        let Some(bounds) = self.value("bounds") else { return Ok(limits::AROUND_DEFAULT) };
        let Value::Object(bounds) = bounds else { return Err(Wrong::Field("bounds", "an object")) };
        match bounds.get(name) {
            None | Some(Value::Null) => Ok(limits::AROUND_DEFAULT),
            Some(Value::Number(number)) => {
                let number = whole(number).ok_or(Wrong::Field(name, "an integer"))?;
                Ok(usize::try_from(number).unwrap_or(0).min(limits::AROUND_MAX))
            }
            Some(_) => Err(Wrong::Field(name, "an integer")),
        }
    }

    /// Seconds of a timeout.
    pub(super) fn seconds(&self, name: &'static str) -> Result<i64, Wrong> {
        let wrong = || Wrong::Plain("Timeout must be a positive integer");
        let seconds = self.number(name).map_err(|_| wrong())?.ok_or_else(wrong)?;
        if seconds < 0 { Err(wrong()) } else { Ok(seconds.min(limits::TIMEOUT_SECONDS_MAX)) }
    }
}

/// A JSON number as a whole one: `5` and `5.0`, not `5.5`.
fn whole(number: &serde_json::Number) -> Option<i64> {
    if let Some(number) = number.as_i64() {
        return Some(number);
    }
    if number.is_u64() {
        return Some(i64::MAX);
    }
    let float = number.as_f64()?;
    // The cast saturates, which is what a number beyond every limit is to become.
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    (float.fract() == 0.0).then_some(float as i64)
}
