//! What an event means for the tables. The only place that changes them.

use crate::belongings;
use crate::load::relation_code;
use crate::messages;
use crate::row::{channel_key, for_each, json, run, signed, space_key, stream_key, uuid};
use crate::trouble::{Outcome, Trouble};
use commonroom_core::account::Account;
use commonroom_core::channel::{Channel, Home};
use commonroom_core::event::{Event, EventBody};
use commonroom_core::ids::{ChannelId, SpaceId};
use commonroom_core::limits;
use commonroom_core::note::Noted;
use rusqlite::{Connection, params};

/// Every so many events of a stream those beyond [`limits::EVENTS_KEPT`] are deleted.
const PRUNE_EVERY: u64 = 256;

/// Stores an event and what follows from it.
pub(crate) fn record(conn: &Connection, event: &Event) -> Outcome<()> {
    let stream = stream_key(event.stream);
    advance(conn, &stream, event)?;
    project(conn, event)?;
    run(
        conn,
        "INSERT INTO events (stream, seq, at, account, message, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            stream,
            signed(event.seq)?,
            event.at.0,
            event.by.as_ref().map(|by| by.0.as_bytes()),
            messages::about(&event.body).map(|message| message.number),
            json("event", &event.body)?,
        ],
    )?;
    if event.seq.is_multiple_of(PRUNE_EVERY) {
        let oldest = signed(event.seq.saturating_sub(limits::EVENTS_KEPT))?;
        run(conn, "DELETE FROM events WHERE stream = ?1 AND seq <= ?2", (stream, oldest))?;
    }
    Ok(())
}

/// Moves the head of the stream by one. It stands elsewhere only if another process has written since the load.
fn advance(conn: &Connection, stream: &[u8], event: &Event) -> Outcome<()> {
    let posted =
        if let EventBody::MessagePosted { message } = &event.body { Some(message.number) } else { None };
    let (seq, live) = (signed(event.seq)?, i64::from(posted.is_some()));
    let sql = if event.seq == 1 {
        "INSERT INTO streams (stream, head, live, newest) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE streams SET head = ?2, live = live + ?3, newest = COALESCE(?4, newest)
         WHERE stream = ?1 AND head = ?2 - 1"
    };
    if run(conn, sql, params![stream, seq, live, posted])? == 1 {
        return Ok(());
    }
    Err(Trouble::words(
        "the database holds other events than this process knows: another process writes to it",
    ))
}

#[expect(clippy::too_many_lines, reason = "one arm an event, and every event is here")]
fn project(conn: &Connection, event: &Event) -> Outcome<()> {
    match &event.body {
        EventBody::Account { account, change: _ } => put_account(conn, account),
        EventBody::LoginPut { login } => {
            put(conn, PUT_LOGIN, params![login.id.0.as_bytes(), json("login", login)?])
        }
        EventBody::LoginEnded { login, account: _ } => {
            put(conn, "DELETE FROM logins WHERE id = ?1", [login.0.as_bytes()])
        }
        EventBody::Space { space, change: _ } => {
            put(conn, PUT_SPACE, params![space.id.0.as_bytes(), json("space", space)?])
        }
        EventBody::SpaceDeleted { space, members: _ } => delete_space(conn, *space),
        EventBody::Member { member, change: _ } => {
            let (space, account) = (member.space.0.as_bytes(), member.account.0.as_bytes());
            put(conn, PUT_MEMBER, params![space, account, json("member", member)?])
        }
        EventBody::MemberGone { space, account, departure: _, reason: _ } => {
            let key = (space.0.as_bytes(), account.0.as_bytes());
            put(conn, KEEP_SILENCED, key)?;
            put(conn, "DELETE FROM members WHERE space = ?1 AND account = ?2 AND gone = 0", key)
        }
        EventBody::Banned { ban } => {
            put(conn, PUT_BAN, params![ban.space.0.as_bytes(), ban.account.0.as_bytes(), json("ban", ban)?])
        }
        EventBody::Unbanned { space, account } => {
            let sql = "DELETE FROM bans WHERE space = ?1 AND account = ?2";
            put(conn, sql, (space.0.as_bytes(), account.0.as_bytes()))
        }
        EventBody::Channel { channel, change: _ } | EventBody::ConversationOpened { channel } => {
            put_channel(conn, channel)
        }
        EventBody::ChannelDeleted { channel, space: _, parent: _ } => delete_channel(conn, *channel),
        EventBody::MessagePosted { message } => messages::post(conn, message),
        EventBody::MessageEdited { message, newest: _ } => messages::edit(conn, message),
        EventBody::MessageDeleted { message } => messages::delete(conn, message),
        EventBody::Reacted { message, .. } | EventBody::Voted { message, .. } => {
            messages::update(conn, message)
        }
        EventBody::Pinned { message, on: _ } => messages::pin(conn, message),
        EventBody::PollEnded { message } => messages::end_poll(conn, message),
        EventBody::FilesShared { message } => messages::share(conn, message),
        EventBody::FileAdded { .. }
        | EventBody::FileGone { .. }
        | EventBody::Invite { .. }
        | EventBody::InviteGone { .. }
        | EventBody::Emoji { .. }
        | EventBody::EmojiGone { .. }
        | EventBody::Webhook { .. }
        | EventBody::WebhookGone { .. }
        | EventBody::Audited { .. }
        | EventBody::AuditSwept { .. }
        | EventBody::PushPut { .. }
        | EventBody::PushGone { .. } => belongings::project(conn, &event.body),
        EventBody::Noted { noted } => note(conn, noted),
        EventBody::Read { account, channel, seq, message } => {
            let message = message.as_ref().map(|message| message.0.as_bytes());
            let (who, place) = (account.0.as_bytes(), channel.0.as_bytes());
            let values = params![who, place, signed(*seq)?, message, channel_key(*channel)];
            put(conn, PUT_READ_MARK, values)
        }
        EventBody::Related { from, to, relation, on } => {
            let sql = if *on {
                "INSERT INTO relations (source, target, relation) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
            } else {
                "DELETE FROM relations WHERE source = ?1 AND target = ?2 AND relation = ?3"
            };
            put(conn, sql, (from.0.as_bytes(), to.0.as_bytes(), relation_code(*relation)))
        }
        EventBody::Item { item, news: _ } => {
            put(conn, PUT_ITEM, params![item.id.0.as_bytes(), item.space.0.as_bytes(), json("item", item)?])
        }
        EventBody::ItemGone { item, space: _ } => {
            put(conn, "DELETE FROM items WHERE id = ?1", [item.0.as_bytes()])
        }
    }
}

/// What keys of notes begin with.
pub(crate) const NOTE: &str = "note ";
const PUT_NOTE: &str =
    "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const PUT_LAST_MESSAGE: &str = "INSERT INTO meta (key, value) VALUES ('last_message', ?1)
     ON CONFLICT (key) DO UPDATE SET value = MAX(value, excluded.value)";
const PUT_LOGIN: &str =
    "INSERT INTO logins (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = excluded.body";
const PUT_SPACE: &str =
    "INSERT INTO spaces (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = excluded.body";
const PUT_MEMBER: &str = "INSERT INTO members (space, account, body) VALUES (?1, ?2, ?3)
     ON CONFLICT (space, account) DO UPDATE SET body = excluded.body, gone = 0";
const KEEP_SILENCED: &str = "UPDATE members SET gone = 1 WHERE space = ?1 AND account = ?2
     AND (body ->> 'timeout_until' IS NOT NULL OR body ->> 'muted' OR body ->> 'deafened')";
const PUT_BAN: &str = "INSERT INTO bans (space, account, body) VALUES (?1, ?2, ?3)
     ON CONFLICT (space, account) DO UPDATE SET body = excluded.body";
const PUT_READ_MARK: &str = "INSERT INTO read_marks (account, channel, seq, message, head)
     VALUES (?1, ?2, ?3, ?4, COALESCE((SELECT head FROM streams WHERE stream = ?5), 0))
     ON CONFLICT (account, channel) DO UPDATE SET seq = excluded.seq, message = excluded.message, head = excluded.head";
const PUT_ITEM: &str = "INSERT INTO items (id, space, body) VALUES (?1, ?2, ?3)
     ON CONFLICT (id) DO UPDATE SET space = excluded.space, body = excluded.body";
const PUT_ACCOUNT: &str = "INSERT INTO accounts (number, id, name_key, handle, email, external, retired, body)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
     ON CONFLICT (id) DO UPDATE SET name_key = excluded.name_key, handle = excluded.handle, email = excluded.email,
         external = excluded.external, retired = excluded.retired, body = excluded.body";
const PUT_CHANNEL: &str = "INSERT INTO channels (id, space, name, first, second, body)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (id) DO UPDATE SET space = excluded.space, name = excluded.name, first = excluded.first,
         second = excluded.second, body = excluded.body";

fn put(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Outcome<()> {
    run(conn, sql, params).map(|_| ())
}

fn put_account(conn: &Connection, account: &Account) -> Outcome<()> {
    let external = account.external.as_ref().map(|external| json("identity", external)).transpose()?;
    let id = account.id.0.as_bytes();
    run(
        conn,
        PUT_ACCOUNT,
        params![
            account.number,
            id,
            account.key.as_str(),
            account.handle,
            account.email,
            external,
            account.retired,
            json("account", account)?
        ],
    )?;
    if account.retired {
        run(conn, "DELETE FROM read_marks WHERE account = ?1", [id])?;
    }
    Ok(())
}

fn put_channel(conn: &Connection, channel: &Channel) -> Outcome<()> {
    let (space, name, first, second) = match &channel.home {
        Home::Space(space) => (Some(space.0.as_bytes()), Some(&channel.name), None, None),
        Home::Thread { space, .. } => (Some(space.0.as_bytes()), None, None, None),
        Home::Conversation(first, second) => {
            (None, None, Some(first.0.as_bytes()), Some(second.0.as_bytes()))
        }
    };
    let body = json("channel", channel)?;
    put(conn, PUT_CHANNEL, params![channel.id.0.as_bytes(), space, name, first, second, body])
}

fn delete_channel(conn: &Connection, channel: ChannelId) -> Outcome<()> {
    let (id, stream) = (channel.0.as_bytes(), channel_key(channel));
    // The highest number may go with the messages, and must not be given again.
    run(
        conn,
        "INSERT INTO meta (key, value) SELECT 'last_message', COALESCE(MAX(number), 0) FROM messages WHERE true
         ON CONFLICT (key) DO UPDATE SET value = MAX(value, excluded.value)",
        [],
    )?;
    run(conn, "DELETE FROM messages WHERE channel = ?1", [id])?;
    run(conn, "DELETE FROM mentions WHERE channel = ?1", [id])?;
    run(conn, "DELETE FROM read_marks WHERE channel = ?1", [id])?;
    run(conn, "DELETE FROM files WHERE channel = ?1", [id])?;
    run(conn, "DELETE FROM polls WHERE channel = ?1", [id])?;
    run(conn, "DELETE FROM happenings WHERE channel = ?1", [id])?;
    run(conn, "DELETE FROM events WHERE stream = ?1", [stream])?;
    run(conn, "DELETE FROM streams WHERE stream = ?1", [stream])?;
    put(conn, "DELETE FROM channels WHERE id = ?1", [id])
}

fn note(conn: &Connection, noted: &Noted) -> Outcome<()> {
    match noted {
        Noted::Number(number) => put(conn, PUT_LAST_MESSAGE, [number]),
        Noted::Written(note) => put(conn, PUT_NOTE, (format!("{NOTE}{}", note.key), json("note", note)?)),
        Noted::Gone(key) => put(conn, "DELETE FROM meta WHERE key = ?1", [format!("{NOTE}{key}")]),
    }
}

fn delete_space(conn: &Connection, space: SpaceId) -> Outcome<()> {
    let id = space.0.as_bytes();
    let mut channels = Vec::new();
    for_each(conn, "SELECT id FROM channels WHERE space = ?1", [id], |row| {
        channels.push(ChannelId(uuid(row, 0)?));
        Ok(())
    })?;
    for channel in channels {
        delete_channel(conn, channel)?;
    }
    run(conn, "DELETE FROM members WHERE space = ?1", [id])?;
    run(conn, "DELETE FROM bans WHERE space = ?1", [id])?;
    run(conn, "DELETE FROM items WHERE space = ?1", [id])?;
    run(conn, "DELETE FROM emoji WHERE space = ?1", [id])?;
    run(conn, "DELETE FROM webhooks WHERE space = ?1", [id])?;
    run(conn, "DELETE FROM invites WHERE space = ?1", [id])?;
    run(conn, "DELETE FROM audit WHERE space = ?1", [id])?;
    // Its stream keeps its head, and one event: that it is gone, stored after this.
    run(conn, "DELETE FROM events WHERE stream = ?1", [space_key(space)])?;
    put(conn, "DELETE FROM spaces WHERE id = ?1", [id])
}
