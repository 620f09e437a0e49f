//! The community: what it is called, its roles and its channels.

use super::{View, call, seconds, thread};
use crate::Shared;
use crate::config::Config;
use crate::permissions;
use crate::wire::{self, Ordered};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::ids::{AccountId, RoleId};
use commonroom_core::policy;
use commonroom_core::space::{MentionRule, Role, Space};
use serde_json::{Value, json};

/// The name that a space has before anybody names it.
pub const UNNAMED: &str = "main";

/// What the server is called: its own name once it has one, before that the configured one.
pub fn server_name<'a>(config: &'a Config, space: &'a Space) -> &'a str {
    if space.name == UNNAMED { &config.server.name } else { &space.name }
}

/// The picture of the server.
pub fn icon<'a>(config: &'a Config, space: &'a Space) -> Option<&'a str> {
    space.icon.as_deref().or(config.server.icon.as_deref())
}

/// The wide picture of the server.
pub fn banner<'a>(config: &'a Config, space: &'a Space) -> Option<&'a str> {
    space.banner.as_deref().or(config.server.banner.as_deref())
}

/// `name`, `icon` and `banner`.
pub fn server(config: &Config, space: &Space) -> Value {
    json!({
        "name": server_name(config, space),
        "icon": icon(config, space),
        "banner": banner(config, space),
    })
}

/// `name`, `icon` and `banner`, with absolute addresses.
pub fn server_signs(shared: &Shared, space: &Space) -> Value {
    let mut server = server(&shared.config, space);
    for sign in ["icon", "banner"] {
        if let Some(address) = server[sign].as_str() {
            server[sign] = Value::String(shared.absolute(address));
        }
    }
    server
}

/// Every role by name, highest rank first.
pub fn roles(space: &Space) -> Ordered<wire::Role> {
    let named = |(position, role): (usize, &Role)| (role.name.clone(), shape(space, position, role));
    Ordered(space.roles.iter().enumerate().map(named).collect())
}

/// The roles that everybody may take, and whether somebody who was given `held` has each.
pub fn offered(space: &Space, held: &[RoleId]) -> Vec<wire::Role> {
    let roles = space.roles.iter().enumerate().filter(|(_, role)| role.self_assignable);
    roles
        .map(|(position, role)| wire::Role {
            assigned: Some(held.contains(&role.id)),
            ..shape(space, position, role)
        })
        .collect()
}

fn shape(space: &Space, position: usize, role: &Role) -> wire::Role {
    wire::Role {
        id: role.id.to_string(),
        name: role.name.clone(),
        description: role.description.clone(),
        color: role.color.clone(),
        hoisted: role.hoisted,
        permissions: permissions::names(role.permissions),
        self_assignable: role.self_assignable,
        category: role.category.clone(),
        position,
        mention_roles: mention(space, &role.mention),
        assigned: None,
    }
}

/// Who may mention a role, in the form in which it is set.
fn mention(space: &Space, rule: &MentionRule) -> Option<Value> {
    match rule {
        MentionRule::Nobody => None,
        MentionRule::Anybody => Some(Value::Bool(true)),
        MentionRule::Roles(roles) => {
            let mut names: Vec<&str> =
                roles.iter().filter_map(|id| space.role(*id)).map(|role| role.name.as_str()).collect();
            match names.len() {
                1 => names.pop().map(Value::from),
                _ => Some(json!(names)),
            }
        }
    }
}

/// The channels that an account may view, in order.
pub fn visible<'a>(view: &View<'a>, viewer: AccountId) -> impl Iterator<Item = &'a Channel> {
    let directory = view.directory;
    directory
        .channels_of(view.space.id)
        .map(|channel| &**channel)
        .filter(move |channel| policy::may_view(directory, channel, viewer))
}

/// Where an account may read messages: the text channels, each forum's threads in its place.
pub fn readable<'a>(view: &View<'a>, viewer: AccountId) -> impl Iterator<Item = &'a Channel> {
    let directory = view.directory;
    visible(view, viewer).flat_map(move |channel| {
        let threads = (channel.kind == ChannelKind::Forum).then(|| directory.threads_of(channel.id));
        let own = (channel.kind == ChannelKind::Text).then_some(channel);
        own.into_iter().chain(threads.into_iter().flatten().map(|thread| &**thread))
    })
}

/// One channel with its computed fields.
pub fn channel(view: &View<'_>, channel: &Channel) -> wire::Channel {
    let of = |kind: ChannelKind| channel.kind == kind;
    wire::Channel {
        name: channel.name.clone(),
        kind: kind(channel.kind),
        display_name: channel.look.display_name.clone(),
        description: channel.topic.clone(),
        icon: channel.look.icon.clone(),
        wallpaper: channel.look.wallpaper.clone(),
        size: channel.look.size,
        permissions: permissions::lists(view.space, channel),
        last_message: of(ChannelKind::Text).then(|| channel.last_message_at.map(seconds)),
        last_message_id: of(ChannelKind::Text).then(|| channel.last_message.map(|id| id.to_string())),
        voice_state: of(ChannelKind::Voice).then(|| call::sidebar(view, channel.id)),
        threads: of(ChannelKind::Forum).then(|| thread::threads(view, channel.id)),
    }
}

/// The word for a channel's kind.
fn kind(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Text => "text",
        ChannelKind::Voice => "voice",
        ChannelKind::Forum => "forum",
        ChannelKind::Separator => "separator",
    }
}
