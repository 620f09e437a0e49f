//! Sign-ins that outlive connections.

use crate::account::{Login, LoginKind};
use crate::command::{Actor, Reply};
use crate::engine::{Step, Stop};
use crate::env::Timestamp;
use crate::event::{EventBody, Stream};
use crate::ids::LoginId;
use crate::limits;
use crate::refusal::Refusal;
use crate::secret::TokenHash;
use std::sync::Arc;

pub(super) fn begin(
    step: &mut Step<'_>,
    kind: LoginKind,
    token: TokenHash,
    expires_at: Timestamp,
) -> Result<Reply, Stop> {
    let account = step.account()?;
    if step.directory.account(account).is_none_or(|account| account.disabled || account.retired) {
        return Err(Refusal::Disabled.into());
    }
    let now = step.env.now;
    let mut own: Vec<_> = step.directory.logins_of(account).filter(|login| login.kind == kind).collect();
    // Ids of one millisecond are in no order.
    own.sort_by_key(|login| login.created_at);
    let own: Vec<(LoginId, bool)> = own.iter().map(|login| (login.id, login.expires_at <= now)).collect();
    let mut live = own.iter().filter(|(_, expired)| !expired).count();
    for (login, expired) in own {
        if expired || live >= limits::LOGINS_PER_ACCOUNT {
            live -= usize::from(!expired);
            step.emit(Stream::Instance, EventBody::LoginEnded { login, account })?;
        }
    }
    let id = LoginId(step.env.uuid());
    let login =
        Login { id, account, kind, token, previous: None, created_at: now, expires_at, opened: Vec::new() };
    step.emit(Stream::Instance, EventBody::LoginPut { login: Arc::new(login) })?;
    Ok(Reply::Login(id))
}

pub(super) fn renew(
    step: &mut Step<'_>,
    id: LoginId,
    token: TokenHash,
    expires_at: Timestamp,
    grace_until: Timestamp,
) -> Result<Reply, Stop> {
    let known = owned(step, id)?;
    let mut login = (*known).clone();
    login.expires_at = expires_at;
    if login.token != token {
        login.previous = Some((login.token, grace_until));
        login.token = token;
    }
    step.emit(Stream::Instance, EventBody::LoginPut { login: Arc::new(login) })?;
    Ok(Reply::Login(id))
}

pub(super) fn remember(step: &mut Step<'_>, id: LoginId, ends_at: Timestamp) -> Result<Reply, Stop> {
    let mut login = (*owned(step, id)?).clone();
    if !login.opened.contains(&ends_at) {
        login.opened.push(ends_at);
        let old = login.opened.len().saturating_sub(limits::TOKENS_PER_LOGIN);
        login.opened.drain(..old);
        step.emit(Stream::Instance, EventBody::LoginPut { login: Arc::new(login) })?;
    }
    Ok(Reply::Done)
}

pub(super) fn end(step: &mut Step<'_>, id: LoginId) -> Result<Reply, Stop> {
    let login = owned(step, id)?;
    step.emit(Stream::Instance, EventBody::LoginEnded { login: id, account: login.account })?;
    Ok(Reply::Done)
}

fn owned(step: &Step<'_>, id: LoginId) -> Result<Arc<Login>, Stop> {
    let login = step.directory.login(id).ok_or(Refusal::NoSuchLogin)?;
    if step.actor != Actor::System && step.actor != Actor::Account(login.account) {
        return Err(Refusal::NoSuchLogin.into());
    }
    Ok(login.clone())
}
