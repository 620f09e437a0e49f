//! One community: its roles, its channels in order, its members and bans.

use crate::account::Protocol;
use crate::env::Timestamp;
use crate::ids::{AccountId, ChannelId, RoleId, SpaceId};
use crate::permission::Permissions;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One community.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Space {
    /// Its id.
    pub id: SpaceId,
    /// Its name. The first one is `main`.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// Picture URL.
    pub icon: Option<String>,
    /// Wide picture URL.
    #[serde(default)]
    pub banner: Option<String>,
    /// Who may do everything here. `main` has none until the operator names one.
    pub owner: Option<AccountId>,
    /// Anybody may find and join it.
    pub public: bool,
    /// Joining takes an invite although it is public.
    pub require_invite: bool,
    /// Its roles, most powerful first; the last one is everybody's.
    pub roles: Vec<Role>,
    /// Its channels in display order.
    pub channels: Vec<ChannelId>,
    /// Numbers that somebody gave channels as their places; none while the order says it all.
    #[serde(default)]
    pub given_places: BTreeMap<ChannelId, u32>,
    /// Where all four protocols meet.
    pub default_channel: Option<ChannelId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its own fields last changed.
    pub updated_at: Timestamp,
}

impl Space {
    /// Its channels in display order with their places: numbers that do not fall, the next one where none was given.
    pub fn places(&self) -> impl Iterator<Item = (ChannelId, u32)> {
        self.channels.iter().scan(None, |before: &mut Option<u32>, id| {
            let next = before.map_or(0, |before| before.saturating_add(1));
            let given = self.given_places.get(id).copied();
            let place = given.filter(|place| *place >= before.unwrap_or(0)).unwrap_or(next);
            *before = Some(place);
            Some((*id, place))
        })
    }

    /// Roles as they are shown: the owner's first, those given by hand by rank, everybody's last.
    pub fn sort_roles(&mut self) {
        let place = |role: &Role| match role.kind {
            RoleKind::Owner => 0,
            RoleKind::Plain => 1,
            RoleKind::Everyone => 2,
            RoleKind::Guest => 3,
        };
        self.roles.sort_by_key(|role| (place(role), -role.rank));
    }

    /// The role that every member holds without being given it.
    pub fn everyone(&self) -> Option<&Role> {
        self.roles.iter().find(|role| role.kind == RoleKind::Everyone)
    }

    /// A role by id.
    pub fn role(&self, id: RoleId) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// A role by name, ignoring case.
    pub fn role_named(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name.eq_ignore_ascii_case(name))
    }
}

/// What the server itself uses a role for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RoleKind {
    /// Held by the owner.
    Owner,
    /// Held by every member, implicitly.
    Everyone,
    /// Held by guests instead of [`RoleKind::Everyone`].
    Guest,
    /// Given and taken by hand.
    Plain,
}

/// Who may mention a role.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum MentionRule {
    /// Only who may mention everybody.
    #[default]
    Nobody,
    /// Every member.
    Anybody,
    /// Holders of these roles.
    Roles(Vec<RoleId>),
}

/// A named set of permissions.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name, unique in the space ignoring case.
    pub name: String,
    /// What the server uses it for.
    pub kind: RoleKind,
    /// `#RRGGBB`.
    pub color: Option<String>,
    /// Shown as a group of its own.
    pub hoisted: bool,
    /// Power: a higher rank acts on a lower one. Everybody's role has rank 0.
    pub rank: i32,
    /// What it allows everywhere in the space.
    pub permissions: Permissions,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// The group it is offered in.
    #[serde(default)]
    pub category: Option<String>,
    /// Its holders may what it allows and not, beside it, what everybody may.
    #[serde(default)]
    pub alone: bool,
    /// Members may take and leave it by themselves.
    #[serde(default)]
    pub self_assignable: bool,
    /// Who may mention it, beside who may mention everybody.
    #[serde(default)]
    pub mention: MentionRule,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An account in a space.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Member {
    /// The space.
    pub space: SpaceId,
    /// The account.
    pub account: AccountId,
    /// Roles given by hand, in the order given (the first is the primary one).
    pub roles: Vec<RoleId>,
    /// Name in this space only.
    pub nickname: Option<String>,
    /// Silenced until then.
    pub timeout_until: Option<Timestamp>,
    /// Not heard in calls, by a moderator.
    #[serde(default)]
    pub muted: bool,
    /// Hears nothing in calls, by a moderator.
    #[serde(default)]
    pub deafened: bool,
    /// Last square on the grid.
    pub square: Option<(i32, i32)>,
    /// The protocol that brought them.
    pub via: Protocol,
    /// When they joined.
    pub joined_at: Timestamp,
}

/// What moderators imposed on somebody in a space. It does not end with the membership.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Silenced {
    /// Silenced until then.
    pub until: Option<Timestamp>,
    /// Not heard in calls.
    pub muted: bool,
    /// Hears nothing in calls.
    pub deafened: bool,
}

impl Member {
    /// What moderators imposed on them.
    pub fn silenced(&self) -> Silenced {
        Silenced { until: self.timeout_until, muted: self.muted, deafened: self.deafened }
    }
}

/// An account kept out of a space.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Ban {
    /// The space.
    pub space: SpaceId,
    /// The account.
    pub account: AccountId,
    /// Who did it.
    pub by: Option<AccountId>,
    /// Why.
    pub reason: Option<String>,
    /// When it ends; `None` is never.
    pub until: Option<Timestamp>,
    /// When it was set.
    pub created_at: Timestamp,
}
