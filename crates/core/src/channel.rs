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
    /// Inside a channel of a space, which decides who may do what.
    Thread {
        /// The space.
        space: SpaceId,
        /// The channel it was opened in.
        parent: ChannelId,
    },
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

/// Who may do one thing in a channel, by role; stands instead of what the roles themselves say about it. The first entry
/// that names a role of the member decides, in the order of the member's roles; named by none, they may not
/// (originchats.md 8).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Grant {
    /// One permission.
    pub permission: Permissions,
    /// Roles named, each allowed or (`false`) denied.
    pub roles: Vec<(RoleId, bool)>,
}

/// How a channel is shown where a protocol can show it so.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Look {
    /// A name for reading; the name itself is for addressing.
    pub display_name: Option<String>,
    /// Picture URL or emoji.
    pub icon: Option<String>,
    /// Background picture URL.
    pub wallpaper: Option<String>,
    /// Height of a separator, in pixels.
    pub size: Option<u32>,
}

/// What makes a channel a thread.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Thread {
    /// Who opened it.
    pub by: AccountId,
    /// The message it hangs on; `None` for a thread of a forum.
    pub root: Option<crate::ids::MessageId>,
    /// Nobody may write in it.
    pub locked: bool,
    /// Put away; the next message takes it out again.
    pub archived: bool,
    /// Who follows it, first one first; who opened it always does.
    pub participants: Vec<AccountId>,
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
    /// Who may do what in it, where roles are listed; overrides come on top.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// How it is shown.
    #[serde(default)]
    pub look: Look,
    /// What makes it a thread.
    #[serde(default)]
    pub thread: Option<Thread>,
    /// Sequence number of its newest event.
    pub head: u64,
    /// Messages in it that are not deleted.
    #[serde(default)]
    pub messages: u64,
    /// When the newest message was posted.
    pub last_message_at: Option<Timestamp>,
    /// Id of the newest message.
    pub last_message: Option<crate::ids::MessageId>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Channel {
    /// Whether it says by itself who may do what.
    pub fn has_rules(&self) -> bool {
        !self.overrides.is_empty() || !self.grants.is_empty()
    }

    /// The space it belongs to; `None` for a conversation.
    pub fn space(&self) -> Option<SpaceId> {
        match self.home {
            Home::Space(space) | Home::Thread { space, .. } => Some(space),
            Home::Conversation(..) => None,
        }
    }

    /// The channel that a thread was opened in.
    pub fn parent(&self) -> Option<ChannelId> {
        match self.home {
            Home::Thread { parent, .. } => Some(parent),
            Home::Space(_) | Home::Conversation(..) => None,
        }
    }

    /// The other person of a conversation.
    pub fn partner(&self, me: AccountId) -> Option<AccountId> {
        match self.home {
            Home::Space(_) | Home::Thread { .. } => None,
            Home::Conversation(a, b) if a == me => Some(b),
            Home::Conversation(a, _) => Some(a),
        }
    }
}
