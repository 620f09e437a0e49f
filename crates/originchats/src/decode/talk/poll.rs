//! Questions to vote on (originchats.md 5.6).

use super::Ask;
use crate::decode::fields::Fields;
use crate::limits;
use crate::wording::{Wrong, text};
use commonroom_core::env::Timestamp;
use commonroom_core::poll::PollOption;
use serde_json::Value;

/// When a poll is to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// At that moment.
    At(Timestamp),
    /// After that many microseconds.
    After(i64),
}

/// A question to ask.
#[derive(Clone, PartialEq, Debug)]
pub struct NewPoll {
    /// The question, trimmed.
    pub question: String,
    /// What may be chosen, with different ids.
    pub options: Vec<PollOption>,
    /// More than one may be chosen.
    pub multiple: bool,
    /// When it ends by itself.
    pub end: Option<End>,
}

/// A vote as it was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// This is my whole choice.
    Whole(Vec<String>),
    /// This one: instead of another, or where several may be chosen, on or off.
    One(String),
}

pub(super) fn ask(name: &str, fields: &Fields) -> Result<Ask, Wrong> {
    match name {
        "poll_create" => create(fields),
        "poll_vote" => vote(fields),
        "poll_end" => poll(fields).map(Ask::EndPoll),
        "poll_results" => poll(fields).map(Ask::PollResults),
        "poll_get" => poll(fields).map(Ask::Poll),
        name => Err(Wrong::UnknownCommand(name.to_owned())),
    }
}

/// The poll meant: its id is that of its message.
fn poll(fields: &Fields) -> Result<String, Wrong> {
    let id = match fields.filled("poll_id")? {
        Some(id) => Some(id),
        None => fields.filled("message_id")?,
    };
    id.ok_or(Wrong::Plain("poll_id or message_id is required"))
}

fn vote(fields: &Fields) -> Result<Ask, Wrong> {
    let id = poll(fields)?;
    let choice = match fields.value("option_ids") {
        Some(Value::Array(ids)) => {
            let wrong = || Wrong::Field("option_ids", "an array of strings");
            if ids.len() > limits::POLL_OPTIONS_MAX {
                return Err(Wrong::Plain("Cannot have more than 10 options"));
            }
            let mut wanted: Vec<String> = Vec::with_capacity(ids.len());
            for id in ids {
                let id = option_id(id).ok_or_else(wrong)?;
                if !wanted.contains(&id) {
                    wanted.push(id);
                }
            }
            Choice::Whole(wanted)
        }
        Some(_) => return Err(Wrong::Field("option_ids", "an array of strings")),
        None => match fields.value("option_id") {
            None => return Err(Wrong::Plain("option_id or option_ids is required")),
            Some(id) => Choice::One(option_id(id).ok_or(Wrong::Field("option_id", "a string"))?),
        },
    };
    Ok(Ask::Vote(id, choice))
}

/// An option's id; ids that are counted may come as numbers.
fn option_id(raw: &Value) -> Option<String> {
    match raw {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn create(fields: &Fields) -> Result<Ask, Wrong> {
    let place = fields.place()?.ok_or(Wrong::Plain(text::NO_UNREAD_PLACE))?;
    let question = fields.text("question")?.map(|question| question.trim().to_owned());
    let question =
        question.filter(|question| !question.is_empty()).ok_or(Wrong::Plain("Question is required"))?;
    if question.contains('\0') {
        return Err(Wrong::Plain("Question cannot contain NUL characters"));
    }
    if question.chars().count() > limits::POLL_QUESTION_CHARS {
        return Err(Wrong::FieldTooLong("question", limits::POLL_QUESTION_CHARS));
    }
    let options = match fields.value("options") {
        None => return Err(Wrong::Plain("At least 2 options are required")),
        Some(Value::Array(options)) => options_of(options)?,
        Some(_) => return Err(Wrong::Field("options", "an array")),
    };
    let multiple = fields.flag("allow_multiselect")?.unwrap_or(false);
    Ok(Ask::CreatePoll(place, Box::new(NewPoll { question, options, multiple, end: end(fields)? })))
}

fn options_of(raw: &[Value]) -> Result<Vec<PollOption>, Wrong> {
    if raw.len() < 2 {
        return Err(Wrong::Plain("At least 2 options are required"));
    }
    if raw.len() > limits::POLL_OPTIONS_MAX {
        return Err(Wrong::Plain("Cannot have more than 10 options"));
    }
    let options: Vec<PollOption> =
        raw.iter().enumerate().map(|(at, raw)| option(at, raw)).collect::<Result<_, _>>()?;
    let twice = |at: usize| options[..at].iter().any(|other| other.id == options[at].id);
    if (0..options.len()).any(twice) {
        return Err(Wrong::Plain("Option ids must be unique"));
    }
    Ok(options)
}

fn option(at: usize, raw: &Value) -> Result<PollOption, Wrong> {
    let wrong = |what: &'static str| Wrong::PollOption(at, what);
    let (words, id, emoji) = match raw {
        Value::String(words) => (Some(words.as_str()), None, None),
        Value::Object(raw) => {
            let id = match raw.get("id") {
                None | Some(Value::Null) => None,
                Some(id) => Some(option_id(id).ok_or(wrong("has an id that is not a string"))?),
            };
            let emoji = match raw.get("emoji") {
                None | Some(Value::Null) => None,
                Some(Value::String(emoji)) => Some(emoji.clone()).filter(|emoji| !emoji.is_empty()),
                Some(_) => return Err(wrong("has an emoji that is not a string")),
            };
            (raw.get("text").and_then(Value::as_str), id, emoji)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => (None, None, None),
    };
    let words = words.map(str::trim).filter(|words| !words.is_empty()).ok_or(wrong("must have 'text'"))?;
    if words.chars().count() > limits::POLL_OPTION_CHARS || words.contains('\0') {
        return Err(wrong("must have 'text' of at most 100 characters"));
    }
    let id = id.unwrap_or_else(|| at.to_string());
    if id.is_empty() || id.chars().count() > commonroom_core::limits::POLL_ID_CHARS {
        return Err(wrong("must have an id of 1 to 50 characters"));
    }
    let odd = |c: char| c.is_whitespace() || c.is_control();
    if emoji.as_ref().is_some_and(|emoji| emoji.chars().count() > limits::EMOJI_CHARS || emoji.contains(odd))
    {
        return Err(wrong("has an emoji that is none"));
    }
    Ok(PollOption { id, text: words.to_owned(), emoji, by: Vec::new() })
}

fn end(fields: &Fields) -> Result<Option<End>, Wrong> {
    if let Some(moment) = fields.real("expires_at")? {
        let micros = micros(moment, 1.0).ok_or(Wrong::Field("expires_at", "a time in seconds"))?;
        return Ok(Some(End::At(Timestamp(micros))));
    }
    let Some(hours) = fields.real("duration_hours")? else { return Ok(None) };
    if !(hours > 0.0 && hours <= limits::POLL_HOURS_MAX) {
        return Err(Wrong::Plain("duration_hours must be more than 0 and at most 8760"));
    }
    Ok(micros(hours, 3_600.0).map(End::After))
}

/// A number of units, each of so many seconds, in microseconds; nothing beyond the dates that a calendar knows.
fn micros(count: f64, seconds: f64) -> Option<i64> {
    const YEAR_9999: f64 = 253_402_300_799.0;
    let total = count * seconds;
    // Within the check the cast is exact to the microsecond.
    #[expect(clippy::cast_possible_truncation, reason = "checked to be far below 2^63")]
    (0.0..=YEAR_9999).contains(&total).then_some((total * 1e6) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Ask as Any, envelope};

    fn poll(rest: &str) -> Result<NewPoll, String> {
        let frame = format!(r#"{{"cmd":"poll_create","channel":"a",{rest}}}"#);
        match envelope(&frame).and_then(|envelope| envelope.ask()) {
            Ok(Any::Talk(Ask::CreatePoll(_, poll))) => Ok(*poll),
            Ok(other) => panic!("{other:?}"),
            Err(wrong) => Err(wrong.to_string()),
        }
    }

    #[test]
    fn options_are_texts_or_objects_and_get_the_ids_they_lack() {
        let made =
            poll(r#""question":" q ","options":["a",{"text":"b","id":"x","emoji":"👍"},{"text":"c"}]"#);
        let made = made.expect("a poll");
        let ids: Vec<&str> = made.options.iter().map(|option| option.id.as_str()).collect();
        assert_eq!((made.question.as_str(), ids), ("q", vec!["0", "x", "2"]));
    }

    #[test]
    fn what_cannot_be_a_poll() {
        let said = |rest: &str| poll(rest).expect_err("refused");
        assert_eq!(said(r#""options":["a","b"]"#), "Question is required");
        assert_eq!(said(r#""question":"q""#), "At least 2 options are required");
        assert_eq!(said(r#""question":"q","options":["a"]"#), "At least 2 options are required");
        let eleven = ["\"a\""; 11].join(",");
        assert_eq!(
            said(&format!(r#""question":"q","options":[{eleven}]"#)),
            "Cannot have more than 10 options"
        );
        assert_eq!(said(r#""question":"q","options":["a",{"id":"1"}]"#), "Option 1 must have 'text'");
        assert_eq!(
            said(r#""question":"q","options":["a",{"text":"b","id":"0"}]"#),
            "Option ids must be unique"
        );
        for end in [
            r#""duration_hours":0"#,
            r#""duration_hours":8761"#,
            r#""expires_at":-5"#,
            r#""expires_at":1e300"#,
        ] {
            said(&format!(r#""question":"q","options":["a","b"],{end}"#));
        }
    }

    #[test]
    fn both_forms_of_a_vote_are_understood() {
        let vote = |rest: &str| {
            let frame = format!(r#"{{"cmd":"poll_vote",{rest}}}"#);
            match envelope(&frame).and_then(|envelope| envelope.ask()) {
                Ok(Any::Talk(Ask::Vote(id, choice))) => Ok((id, choice)),
                Ok(other) => panic!("{other:?}"),
                Err(wrong) => Err(wrong.to_string()),
            }
        };
        let whole = Choice::Whole(vec!["a".to_owned(), "1".to_owned()]);
        assert_eq!(vote(r#""message_id":"m","option_ids":["a",1,"a"]"#), Ok(("m".to_owned(), whole)));
        assert_eq!(
            vote(r#""poll_id":"p","option_id":"a""#),
            Ok(("p".to_owned(), Choice::One("a".to_owned())))
        );
        assert_eq!(vote(r#""option_id":"a""#), Err("poll_id or message_id is required".to_owned()));
        assert_eq!(vote(r#""poll_id":"p""#), Err("option_id or option_ids is required".to_owned()));
        assert!(vote(r#""poll_id":"p","option_ids":[{}]"#).is_err());
    }
}
