//! Answers queries, inside a transaction and outside.

use crate::belongings;
use crate::row::{channel_key, first, for_each, maybe_uuid, noun, number, signed, stream_key, unsigned};
use crate::search;
use crate::trouble::Outcome;
use commonroom_core::env::Timestamp;
use commonroom_core::event::{Event, Stream};
use commonroom_core::ids::{AccountId, ChannelId, MessageId};
use commonroom_core::limits;
use commonroom_core::message::Message;
use commonroom_core::query::{Found, Page, Query, Unread};
use commonroom_core::store::{Fault, Reader};
use rusqlite::Connection;
use std::sync::Arc;

/// The account that stands for everybody in the table of mentions.
pub(crate) const EVERYBODY: [u8; 16] = [0; 16];

/// A connection for reading, at the state committed last.
pub(crate) struct SqliteReader {
    pub(crate) conn: Connection,
}

impl Reader for SqliteReader {
    fn find(&mut self, query: &Query) -> Result<Found, Fault> {
        Ok(find_at_once(&self.conn, query)?)
    }

    fn message(&mut self, id: MessageId) -> Result<Option<Message>, Fault> {
        Ok(message(&self.conn, id)?)
    }

    fn message_with_nonce(&mut self, author: AccountId, nonce: &str) -> Result<Option<Message>, Fault> {
        Ok(message_with_nonce(&self.conn, author, nonce)?)
    }

    fn events_after(&mut self, stream: Stream, seq: u64, limit: usize) -> Result<Vec<Event>, Fault> {
        Ok(events_after(&self.conn, stream, seq, limit)?)
    }
}

/// Answers from one committed state although it takes several statements.
fn find_at_once(conn: &Connection, query: &Query) -> Outcome<Found> {
    let snapshot = conn.unchecked_transaction()?;
    find(&snapshot, query)
}

pub(crate) fn find(conn: &Connection, query: &Query) -> Outcome<Found> {
    match query {
        Query::History { channel, page, limit } => History::of(conn, *channel)?.page(*page, *limit),
        Query::Message { message: id } => Ok(Found::Message(message(conn, *id)?.map(Arc::new))),
        Query::MessageNumbered { number } => {
            let found = first(conn, "SELECT body FROM messages WHERE number = ?1", [number], |row| {
                noun(row, 0, "message")
            })?;
            Ok(Found::Message(found))
        }
        Query::Unreads { account, channels, written_is_read } => {
            let each = channels.iter().map(|channel| unread(conn, *account, *channel, *written_is_read));
            let unreads: Outcome<_> = each.collect();
            Ok(Found::Unreads(unreads?))
        }
        Query::Replies { message, limit } => search::replies(conn, *message, *limit),
        Query::Pins { channel } => search::pins(conn, *channel),
        Query::Search { channels, words, limit } => search::search(conn, channels, words, *limit),
        Query::Find { channels, words, before, limit } => {
            search::find(conn, channels, words, *before, *limit)
        }
        Query::Happenings { channels, after, limit } => search::happenings(conn, channels, *after, *limit),
        Query::Pings { account, roles, channels, skip, limit } => {
            search::pings(conn, (*account, roles), channels, *skip, *limit)
        }
        Query::File { file } => belongings::file(conn, *file),
        Query::FilesBy { account } => belongings::files_by(conn, *account),
        Query::StaleFiles { now } => belongings::stale_files(conn, *now),
        Query::FileContent { hash } => belongings::file_content(conn, hash),
        Query::Audit { space, filter, skip, limit } => belongings::audit(conn, *space, filter, *skip, *limit),
        Query::OldAudits { actions, before } => belongings::old_audits(conn, actions, *before),
        Query::AuditCounts { space } => belongings::audit_counts(conn, *space),
        Query::Counts => {
            let messages = number(conn, "SELECT COALESCE(SUM(live), 0) FROM streams", [])?;
            let pages = number(conn, "PRAGMA page_count", [])?;
            let bytes = pages.saturating_mul(number(conn, "PRAGMA page_size", [])?);
            Ok(Found::Counts { messages, bytes })
        }
    }
}

pub(crate) fn message(conn: &Connection, id: MessageId) -> Outcome<Option<Message>> {
    first(conn, "SELECT body FROM messages WHERE id = ?1", [id.0.as_bytes()], |row| noun(row, 0, "message"))
}

pub(crate) fn message_with_nonce(
    conn: &Connection,
    author: AccountId,
    nonce: &str,
) -> Outcome<Option<Message>> {
    let sql = "SELECT body FROM messages WHERE author = ?1 AND nonce = ?2";
    first(conn, sql, (author.0.as_bytes(), nonce), |row| noun(row, 0, "message"))
}

pub(crate) fn events_after(conn: &Connection, stream: Stream, seq: u64, limit: usize) -> Outcome<Vec<Event>> {
    let sql =
        "SELECT seq, at, account, body FROM events WHERE stream = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut events = Vec::new();
    for_each(conn, sql, (stream_key(stream), i64::try_from(seq).unwrap_or(i64::MAX), limit), |row| {
        events.push(Event {
            stream,
            seq: unsigned(row, 0)?,
            at: Timestamp(row.get(1)?),
            by: maybe_uuid(row, 2)?.map(AccountId),
            origin: None,
            body: noun(row, 3, "event")?,
        });
        Ok(())
    })?;
    Ok(events)
}

fn unread(
    conn: &Connection,
    account: AccountId,
    channel: ChannelId,
    written_is_read: bool,
) -> Outcome<Unread> {
    let (me, place) = (account.0.as_bytes(), channel.0.as_bytes());
    let mark = first(
        conn,
        "SELECT r.seq, m.id, r.head FROM read_marks r LEFT JOIN messages m ON m.id = r.message AND m.deleted = 0
         WHERE r.account = ?1 AND r.channel = ?2",
        (me, place),
        |row| Ok((row.get::<_, i64>(0)?, maybe_uuid(row, 1)?, row.get::<_, i64>(2)?)),
    )?;
    // Who has written since the mark was set has read what stood above.
    let since = mark.map_or(0, |(seq, _, head)| seq.max(head));
    let own = if written_is_read { written(conn, account, channel, since)? } else { None };
    let marked = mark.is_some() || own.is_some();
    let (seq, last_read) = own.or(mark.map(|(seq, message, _)| (seq, message))).unwrap_or((0, None));
    let unread = number(
        conn,
        "SELECT COUNT(*) FROM messages WHERE channel = ?1 AND deleted = 0 AND seq > ?2 AND author <> ?3",
        (place, seq, me),
    )?;
    let mentions = number(
        conn,
        "SELECT COUNT(DISTINCT seq) FROM mentions
         WHERE channel = ?1 AND account IN (?2, ?3) AND seq > ?4 AND author <> ?2 AND reply = 0",
        (place, me, EVERYBODY, seq),
    )?;
    Ok(Unread {
        channel,
        last_read: last_read.map(MessageId),
        marked,
        unread,
        mentions,
        total: History::of(conn, channel)?.total,
    })
}

/// The newest message of an account in a channel above a place.
fn written(
    conn: &Connection,
    account: AccountId,
    channel: ChannelId,
    since: i64,
) -> Outcome<Option<(i64, Option<uuid::Uuid>)>> {
    // Looked for in the index from its end: as far as unread messages are counted anyway.
    let sql = "SELECT seq, id FROM messages WHERE number = (
                   SELECT number FROM messages INDEXED BY messages_order
                   WHERE channel = ?1 AND deleted = 0 AND seq > ?2 AND author = ?3 ORDER BY seq DESC LIMIT 1)";
    let values = (channel.0.as_bytes(), since, account.0.as_bytes());
    first(conn, sql, values, |row| Ok((row.get::<_, i64>(0)?, maybe_uuid(row, 1)?)))
}

/// The messages of a channel that are not deleted.
struct History<'a> {
    conn: &'a Connection,
    channel: ChannelId,
    head: i64,
    total: u64,
}

impl<'a> History<'a> {
    fn of(conn: &'a Connection, channel: ChannelId) -> Outcome<Self> {
        let sql = "SELECT head, live FROM streams WHERE stream = ?1";
        let found =
            first(conn, sql, [channel_key(channel)], |row| Ok((row.get::<_, i64>(0)?, unsigned(row, 1)?)))?;
        let (head, total) = found.unwrap_or((0, 0));
        Ok(Self { conn, channel, head, total })
    }

    fn page(&self, page: Page, limit: usize) -> Outcome<Found> {
        let limit = limit.min(limits::HISTORY_PAGE);
        match page {
            Page::Newest { skip } => {
                let messages = self.below(i64::MAX, limit, skip)?;
                let above = skip.saturating_add(messages.len() as u64);
                Ok(self.found(messages, self.total.saturating_sub(above)))
            }
            Page::Before(message) => {
                let Some(seq) = self.seq(message)? else { return Ok(self.found(Vec::new(), 0)) };
                self.before(seq, limit)
            }
            Page::Below(number) => self.before(self.seq_of(number)?, limit),
            Page::After(message) => {
                let Some(seq) = self.seq(message)? else { return Ok(self.found(Vec::new(), 0)) };
                let messages = self.from(seq.saturating_add(1), limit)?;
                let start = self.count_below(seq.saturating_add(1))?;
                Ok(self.found(messages, start))
            }
            Page::Around { message, above, below } => {
                let Some(seq) = self.seq(message)? else { return Ok(self.found(Vec::new(), 0)) };
                let room = limit.saturating_sub(1);
                // When not all fit, each side gets its half, or what the other side leaves.
                let below = below.min(room.saturating_sub(above).max(room / 2));
                let above = above.min(room - below);
                let mut messages = self.below(seq, below, 0)?;
                let start = self.count_below(seq)?.saturating_sub(messages.len() as u64);
                if limit > 0 {
                    // A deleted message is a place to look from, but is not shown.
                    let at = self.from(seq, 1)?.into_iter().filter(|found| found.id == message);
                    messages.extend(at);
                    messages.extend(self.from(seq.saturating_add(1), above)?);
                }
                Ok(self.found(messages, start))
            }
        }
    }

    fn before(&self, seq: i64, limit: usize) -> Outcome<Found> {
        let messages = self.below(seq, limit, 0)?;
        let start = self.count_below(seq)?.saturating_sub(messages.len() as u64);
        Ok(self.found(messages, start))
    }

    fn found(&self, messages: Vec<Arc<Message>>, start: u64) -> Found {
        Found::Messages { messages, start, total: self.total }
    }

    /// The place of a message of this channel, deleted ones too.
    fn seq(&self, message: MessageId) -> Outcome<Option<i64>> {
        let sql = "SELECT seq FROM messages WHERE id = ?1 AND channel = ?2";
        first(self.conn, sql, (message.0.as_bytes(), self.channel.0.as_bytes()), |row| Ok(row.get(0)?))
    }

    /// The place below which all numbers are smaller than this one, and above which none is. Numbers grow with places, so it
    /// is found by halves: there is no index of a channel's numbers.
    fn seq_of(&self, number: i64) -> Outcome<i64> {
        let sql =
            "SELECT seq, number FROM messages WHERE channel = ?1 AND deleted = 0 AND seq BETWEEN ?2 AND ?3
                   ORDER BY seq DESC LIMIT 1";
        let (mut low, mut high) = (0, self.head.saturating_add(1));
        while low < high {
            let middle = low + (high - low) / 2;
            let newest = first(self.conn, sql, (self.channel.0.as_bytes(), low, middle), |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })?;
            match newest {
                Some((seq, found)) if found >= number => high = seq,
                Some(_) | None => low = middle + 1,
            }
        }
        Ok(low)
    }

    /// The newest messages below a place, oldest first.
    fn below(&self, seq: i64, limit: usize, skip: u64) -> Outcome<Vec<Arc<Message>>> {
        let sql = "SELECT body FROM messages WHERE channel = ?1 AND deleted = 0 AND seq < ?2
                   ORDER BY seq DESC LIMIT ?3 OFFSET ?4";
        let mut messages = self.bodies(sql, seq, limit, skip)?;
        messages.reverse();
        Ok(messages)
    }

    /// The oldest messages from a place on, oldest first.
    fn from(&self, seq: i64, limit: usize) -> Outcome<Vec<Arc<Message>>> {
        let sql = "SELECT body FROM messages WHERE channel = ?1 AND deleted = 0 AND seq >= ?2
                   ORDER BY seq LIMIT ?3 OFFSET ?4";
        self.bodies(sql, seq, limit, 0)
    }

    fn bodies(&self, sql: &str, seq: i64, limit: usize, skip: u64) -> Outcome<Vec<Arc<Message>>> {
        let mut messages = Vec::new();
        let (limit, skip) = (signed(limit as u64)?, i64::try_from(skip).unwrap_or(i64::MAX));
        for_each(self.conn, sql, (self.channel.0.as_bytes(), seq, limit, skip), |row| {
            messages.push(noun(row, 0, "message")?);
            Ok(())
        })?;
        Ok(messages)
    }

    /// How many messages are below a place: counted from the nearer end, because the total is known.
    fn count_below(&self, seq: i64) -> Outcome<u64> {
        if seq > self.head / 2 {
            let sql = "SELECT COUNT(*) FROM messages WHERE channel = ?1 AND deleted = 0 AND seq >= ?2";
            let above = number(self.conn, sql, (self.channel.0.as_bytes(), seq))?;
            Ok(self.total.saturating_sub(above))
        } else {
            let sql = "SELECT COUNT(*) FROM messages WHERE channel = ?1 AND deleted = 0 AND seq < ?2";
            number(self.conn, sql, (self.channel.0.as_bytes(), seq))
        }
    }
}
