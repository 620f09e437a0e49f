//! Deviations, each with its reason. Sections are those of together.md.

use commonroom_core::account::{Account, Protocol};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId, SpaceId};
use commonroom_core::permission::Permissions;
use commonroom_core::space::{Member, Role, RoleKind, Space};
use commonroom_core::{limits, policy};
use commonroom_hub::session::State;
use uuid::Uuid;

/// 7.7: the name in the place of one that is no more.
pub const NOBODY: &str = "Deleted User";

/// 4.2, 4.5: a `username` is one word, because mentions are `@word`. Names of people who registered elsewhere may hold
/// spaces, dots or any letters: for those the plain handle is the `username`, and the name is their nickname.
pub fn username(account: &Account) -> &str {
    if account.retired {
        return NOBODY;
    }
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

/// 8.1: new servers have no roles and there is no role of everybody. The implicit roles are never shown, the owner's only
/// in the first space: elsewhere nobody holds it.
pub fn roles<'a>(directory: &Directory, space: &'a Space) -> impl Iterator<Item = &'a Role> {
    let first = directory.default_space().is_some_and(|first| first.id == space.id);
    space.roles.iter().filter(move |role| match role.kind {
        RoleKind::Everyone | RoleKind::Guest => false,
        RoleKind::Owner => first,
        RoleKind::Plain => true,
    })
}

/// 8.3: a role made without a position stands above all others if the owner makes it, else below who makes it.
pub fn free_position(directory: &Directory, space: &Space, maker: AccountId) -> i32 {
    let given = space.roles.iter().filter(|role| role.kind == RoleKind::Plain);
    let top = given.map(|role| role.rank).max().unwrap_or(0).saturating_add(1);
    top.min(policy::rank(directory, space, maker).saturating_sub(1)).clamp(0, limits::ROLE_RANK_MOST)
}

/// 7.11 knows no rule about names, but other protocols know roles by name: a taken one gets a number.
pub fn free_role_name(space: &Space, wanted: &str) -> String {
    free_name(wanted, |name| space.role_named(name).is_none())
}

/// 4.2: channels are text or voice. A forum is a text channel whose topics are messages with threads; dividing lines are
/// not shown.
pub fn channel_type(channel: &Channel) -> Option<&'static str> {
    match channel.kind {
        ChannelKind::Text | ChannelKind::Forum => Some("text"),
        ChannelKind::Voice => Some("voice"),
        ChannelKind::Separator => None,
    }
}

/// 7.2 knows no rule about names, but other protocols address channels by name: a taken one gets a number.
pub fn free_channel_name(directory: &Directory, space: SpaceId, wanted: &str) -> String {
    free_name(wanted, |name| directory.channel_named(space, name).is_none())
}

fn free_name(wanted: &str, is_free: impl Fn(&str) -> bool) -> String {
    let wanted = wanted.trim();
    if is_free(wanted) {
        return wanted.to_owned();
    }
    let numbered = (2..crate::limits::NAME_SUFFIXES).map(|number| format!("{wanted}-{number}"));
    numbered.into_iter().find(|name| is_free(name)).unwrap_or_else(|| wanted.to_owned())
}

/// 11.5, 11.6: the browser app offers its sound to everybody in a call as soon as it has read who is there, and stays
/// unheard when its microphone is not open by then. Whoever has just joined others reads it that many milliseconds later,
/// counted from joining.
pub fn settling(state: &State, channel: ChannelId, account: AccountId, now: Timestamp, millis: u32) -> u64 {
    let Some(seat) = state.live.seat(channel, account) else { return 0 };
    let alone = state.live.call(channel).count() == 1;
    let left = seat.joined_at.plus_millis(i64::from(millis)).millis() - now.millis();
    if alone { 0 } else { u64::try_from(left).unwrap_or(0) }
}

/// 4.2 knows no forums: a topic is a message that says its name.
pub fn topic_line(thread: &Channel) -> String {
    let locked = thread.thread.as_ref().is_some_and(|thread| thread.locked);
    if locked { format!("**{}** \u{1f512}", thread.name) } else { format!("**{}**", thread.name) }
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
