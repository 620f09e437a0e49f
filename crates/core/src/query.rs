//! What may be read from the store. Who may see it is decided by [`crate::policy`] before the query runs.

use crate::audit::{AuditAction, AuditEntry};
use crate::env::Timestamp;
use crate::file::File;
use crate::ids::{AccountId, ChannelId, FileId, MessageId, RoleId, SpaceId};
use crate::message::Message;
use std::sync::Arc;

/// Which part of a channel's history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Page {
    /// The newest ones, after skipping that many.
    Newest {
        /// Messages to skip, newest first.
        skip: u64,
    },
    /// Those older than a message.
    Before(MessageId),
    /// Those with a smaller [`Message::number`], whether or not a message has this one.
    Below(i64),
    /// Those newer than a message, oldest of them first.
    After(MessageId),
    /// Those around a message: `below` older ones, the message, `above` newer ones.
    Around {
        /// The message.
        message: MessageId,
        /// How many newer ones.
        above: usize,
        /// How many older ones.
        below: usize,
    },
}

/// What may be asked of the store.
#[derive(Clone, PartialEq, Debug)]
pub enum Query {
    /// Messages of a channel, oldest first, deleted ones left out. → `Found::Messages`
    History {
        /// Where.
        channel: ChannelId,
        /// Which part.
        page: Page,
        /// At most so many, up to [`crate::limits::HISTORY_PAGE`].
        limit: usize,
    },
    /// One message, deleted ones too. → `Found::Message`
    Message {
        /// Which.
        message: MessageId,
    },
    /// The message with a number. → `Found::Message`
    MessageNumbered {
        /// BareRTC's `msgID`.
        number: i64,
    },
    /// Unread counts of an account in these channels. → `Found::Unreads`
    Unreads {
        /// Whose.
        account: AccountId,
        /// Where; the caller lists only what the account may view.
        channels: Vec<ChannelId>,
        /// Who has written since the mark was set has read what stood above (originchats.md 5.12); without it only the
        /// mark counts (together.md 4.4).
        written_is_read: bool,
    },
    /// Answers to a message in its channel, oldest first. → `Found::Messages`
    Replies {
        /// The message.
        message: MessageId,
        /// At most so many, up to [`crate::limits::RESULTS_PAGE`].
        limit: usize,
    },
    /// Messages on top of a channel's list, pinned last first. → `Found::Messages`
    Pins {
        /// Where.
        channel: ChannelId,
    },
    /// Messages whose text holds these words as they stand, ignoring case, newest first. → `Found::Messages`, whose
    /// `total` counts only what was found.
    Search {
        /// Where; the caller lists only what the account may view.
        channels: Vec<ChannelId>,
        /// Looked for.
        words: String,
        /// At most so many, up to [`crate::limits::RESULTS_PAGE`].
        limit: usize,
    },
    /// Messages in whose text every one of these words begins a word, ignoring case, newest first, older than a message.
    /// → `Found::Messages`, whose `total` counts all that were found without `before`.
    Find {
        /// Where; the caller lists only what the account may view.
        channels: Vec<ChannelId>,
        /// The words.
        words: Vec<String>,
        /// Older than this one.
        before: Option<MessageId>,
        /// At most so many, up to [`crate::limits::RESULTS_PAGE`].
        limit: usize,
    },
    /// Messages that tell of something that begins after a moment, soonest first. → `Found::Messages`
    Happenings {
        /// Where; the caller lists only what the account may view.
        channels: Vec<ChannelId>,
        /// The moment.
        after: Timestamp,
        /// At most so many, up to [`crate::limits::RESULTS_PAGE`].
        limit: usize,
    },
    /// Messages by others that mention an account, one of its roles or everybody, or answer it and say so, newest first.
    /// → `Found::Messages`; `total` counts all of them.
    Pings {
        /// Whom.
        account: AccountId,
        /// Its roles.
        roles: Vec<RoleId>,
        /// Where; the caller lists only what the account may view.
        channels: Vec<ChannelId>,
        /// Skipped, newest first.
        skip: u64,
        /// At most so many, up to [`crate::limits::RESULTS_PAGE`].
        limit: usize,
    },
    /// A file, and the message that shares it. → `Found::File`
    File {
        /// Which.
        file: FileId,
    },
    /// Files of an account, oldest first. → `Found::Files`
    FilesBy {
        /// Whose.
        account: AccountId,
    },
    /// Files whose time is over at a moment, or that no message shared in time. → `Found::Files`
    StaleFiles {
        /// That moment.
        now: Timestamp,
    },
    /// Whether some file has this content. → `Found::Known`
    FileContent {
        /// SHA-256 in hexadecimal.
        hash: String,
    },
    /// Entries of an audit log, newest first. → `Found::Audit`
    Audit {
        /// Whose.
        space: SpaceId,
        /// Which.
        filter: AuditFilter,
        /// Skipped.
        skip: u64,
        /// At most so many, up to [`crate::limits::AUDIT_PAGE`].
        limit: usize,
    },
    /// Spaces whose audit log has an entry of one of these actions from before a moment. → `Found::Spaces`
    OldAudits {
        /// Which actions.
        actions: Vec<AuditAction>,
        /// That moment.
        before: Timestamp,
    },
    /// How often each action stands in an audit log. → `Found::AuditCounts`
    AuditCounts {
        /// Whose.
        space: SpaceId,
    },
    /// Counts for the operator. → `Found::Counts`
    Counts,
}

/// Which entries of an audit log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditFilter {
    /// One of these actions; empty is any.
    pub actions: Vec<AuditAction>,
    /// Done by.
    pub by: Option<AccountId>,
    /// Done to: an id.
    pub target: Option<String>,
    /// Later than.
    pub after: Option<Timestamp>,
    /// Earlier than.
    pub before: Option<Timestamp>,
}

/// What was found.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    /// A part of a history, oldest first.
    Messages {
        /// The messages.
        messages: Vec<Arc<Message>>,
        /// Place of the first one counted from the oldest message of the channel, from 0.
        start: u64,
        /// Messages in the channel.
        total: u64,
    },
    /// A file and the message that shares it, if there is one.
    File(Option<(Arc<File>, Option<MessageId>)>),
    /// Spaces.
    Spaces(Vec<SpaceId>),
    /// Files.
    Files(Vec<Arc<File>>),
    /// Whether there is one.
    Known(bool),
    /// Entries of an audit log.
    Audit {
        /// The page.
        entries: Vec<Arc<AuditEntry>>,
        /// All that fit the filter.
        total: u64,
    },
    /// How often each action stands in an audit log.
    AuditCounts(Vec<(AuditAction, u64)>),
    /// A message, if there is one.
    Message(Option<Arc<Message>>),
    /// Unread counts.
    Unreads(Vec<Unread>),
    /// Counts.
    Counts {
        /// Messages stored.
        messages: u64,
        /// Bytes of the database.
        bytes: u64,
    },
}

/// What an account has not read in a channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unread {
    /// Where.
    pub channel: ChannelId,
    /// The last message read, if a mark was ever set and it still exists.
    pub last_read: Option<MessageId>,
    /// A mark was ever set.
    pub marked: bool,
    /// Messages by others after the mark.
    pub unread: u64,
    /// Those of them that mention the account or everybody.
    pub mentions: u64,
    /// Messages in the channel.
    pub total: u64,
}
