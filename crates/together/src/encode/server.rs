//! Servers, channels, roles, overrides and bans.

use super::View;
use crate::quirks;
use crate::wire::entity::{Ban, Channel, Override, Role, Server, Timeout};
use commonroom_core::channel::{self, OverrideTarget};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::AccountId;
use commonroom_core::policy;
use commonroom_core::space::{self, Space};

/// A server.
pub fn server(view: View<'_>, space: &Space) -> Server {
    let directory = &view.state.directory;
    Server {
        id: space.id.0,
        name: space.name.clone(),
        description: space.description.clone(),
        owner_id: quirks::owner(directory, space),
        icon_url: space.icon.clone(),
        is_public: space.public,
        require_invite: space.require_invite,
        member_count: directory.members(space.id).count(),
        created_at: space.created_at.rfc3339(),
        updated_at: space.updated_at.rfc3339(),
    }
}

/// The servers of an account by age.
pub fn servers_of(view: View<'_>, account: AccountId) -> Vec<Server> {
    let mut spaces: Vec<_> = view.state.directory.spaces_of(account).collect();
    spaces.sort_by_key(|space| (space.created_at, space.id));
    spaces.into_iter().map(|space| server(view, space)).collect()
}

/// A channel of a server, if this protocol shows its kind.
pub fn channel(view: View<'_>, channel: &channel::Channel) -> Option<Channel> {
    let space = view.state.directory.space(channel.space()?)?;
    Some(Channel {
        id: channel.id.0,
        server_id: space.id.0,
        name: channel.name.clone(),
        kind: quirks::channel_type(channel)?,
        position: space.places().find(|(id, _)| *id == channel.id).map_or(0, |(_, place)| place),
        category: channel.category.clone(),
        topic: channel.topic.clone(),
        created_at: channel.created_at.rfc3339(),
    })
}

/// The channels of a server that the viewer sees, in order.
pub fn channels(view: View<'_>, space: &Space) -> Vec<Channel> {
    let directory = &view.state.directory;
    let seen = |channel: &&std::sync::Arc<channel::Channel>| {
        view.viewer.is_none_or(|viewer| policy::may_view(directory, channel, viewer))
    };
    directory.channels_of(space.id).filter(seen).filter_map(|known| channel(view, known)).collect()
}

/// The roles of a server, most powerful first.
pub fn roles(view: View<'_>, space: &Space) -> Vec<Role> {
    let mut roles: Vec<Role> =
        quirks::roles(&view.state.directory, space).map(|known| role(space, known)).collect();
    roles.sort_by_key(|role| std::cmp::Reverse(role.position));
    roles
}

/// One role of a server.
pub fn role(space: &Space, role: &space::Role) -> Role {
    Role {
        id: role.id.0,
        server_id: space.id.0,
        name: role.name.clone(),
        permissions: quirks::bits(role.permissions),
        color: role.color.clone(),
        position: role.rank,
        created_at: role.created_at.rfc3339(),
    }
}

/// One override of a channel.
pub fn rule(channel: &channel::Channel, rule: &channel::Override) -> Override {
    let (role_id, user_id) = match rule.target {
        OverrideTarget::Role(role) => (Some(role.0), None),
        OverrideTarget::Member(account) => (None, Some(account.0)),
    };
    Override {
        id: rule.id,
        channel_id: channel.id.0,
        role_id,
        user_id,
        allow: quirks::bits(rule.allow),
        deny: quirks::bits(rule.deny),
    }
}

/// All overrides of a channel.
pub fn rules(channel: &channel::Channel) -> Vec<Override> {
    channel.overrides.iter().map(|known| rule(channel, known)).collect()
}

/// A ban.
pub fn ban(view: View<'_>, ban: &space::Ban) -> Ban {
    let account = view.state.directory.account(ban.account);
    Ban {
        user_id: ban.account.0,
        server_id: ban.space.0,
        username: account.map(|account| quirks::username(account).to_owned()),
        banned_by: ban.by.map(|by| by.0),
        reason: ban.reason.clone(),
        created_at: ban.created_at.rfc3339(),
    }
}

/// A timeout just set.
pub fn timeout(
    member: &space::Member,
    until: Timestamp,
    reason: Option<String>,
    by: AccountId,
    now: Timestamp,
) -> Timeout {
    Timeout {
        user_id: member.account.0,
        server_id: member.space.0,
        expires_at: until.rfc3339(),
        reason,
        created_by: Some(by.0),
        created_at: now.rfc3339(),
    }
}
