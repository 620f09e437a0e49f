//! Threads, polls, pins, answers and searches (originchats.md 5.4 to 5.6).

use super::fields::Fields;
use super::places::{Place, Start};
use crate::limits;
use crate::wording::{Wrong, text};

mod poll;

pub use poll::{Choice, End, NewPoll};

/// The commands of this file.
pub const COMMANDS: [&str; 19] = [
    "message_pin",
    "message_unpin",
    "messages_pinned",
    "message_replies",
    "messages_search",
    "pings_get",
    "embeds_list",
    "thread_create",
    "thread_get",
    "thread_messages",
    "thread_update",
    "thread_delete",
    "thread_join",
    "thread_leave",
    "poll_create",
    "poll_vote",
    "poll_end",
    "poll_results",
    "poll_get",
];

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    /// Put a message on top of its channel's list, or take it off.
    Pin(Place, String, bool),
    /// The messages on top.
    Pins(Place),
    /// Answers to a message, at most so many.
    Replies(Place, String, usize),
    /// Messages that hold these words.
    Search(Place, String),
    /// Messages that ping me: how many, after skipping how many.
    Pings(usize, u64),
    /// The cards of a message.
    Embeds(Place, String),
    /// Open a thread: channel and name.
    OpenThread(String, String),
    /// One thread, by id.
    Thread(String),
    /// A page of a thread's history.
    ThreadHistory(Place, Start, usize),
    /// Change a thread.
    ChangeThread(String, ThreadChange),
    /// Delete a thread.
    DeleteThread(String),
    /// Follow a thread, or no longer.
    Follow(String, bool),
    /// Ask a question.
    CreatePoll(Place, Box<NewPoll>),
    /// Choose in a poll.
    Vote(String, Choice),
    /// End a poll.
    EndPoll(String),
    /// How a poll stands.
    PollResults(String),
    /// A poll.
    Poll(String),
}

/// What is to change of a thread.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ThreadChange {
    /// Its name, trimmed.
    pub name: Option<String>,
    /// Nobody may write in it.
    pub locked: Option<bool>,
    /// Put away.
    pub archived: Option<bool>,
}

/// The request of one of [`COMMANDS`].
///
/// # Errors
/// What is wrong with it, in the words of its command.
pub(super) fn ask(name: &str, fields: &Fields) -> Result<Ask, Wrong> {
    match name {
        "message_pin" => pin(fields, fields.flag("pinned")?.unwrap_or(true)),
        "message_unpin" => pin(fields, false),
        "messages_pinned" => fields.place()?.map(Ask::Pins).ok_or(Wrong::Plain("Channel name not provided")),
        "message_replies" => replies(fields),
        "messages_search" => search(fields),
        "pings_get" => pings(fields),
        "embeds_list" => {
            let id = fields.filled("id")?.ok_or(Wrong::Plain("Message ID is required"))?;
            Ok(Ask::Embeds(fields.place()?.ok_or(Wrong::Plain(text::NO_UNREAD_PLACE))?, id))
        }
        "thread_create" => {
            let missing = || Wrong::Plain("Channel and thread name are required");
            let channel = fields.filled("channel")?.ok_or_else(missing)?;
            let name = fields.filled("name")?.ok_or_else(missing)?;
            Ok(Ask::OpenThread(channel, thread_name(&name)?))
        }
        "thread_get" => thread(fields).map(Ask::Thread),
        "thread_messages" => {
            let place = Place::Thread { id: thread(fields)?, channel: None };
            Ok(Ask::ThreadHistory(place, fields.start()?, fields.limit()?))
        }
        "thread_update" => {
            let name = fields.text("name")?.map(|name| thread_name(&name)).transpose()?;
            let (locked, archived) = (fields.flag("locked")?, fields.flag("archived")?);
            Ok(Ask::ChangeThread(thread(fields)?, ThreadChange { name, locked, archived }))
        }
        "thread_delete" => thread(fields).map(Ask::DeleteThread),
        "thread_join" => Ok(Ask::Follow(thread(fields)?, true)),
        "thread_leave" => Ok(Ask::Follow(thread(fields)?, false)),
        name => poll::ask(name, fields),
    }
}

fn pin(fields: &Fields, on: bool) -> Result<Ask, Wrong> {
    let place = fields.place()?.ok_or(Wrong::Plain("Channel name not provided"))?;
    let id = fields.filled("id")?.ok_or(Wrong::Plain("Message ID is required"))?;
    Ok(Ask::Pin(place, id, on))
}

fn replies(fields: &Fields) -> Result<Ask, Wrong> {
    let missing = || Wrong::Plain("Channel name and message ID are required");
    let place = fields.place()?.ok_or_else(missing)?;
    let id = fields.filled("id")?.ok_or_else(missing)?;
    let limit = match fields.number("limit")? {
        Some(limit) if limit > 0 => usize::try_from(limit).unwrap_or(usize::MAX).min(limits::REPLIES_MAX),
        Some(_) | None => limits::REPLIES_DEFAULT,
    };
    Ok(Ask::Replies(place, id, limit))
}

fn search(fields: &Fields) -> Result<Ask, Wrong> {
    let missing = || Wrong::Plain("Channel name and query are required");
    let place = fields.place()?.ok_or_else(missing)?;
    let query = fields.filled("query")?.filter(|query| !query.trim().is_empty()).ok_or_else(missing)?;
    if query.chars().count() > limits::SEARCH_CHARS {
        return Err(Wrong::FieldTooLong("query", limits::SEARCH_CHARS));
    }
    Ok(Ask::Search(place, query))
}

fn pings(fields: &Fields) -> Result<Ask, Wrong> {
    let limit = fields.number("limit").ok().map(|limit| limit.unwrap_or(limits::PINGS_DEFAULT));
    let limit = limit
        .filter(|limit| (1..=limits::PINGS_MAX).contains(limit))
        .and_then(|limit| usize::try_from(limit).ok())
        .ok_or(Wrong::Plain("Limit must be a number between 1 and 100"))?;
    let skip = fields.number("offset").ok().and_then(|skip| u64::try_from(skip.unwrap_or(0)).ok());
    let skip = skip.ok_or(Wrong::Plain("Offset must be a non-negative number"))?;
    Ok(Ask::Pings(limit, skip))
}

fn thread(fields: &Fields) -> Result<String, Wrong> {
    fields.filled("thread_id")?.ok_or(Wrong::Plain("Thread ID is required"))
}

fn thread_name(raw: &str) -> Result<String, Wrong> {
    let name = raw.trim();
    if name.is_empty() {
        return Err(Wrong::Plain("Thread name cannot be empty"));
    }
    if name.chars().count() > limits::THREAD_NAME_CHARS {
        return Err(Wrong::FieldTooLong("name", limits::THREAD_NAME_CHARS));
    }
    if name.contains(char::is_control) {
        return Err(Wrong::Plain("Thread name cannot contain control characters"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{Ask as Any, envelope};
    use super::*;

    fn ask(frame: &str) -> Result<Ask, String> {
        match envelope(frame).and_then(|envelope| envelope.ask()) {
            Ok(Any::Talk(ask)) => Ok(ask),
            Ok(other) => panic!("{other:?}"),
            Err(wrong) => Err(wrong.to_string()),
        }
    }

    #[test]
    fn required_fields_are_asked_for_in_the_words_of_the_command() {
        let said = |frame: &str| ask(frame).expect_err("incomplete");
        assert_eq!(said(r#"{"cmd":"message_pin","id":"x"}"#), "Channel name not provided");
        assert_eq!(said(r#"{"cmd":"message_unpin","channel":"a"}"#), "Message ID is required");
        assert_eq!(said(r#"{"cmd":"messages_pinned"}"#), "Channel name not provided");
        assert_eq!(said(r#"{"cmd":"message_replies","id":"x"}"#), "Channel name and message ID are required");
        assert_eq!(
            said(r#"{"cmd":"messages_search","channel":"a","query":" "}"#),
            "Channel name and query are required"
        );
        assert_eq!(said(r#"{"cmd":"embeds_list"}"#), "Message ID is required");
        assert_eq!(said(r#"{"cmd":"embeds_list","id":"x"}"#), "Channel or thread_id is required");
        assert_eq!(said(r#"{"cmd":"thread_create","channel":"a"}"#), "Channel and thread name are required");
        assert_eq!(
            said(r#"{"cmd":"thread_create","channel":"a","name":" "}"#),
            "Thread name cannot be empty"
        );
        assert_eq!(said(r#"{"cmd":"thread_get"}"#), "Thread ID is required");
        assert_eq!(
            said(r#"{"cmd":"thread_update","thread_id":"t","locked":"no"}"#),
            "Field 'locked' must be a boolean"
        );
    }

    #[test]
    fn the_web_client_unpins_by_pinning_with_false() {
        let place = || Place::Channel("a".to_owned());
        let frame = r#"{"cmd":"message_pin","channel":"a","id":"x","pinned":false}"#;
        assert_eq!(ask(frame), Ok(Ask::Pin(place(), "x".to_owned(), false)));
        let frame = r#"{"cmd":"message_pin","channel":"a","id":"x"}"#;
        assert_eq!(ask(frame), Ok(Ask::Pin(place(), "x".to_owned(), true)));
    }

    #[test]
    fn pages_of_pings_are_bounded() {
        assert_eq!(ask(r#"{"cmd":"pings_get"}"#), Ok(Ask::Pings(50, 0)));
        for wrong in ["0", "101", "\"ten\"", "1.5"] {
            let frame = format!(r#"{{"cmd":"pings_get","limit":{wrong}}}"#);
            assert_eq!(ask(&frame), Err("Limit must be a number between 1 and 100".to_owned()));
        }
        for wrong in ["-1", "\"ten\""] {
            let frame = format!(r#"{{"cmd":"pings_get","offset":{wrong}}}"#);
            assert_eq!(ask(&frame), Err("Offset must be a non-negative number".to_owned()));
        }
    }
}
