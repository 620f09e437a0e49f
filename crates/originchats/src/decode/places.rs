//! Requests about messages and the places they are in.

use super::fields::Fields;
use super::{Ask, embed};
use crate::limits;
use crate::wording::{Wrong, text};
use commonroom_core::embed::Embed;
use serde_json::Value;

/// Where a command is to act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// A channel, by name.
    Channel(String),
    /// A thread, by id, and the channel it was said to be in.
    Thread {
        /// Its id.
        id: String,
        /// The name of its channel, if it was sent too.
        channel: Option<String>,
    },
}

/// Where a history page begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Start {
    /// After skipping that many of the newest.
    Newest(u64),
    /// With what is older than a message.
    Before(String),
}

/// A message to post.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMessage {
    /// Where.
    pub place: Place,
    /// The text, trimmed.
    pub content: String,
    /// What it answers.
    pub reply_to: Option<String>,
    /// The author of that is to be told.
    pub ping: bool,
    /// Ids of files shared with it.
    pub attachments: Vec<String>,
    /// Cards below it.
    pub embeds: Vec<Embed>,
}

/// What a message is to say from now on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edited {
    /// The text, trimmed.
    pub content: String,
    /// The cards; `None` leaves them.
    pub embeds: Option<Vec<Embed>>,
}

pub(super) fn new_message(fields: &Fields) -> Result<NewMessage, Wrong> {
    let place = fields.place()?;
    let content = fields.text("content")?;
    let files = match fields.value("attachments") {
        None => &[][..],
        Some(Value::Array(files)) => files,
        Some(_) => return Err(Wrong::Plain("Attachments must be an array")),
    };
    if files.len() > commonroom_core::limits::FILES_PER_MESSAGE {
        return Err(Wrong::Plain("Cannot share more than 10 attachments"));
    }
    let cards = matches!(fields.value("embeds"), Some(Value::Array(cards)) if !cards.is_empty());
    let something = content.is_some() || !files.is_empty() || cards;
    let (Some(place), true) = (place.clone(), something) else {
        return Err(Wrong::MissingFields { target: place.is_none(), content: !something });
    };
    let content = clean(&content.unwrap_or_default())?;
    if content.is_empty() && files.is_empty() && !cards {
        return Err(Wrong::Plain(text::EMPTY));
    }
    let embeds = embed::embeds(fields.value("embeds"))?.unwrap_or_default();
    let attachments = files.iter().map(attachment).collect::<Result<_, _>>()?;
    let reply_to = fields.filled("reply_to")?;
    let ping = fields.flag("ping")?.unwrap_or(true);
    Ok(NewMessage { place, content, reply_to, ping, attachments, embeds })
}

fn attachment(raw: &Value) -> Result<String, Wrong> {
    let raw = raw.as_object().ok_or(Wrong::Plain("Each attachment must be an object"))?;
    let id = raw.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let id = id.ok_or(Wrong::Plain("Attachment ID is required"))?;
    Ok(id.chars().take(limits::FILE_ID_CHARS).collect())
}

pub(super) fn edit(fields: &Fields) -> Result<Ask, Wrong> {
    let missing = || Wrong::Plain("Invalid message edit format");
    let id = fields.filled("id")?.ok_or_else(missing)?;
    let place = fields.place()?.ok_or_else(missing)?;
    let content = clean(&fields.text("content")?.ok_or_else(missing)?)?;
    let embeds = embed::embeds(fields.value("embeds"))?;
    Ok(Ask::Edit(place, id, Edited { content, embeds }))
}

pub(super) fn around(fields: &Fields) -> Result<Ask, Wrong> {
    let id = fields.filled("around")?.ok_or(Wrong::Plain("around (message ID) is required"))?;
    let place = fields.place()?.ok_or(Wrong::Plain(text::NO_PLACE))?;
    Ok(Ask::Around(place, id, fields.bound("above")?, fields.bound("below")?))
}

pub(super) fn react(fields: &Fields, on: bool) -> Result<Ask, Wrong> {
    let missing = || Wrong::Plain("Message ID and emoji are required");
    let id = fields.filled("id")?.ok_or_else(missing)?;
    let emoji = fields.filled("emoji")?.ok_or_else(missing)?;
    let place = fields.place()?.ok_or(Wrong::Plain(text::NO_PLACE))?;
    let odd = |c: char| c.is_whitespace() || c.is_control();
    if emoji.chars().count() > limits::EMOJI_CHARS || emoji.contains(odd) {
        return Err(Wrong::Plain("Invalid emoji"));
    }
    Ok(Ask::React(place, id, emoji, on))
}

/// The text as it is kept: trimmed, without control characters (originchats.md 9).
pub(crate) fn clean(raw: &str) -> Result<String, Wrong> {
    if raw.contains('\0') {
        return Err(Wrong::Plain("Message content cannot contain NUL characters"));
    }
    let plain: String = raw.chars().filter(|c| *c >= ' ' || matches!(c, '\n' | '\t')).collect();
    Ok(plain.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::envelope;
    use super::*;

    fn post(frame: &str) -> Result<NewMessage, String> {
        match envelope(frame).expect("an object").ask() {
            Ok(Ask::Post(new)) => Ok(*new),
            Ok(other) => panic!("{other:?}"),
            Err(wrong) => Err(wrong.to_string()),
        }
    }

    #[test]
    fn content_is_trimmed_and_nothing_else() {
        let new = post(r#"{"cmd":"message_new","channel":"general","content":" a  \n\tb\u0007 "}"#);
        assert_eq!(new.map(|new| new.content), Ok("a  \n\tb".to_owned()));
    }

    #[test]
    fn what_cannot_be_a_message() {
        let said = |rest: &str| post(&format!(r#"{{"cmd":"message_new",{rest}}}"#)).expect_err("refused");
        assert_eq!(said(r#""channel":"a""#), "Missing fields: content or attachments");
        assert_eq!(said(r#""content":"a""#), "Missing fields: channel or thread_id");
        assert_eq!(said(r#""channel":"a","content":"  ""#), text::EMPTY);
        assert_eq!(said(r#""channel":"a","content":5"#), "Field 'content' must be a string");
        assert_eq!(said(r#""channel":"a","content":"x","embeds":{}"#), "Embeds must be an array");
        assert_eq!(
            said(r#""channel":"a","content":"x","embeds":[{"type":"poll"}]"#),
            "Embed 0: polls are made with poll_create"
        );
        assert_eq!(said(r#""channel":"a","attachments":["x"]"#), "Each attachment must be an object");
        assert_eq!(said(r#""channel":"a","attachments":[{}]"#), "Attachment ID is required");
        assert_eq!(said(r#""channel":"a","embeds":[]"#), "Missing fields: content or attachments");
        assert_eq!(
            said(r#""channel":"a","content":"x\u0000""#),
            "Message content cannot contain NUL characters"
        );
    }

    #[test]
    fn cards_or_files_are_enough() {
        let new = post(r#"{"cmd":"message_new","channel":"a","embeds":[{"title":"t"}]}"#).expect("a message");
        assert_eq!((new.content.as_str(), new.embeds.len()), ("", 1));
        let new =
            post(r#"{"cmd":"message_new","channel":"a","attachments":[{"id":"f"}]}"#).expect("a message");
        assert_eq!(new.attachments, ["f"]);
    }

    #[test]
    fn a_thread_wins_over_a_channel() {
        let new =
            post(r#"{"cmd":"message_new","channel":"a","thread_id":"t","content":"x"}"#).expect("a message");
        assert_eq!(new.place, Place::Thread { id: "t".to_owned(), channel: Some("a".to_owned()) });
    }

    #[test]
    fn reactions_are_short_and_in_one_piece() {
        let ask = |emoji: &str| {
            let frame =
                serde_json::json!({"cmd": "message_react_add", "id": "i", "channel": "c", "emoji": emoji});
            envelope(&frame.to_string()).expect("an object").ask().is_ok()
        };
        assert!(ask("👍") && ask(":wave:"));
        assert!(!ask("hello world") && !ask(&"x".repeat(201)) && !ask("a\u{7}"));
    }
}
