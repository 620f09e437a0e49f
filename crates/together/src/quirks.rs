//! Deviations, each with its reason. Sections are those of together.md.

use crate::encode::View;
use commonroom_core::account::{Account, Protocol};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::directory::Directory;
use commonroom_core::fallback::{self, Link, Speaker};
use commonroom_core::ids::{AccountId, SpaceId};
use commonroom_core::message::{Message, MessageKind};
use commonroom_core::permission::Permissions;
use commonroom_core::space::{Member, Role, RoleKind, Space};
use commonroom_hub::session::State;
use std::borrow::Cow;
use uuid::Uuid;

/// 4.2, 4.5: a `username` is one word, because mentions are `@word`. Names of people who registered elsewhere may hold
/// spaces, dots or any letters: for those the plain handle is the `username`, and the name is their nickname.
pub fn username(account: &Account) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if account.username.chars().all(plain) { &account.username } else { &account.handle }
}

/// The nickname beside [`username`]: the name that the other protocols show.
pub fn nickname<'a>(member: &'a Member, account: &'a Account) -> Option<&'a str> {
    let shown = member.nickname.as_deref().unwrap_or_else(|| account.shown_name());
    (shown != username(account)).then_some(shown)
}

/// 6.3: the browser app has no colour for `idle`, so it is spelled `away` for people who are not connected over this
/// protocol and so cannot have chosen the word here.
pub fn is_elsewhere(state: &State, account: AccountId) -> bool {
    !state.live.sessions_of(account).any(|session| session.protocol == Protocol::Together)
}

/// 4.2: `owner_id` is never null, but the first space has no owner until the operator names one.
pub fn owner(directory: &Directory, space: &Space) -> Uuid {
    let named = space.owner.or_else(|| {
        let role = space.roles.iter().find(|role| role.kind == RoleKind::Owner)?;
        directory
            .members(space.id)
            .find(|member| member.roles.contains(&role.id))
            .map(|member| member.account)
    });
    named.map_or(Uuid::nil(), |account| account.0)
}

/// 8.1: new servers have no roles and there is no role of everybody. Of the roles that every space is born with, the
/// implicit ones are never shown; the others are in the first space, elsewhere only once somebody holds them.
pub fn roles<'a>(directory: &'a Directory, space: &'a Space) -> impl Iterator<Item = &'a Role> {
    let first = directory.default_space().is_some_and(|first| first.id == space.id);
    space.roles.iter().filter(move |role| match role.kind {
        RoleKind::Everyone | RoleKind::Guest => false,
        RoleKind::Owner | RoleKind::Plain => {
            let inborn = role.created_at == space.created_at;
            first || !inborn || directory.members(space.id).any(|member| member.roles.contains(&role.id))
        }
    })
}

/// 4.2: channels are text or voice. Dividing lines, and forums as long as threads are not offered here, are not shown.
pub fn channel_type(channel: &Channel) -> Option<&'static str> {
    match channel.kind {
        ChannelKind::Text => Some("text"),
        ChannelKind::Voice => Some("voice"),
        ChannelKind::Forum | ChannelKind::Separator => None,
    }
}

/// 7.2 knows no rule about names, but other protocols address channels by name: a taken one gets a number.
pub fn free_channel_name(directory: &Directory, space: SpaceId, wanted: &str) -> String {
    let wanted = wanted.trim();
    if directory.channel_named(space, wanted).is_none() {
        return wanted.to_owned();
    }
    let free = (2..crate::limits::NAME_SUFFIXES).map(|number| format!("{wanted}-{number}"));
    let mut free = free.filter(|name| directory.channel_named(space, name).is_none());
    free.next().unwrap_or_else(|| wanted.to_owned())
}

/// 4.2 has no third person, no name but the author's and, so far, nothing beside the text: what somebody does and what
/// the server says is shown in italics, a webhook's name stands before its words, and files, embeds and questions are
/// lines below them (crossing.md C3).
pub fn content<'a>(view: View<'_>, message: &'a Message) -> Cow<'a, str> {
    let said = match message.kind {
        MessageKind::Action | MessageKind::System
            if !message.text.is_empty() && message.persona.is_none() =>
        {
            Cow::Owned(format!("_{}_", message.text))
        }
        MessageKind::Said | MessageKind::Action | MessageKind::System => Cow::Borrowed(&*message.text),
    };
    let named = match fallback::speaker(&view.state.directory, message) {
        Speaker::Named(name) if !message.deleted => Some(name),
        Speaker::Named(_) | Speaker::Account(_) | Speaker::Server => None,
    };
    let below = below(view, message);
    match named {
        None if below.is_empty() => said,
        None if said.is_empty() => Cow::Owned(below),
        None => Cow::Owned(format!("{said}\n{below}")),
        Some(name) if said.is_empty() => Cow::Owned(format!("**{name}:** {below}")),
        Some(name) if below.is_empty() => Cow::Owned(format!("**{name}:** {said}")),
        Some(name) => Cow::Owned(format!("**{name}:** {said}\n{below}")),
    }
}

/// The lines about what a message carries.
fn below(view: View<'_>, message: &Message) -> String {
    let mut lines: Vec<String> = Vec::new();
    for extra in fallback::extras(message) {
        lines.push(extra.head);
        lines.extend(extra.lines);
        let found = extra.link.filter(|link| matches!(link, Link::Web(_)) || !view.base.is_empty());
        lines.extend(found.map(|link| link.address(view.base)));
    }
    lines.join("\n")
}

/// What an author made of [`content`] when editing: the lines below it are not part of the text.
pub fn edited<'a>(view: View<'_>, message: &Message, content: &'a str) -> &'a str {
    let below = below(view, message);
    let said = content.strip_suffix(&*below).filter(|_| !below.is_empty());
    said.map_or(content, |said| said.strip_suffix('\n').unwrap_or(said))
}

/// 8.1: the bits of this protocol.
pub fn bits(permissions: Permissions) -> u64 {
    permissions.0 & crate::limits::PERMISSION_BITS
}

/// 7.3: an override set here leaves the bits alone that only other protocols know.
pub fn merged(before: Permissions, bits: u64) -> Permissions {
    Permissions((before.0 & !crate::limits::PERMISSION_BITS) | bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_of_the_spec_have_its_values() {
        assert_eq!(bits(Permissions::MEMBER), 123);
        assert_eq!(bits(Permissions::ALL), 32_767);
        assert_eq!(bits(Permissions::CREATE_INVITES), 16_384);
        assert_eq!(merged(Permissions::PIN | Permissions::VIEW, 2), Permissions::PIN | Permissions::SEND);
    }
}
