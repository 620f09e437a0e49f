//! What somebody said: kept as typed, rendered by each adapter for its clients.

use crate::env::Timestamp;
use crate::ids::{AccountId, ChannelId, MessageId};
use serde::{Deserialize, Serialize};

/// Who a message is from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum MessageKind {
    /// Something an account said.
    Said,
    /// Something an account did, told in the third person (`/me waves`): the text without the name.
    Action,
    /// Something the server says.
    System,
}

/// The message replied to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReplyTo {
    /// That message.
    pub id: MessageId,
    /// Its author.
    pub author: AccountId,
    /// That author is to be told.
    pub ping: bool,
}

/// One emoji on a message and who put it there, first one first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reaction {
    /// A Unicode emoji or a custom emoji's name.
    pub emoji: String,
    /// Who reacted.
    pub by: Vec<AccountId>,
}

/// One message.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// A positive integer below 2^53, unique, rising, never reused: BareRTC's `msgID`.
    pub number: i64,
    /// Where it was posted.
    pub channel: ChannelId,
    /// Its place in the channel's order of events.
    pub seq: u64,
    /// Who said it.
    pub author: AccountId,
    /// How it was said.
    pub kind: MessageKind,
    /// The text as typed, Markdown by custom.
    pub text: String,
    /// What it answers.
    pub reply_to: Option<ReplyTo>,
    /// Accounts it mentions, at most [`crate::limits::MENTIONS_PER_MESSAGE`].
    pub mentions: Vec<AccountId>,
    /// It mentions everybody.
    pub mention_everyone: bool,
    /// The author's client's own key for it: the same key twice is the same message.
    pub nonce: Option<String>,
    /// When it was posted.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// It was taken back: the text is gone.
    pub deleted: bool,
    /// Reactions, first used first.
    pub reactions: Vec<Reaction>,
}

/// The first part of a text for a quotation: one line of at most `chars` characters, `…` when cut.
pub fn excerpt(text: &str, chars: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= chars {
        return line;
    }
    let mut cut: String = line.chars().take(chars.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
