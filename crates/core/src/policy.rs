//! Who may do what. Pure functions over the directory: the one answer for all four protocols.

use crate::account::AccountKind;
use crate::channel::{Channel, ChannelKind, Home, Override, OverrideTarget};
use crate::command::Actor;
use crate::directory::Directory;
use crate::env::Timestamp;
use crate::event::Relation;
use crate::ids::{AccountId, RoleId, SpaceId};
use crate::permission::Permissions;
use crate::refusal::Refusal;
use crate::space::{Member, MentionRule, Role, RoleKind, Space};

/// The roles a member holds, by hand and implicitly, most powerful first.
pub fn roles_of<'a>(directory: &Directory, space: &'a Space, member: &Member) -> Vec<&'a Role> {
    let guest = directory.account(member.account).is_some_and(|account| account.kind == AccountKind::Guest);
    let base = if guest { RoleKind::Guest } else { RoleKind::Everyone };
    space.roles.iter().filter(|role| role.kind == base || member.roles.contains(&role.id)).collect()
}

/// True when an account owns a space, or holds its owner role.
pub fn is_owner(directory: &Directory, space: &Space, account: AccountId) -> bool {
    if space.owner == Some(account) {
        return true;
    }
    directory.member(space.id, account).is_some_and(|member| {
        space.roles.iter().any(|role| role.kind == RoleKind::Owner && member.roles.contains(&role.id))
    })
}

/// What an account may do everywhere in a space; nothing for who is no member.
pub fn permissions_in_space(directory: &Directory, space: SpaceId, account: AccountId) -> Permissions {
    let Some(space) = directory.space(space) else { return Permissions::NONE };
    let Some(member) = directory.member(space.id, account) else { return Permissions::NONE };
    if is_owner(directory, space, account) {
        return Permissions::ALL;
    }
    of_roles(&roles_of(directory, space, member))
}

/// What holders of these roles may do everywhere in their space.
pub fn of_roles(roles: &[&Role]) -> Permissions {
    let alone = roles.iter().any(|role| role.alone);
    let held = roles
        .iter()
        .filter(|role| !(alone && role.kind == RoleKind::Everyone))
        .fold(Permissions::NONE, |sum, role| sum.with(role.permissions));
    let owner = roles.iter().any(|role| role.kind == RoleKind::Owner);
    if owner || held.has(Permissions::ADMINISTRATOR) { Permissions::ALL } else { held }
}

/// What an account may do in a channel. Without `VIEW` it is nothing at all (together.md 8.2).
pub fn permissions_in(directory: &Directory, channel: &Channel, account: AccountId) -> Permissions {
    let space = match channel.home {
        Home::Space(space) => space,
        Home::Thread { parent, .. } => {
            let parent = directory.channel(parent);
            return parent.map_or(Permissions::NONE, |parent| permissions_in(directory, parent, account));
        }
        Home::Conversation(a, b) => {
            let taking_part = account == a || account == b;
            return if taking_part { Permissions::MEMBER } else { Permissions::NONE };
        }
    };
    let held = permissions_in_space(directory, space, account);
    let plain = !channel.has_rules();
    if held.has(Permissions::ADMINISTRATOR) || plain {
        return if held.has(Permissions::VIEW) { held } else { Permissions::NONE };
    }
    let Some((space, member)) = directory.space(space).zip(directory.member(space, account)) else {
        return Permissions::NONE;
    };
    let own = |rule: &&Override| rule.target == OverrideTarget::Member(account);
    let own = channel.overrides.iter().rfind(own);
    ruled(space, channel, &member.roles, &roles_of(directory, space, member), held, own)
}

/// What holders of exactly these roles may do in a channel, whoever they are.
pub fn of_roles_in(space: &Space, channel: &Channel, roles: &[&Role]) -> Permissions {
    let held = of_roles(roles);
    if held.has(Permissions::ADMINISTRATOR) {
        return held;
    }
    ruled(space, channel, &[], roles, held, None)
}

/// What a channel makes of what is held: its lists, its rules about roles, then the one about the member.
fn ruled(
    space: &Space,
    channel: &Channel,
    given: &[RoleId],
    roles: &[&Role],
    held: Permissions,
    own: Option<&Override>,
) -> Permissions {
    let held = granted(space, channel, given, roles, held);
    let (mut allow, mut deny) = (Permissions::NONE, Permissions::NONE);
    for rule in &channel.overrides {
        if let OverrideTarget::Role(id) = rule.target
            && roles.iter().any(|role| role.id == id)
        {
            allow = allow | rule.allow;
            deny = deny | rule.deny;
        }
    }
    let mut result = held.without(deny).with(allow);
    if let Some(rule) = own {
        result = result.without(rule.deny).with(rule.allow);
    }
    if result.has(Permissions::VIEW) { result } else { Permissions::NONE }
}

/// What is held after the lists of a channel: `given` are the roles given by hand in their order, then those of `roles`
/// that everybody has. Guests count as everybody where a list does not name them.
fn granted(
    space: &Space,
    channel: &Channel,
    given: &[RoleId],
    roles: &[&Role],
    held: Permissions,
) -> Permissions {
    let everyone = space.everyone().map(|role| role.id);
    let implicit = || roles.iter().map(|role| role.id).filter(|id| !given.contains(id)).chain(everyone);
    channel.grants.iter().fold(held, |held, grant| {
        let named = |role: RoleId| grant.roles.iter().find(|(listed, _)| *listed == role);
        let says = given.iter().copied().chain(implicit()).find_map(named);
        match says {
            Some((_, true)) => held.with(grant.permission),
            Some((_, false)) | None => held.without(grant.permission),
        }
    })
}

/// True when an account may mention a role.
pub fn may_mention(directory: &Directory, space: &Space, role: &Role, account: AccountId) -> bool {
    let by_role = match &role.mention {
        MentionRule::Nobody => false,
        MentionRule::Anybody => true,
        MentionRule::Roles(roles) => directory.member(space.id, account).is_some_and(|member| {
            roles_of(directory, space, member).iter().any(|held| roles.contains(&held.id))
        }),
    };
    by_role || permissions_in_space(directory, space.id, account).has(Permissions::MENTION_EVERYONE)
}

/// True when an account may see a channel and what is in it.
pub fn may_view(directory: &Directory, channel: &Channel, account: AccountId) -> bool {
    permissions_in(directory, channel, account).has(Permissions::VIEW)
}

/// Checks that a channel exists for the actor and that they may see it.
///
/// # Errors
/// `NoSuchChannel` for who is not of the space or conversation, `MayNotView` for a member without the right.
pub fn check_view(directory: &Directory, channel: &Channel, actor: Actor) -> Result<(), Refusal> {
    let Actor::Account(account) = actor else { return Ok(()) };
    if may_view(directory, channel, account) {
        return Ok(());
    }
    match channel.home {
        Home::Space(space) | Home::Thread { space, .. } if directory.member(space, account).is_some() => {
            Err(Refusal::MayNotView)
        }
        Home::Space(_) | Home::Thread { .. } | Home::Conversation(..) => Err(Refusal::NoSuchChannel),
    }
}

/// Checks that the actor may write in a channel now: view, send, not silenced, not blocked, a kind that holds messages.
///
/// # Errors
/// The reason why not.
pub fn may_post(
    directory: &Directory,
    channel: &Channel,
    actor: Actor,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Actor::Account(account) = actor else { return Ok(()) };
    check_view(directory, channel, actor)?;
    if directory.account(account).is_none_or(|account| account.disabled || account.retired) {
        return Err(Refusal::Disabled);
    }
    if let Some(space) = channel.space() {
        not_silenced(directory, space, account, now)?;
    }
    if !permissions_in(directory, channel, account).has(Permissions::SEND) {
        return Err(Refusal::MayNotSend);
    }
    if matches!(channel.kind, ChannelKind::Separator | ChannelKind::Forum) {
        return Err(Refusal::WrongChannelKind);
    }
    if channel.thread.as_ref().is_some_and(|thread| thread.locked) {
        return Err(Refusal::Locked);
    }
    if let Some(partner) = channel.partner(account)
        && blocked(directory, account, partner)
    {
        return Err(Refusal::Blocked);
    }
    Ok(())
}

/// Checks that an account is not silenced in a space.
///
/// # Errors
/// `TimedOut` with the end of the silence.
pub fn not_silenced(
    directory: &Directory,
    space: SpaceId,
    account: AccountId,
    now: Timestamp,
) -> Result<(), Refusal> {
    match directory.member(space, account).and_then(|member| member.timeout_until) {
        Some(until) if until > now => Err(Refusal::TimedOut { until }),
        _ => Ok(()),
    }
}

/// Checks a permission in a space.
///
/// # Errors
/// `NoSuchSpace` for outsiders, `NotAllowed` for members without it.
pub fn need(
    directory: &Directory,
    space: SpaceId,
    actor: Actor,
    permission: Permissions,
) -> Result<(), Refusal> {
    need_one_of(directory, space, actor, &[permission])
}

/// Checks that one of some permissions is there.
///
/// # Errors
/// As [`need`].
pub fn need_one_of(
    directory: &Directory,
    space: SpaceId,
    actor: Actor,
    permissions: &[Permissions],
) -> Result<(), Refusal> {
    let Actor::Account(account) = actor else { return Ok(()) };
    if directory.member(space, account).is_none() {
        return Err(Refusal::NoSuchSpace);
    }
    let held = permissions_in_space(directory, space, account);
    if permissions.iter().any(|permission| held.has(*permission)) { Ok(()) } else { Err(Refusal::NotAllowed) }
}

/// How powerful an account is in a space: the owner above all, everybody else by their highest role.
pub fn rank(directory: &Directory, space: &Space, account: AccountId) -> i32 {
    if is_owner(directory, space, account) {
        return i32::MAX;
    }
    directory.member(space.id, account).map_or(0, |member| {
        roles_of(directory, space, member).iter().map(|role| role.rank).max().unwrap_or(0)
    })
}

/// Checks that the actor may act against somebody: not themselves, never an owner, only a lower rank.
///
/// # Errors
/// `Invalid` for oneself, `Owner` for an owner, `NotAllowed` for an equal or higher rank.
pub fn outranks(
    directory: &Directory,
    space: SpaceId,
    actor: Actor,
    target: AccountId,
) -> Result<(), Refusal> {
    let space = directory.space(space).ok_or(Refusal::NoSuchSpace)?;
    if actor == Actor::Account(target) {
        return Err(Refusal::Invalid);
    }
    if is_owner(directory, space, target) {
        return Err(Refusal::Owner);
    }
    match actor {
        Actor::System => Ok(()),
        Actor::Account(account) if rank(directory, space, account) > rank(directory, space, target) => Ok(()),
        Actor::Account(_) => Err(Refusal::NotAllowed),
    }
}

/// True when either has blocked the other. Who owns or administers a space they share is not affected by blocks
/// (barertc.md 8.1): adapters that need that say so themselves.
pub fn blocked(directory: &Directory, one: AccountId, other: AccountId) -> bool {
    !directory.nobody_related()
        && (directory.related(one, other, Relation::Block) || directory.related(other, one, Relation::Block))
}

/// True when `reader` is not to read what `author` writes: a mute by the reader, or a block either way.
pub fn hidden_from(directory: &Directory, reader: AccountId, author: AccountId) -> bool {
    !directory.nobody_related()
        && reader != author
        && (directory.related(reader, author, Relation::Mute) || blocked(directory, reader, author))
}

/// True when a ban keeps an account out of a space now.
pub fn is_banned(directory: &Directory, space: SpaceId, account: AccountId, now: Timestamp) -> bool {
    directory.ban(space, account).is_some_and(|ban| ban.until.is_none_or(|until| until > now))
}
