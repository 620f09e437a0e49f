//! Invitations to a server (together.md 7.16).

use super::body::Body;
use super::caller::{Caller, Ids, Name};
use super::servers::mark_read;
use super::{App, Outcome, Problem, created, done, find, ok};
use crate::encode::invite;
use crate::limits;
use crate::wire::request;
use axum::extract::State;
use axum::http::StatusCode;
use commonroom_core::account::Protocol;
use commonroom_core::command::{Actor, Command, InviteCommand};
use commonroom_core::ids::{InviteId, SpaceId};
use commonroom_core::{Permissions, Refusal, Reply, policy};
use serde::Serialize;
use std::cmp::Reverse;
use uuid::Uuid;

#[derive(Serialize)]
struct Accepted {
    message: &'static str,
    server_id: Uuid,
}

/// POST /servers/:id/invites
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::NewInvite>,
) -> Outcome {
    let space = may_invite(&app, caller, id)?;
    let uses = |most: i64| u32::try_from(most).ok().filter(|most| *most >= 1);
    let max_uses = wanted
        .max_uses
        .map(|most| uses(most).ok_or(Problem::bad("An invite can be used at least once")))
        .transpose()?;
    let (fewest, most) = limits::INVITE_HOURS;
    let now = app.gateway.now();
    let expires_at = match wanted.expires_in_hours {
        Some(hours) if (fewest..=most).contains(&hours) => Some(now.plus_seconds(hours * 3_600)),
        Some(_) => return Err(Problem::bad("An invite is good for 1 to 720 hours")),
        None => None,
    };
    let command = Command::Invite(InviteCommand::Create { space, max_uses, expires_at });
    let Reply::Invite(made) = app.command(caller.account, command).await? else {
        return Err(Refusal::Fault.into());
    };
    let state = app.state();
    created(&invite::invite(state.directory.invite(made).ok_or(Refusal::NoSuchInvite)?))
}

/// GET /servers/:id/invites
pub async fn list(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let space = may_invite(&app, caller, id)?;
    let state = app.state();
    let mut invites: Vec<_> = state.directory.invites_of(space).collect();
    invites.sort_by_key(|invite| Reverse((invite.created_at, invite.id)));
    ok(&invites.into_iter().map(|known| invite::invite(known)).collect::<Vec<_>>())
}

/// DELETE /servers/:id/invites/:iid
pub async fn revoke(State(app): State<App>, caller: Caller, Ids((id, invite)): Ids<(Uuid, Uuid)>) -> Outcome {
    let space = may_invite(&app, caller, id)?;
    let invite = InviteId(invite);
    if app.state().directory.invite(invite).is_none_or(|known| known.space != space) {
        return Err(Refusal::NoSuchInvite.into());
    }
    app.command(caller.account, Command::Invite(InviteCommand::Revoke { invite })).await?;
    done()
}

/// GET /invites/:code
pub async fn preview(State(app): State<App>, _: Caller, Name(code): Name) -> Outcome {
    let state = app.state();
    let now = app.gateway.now();
    let usable =
        state.directory.invite_with(&code).filter(|known| !known.is_over(now) && !known.is_used_up());
    let preview = usable.and_then(|known| invite::preview(&state.directory, known));
    ok(&preview.ok_or(Refusal::NoSuchInvite)?)
}

/// POST /invites/:code/accept
pub async fn accept(State(app): State<App>, caller: Caller, Name(code): Name) -> Outcome {
    let command = Command::Invite(InviteCommand::Accept { code, via: Protocol::Together });
    let answer = app.gateway.command(Actor::Account(caller.account), command).await;
    let member = || Problem::new(StatusCode::CONFLICT, "You are already a member of this server");
    let reply = answer.map_err(|refusal| Problem::unless(refusal, Refusal::Already, member()))?;
    let Reply::Space(space) = reply else { return Err(Refusal::Fault.into()) };
    mark_read(&app, caller.account, space).await;
    created(&Accepted { message: "Joined server", server_id: space.0 })
}

/// The server, if the caller may invite people to it.
fn may_invite(app: &App, caller: Caller, id: Uuid) -> Result<SpaceId, Problem> {
    let state = app.state();
    let space = find::server(&state, caller, id)?.id;
    policy::need(&state.directory, space, Actor::Account(caller.account), Permissions::CREATE_INVITES)?;
    Ok(space)
}
