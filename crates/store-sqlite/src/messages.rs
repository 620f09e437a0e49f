//! What an event about a message means for the tables.

use crate::read::EVERYBODY;
use crate::row::{channel_key, first, for_each, json, noun, run, signed};
use crate::trouble::{Outcome, Trouble};
use commonroom_core::event::EventBody;
use commonroom_core::message::Message;
use rusqlite::{Connection, params};
use std::sync::Arc;

/// Stores a new message.
pub(crate) fn post(conn: &Connection, message: &Message) -> Outcome<()> {
    run(
        conn,
        "INSERT INTO messages (number, id, channel, seq, author, nonce, created_at, deleted, body, reply_to)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            message.number,
            message.id.0.as_bytes(),
            message.channel.0.as_bytes(),
            signed(message.seq)?,
            message.author.0.as_bytes(),
            message.nonce,
            message.created_at.0,
            message.deleted,
            json("message", message)?,
            message.reply_to.as_ref().map(|target| target.id.0.as_bytes())
        ],
    )?;
    share_files(conn, message)?;
    if let Some(end) = message.poll.as_ref().and_then(|poll| poll.expires_at) {
        let values = (message.id.0.as_bytes(), message.channel.0.as_bytes(), end.0);
        run(conn, "INSERT INTO polls (message, channel, ends_at) VALUES (?1, ?2, ?3)", values)?;
    }
    if let Some(happening) = &message.happening {
        let values = (message.id.0.as_bytes(), message.channel.0.as_bytes(), happening.starts_at.0);
        run(conn, "INSERT INTO happenings (message, channel, starts_at) VALUES (?1, ?2, ?3)", values)?;
    }
    note_mentions(conn, message)
}

fn share_files(conn: &Connection, message: &Message) -> Outcome<()> {
    for file in &message.files {
        let values = (file.id.0.as_bytes(), message.id.0.as_bytes(), message.channel.0.as_bytes());
        run(conn, "UPDATE files SET message = ?2, channel = ?3 WHERE id = ?1", values)?;
    }
    Ok(())
}

/// Stores that a message shares more files.
pub(crate) fn share(conn: &Connection, message: &Message) -> Outcome<()> {
    update(conn, message)?;
    share_files(conn, message)
}

/// Stores that a message is pinned, or no longer.
pub(crate) fn pin(conn: &Connection, message: &Message) -> Outcome<()> {
    update(conn, message)?;
    let sql = "UPDATE messages SET pinned_at = ?2 WHERE number = ?1";
    run(conn, sql, (message.number, message.pin.map(|pin| pin.at.0)))?;
    Ok(())
}

/// Stores that a poll is over.
pub(crate) fn end_poll(conn: &Connection, message: &Message) -> Outcome<()> {
    update(conn, message)?;
    run(conn, "DELETE FROM polls WHERE message = ?1", [message.id.0.as_bytes()])?;
    Ok(())
}

/// Stores a changed text and whom it mentions now.
pub(crate) fn edit(conn: &Connection, message: &Message) -> Outcome<()> {
    update(conn, message)?;
    forget_mentions(conn, message)?;
    note_mentions(conn, message)
}

/// Stores that a message was taken back.
pub(crate) fn delete(conn: &Connection, message: &Arc<Message>) -> Outcome<()> {
    update(conn, message)?;
    forget_mentions(conn, message)?;
    run(conn, "UPDATE messages SET pinned_at = NULL WHERE number = ?1", [message.number])?;
    run(conn, "DELETE FROM files WHERE message = ?1", [message.id.0.as_bytes()])?;
    run(conn, "DELETE FROM polls WHERE message = ?1", [message.id.0.as_bytes()])?;
    run(conn, "DELETE FROM happenings WHERE message = ?1", [message.id.0.as_bytes()])?;
    blank_events(conn, message)
}

/// Stores a message as it is now, with the same mentions.
pub(crate) fn update(conn: &Connection, message: &Message) -> Outcome<()> {
    let sql = "SELECT deleted FROM messages WHERE number = ?1";
    let was_deleted = first(conn, sql, [message.number], |row| Ok(row.get::<_, bool>(0)?))?
        .ok_or_else(|| Trouble::words("an event is about a message that is not stored"))?;
    let sql = "UPDATE messages SET deleted = ?2, body = ?3 WHERE number = ?1";
    run(conn, sql, params![message.number, message.deleted, json("message", message)?])?;
    if was_deleted != message.deleted {
        let more = if message.deleted { -1 } else { 1 };
        let sql = "UPDATE streams SET live = live + ?2 WHERE stream = ?1";
        run(conn, sql, params![channel_key(message.channel), more])?;
    }
    Ok(())
}

fn note_mentions(conn: &Connection, message: &Message) -> Outcome<()> {
    let everybody = message.mention_everyone.then_some(&EVERYBODY);
    let roles = message.mention_roles.iter().map(|role| role.0.as_bytes());
    let named = message.mentions.iter().map(|account| account.0.as_bytes()).chain(roles).chain(everybody);
    let answered =
        message.reply_to.as_ref().filter(|target| target.ping).map(|target| target.author.0.as_bytes());
    for (account, reply) in
        named.map(|account| (account, false)).chain(answered.map(|account| (account, true)))
    {
        run(
            conn,
            "INSERT INTO mentions (channel, account, seq, author, reply) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
            params![
                message.channel.0.as_bytes(),
                account,
                signed(message.seq)?,
                message.author.0.as_bytes(),
                reply
            ],
        )?;
    }
    Ok(())
}

fn forget_mentions(conn: &Connection, message: &Message) -> Outcome<()> {
    let sql = "DELETE FROM mentions WHERE channel = ?1 AND seq = ?2";
    run(conn, sql, params![message.channel.0.as_bytes(), signed(message.seq)?])?;
    Ok(())
}

/// Takes the text of a deleted message out of the events before: they show the message as it is now, deleted.
fn blank_events(conn: &Connection, gone: &Arc<Message>) -> Outcome<()> {
    let mut blanked = Vec::new();
    for_each(conn, "SELECT place, body FROM events WHERE message = ?1", [gone.number], |row| {
        let mut body: EventBody = noun(row, 1, "event")?;
        if let Some(message) = message_in(&mut body) {
            message.clone_from(gone);
        }
        blanked.push((row.get::<_, i64>(0)?, json("event", &body)?));
        Ok(())
    })?;
    for (place, body) in blanked {
        run(conn, "UPDATE events SET body = ?2 WHERE place = ?1", (place, body))?;
    }
    Ok(())
}

/// The message that an event is about.
pub(crate) fn about(body: &EventBody) -> Option<&Arc<Message>> {
    if let EventBody::MessagePosted { message }
    | EventBody::MessageEdited { message, .. }
    | EventBody::MessageDeleted { message }
    | EventBody::Reacted { message, .. }
    | EventBody::Pinned { message, .. }
    | EventBody::Voted { message, .. }
    | EventBody::FilesShared { message }
    | EventBody::PollEnded { message } = body
    {
        Some(message)
    } else {
        None
    }
}

fn message_in(body: &mut EventBody) -> Option<&mut Arc<Message>> {
    if let EventBody::MessagePosted { message }
    | EventBody::MessageEdited { message, .. }
    | EventBody::MessageDeleted { message }
    | EventBody::Reacted { message, .. }
    | EventBody::Pinned { message, .. }
    | EventBody::Voted { message, .. }
    | EventBody::FilesShared { message }
    | EventBody::PollEnded { message } = body
    {
        Some(message)
    } else {
        None
    }
}
