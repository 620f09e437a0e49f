//! Joining, leaving, and what a member is called and may.

use crate::account::Protocol;
use crate::audit::AuditAction;
use crate::channel::{Channel, OverrideTarget};
use crate::command::{Actor, Reply};
use crate::engine::{Step, Stop};
use crate::event::{ChannelChange, Departure, EventBody, MemberChange, Stream};
use crate::ids::{AccountId, RoleId, SpaceId};
use crate::name;
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use crate::space::{Member, RoleKind, Silenced};
use std::sync::Arc;

/// Makes an account a member, unless it is one. A ban refuses.
pub(super) fn admit(
    step: &mut Step<'_>,
    space: SpaceId,
    account: AccountId,
    via: Protocol,
) -> Result<(), Stop> {
    if step.directory.space(space).is_none() {
        return Err(Refusal::NoSuchSpace.into());
    }
    if policy::is_banned(step.directory, space, account, step.env.now) {
        return Err(Refusal::Banned.into());
    }
    if step.directory.member(space, account).is_some() {
        return Ok(());
    }
    let Silenced { until, muted, deafened } = step.directory.silenced(space, account);
    let member = Member {
        space,
        account,
        roles: Vec::new(),
        nickname: None,
        timeout_until: until.filter(|until| *until > step.env.now),
        muted,
        deafened,
        square: None,
        via,
        joined_at: step.env.now,
    };
    put(step, member, MemberChange::Joined)?;
    super::message::welcome(step, space, account)
}

pub(super) fn join(step: &mut Step<'_>, space: SpaceId, via: Protocol) -> Result<Reply, Stop> {
    let account = step.account()?;
    let wanted = step.directory.space(space).ok_or(Refusal::NoSuchSpace)?;
    if step.directory.member(space, account).is_some() {
        return Err(Refusal::Already.into());
    }
    if !wanted.public {
        return Err(Refusal::NoSuchSpace.into());
    }
    if wanted.require_invite {
        return Err(Refusal::InviteRequired.into());
    }
    admit(step, space, account, via)?;
    Ok(Reply::Done)
}

pub(super) fn leave(step: &mut Step<'_>, space: SpaceId) -> Result<Reply, Stop> {
    let account = step.account()?;
    let known = step.directory.space(space).ok_or(Refusal::NoSuchSpace)?;
    if step.directory.member(space, account).is_none() {
        return Err(Refusal::NoSuchSpace.into());
    }
    if known.owner == Some(account) {
        return Err(Refusal::Owner.into());
    }
    remove(step, space, account, Departure::Left, None)?;
    Ok(Reply::Done)
}

/// Ends a membership.
pub(super) fn remove(
    step: &mut Step<'_>,
    space: SpaceId,
    account: AccountId,
    departure: Departure,
    reason: Option<&str>,
) -> Result<(), Stop> {
    let reason = reason.map(str::to_owned);
    step.emit(Stream::Space(space), EventBody::MemberGone { space, account, departure, reason })?;
    forget_in_channels(step, space, account)
}

/// What channels allowed somebody ends with the membership (together.md 13 #22). A silence does not: who comes back is
/// as silent as before.
fn forget_in_channels(step: &mut Step<'_>, space: SpaceId, account: AccountId) -> Result<(), Stop> {
    let about = OverrideTarget::Member(account);
    let speaks_of = |channel: &&Arc<Channel>| channel.overrides.iter().any(|rule| rule.target == about);
    let channels: Vec<_> = step.directory.channels_of(space).filter(speaks_of).cloned().collect();
    for known in channels {
        let mut channel = (*known).clone();
        channel.overrides.retain(|rule| rule.target != about);
        super::channel::put(step, space, channel, ChannelChange::Overrides)?;
    }
    Ok(())
}

pub(super) fn set_nickname(
    step: &mut Step<'_>,
    space: SpaceId,
    account: AccountId,
    nickname: Option<&str>,
) -> Result<Reply, Stop> {
    let own = step.actor == Actor::Account(account);
    if own {
        policy::need(step.directory, space, step.actor, Permissions::CHANGE_NICKNAME)?;
    } else {
        let either = [Permissions::MANAGE_NICKNAMES, Permissions::MANAGE_MEMBERS];
        policy::need_one_of(step.directory, space, step.actor, &either)?;
        policy::outranks(step.directory, space, step.actor, account)?;
    }
    let mut member = known(step, space, account)?;
    let before = shown(step, &member);
    member.nickname = nickname.map(name::nickname).transpose()?;
    if let Some(wanted) = &member.nickname {
        let holder = step.directory.account_named(wanted).map(|holder| holder.id);
        let holder = holder.or_else(|| step.directory.member_nicknamed(space, wanted));
        if holder.is_some_and(|holder| holder != account) {
            return Err(Refusal::NameTaken.into());
        }
    }
    if shown(step, &member) == before {
        return Ok(Reply::Done);
    }
    put(step, member, MemberChange::Nickname { before: before.clone() })?;
    if !own {
        let target = step.audited_account(account);
        step.audit(space, AuditAction::UserUpdate, target, &[("nickname_before", before)])?;
    }
    Ok(Reply::Done)
}

pub(super) fn change_role(
    step: &mut Step<'_>,
    space: SpaceId,
    account: AccountId,
    role: RoleId,
    give: bool,
) -> Result<Reply, Stop> {
    let member = known(step, space, account)?;
    let holds = member.roles.contains(&role);
    check_assignable(step, space, role)?;
    if holds == give {
        return Err(Refusal::Already.into());
    }
    let mut roles = member.roles.clone();
    if give {
        roles.push(role);
    } else {
        roles.retain(|held| *held != role);
    }
    put_roles(step, member, roles)?;
    Ok(Reply::Done)
}

pub(super) fn set_roles(
    step: &mut Step<'_>,
    space: SpaceId,
    account: AccountId,
    roles: &[RoleId],
) -> Result<Reply, Stop> {
    let either = [Permissions::MANAGE_ROLES, Permissions::MANAGE_MEMBERS, Permissions::ASSIGN_ROLES];
    policy::need_one_of(step.directory, space, step.actor, &either)?;
    let member = known(step, space, account)?;
    let changed = |role: &&RoleId| !(member.roles.contains(role) && roles.contains(role));
    let touched: Vec<RoleId> = member.roles.iter().chain(roles).filter(changed).copied().collect();
    for role in touched {
        check_assignable(step, space, role)?;
    }
    if step.actor != Actor::Account(account) {
        match policy::outranks(step.directory, space, step.actor, account) {
            // An owner may be given roles, but not by who is none.
            Err(Refusal::Owner) if acts_as_owner(step, space) => {}
            other => other?,
        }
    }
    let mut wanted: Vec<RoleId> = Vec::with_capacity(roles.len());
    for role in roles {
        if !wanted.contains(role) {
            wanted.push(*role);
        }
    }
    if wanted == member.roles {
        return Ok(Reply::Done);
    }
    put_roles(step, member, wanted)?;
    Ok(Reply::Done)
}

pub(super) fn choose_role(
    step: &mut Step<'_>,
    space: SpaceId,
    role: RoleId,
    on: bool,
) -> Result<Reply, Stop> {
    let account = step.account()?;
    let mut member = known(step, space, account)?;
    let known_space = step.directory.space(space).ok_or(Refusal::NoSuchSpace)?;
    let found = known_space.role(role).ok_or(Refusal::NoSuchRole)?;
    if !found.self_assignable || found.kind != RoleKind::Plain {
        return Err(Refusal::NotAllowed.into());
    }
    if member.roles.contains(&role) == on {
        return Err(Refusal::Already.into());
    }
    let name = found.name.clone();
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    if on {
        member.roles.push(role);
        added.push(role);
    } else {
        member.roles.retain(|held| *held != role);
        removed.push(role);
    }
    put(step, member, MemberChange::Roles { added, removed })?;
    let action = if on { AuditAction::SelfRoleAdd } else { AuditAction::SelfRoleRemove };
    step.audit(space, action, Some((role.to_string(), name)), &[])?;
    Ok(Reply::Done)
}

fn acts_as_owner(step: &Step<'_>, space: SpaceId) -> bool {
    match step.actor {
        Actor::System => true,
        Actor::Account(account) => {
            step.directory.space(space).is_some_and(|space| policy::is_owner(step.directory, space, account))
        }
    }
}

/// Checks that the actor may give and take a role: below their own rank, and nothing in it that they lack themselves.
/// Owners may also make owners (originchats.md 8).
pub(super) fn check_assignable(step: &Step<'_>, space: SpaceId, role: RoleId) -> Result<(), Stop> {
    let either = [Permissions::MANAGE_ROLES, Permissions::MANAGE_MEMBERS, Permissions::ASSIGN_ROLES];
    policy::need_one_of(step.directory, space, step.actor, &either)?;
    let known_space = step.directory.space(space).ok_or(Refusal::NoSuchSpace)?;
    let found = known_space.role(role).ok_or(Refusal::NoSuchRole)?;
    if matches!(found.kind, RoleKind::Everyone | RoleKind::Guest) {
        return Err(Refusal::Invalid.into());
    }
    if let Actor::Account(actor) = step.actor {
        let rank = policy::rank(step.directory, known_space, actor);
        let held = policy::permissions_in_space(step.directory, space, actor);
        if found.rank >= rank || !held.has(found.permissions) {
            return Err(Refusal::NotAllowed.into());
        }
    }
    Ok(())
}

fn put_roles(step: &mut Step<'_>, mut member: Member, roles: Vec<RoleId>) -> Result<(), Stop> {
    let added: Vec<RoleId> = roles.iter().filter(|role| !member.roles.contains(role)).copied().collect();
    let removed: Vec<RoleId> = member.roles.iter().filter(|role| !roles.contains(role)).copied().collect();
    let (space, account) = (member.space, member.account);
    let last_owner = |role: &RoleId| {
        let Some(known) = step.directory.space(space) else { return false };
        let owner = known.role(*role).is_some_and(|role| role.kind == RoleKind::Owner);
        let holders = step.directory.members(space).filter(|other| other.roles.contains(role)).count();
        owner && holders <= 1 && known.owner.is_none_or(|owner| owner == account)
    };
    if removed.iter().any(last_owner) {
        return Err(Refusal::Owner.into());
    }
    member.roles = roles;
    let listed = |roles: &[RoleId]| roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let touched = [("added", listed(&added)), ("removed", listed(&removed))];
    put(step, member, MemberChange::Roles { added, removed })?;
    let mut details = vec![("roles", role_names(step, space, account))];
    details.extend(touched.into_iter().filter(|(_, roles)| !roles.is_empty()));
    let target = step.audited_account(account);
    step.audit(space, AuditAction::UserRolesSet, target, &details)
}

fn role_names(step: &Step<'_>, space: SpaceId, account: AccountId) -> String {
    let held = step.directory.space(space).zip(step.directory.member(space, account));
    let names = held.map(|(space, member)| {
        let names = member.roles.iter().filter_map(|role| space.role(*role)).map(|role| role.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    });
    names.unwrap_or_default()
}

pub(super) fn set_square(step: &mut Step<'_>, space: SpaceId, square: (i32, i32)) -> Result<Reply, Stop> {
    let account = step.account()?;
    let mut member = known(step, space, account)?;
    if member.square == Some(square) {
        return Ok(Reply::Done);
    }
    member.square = Some(square);
    put(step, member, MemberChange::Square)?;
    Ok(Reply::Done)
}

pub(super) fn known(step: &Step<'_>, space: SpaceId, account: AccountId) -> Result<Member, Stop> {
    Ok((**step.directory.member(space, account).ok_or(Refusal::NoSuchAccount)?).clone())
}

pub(super) fn put(step: &mut Step<'_>, member: Member, change: MemberChange) -> Result<(), Stop> {
    step.emit(Stream::Space(member.space), EventBody::Member { member: Arc::new(member), change })
}

fn shown(step: &Step<'_>, member: &Member) -> String {
    let account = step.directory.account(member.account);
    member
        .nickname
        .clone()
        .or_else(|| account.map(|account| account.shown_name().to_owned()))
        .unwrap_or_default()
}
