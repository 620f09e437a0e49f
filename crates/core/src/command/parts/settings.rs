//! Changes of some fields: `None` leaves a field, `Some(None)` clears it.

use crate::channel::{ChannelKind, Grant};
use crate::ids::{AccountId, SpaceId};
use crate::permission::Permissions;
use crate::space::MentionRule;

/// A change of some fields: `None` leaves a field, `Some(None)` clears it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProfileChange {
    /// Picture URL.
    pub avatar: Option<Option<String>>,
    /// Biography.
    pub bio: Option<Option<String>>,
    /// Pronouns.
    pub pronouns: Option<Option<String>>,
}

/// A change of a space's settings, in the same form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpaceSettings {
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<Option<String>>,
    /// Picture URL.
    pub icon: Option<Option<String>>,
    /// Wide picture URL.
    pub banner: Option<Option<String>>,
    /// Findable and joinable by anybody.
    pub public: Option<bool>,
    /// Joining takes an invite.
    pub require_invite: Option<bool>,
    /// Another owner; by the owner only.
    pub owner: Option<AccountId>,
}

/// What becomes of a member in calls: `None` leaves one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Silence {
    /// Where.
    pub space: SpaceId,
    /// Whom.
    pub account: AccountId,
    /// Not heard.
    pub muted: Option<bool>,
    /// Hears nothing.
    pub deafened: Option<bool>,
}

/// A change of a channel's settings, in the same form.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ChannelSettings {
    /// Name.
    pub name: Option<String>,
    /// Topic.
    pub topic: Option<Option<String>>,
    /// Category.
    pub category: Option<Option<String>>,
    /// What it holds. Only between kinds that hold nothing the other cannot.
    pub kind: Option<ChannelKind>,
    /// Name for reading.
    pub display_name: Option<Option<String>>,
    /// Picture URL or emoji.
    pub icon: Option<Option<String>>,
    /// Background picture URL.
    pub wallpaper: Option<Option<String>>,
    /// Height of a separator, in pixels.
    pub size: Option<Option<u32>>,
    /// Its place among the channels, by a number that others may have too and that moves none of them; only in a change.
    pub place: Option<u32>,
    /// Who may do what, by role: all of it. What overrides of roles said before is forgotten.
    pub grants: Option<Vec<Grant>>,
}

/// A change of a role's settings, in the same form.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RoleSettings {
    /// Name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// `#RRGGBB`.
    pub color: Option<Option<String>>,
    /// Shown as a group of its own.
    pub hoisted: Option<bool>,
    /// The group it is offered in.
    pub category: Option<Option<String>>,
    /// Its holders may what it allows and not, beside it, what everybody may.
    pub alone: Option<bool>,
    /// Members may take it by themselves.
    pub self_assignable: Option<bool>,
    /// Who may mention it.
    pub mention: Option<MentionRule>,
    /// What it allows.
    pub permissions: Option<Permissions>,
    /// Its power, from 0. Below the actor's own; others keep theirs.
    pub rank: Option<i32>,
}

/// A change of a thread.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ThreadChange {
    /// Its name.
    pub name: Option<String>,
    /// Nobody may write in it. Takes the right to manage threads.
    pub locked: Option<bool>,
    /// Put away.
    pub archived: Option<bool>,
}
