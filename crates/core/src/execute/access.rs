//! Letting somebody in again who forgot their password, and letting nobody in as them.

use super::account::{end_logins, link_outside, put, set_password};
use super::login;
use crate::account::{Account, AccountKind};
use crate::command::{AccessCommand, Actor, Reply};
use crate::engine::{Step, Stop};
use crate::env::Timestamp;
use crate::event::AccountChange;
use crate::ids::AccountId;
use crate::policy;
use crate::refusal::Refusal;
use crate::secret::TokenHash;

pub(super) fn carry_out(step: &mut Step<'_>, command: &AccessCommand) -> Result<Reply, Stop> {
    match command {
        AccessCommand::IssueReset { account, code, until } => issue_reset(step, *account, *code, *until),
        AccessCommand::ResetPassword { code, password } => reset_password(step, *code, password),
        AccessCommand::SetDisabled { account, disabled } => set_disabled(step, *account, *disabled),
        AccessCommand::LinkOutside { account, identity } => link_outside(step, *account, identity),
        AccessCommand::RememberToken { login, ends_at } => login::remember(step, *login, *ends_at),
    }
}

fn issue_reset(step: &mut Step<'_>, id: AccountId, code: TokenHash, until: Timestamp) -> Result<Reply, Stop> {
    administers(step)?;
    let mut account = living(step, id)?;
    account.reset = Some((code, until));
    put(step, account, AccountChange::Profile)?;
    Ok(Reply::Done)
}

fn reset_password(step: &mut Step<'_>, code: TokenHash, password: &str) -> Result<Reply, Stop> {
    if step.actor != Actor::System {
        return Err(Refusal::NotAllowed.into());
    }
    let now = step.env.now;
    let known = step
        .directory
        .account_resetting(code)
        .filter(|account| account.reset.is_some_and(|(_, until)| until > now) && !account.retired);
    let id = known.map(|account| account.id).ok_or(Refusal::NoSuchLogin)?;
    set_password(step, id, password)?;
    Ok(Reply::Account(id))
}

fn set_disabled(step: &mut Step<'_>, id: AccountId, disabled: bool) -> Result<Reply, Stop> {
    administers(step)?;
    let mut account = living(step, id)?;
    if account.kind == AccountKind::Server || step.actor == Actor::Account(id) {
        return Err(Refusal::NotAllowed.into());
    }
    let space = step.default_space()?;
    let owns = step.directory.space(space).is_some_and(|space| policy::is_owner(step.directory, space, id));
    if disabled && owns {
        return Err(Refusal::Owner.into());
    }
    if account.disabled == disabled {
        return Err(Refusal::Already.into());
    }
    account.disabled = disabled;
    if disabled {
        end_logins(step, id)?;
    }
    put(step, account, AccountChange::Access)?;
    Ok(Reply::Done)
}

/// Checks that the actor administers the instance.
fn administers(step: &Step<'_>) -> Result<(), Stop> {
    match step.actor {
        Actor::System => Ok(()),
        Actor::Account(actor) if step.directory.account(actor).is_some_and(|account| account.admin) => Ok(()),
        Actor::Account(_) => Err(Refusal::NotAllowed.into()),
    }
}

/// An account that is not retired.
fn living(step: &Step<'_>, id: AccountId) -> Result<Account, Stop> {
    let account = step.directory.account(id).filter(|account| !account.retired);
    Ok((**account.ok_or(Refusal::NoSuchAccount)?).clone())
}
