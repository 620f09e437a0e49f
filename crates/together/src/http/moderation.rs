//! Sending out, keeping out, silencing (together.md 7.12).

use super::body::{Body, Maybe};
use super::caller::{Caller, Ids};
use super::{App, Outcome, Problem, done, find, ok};
use crate::encode::{View, server};
use crate::limits;
use crate::wire::request;
use axum::extract::State;
use commonroom_core::command::{Actor, Command};
use commonroom_core::ids::{AccountId, SpaceId};
use commonroom_core::{Permissions, Refusal, policy};
use uuid::Uuid;

/// POST /servers/:id/members/:uid/kick
pub async fn kick(
    State(app): State<App>,
    caller: Caller,
    Ids((server, user)): Ids<(Uuid, Uuid)>,
    Maybe(wanted): Maybe<request::Reason>,
) -> Outcome {
    let reason = reason(wanted.reason);
    act(&app, caller, Command::Kick { space: SpaceId(server), account: AccountId(user), reason }).await?;
    done()
}

/// POST /servers/:id/members/:uid/ban
pub async fn ban(
    State(app): State<App>,
    caller: Caller,
    Ids((server, user)): Ids<(Uuid, Uuid)>,
    Maybe(wanted): Maybe<request::Reason>,
) -> Outcome {
    let reason = reason(wanted.reason);
    act(&app, caller, Command::Ban { space: SpaceId(server), account: AccountId(user), reason, until: None })
        .await?;
    done()
}

/// POST /servers/:id/members/:uid/timeout
pub async fn timeout(
    State(app): State<App>,
    caller: Caller,
    Ids((server, user)): Ids<(Uuid, Uuid)>,
    Body(wanted): Body<request::NewTimeout>,
) -> Outcome {
    let (space, account) = (SpaceId(server), AccountId(user));
    find::server(&app.state(), caller, server)?;
    let (fewest, most) = limits::TIMEOUT_MINUTES;
    if !(fewest..=most).contains(&wanted.duration_minutes) {
        return Err(Problem::bad("A timeout lasts 1 to 40320 minutes"));
    }
    let now = app.gateway.now();
    let until = now.plus_seconds(wanted.duration_minutes * 60);
    let reason = reason(wanted.reason);
    act(&app, caller, Command::Timeout { space, account, until: Some(until), reason: reason.clone() })
        .await?;
    let state = app.state();
    let member = state.directory.member(space, account).ok_or(Refusal::NoSuchAccount)?;
    ok(&server::timeout(member, until, reason, caller.account, now))
}

/// DELETE /servers/:id/members/:uid/timeout
pub async fn end_timeout(
    State(app): State<App>,
    caller: Caller,
    Ids((server, user)): Ids<(Uuid, Uuid)>,
) -> Outcome {
    let (space, account) = (SpaceId(server), AccountId(user));
    act(&app, caller, Command::Timeout { space, account, until: None, reason: None }).await?;
    done()
}

/// GET /servers/:id/bans
pub async fn bans(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    may_ban(&app, caller, id)?;
    let state = app.state();
    let view = View::of(&state, caller.account);
    let now = app.gateway.now();
    let in_force = state.directory.bans(SpaceId(id)).filter(|ban| ban.until.is_none_or(|until| until > now));
    let mut bans: Vec<_> = in_force.collect();
    bans.sort_by_key(|ban| std::cmp::Reverse((ban.created_at, ban.account)));
    let bans: Vec<_> = bans.into_iter().map(|ban| server::ban(view, ban)).collect();
    ok(&bans)
}

/// DELETE /servers/:id/bans/:uid
pub async fn unban(
    State(app): State<App>,
    caller: Caller,
    Ids((server, user)): Ids<(Uuid, Uuid)>,
) -> Outcome {
    may_ban(&app, caller, server)?;
    let command = Command::Unban { space: SpaceId(server), account: AccountId(user) };
    match app.gateway.command(Actor::Account(caller.account), command).await {
        Ok(_) | Err(Refusal::Already) => done(),
        Err(other) => Err(other.into()),
    }
}

/// Strangers get 403 here, not 404: known test code calls these as one (7.0).
fn may_ban(app: &App, caller: Caller, server: Uuid) -> Result<(), Problem> {
    let state = app.state();
    let space = SpaceId(server);
    let known = state.directory.space(space).is_some();
    match policy::need(&state.directory, space, Actor::Account(caller.account), Permissions::BAN_MEMBERS) {
        Err(Refusal::NoSuchSpace) if known => Err(Refusal::NotAllowed.into()),
        other => other.map_err(Problem::from),
    }
}

/// Runs a command against somebody, who may not be oneself.
pub async fn act(app: &App, caller: Caller, command: Command) -> Result<(), Problem> {
    match app.gateway.command(Actor::Account(caller.account), command).await {
        Ok(_) => Ok(()),
        Err(Refusal::Invalid) => Err(Problem::bad("You cannot do this to yourself")),
        Err(other) => Err(other.into()),
    }
}

fn reason(reason: Option<String>) -> Option<String> {
    let reason = reason.map(|text| text.replace('\0', ""));
    reason
        .filter(|text| !text.trim().is_empty())
        .map(|text| text.chars().take(limits::REASON_CHARS).collect())
}
