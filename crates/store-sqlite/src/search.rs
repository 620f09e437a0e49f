//! Messages found by what they answer, what they say, whom they mention, and that they are pinned.

use crate::read::EVERYBODY;
use crate::row::{first, for_each, json, noun, number, signed};
use crate::trouble::Outcome;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId, MessageId, RoleId};
use commonroom_core::limits;
use commonroom_core::message::Message;
use commonroom_core::query::Found;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, params};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;

/// The text of a message, read out of its row without the rest.
#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// Gives a connection the functions `says(body, words)`: whether the text of a message holds words as they stand, ignoring
/// case; and `finds(body, words)`: whether each of the words, between single spaces, begins a word of it. `words` are in
/// lower case.
pub(crate) fn teach(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("says", 2, flags, |arguments| {
        let body = arguments.get_raw(0).as_str()?;
        let words = arguments.get_raw(1).as_str()?;
        let Ok(found) = serde_json::from_str::<Text<'_>>(body) else { return Ok(false) };
        let plain = found.text.is_ascii() && words.is_ascii();
        Ok(if plain { holds_ascii(&found.text, words) } else { found.text.to_lowercase().contains(words) })
    })?;
    conn.create_scalar_function("finds", 2, flags, |arguments| {
        let body = arguments.get_raw(0).as_str()?;
        let words = arguments.get_raw(1).as_str()?;
        let Ok(found) = serde_json::from_str::<Text<'_>>(body) else { return Ok(false) };
        let text = found.text.to_lowercase();
        Ok(words.split(' ').all(|word| begins_a_word(&text, word)))
    })
}

/// True when some word of a text begins with `word`; both are in lower case.
fn begins_a_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric))
}

fn holds_ascii(text: &str, words: &str) -> bool {
    let (text, words) = (text.as_bytes(), words.as_bytes());
    words.is_empty() || text.windows(words.len()).any(|window| window.eq_ignore_ascii_case(words))
}

/// Answers to a message, oldest first.
pub(crate) fn replies(conn: &Connection, message: MessageId, limit: usize) -> Outcome<Found> {
    let sql = "SELECT body FROM messages WHERE reply_to = ?1 AND deleted = 0 ORDER BY seq LIMIT ?2";
    let found = messages(conn, sql, params![message.0.as_bytes(), page(limit)?])?;
    Ok(all(found))
}

/// Pinned messages of a channel, pinned last first.
pub(crate) fn pins(conn: &Connection, channel: ChannelId) -> Outcome<Found> {
    let sql = "SELECT body FROM messages WHERE channel = ?1 AND pinned_at IS NOT NULL AND deleted = 0
               ORDER BY pinned_at DESC";
    let found = messages(conn, sql, [channel.0.as_bytes()])?;
    Ok(all(found))
}

/// Messages that hold words, newest first. Reads at most [`limits::SEARCH_SCANNED`] messages of each channel.
pub(crate) fn search(conn: &Connection, channels: &[ChannelId], words: &str, limit: usize) -> Outcome<Found> {
    let words = words.to_lowercase();
    let mut found: Vec<Arc<Message>> = Vec::new();
    for channel in channels {
        let place = channel.0.as_bytes();
        let head = first(
            conn,
            "SELECT MAX(seq) FROM messages WHERE channel = ?1 AND deleted = 0",
            [place],
            |row| Ok(row.get::<_, Option<i64>>(0)?),
        )?;
        let from = head.flatten().unwrap_or(0).saturating_sub(signed(limits::SEARCH_SCANNED)?);
        let sql =
            "SELECT body FROM messages WHERE channel = ?1 AND deleted = 0 AND seq > ?2 AND says(body, ?3)
                   ORDER BY seq DESC LIMIT ?4";
        found.extend(messages(conn, sql, params![place, from, words, page(limit)?])?);
    }
    found.sort_by_key(|message| std::cmp::Reverse(message.number));
    found.truncate(limit);
    Ok(all(found))
}

/// Messages in which each word begins a word, newest first. Reads at most [`limits::SEARCH_SCANNED`] messages of each
/// channel.
pub(crate) fn find(
    conn: &Connection,
    channels: &[ChannelId],
    words: &[String],
    before: Option<MessageId>,
    limit: usize,
) -> Outcome<Found> {
    let clean = words.iter().map(|word| word.to_lowercase().replace(' ', "")).filter(|word| !word.is_empty());
    let words = clean.collect::<Vec<_>>().join(" ");
    let older = match before {
        Some(message) => {
            first(conn, "SELECT number FROM messages WHERE id = ?1", [message.0.as_bytes()], |row| {
                Ok(row.get::<_, i64>(0)?)
            })?
            .unwrap_or(0)
        }
        None => i64::MAX,
    };
    let mut numbers: Vec<i64> = Vec::new();
    for channel in channels {
        let sql = "SELECT number FROM (
                       SELECT number, body FROM messages WHERE channel = ?1 AND deleted = 0 ORDER BY seq DESC LIMIT ?2
                   ) WHERE finds(body, ?3)";
        let values = params![channel.0.as_bytes(), signed(limits::SEARCH_SCANNED)?, words];
        for_each(conn, sql, values, |row| {
            numbers.push(row.get(0)?);
            Ok(())
        })?;
    }
    let total = numbers.len() as u64;
    numbers.retain(|number| *number < older);
    numbers.sort_unstable_by_key(|number| std::cmp::Reverse(*number));
    numbers.truncate(limit.min(limits::RESULTS_PAGE));
    let mut found = Vec::with_capacity(numbers.len());
    for number in numbers {
        found.extend(messages(conn, "SELECT body FROM messages WHERE number = ?1", [number])?);
    }
    Ok(Found::Messages { messages: found, start: 0, total })
}

/// Messages that tell of what begins after a moment, soonest first.
pub(crate) fn happenings(
    conn: &Connection,
    channels: &[ChannelId],
    after: Timestamp,
    limit: usize,
) -> Outcome<Found> {
    let places: Vec<String> = channels.iter().map(|channel| channel.0.simple().to_string()).collect();
    let sql = "SELECT m.body FROM happenings h JOIN messages m ON m.id = h.message
               WHERE h.starts_at > ?1 AND h.channel IN (SELECT unhex(value) FROM json_each(?2)) AND m.deleted = 0
               ORDER BY h.starts_at LIMIT ?3";
    let found = messages(conn, sql, params![after.0, json("channels", &places)?, page(limit)?])?;
    Ok(all(found))
}

/// Messages that mention somebody, newest first.
pub(crate) fn pings(
    conn: &Connection,
    (account, roles): (AccountId, &[RoleId]),
    channels: &[ChannelId],
    skip: u64,
    limit: usize,
) -> Outcome<Found> {
    let hex = |id: &uuid::Uuid| id.simple().to_string();
    let mut named: Vec<String> = roles.iter().map(|role| hex(&role.0)).collect();
    named.push(hex(&account.0));
    named.push(hex(&uuid::Uuid::from_bytes(EVERYBODY)));
    let places: Vec<String> = channels.iter().map(|channel| hex(&channel.0)).collect();
    let (named, places) = (json("accounts", &named)?, json("channels", &places)?);
    let condition = "FROM messages m JOIN (
            SELECT DISTINCT n.channel, n.seq FROM mentions n
            WHERE n.account IN (SELECT unhex(value) FROM json_each(?1))
              AND n.channel IN (SELECT unhex(value) FROM json_each(?2)) AND n.author <> ?3
        ) p ON m.channel = p.channel AND m.deleted = 0 AND m.seq = p.seq";
    let me = account.0.as_bytes();
    let total = number(conn, &format!("SELECT COUNT(*) {condition}"), params![named, places, me])?;
    let sql = format!("SELECT m.body {condition} ORDER BY m.number DESC LIMIT ?4 OFFSET ?5");
    let skip = i64::try_from(skip).unwrap_or(i64::MAX);
    let found = messages(conn, &sql, params![named, places, me, page(limit)?, skip])?;
    Ok(Found::Messages { messages: found, start: 0, total })
}

fn all(messages: Vec<Arc<Message>>) -> Found {
    let total = messages.len() as u64;
    Found::Messages { messages, start: 0, total }
}

fn page(limit: usize) -> Outcome<i64> {
    signed(limit.min(limits::RESULTS_PAGE) as u64)
}

fn messages(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Outcome<Vec<Arc<Message>>> {
    let mut messages = Vec::new();
    for_each(conn, sql, params, |row| {
        messages.push(noun(row, 0, "message")?);
        Ok(())
    })?;
    Ok(messages)
}
