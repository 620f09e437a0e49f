//! What may be read from the store. Who may see it is decided by [`crate::policy`] before the query runs.

use crate::ids::{AccountId, ChannelId, MessageId};
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
    },
    /// Counts for the operator. → `Found::Counts`
    Counts,
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
