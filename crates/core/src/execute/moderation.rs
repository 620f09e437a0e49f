//! Sending out, keeping out, silencing; muting and blocking.

use super::member;
use crate::command::Reply;
use crate::engine::{Step, Stop};
use crate::env::Timestamp;
use crate::event::{Departure, EventBody, MemberChange, Relation, Stream};
use crate::ids::{AccountId, SpaceId};
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use crate::space::Ban;
use std::sync::Arc;

pub(super) fn relate(
    step: &mut Step<'_>,
    to: AccountId,
    relation: Relation,
    on: bool,
) -> Result<Reply, Stop> {
    let from = step.account()?;
    if from == to || step.directory.account(to).is_none() {
        return Err(Refusal::NoSuchAccount.into());
    }
    if step.directory.related(from, to, relation) == on {
        return Err(Refusal::Already.into());
    }
    step.emit(Stream::Instance, EventBody::Related { from, to, relation, on })?;
    Ok(Reply::Done)
}

pub(super) fn kick(
    step: &mut Step<'_>,
    space: SpaceId,
    account: AccountId,
    reason: Option<&str>,
) -> Result<Reply, Stop> {
    policy::need(step.directory, space, step.actor, Permissions::KICK_MEMBERS)?;
    if step.directory.member(space, account).is_none() {
        return Err(Refusal::NoSuchAccount.into());
    }
    policy::outranks(step.directory, space, step.actor, account)?;
    member::remove(step, space, account, Departure::Kicked, reason)?;
    Ok(Reply::Done)
}

pub(super) fn ban(
    step: &mut Step<'_>,
    space: SpaceId,
    account: AccountId,
    reason: Option<&str>,
    until: Option<Timestamp>,
) -> Result<Reply, Stop> {
    policy::need(step.directory, space, step.actor, Permissions::BAN_MEMBERS)?;
    if step.directory.account(account).is_none() {
        return Err(Refusal::NoSuchAccount.into());
    }
    policy::outranks(step.directory, space, step.actor, account)?;
    let by = step.account().ok();
    let ban = Ban { space, account, by, reason: reason.map(str::to_owned), until, created_at: step.env.now };
    step.emit(Stream::Space(space), EventBody::Banned { ban: Arc::new(ban) })?;
    if step.directory.member(space, account).is_some() {
        member::remove(step, space, account, Departure::Banned, reason)?;
    }
    Ok(Reply::Done)
}

pub(super) fn unban(step: &mut Step<'_>, space: SpaceId, account: AccountId) -> Result<Reply, Stop> {
    policy::need(step.directory, space, step.actor, Permissions::BAN_MEMBERS)?;
    if step.directory.ban(space, account).is_none() {
        return Err(Refusal::Already.into());
    }
    step.emit(Stream::Space(space), EventBody::Unbanned { space, account })?;
    Ok(Reply::Done)
}

pub(super) fn timeout(
    step: &mut Step<'_>,
    space: SpaceId,
    account: AccountId,
    until: Option<Timestamp>,
    reason: Option<&str>,
) -> Result<Reply, Stop> {
    policy::need(step.directory, space, step.actor, Permissions::MUTE_MEMBERS)?;
    let mut member = member::known(step, space, account)?;
    policy::outranks(step.directory, space, step.actor, account)?;
    member.timeout_until = until;
    member::put(step, member, MemberChange::Timeout { reason: reason.map(str::to_owned) })?;
    Ok(Reply::Done)
}
