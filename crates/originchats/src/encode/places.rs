//! The community: what it is called, its roles and its channels.

use super::{View, call, seconds};
use crate::Shared;
use crate::config::Config;
use crate::permissions;
use crate::wire::{self, Ordered};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::ids::AccountId;
use commonroom_core::policy;
use commonroom_core::space::Space;
use serde_json::{Value, json};

/// The name that a space has before anybody names it.
const UNNAMED: &str = "main";

/// What the server is called: its own name once it has one, before that the configured one.
pub fn server_name<'a>(config: &'a Config, space: &'a Space) -> &'a str {
    if space.name == UNNAMED { &config.server.name } else { &space.name }
}

/// The picture of the server.
pub fn icon<'a>(config: &'a Config, space: &'a Space) -> Option<&'a str> {
    space.icon.as_deref().or(config.server.icon.as_deref())
}

/// `name`, `icon` and `banner`.
pub fn server(config: &Config, space: &Space) -> Value {
    json!({
        "name": server_name(config, space),
        "icon": icon(config, space),
        "banner": config.server.banner,
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
    let role = |(position, role): (usize, &commonroom_core::space::Role)| {
        let shape = wire::Role {
            id: role.id.to_string(),
            name: role.name.clone(),
            description: None,
            color: role.color.clone(),
            hoisted: role.hoisted,
            permissions: permissions::names(role.permissions),
            self_assignable: false,
            category: None,
            position,
        };
        (role.name.clone(), shape)
    };
    Ordered(space.roles.iter().enumerate().map(role).collect())
}

/// The channels that an account may view, in order.
pub fn visible<'a>(view: &View<'a>, viewer: AccountId) -> impl Iterator<Item = &'a Channel> {
    let directory = view.directory;
    directory
        .channels_of(view.space.id)
        .map(|channel| &**channel)
        .filter(move |channel| policy::may_view(directory, channel, viewer))
}

/// One channel with its computed fields.
pub fn channel(view: &View<'_>, channel: &Channel) -> wire::Channel {
    let of = |kind: ChannelKind| channel.kind == kind;
    wire::Channel {
        name: channel.name.clone(),
        kind: kind(channel.kind),
        description: channel.topic.clone(),
        permissions: permissions::lists(view.space, channel),
        last_message: of(ChannelKind::Text).then(|| channel.last_message_at.map(seconds)),
        last_message_id: of(ChannelKind::Text).then(|| channel.last_message.map(|id| id.to_string())),
        voice_state: of(ChannelKind::Voice).then(|| call::sidebar(view, channel.id)),
        threads: of(ChannelKind::Forum).then(Vec::new),
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
