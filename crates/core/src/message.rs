//! What somebody said: kept as typed, rendered by each adapter for its clients.

use crate::embed::Embed;
use crate::env::Timestamp;
use crate::file::File;
use crate::ids::{AccountId, ChannelId, MessageId, RoleId, WebhookId};
use crate::poll::Poll;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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

/// A message on top of its channel's list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pin {
    /// Who put it there.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
}

/// The name under which a webhook or the server speaks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Persona {
    /// The name shown.
    pub name: String,
    /// Picture URL.
    pub avatar: Option<String>,
    /// The webhook that posted it, or a word for a service.
    pub source: PersonaSource,
}

/// What speaks under a [`Persona`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum PersonaSource {
    /// A webhook.
    Webhook(WebhookId),
    /// A service whose own format a webhook understood, by its word (`github`).
    Service(String),
}

/// The slash command that a message answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Interaction {
    /// Its name without the slash.
    pub command: String,
    /// Who used it.
    pub by: AccountId,
}

/// Something that will happen, told of by a message. Its id is the message's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Happening {
    /// What it is called.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// When it begins.
    pub starts_at: Timestamp,
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
    /// Roles it mentions and may mention.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mention_roles: Vec<RoleId>,
    /// Files shared with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Arc<File>>,
    /// Cards shown below the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub embeds: Vec<Embed>,
    /// A question to vote on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Box<Poll>>,
    /// Something that will happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happening: Option<Box<Happening>>,
    /// It lies on top of its channel's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// The name under which a webhook or the server speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona: Option<Box<Persona>>,
    /// The slash command it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction: Option<Box<Interaction>>,
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

impl Message {
    /// Something that somebody said in a channel at a moment, and nothing else.
    pub fn said(
        (id, number, seq): (MessageId, i64, u64),
        channel: ChannelId,
        author: AccountId,
        text: impl Into<String>,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            number,
            channel,
            seq,
            author,
            kind: MessageKind::Said,
            text: text.into(),
            reply_to: None,
            mentions: Vec::new(),
            mention_everyone: false,
            mention_roles: Vec::new(),
            files: Vec::new(),
            embeds: Vec::new(),
            poll: None,
            happening: None,
            pin: None,
            persona: None,
            interaction: None,
            nonce: None,
            created_at,
            edited_at: None,
            deleted: false,
            reactions: Vec::new(),
        }
    }
}
