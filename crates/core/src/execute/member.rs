//! Joining, leaving, and what a member is called and may.

use crate::account::Protocol;
use crate::command::{Actor, Reply};
use crate::engine::{Step, Stop};
use crate::event::{Departure, EventBody, MemberChange, Stream};
use crate::ids::{AccountId, RoleId, SpaceId};
use crate::name;
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use crate::space::{Member, RoleKind};
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
    let member = Member {
        space,
        account,
        roles: Vec::new(),
        nickname: None,
        timeout_until: step.directory.silenced_until(space, account).filter(|until| *until > step.env.now),
        square: None,
        via,
        joined_at: step.env.now,
    };
    put(step, member, MemberChange::Joined)
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
    step.emit(Stream::Space(space), EventBody::MemberGone { space, account, departure, reason })
}

pub(super) fn set_nickname(
    step: &mut Step<'_>,
    space: SpaceId,
    nickname: Option<&str>,
) -> Result<Reply, Stop> {
    let account = step.account()?;
    policy::need(step.directory, space, step.actor, Permissions::CHANGE_NICKNAME)?;
    let mut member = known(step, space, account)?;
    let before = shown(step, &member);
    member.nickname = nickname.map(name::nickname).transpose()?;
    if let Some(wanted) = &member.nickname {
        let anothers = step.directory.account_named(wanted).is_some_and(|holder| holder.id != account);
        if anothers {
            return Err(Refusal::NameTaken.into());
        }
    }
    if shown(step, &member) == before {
        return Ok(Reply::Done);
    }
    put(step, member, MemberChange::Nickname { before })?;
    Ok(Reply::Done)
}

pub(super) fn change_role(
    step: &mut Step<'_>,
    space: SpaceId,
    account: AccountId,
    role: RoleId,
    give: bool,
) -> Result<Reply, Stop> {
    policy::need(step.directory, space, step.actor, Permissions::MANAGE_ROLES)?;
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
    let mut member = known(step, space, account)?;
    let holds = member.roles.contains(&role);
    if holds == give {
        return Err(Refusal::Already.into());
    }
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    if give {
        member.roles.push(role);
        added.push(role);
    } else {
        member.roles.retain(|held| *held != role);
        removed.push(role);
    }
    put(step, member, MemberChange::Roles { added, removed })?;
    Ok(Reply::Done)
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
