//! Where messages go: a channel of a space, or a conversation between two accounts.

use crate::env::Timestamp;
use crate::ids::{AccountId, ChannelId, RoleId, SpaceId};
use crate::permission::Permissions;
use serde::{Deserialize, Serialize};

/// Whose channel it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Home {
    /// A channel of a space.
    Space(SpaceId),
    /// A conversation; the smaller id first. Both may be the same account (notes to oneself).
    Conversation(AccountId, AccountId),
}

/// What a channel holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ChannelKind {
    /// Messages.
    Text,
    /// A call, and messages beside it.
    Voice,
    /// Threads.
    Forum,
    /// A line between channels.
    Separator,
}

/// Whom an override is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum OverrideTarget {
    /// Holders of a role.
    Role(RoleId),
    /// One member.
    Member(AccountId),
}

/// What one channel allows or denies a role or a member beyond their roles.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Override {
    /// Stable id for protocols that name overrides.
    pub id: uuid::Uuid,
    /// Whom it is for.
    pub target: OverrideTarget,
    /// Added.
    pub allow: Permissions,
    /// Taken away.
    pub deny: Permissions,
}

/// One channel.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Whose it is.
    pub home: Home,
    /// What it holds.
    pub kind: ChannelKind,
    /// Its name, unique in its space ignoring case; empty for a conversation.
    pub name: String,
    /// What it is about.
    pub topic: Option<String>,
    /// The group it is shown in.
    pub category: Option<String>,
    /// What it allows and denies on its own.
    pub overrides: Vec<Override>,
    /// Sequence number of its newest event.
    pub head: u64,
    /// When the newest message was posted.
    pub last_message_at: Option<Timestamp>,
    /// Id of the newest message.
    pub last_message: Option<crate::ids::MessageId>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Channel {
    /// The space it belongs to; `None` for a conversation.
    pub fn space(&self) -> Option<SpaceId> {
        match self.home {
            Home::Space(space) => Some(space),
            Home::Conversation(..) => None,
        }
    }

    /// The other person of a conversation.
    pub fn partner(&self, me: AccountId) -> Option<AccountId> {
        match self.home {
            Home::Space(_) => None,
            Home::Conversation(a, b) if a == me => Some(b),
            Home::Conversation(a, _) => Some(a),
        }
    }
}
