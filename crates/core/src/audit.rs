//! Who did what to whom: kept for those who look after a community.

use crate::env::Timestamp;
use crate::ids::{AccountId, AuditId, SpaceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal in $category:ident),* $(,)?) => {
        /// What was done.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        pub enum AuditAction {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl AuditAction {
            /// Every action there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its word, as stored and shown.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// What kind of action it is.
            pub fn category(self) -> AuditCategory {
                match self {
                    $(Self::$name => AuditCategory::$category,)*
                }
            }
        }
    };
}

actions! {
    /// Somebody is kept out.
    UserBan = "user_ban" in UserModeration,
    /// Somebody may come back.
    UserUnban = "user_unban" in UserModeration,
    /// Somebody is silenced, or no longer.
    UserTimeout = "user_timeout" in UserModeration,
    /// Somebody was sent out.
    UserKick = "user_kick" in UserModeration,
    /// Somebody's roles were changed.
    UserRolesSet = "user_roles_set" in UserModeration,
    /// Somebody was renamed.
    UserUpdate = "user_update" in UserModeration,
    /// Somebody was reported.
    UserReport = "user_report" in UserModeration,
    /// An account was deleted.
    UserDelete = "user_delete" in UserModeration,
    /// A role was made.
    RoleCreate = "role_create" in RoleManagement,
    /// A role was changed.
    RoleUpdate = "role_update" in RoleManagement,
    /// A role was deleted.
    RoleDelete = "role_delete" in RoleManagement,
    /// Roles have another order.
    RoleReorder = "role_reorder" in RoleManagement,
    /// A role allows something else.
    RolePermissionsSet = "role_permissions_set" in RoleManagement,
    /// Somebody took a role that is offered.
    SelfRoleAdd = "self_role_add" in RoleManagement,
    /// Somebody left a role that is offered.
    SelfRoleRemove = "self_role_remove" in RoleManagement,
    /// A channel was made.
    ChannelCreate = "channel_create" in ChannelManagement,
    /// A channel was changed.
    ChannelUpdate = "channel_update" in ChannelManagement,
    /// A channel has another place.
    ChannelMove = "channel_move" in ChannelManagement,
    /// A channel was deleted.
    ChannelDelete = "channel_delete" in ChannelManagement,
    /// What a channel allows somebody has changed.
    OverrideSet = "channel_override_update" in ChannelManagement,
    /// A channel allows somebody what it allows everybody again.
    OverrideClear = "channel_override_delete" in ChannelManagement,
    /// The community was made.
    ServerCreate = "server_create" in ServerManagement,
    /// An invitation was made.
    InviteCreate = "invite_create" in ServerManagement,
    /// An invitation was withdrawn.
    InviteRevoke = "invite_revoke" in ServerManagement,
    /// Somebody else's message was taken back.
    MessageDelete = "message_delete" in MessageModeration,
    /// A message was pinned.
    MessagePin = "message_pin" in MessageModeration,
    /// A message is no longer pinned.
    MessageUnpin = "message_unpin" in MessageModeration,
    /// The community's name or pictures changed.
    ServerUpdate = "server_update" in ServerManagement,
    /// An emoji was added.
    EmojiAdd = "emoji_add" in ServerManagement,
    /// An emoji was changed.
    EmojiUpdate = "emoji_update" in ServerManagement,
    /// An emoji was deleted.
    EmojiDelete = "emoji_delete" in ServerManagement,
    /// A webhook was made.
    WebhookCreate = "webhook_create" in ServerManagement,
    /// A webhook was changed.
    WebhookUpdate = "webhook_update" in ServerManagement,
    /// A webhook has a new secret.
    WebhookRegenerate = "webhook_regenerate" in ServerManagement,
    /// A webhook was deleted.
    WebhookDelete = "webhook_delete" in ServerManagement,
}

/// A kind of action (originchats.md 5.18).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditCategory {
    /// About people.
    UserModeration,
    /// About roles.
    RoleManagement,
    /// About channels.
    ChannelManagement,
    /// About messages.
    MessageModeration,
    /// About the community itself.
    ServerManagement,
}

impl AuditCategory {
    /// Every category there is.
    pub const ALL: [Self; 5] = [
        Self::UserModeration,
        Self::RoleManagement,
        Self::ChannelManagement,
        Self::MessageModeration,
        Self::ServerManagement,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::UserModeration => "user_moderation",
            Self::RoleManagement => "role_management",
            Self::ChannelManagement => "channel_management",
            Self::MessageModeration => "message_moderation",
            Self::ServerManagement => "server_management",
        }
    }

    /// Days for which its entries are kept, unless the operator says otherwise.
    pub fn days(self) -> i64 {
        match self {
            Self::UserModeration | Self::RoleManagement => 365,
            Self::ChannelManagement | Self::ServerManagement => 180,
            Self::MessageModeration => 90,
        }
    }
}

/// One thing done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// Where.
    pub space: SpaceId,
    /// When.
    pub at: Timestamp,
    /// Who did it; `None` is the server.
    pub by: Option<AccountId>,
    /// Their username then.
    pub by_name: String,
    /// What was done.
    pub action: AuditAction,
    /// To whom or what: an id.
    pub target: Option<String>,
    /// What that was called then.
    pub target_name: Option<String>,
    /// Details, by name.
    pub details: BTreeMap<String, String>,
}
