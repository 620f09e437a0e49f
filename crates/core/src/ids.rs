//! Identifiers: one type a noun, so that none is taken for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl $name {
            /// The lowest value: the start of a range over keys that begin with this id.
            pub const MIN: Self = Self(Uuid::nil());
            /// The highest value: the end of such a range.
            pub const MAX: Self = Self(Uuid::max());
        }
    )*};
}

ids! {
    /// A person, guest or bot who can sign in.
    AccountId,
    /// One community.
    SpaceId,
    /// Where messages go: a channel of a space, or a conversation.
    ChannelId,
    /// One message.
    MessageId,
    /// One role of a space.
    RoleId,
    /// One thing that stands on the grid.
    ItemId,
    /// One live connection of one account over one protocol.
    SessionId,
    /// One shared file. Random, not rising: who knows it may load the file over protocols without sign-in for files.
    FileId,
    /// One invitation.
    InviteId,
    /// One address for posting from outside.
    WebhookId,
    /// One entry of the audit log.
    AuditId,
    /// One sign-in that outlives connections: the owner of a refresh or cookie token.
    LoginId,
}
