//! Sending out, keeping out, silencing; muting and blocking.

use super::member;
use crate::audit::AuditAction;
use crate::command::{Reply, Silence};
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
    let either = [Permissions::KICK_MEMBERS, Permissions::MANAGE_MEMBERS];
    policy::need_one_of(step.directory, space, step.actor, &either)?;
    if step.directory.member(space, account).is_none() {
        return Err(Refusal::NoSuchAccount.into());
    }
    policy::outranks(step.directory, space, step.actor, account)?;
    let target = step.audited_account(account);
    member::remove(step, space, account, Departure::Kicked, reason)?;
    step.audit(space, AuditAction::UserKick, target, &why(reason))?;
    Ok(Reply::Done)
}

pub(super) fn ban(
    step: &mut Step<'_>,
    space: SpaceId,
    account: AccountId,
    reason: Option<&str>,
    until: Option<Timestamp>,
) -> Result<Reply, Stop> {
    policy::need_one_of(
        step.directory,
        space,
        step.actor,
        &[Permissions::BAN_MEMBERS, Permissions::MANAGE_MEMBERS],
    )?;
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
    let target = step.audited_account(account);
    step.audit(space, AuditAction::UserBan, target, &why(reason))?;
    Ok(Reply::Done)
}

pub(super) fn unban(step: &mut Step<'_>, space: SpaceId, account: AccountId) -> Result<Reply, Stop> {
    policy::need_one_of(
        step.directory,
        space,
        step.actor,
        &[Permissions::BAN_MEMBERS, Permissions::MANAGE_MEMBERS],
    )?;
    if step.directory.ban(space, account).is_none() {
        return Err(Refusal::Already.into());
    }
    step.emit(Stream::Space(space), EventBody::Unbanned { space, account })?;
    let target = step.audited_account(account);
    step.audit(space, AuditAction::UserUnban, target, &[])?;
    Ok(Reply::Done)
}

/// A reason as a detail of an audit entry.
fn why(reason: Option<&str>) -> Vec<(&'static str, String)> {
    reason.map(|reason| ("reason", reason.to_owned())).into_iter().collect()
}

pub(super) fn timeout(
    step: &mut Step<'_>,
    space: SpaceId,
    account: AccountId,
    until: Option<Timestamp>,
    reason: Option<&str>,
) -> Result<Reply, Stop> {
    let either = [Permissions::MUTE_MEMBERS, Permissions::MANAGE_MEMBERS];
    policy::need_one_of(step.directory, space, step.actor, &either)?;
    let mut member = member::known(step, space, account)?;
    policy::outranks(step.directory, space, step.actor, account)?;
    if until.is_none() && member.timeout_until.is_none() {
        return Ok(Reply::Done);
    }
    member.timeout_until = until;
    member::put(step, member, MemberChange::Timeout { reason: reason.map(str::to_owned) })?;
    // Asked for in whole seconds a moment ago.
    let seconds = until.map_or(0, |until| ((until.0 - step.env.now.0).max(0) + 999_999) / 1_000_000);
    let mut details = why(reason);
    details.push(("timeout", seconds.to_string()));
    let target = step.audited_account(account);
    step.audit(space, AuditAction::UserTimeout, target, &details)?;
    Ok(Reply::Done)
}

pub(super) fn silence(step: &mut Step<'_>, wanted: &Silence) -> Result<Reply, Stop> {
    let Silence { space, account, muted, deafened } = *wanted;
    if muted.is_some() {
        policy::need(step.directory, space, step.actor, Permissions::MUTE_MEMBERS)?;
    }
    if deafened.is_some() {
        let either = [Permissions::DEAFEN_MEMBERS, Permissions::MUTE_MEMBERS];
        policy::need_one_of(step.directory, space, step.actor, &either)?;
    }
    let mut member = member::known(step, space, account)?;
    policy::outranks(step.directory, space, step.actor, account)?;
    let before = (member.muted, member.deafened);
    member.muted = muted.unwrap_or(member.muted);
    member.deafened = deafened.unwrap_or(member.deafened);
    if (member.muted, member.deafened) != before {
        member::put(step, member, MemberChange::Silenced)?;
    }
    Ok(Reply::Done)
}
