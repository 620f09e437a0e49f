//! Inviting people, and coming by invitation.

use super::member;
use crate::account::Protocol;
use crate::audit::AuditAction;
use crate::command::{InviteCommand, Reply};
use crate::engine::{Step, Stop};
use crate::env::Timestamp;
use crate::event::{EventBody, Stream};
use crate::ids::{AccountId, InviteId, SpaceId};
use crate::invite::Invite;
use crate::limits;
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use std::sync::Arc;

/// Letters and digits that nobody takes for one another (together.md 9).
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
/// Characters of a code: about 46 random bits, and adapters count how often somebody tries.
const CODE_CHARS: usize = 8;
/// Codes tried until one is free.
const CODE_TRIES: usize = 8;

pub(super) fn carry_out(step: &mut Step<'_>, command: &InviteCommand) -> Result<Reply, Stop> {
    match command {
        InviteCommand::Create { space, max_uses, expires_at } => create(step, *space, *max_uses, *expires_at),
        InviteCommand::Revoke { invite } => revoke(step, *invite),
        InviteCommand::Accept { code, via } => accept(step, code, *via),
    }
}

fn create(
    step: &mut Step<'_>,
    space: SpaceId,
    max_uses: Option<u32>,
    expires_at: Option<Timestamp>,
) -> Result<Reply, Stop> {
    policy::need(step.directory, space, step.actor, Permissions::CREATE_INVITES)?;
    let by = step.account()?;
    if max_uses == Some(0) || expires_at.is_some_and(|end| end <= step.env.now) {
        return Err(Refusal::Invalid.into());
    }
    if step.directory.invites_of(space).count() >= limits::INVITES_PER_SPACE {
        // One that lets nobody in any more makes room.
        let now = step.env.now;
        let dead = step.directory.invites_of(space).find(|known| known.is_over(now) || known.is_used_up());
        let invite = dead.cloned().ok_or(Refusal::Full)?;
        step.emit(Stream::Space(space), EventBody::InviteGone { invite })?;
    }
    let code = free_code(step)?;
    let invite = Invite {
        id: InviteId(step.env.uuid()),
        space,
        code: code.clone(),
        by,
        max_uses,
        uses: 0,
        expires_at,
        created_at: step.env.now,
    };
    let id = invite.id;
    step.emit(Stream::Space(space), EventBody::Invite { invite: Arc::new(invite), made: true })?;
    let details = [("max_uses", max_uses.map(|most| most.to_string()).unwrap_or_default())];
    step.audit(space, AuditAction::InviteCreate, Some((id.to_string(), code)), &details)?;
    Ok(Reply::Invite(id))
}

fn free_code(step: &mut Step<'_>) -> Result<String, Refusal> {
    let count = u32::try_from(LETTERS.len()).unwrap_or(1);
    for _ in 0..CODE_TRIES {
        let letter = |_| char::from(LETTERS[step.env.below(count) as usize]);
        let code: String = (0..CODE_CHARS).map(letter).collect();
        if step.directory.invite_with(&code).is_none() {
            return Ok(code);
        }
    }
    Err(Refusal::Busy)
}

fn revoke(step: &mut Step<'_>, id: InviteId) -> Result<Reply, Stop> {
    let invite = step.directory.invite(id).cloned().ok_or(Refusal::NoSuchInvite)?;
    let either = [Permissions::CREATE_INVITES, Permissions::MANAGE_INVITES];
    policy::need_one_of(step.directory, invite.space, step.actor, &either)?;
    let (space, target) = (invite.space, Some((id.to_string(), invite.code.clone())));
    step.emit(Stream::Space(space), EventBody::InviteGone { invite })?;
    step.audit(space, AuditAction::InviteRevoke, target, &[])?;
    Ok(Reply::Done)
}

fn accept(step: &mut Step<'_>, code: &str, via: Protocol) -> Result<Reply, Stop> {
    let account = step.account()?;
    let invite = check(step, code)?;
    if policy::is_banned(step.directory, invite.space, account, step.env.now) {
        return Err(Refusal::Banned.into());
    }
    if step.directory.member(invite.space, account).is_some() {
        return Err(Refusal::Already.into());
    }
    used(step, code, account, via)?;
    Ok(Reply::Space(invite.space))
}

/// The invitation behind a code, if it can be used now.
pub(super) fn check(step: &Step<'_>, code: &str) -> Result<Arc<Invite>, Refusal> {
    let invite = step.directory.invite_with(code).cloned().ok_or(Refusal::NoSuchInvite)?;
    if invite.is_over(step.env.now) {
        return Err(Refusal::InviteOver);
    }
    if invite.is_used_up() { Err(Refusal::InviteUsedUp) } else { Ok(invite) }
}

/// Lets somebody in by a code that was checked, and counts it.
pub(super) fn used(step: &mut Step<'_>, code: &str, account: AccountId, via: Protocol) -> Result<(), Stop> {
    let mut invite = (*check(step, code)?).clone();
    let space = invite.space;
    invite.uses = invite.uses.saturating_add(1);
    step.emit(Stream::Space(space), EventBody::Invite { invite: Arc::new(invite), made: false })?;
    member::admit(step, space, account, via)
}
