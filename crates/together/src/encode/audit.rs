//! Entries of the audit log (together.md 7.14).

use crate::quirks;
use crate::wire::entity::AuditLog;
use commonroom_core::Permissions;
use commonroom_core::audit::{AuditAction, AuditEntry};
use commonroom_core::directory::Directory;
use commonroom_core::ids::RoleId;
use serde_json::{Map, Value};
use uuid::Uuid;

/// What an entry is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Somebody.
    User,
    /// A role.
    Role,
    /// A channel.
    Channel,
    /// An invitation.
    Invite,
    /// A message.
    Message,
    /// An emoji.
    Emoji,
    /// A webhook.
    Webhook,
    /// The server itself.
    Server,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::User,
        Self::Role,
        Self::Channel,
        Self::Invite,
        Self::Message,
        Self::Emoji,
        Self::Webhook,
        Self::Server,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Channel => "channel",
            Self::Invite => "invite",
            Self::Message => "message",
            Self::Emoji => "emoji",
            Self::Webhook => "webhook",
            Self::Server => "server",
        }
    }

    /// The kind that a request names.
    pub fn with_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What an action is about.
pub fn kind(action: AuditAction) -> Kind {
    use AuditAction as A;
    match action {
        A::UserBan
        | A::UserUnban
        | A::UserTimeout
        | A::UserKick
        | A::UserRolesSet
        | A::UserUpdate
        | A::UserReport
        | A::UserDelete
        | A::SelfRoleAdd
        | A::SelfRoleRemove => Kind::User,
        A::RoleCreate | A::RoleUpdate | A::RoleDelete | A::RoleReorder | A::RolePermissionsSet => Kind::Role,
        A::ChannelCreate
        | A::ChannelUpdate
        | A::ChannelMove
        | A::ChannelDelete
        | A::OverrideSet
        | A::OverrideClear => Kind::Channel,
        A::InviteCreate | A::InviteRevoke => Kind::Invite,
        A::MessageDelete | A::MessagePin | A::MessageUnpin => Kind::Message,
        A::EmojiAdd | A::EmojiUpdate | A::EmojiDelete => Kind::Emoji,
        A::WebhookCreate | A::WebhookUpdate | A::WebhookRegenerate | A::WebhookDelete => Kind::Webhook,
        A::ServerCreate | A::ServerUpdate => Kind::Server,
    }
}

/// The words of this protocol that an action may be told by; the core has one action where some are two here.
pub fn words(action: AuditAction) -> &'static [&'static str] {
    use AuditAction as A;
    match action {
        A::UserBan => &["member_ban"],
        A::UserUnban => &["member_unban"],
        A::UserTimeout => &["member_timeout", "member_timeout_remove"],
        A::UserKick => &["member_kick"],
        A::UserRolesSet => &["member_role_add", "member_role_remove"],
        A::SelfRoleAdd => &["member_role_add"],
        A::SelfRoleRemove => &["member_role_remove"],
        A::UserUpdate => &["member_update"],
        A::UserReport => &["member_report"],
        A::UserDelete => &["member_delete"],
        A::RoleUpdate | A::RolePermissionsSet => &["role_update"],
        A::ChannelUpdate | A::ChannelMove => &["channel_update"],
        A::EmojiAdd => &["emoji_create"],
        A::RoleCreate => &["role_create"],
        A::RoleDelete => &["role_delete"],
        A::RoleReorder => &["role_reorder"],
        A::ChannelCreate => &["channel_create"],
        A::ChannelDelete => &["channel_delete"],
        A::OverrideSet => &["channel_override_update"],
        A::OverrideClear => &["channel_override_delete"],
        A::InviteCreate => &["invite_create"],
        A::InviteRevoke => &["invite_revoke"],
        A::MessageDelete => &["message_delete"],
        A::MessagePin => &["message_pin"],
        A::MessageUnpin => &["message_unpin"],
        A::EmojiUpdate => &["emoji_update"],
        A::EmojiDelete => &["emoji_delete"],
        A::WebhookCreate => &["webhook_create"],
        A::WebhookUpdate => &["webhook_update"],
        A::WebhookRegenerate => &["webhook_regenerate"],
        A::WebhookDelete => &["webhook_delete"],
        A::ServerCreate => &["server_create"],
        A::ServerUpdate => &["server_update"],
    }
}

/// The word of this protocol for what was done.
pub fn word(entry: &AuditEntry) -> &'static str {
    let words = words(entry.action);
    let lifted = entry.action == AuditAction::UserTimeout && detail(entry, "timeout") == Some("0");
    let taken = entry.action == AuditAction::UserRolesSet && detail(entry, "added").is_none();
    words[usize::from(lifted || taken).min(words.len() - 1)]
}

/// One entry.
pub fn entry(directory: &Directory, entry: &AuditEntry) -> AuditLog {
    let own = matches!(entry.action, AuditAction::SelfRoleAdd | AuditAction::SelfRoleRemove);
    let message = (kind(entry.action) == Kind::Message).then(|| detail(entry, "message")).flatten();
    let target = message.or(entry.target.as_deref()).and_then(|id| Uuid::parse_str(id).ok());
    AuditLog {
        id: entry.id.0,
        server_id: Some(entry.space.0),
        actor_id: entry.by.map(|by| by.0),
        action: word(entry),
        target_type: kind(entry.action).word(),
        target_id: if own { entry.by.map(|by| by.0) } else { target },
        details: details(directory, entry),
        ip_address: None,
        created_at: entry.at.rfc3339(),
    }
}

fn detail<'a>(entry: &'a AuditEntry, name: &str) -> Option<&'a str> {
    entry.details.get(name).map(String::as_str)
}

/// The details under the names that known clients look for; whatever else is known follows as text.
fn details(directory: &Directory, entry: &AuditEntry) -> Map<String, Value> {
    use AuditAction as A;
    let text = |name| detail(entry, name).filter(|text| !text.is_empty()).map_or(Value::Null, Value::from);
    let number =
        |name| detail(entry, name).and_then(|n| n.parse::<i64>().ok()).map_or(Value::Null, Value::from);
    let bits = |name| {
        let bits = detail(entry, name).and_then(|bits| bits.parse().ok());
        bits.map_or(Value::Null, |bits| Value::from(quirks::bits(Permissions(bits))))
    };
    let name = || entry.target_name.as_deref().map_or(Value::Null, Value::from);
    let rows = match entry.action {
        A::UserBan | A::UserKick => vec![("reason", text("reason"))],
        A::UserTimeout if word(entry) == "member_timeout" => {
            let seconds =
                detail(entry, "timeout").and_then(|seconds| seconds.parse::<i64>().ok()).unwrap_or(0);
            vec![("duration_minutes", Value::from((seconds + 30) / 60)), ("reason", text("reason"))]
        }
        A::UserUnban | A::UserTimeout | A::InviteRevoke => Vec::new(),
        A::UserRolesSet => role(directory, entry),
        A::SelfRoleAdd | A::SelfRoleRemove => {
            vec![("role_id", entry.target.clone().map_or(Value::Null, Value::from)), ("role_name", name())]
        }
        A::RoleCreate | A::RoleUpdate | A::RolePermissionsSet => {
            vec![("name", name()), ("permissions", bits("permissions"))]
        }
        A::ChannelCreate => vec![("name", name()), ("type", text("type"))],
        A::ChannelUpdate | A::ChannelMove => vec![
            ("name", name()),
            ("topic", text("topic")),
            ("category", text("category")),
            ("position", number("position")),
        ],
        A::InviteCreate => vec![("code", name()), ("max_uses", number("max_uses"))],
        A::OverrideSet => vec![
            ("override_id", text("override_id")),
            ("role_id", text("role_id")),
            ("user_id", text("user_id")),
            ("allow", bits("allow")),
            ("deny", bits("deny")),
        ],
        A::OverrideClear => vec![("override_id", text("override_id"))],
        A::ServerUpdate => vec![
            ("name", name()),
            ("icon_url", text("icon_url")),
            ("is_public", Value::from(detail(entry, "is_public") == Some("true"))),
            ("owner_id", text("owner_id")),
        ],
        A::ServerCreate
        | A::RoleDelete
        | A::ChannelDelete
        | A::EmojiAdd
        | A::EmojiUpdate
        | A::EmojiDelete
        | A::WebhookCreate
        | A::WebhookUpdate
        | A::WebhookRegenerate
        | A::WebhookDelete => vec![("name", name())],
        A::UserUpdate
        | A::UserReport
        | A::UserDelete
        | A::RoleReorder
        | A::MessageDelete
        | A::MessagePin
        | A::MessageUnpin => {
            entry.details.iter().map(|(name, text)| (name.as_str(), Value::from(text.as_str()))).collect()
        }
    };
    rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The first role given or else taken, as it is called now.
fn role(directory: &Directory, entry: &AuditEntry) -> Vec<(&'static str, Value)> {
    let ids = detail(entry, "added").or_else(|| detail(entry, "removed")).unwrap_or_default();
    let id = ids.split(' ').find_map(|id| Uuid::parse_str(id).ok());
    let space = directory.space(entry.space);
    let known = id.zip(space).and_then(|(id, space)| space.role(RoleId(id)));
    vec![
        ("role_id", id.map_or(Value::Null, |id| Value::from(id.to_string()))),
        ("role_name", known.map_or(Value::Null, |role| Value::from(role.name.as_str()))),
    ]
}
