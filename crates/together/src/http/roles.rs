//! Roles of a server, and who holds them (together.md 7.11, 8.3).

use super::body::Body;
use super::caller::{Caller, Ids};
use super::{App, Outcome, Problem, created, done, find, ok};
use crate::encode::{View, server};
use crate::limits;
use crate::quirks;
use crate::wire::request::{self, given_text};
use axum::extract::State;
use axum::http::StatusCode;
use commonroom_core::command::{Actor, Command, RoleSettings};
use commonroom_core::ids::{AccountId, RoleId, SpaceId};
use commonroom_core::space::Space;
use commonroom_core::{Permissions, Refusal, Reply, policy};
use commonroom_hub::request::Answer;
use std::sync::Arc;
use uuid::Uuid;

/// GET /servers/:id/roles
pub async fn list(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let space = find::server(&state, caller, id)?;
    ok(&server::roles(View::of(&state, caller.account), &space))
}

/// POST /servers/:id/roles
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::NewRole>,
) -> Outcome {
    let state = app.state();
    let space = may_manage(&app, caller, id)?;
    let rank = match wanted.position {
        Some(position) => position_of(position)?,
        None => quirks::free_position(&state.directory, &space, caller.account),
    };
    let settings = RoleSettings {
        name: Some(quirks::free_role_name(&space, &wanted.name)),
        color: given_text(wanted.color).map(Some),
        permissions: Some(Permissions(bits(wanted.permissions.unwrap_or(0))?)),
        rank: Some(rank),
        ..RoleSettings::default()
    };
    let command = Command::CreateRole { space: space.id, settings };
    let Reply::Role(role) = named(app.gateway.command(Actor::Account(caller.account), command).await)? else {
        return Err(Refusal::Fault.into());
    };
    created(&shown(&app, space.id, role)?)
}

/// PATCH /servers/:id/roles/:rid
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Ids((id, role)): Ids<(Uuid, Uuid)>,
    Body(wanted): Body<request::RoleChange>,
) -> Outcome {
    let (space, role) = (may_manage(&app, caller, id)?, RoleId(role));
    let known = known(&app, &space, role)?;
    let permissions = wanted.permissions.map(bits).transpose()?;
    let settings = RoleSettings {
        name: wanted.name,
        color: wanted.color.map(given_text),
        permissions: permissions.map(|bits| quirks::merged(known.permissions, bits)),
        rank: wanted.position.map(position_of).transpose()?,
        ..RoleSettings::default()
    };
    let command = Command::ChangeRole { space: space.id, role, settings };
    named(app.gateway.command(Actor::Account(caller.account), command).await)?;
    ok(&shown(&app, space.id, role)?)
}

/// DELETE /servers/:id/roles/:rid
pub async fn remove(State(app): State<App>, caller: Caller, Ids((id, role)): Ids<(Uuid, Uuid)>) -> Outcome {
    let (space, role) = (may_manage(&app, caller, id)?, RoleId(role));
    known(&app, &space, role)?;
    let command = Command::DeleteRole { space: space.id, role };
    let gone = app.gateway.command(Actor::Account(caller.account), command).await;
    let kept = Problem::forbidden("The role of the owner cannot be deleted");
    gone.map_err(|refusal| Problem::unless(refusal, Refusal::Invalid, kept))?;
    done()
}

/// PUT /servers/:id/members/:uid/roles/:rid
pub async fn give(
    State(app): State<App>,
    caller: Caller,
    Ids((server, user, role)): Ids<(Uuid, Uuid, Uuid)>,
) -> Outcome {
    let (space, account, role) = (SpaceId(server), AccountId(user), RoleId(role));
    holder(&app, caller, server, account)?;
    hand(&app, caller, Command::GiveRole { space, account, role }).await
}

/// DELETE /servers/:id/members/:uid/roles/:rid
pub async fn take(
    State(app): State<App>,
    caller: Caller,
    Ids((server, user, role)): Ids<(Uuid, Uuid, Uuid)>,
) -> Outcome {
    let (space, account, role) = (SpaceId(server), AccountId(user), RoleId(role));
    let known = holder(&app, caller, server, account)?;
    if policy::is_owner(&app.state().directory, &known, account) && caller.account != account {
        return Err(Refusal::Owner.into());
    }
    hand(&app, caller, Command::TakeRole { space, account, role }).await
}

/// The server, if the caller manages its roles.
fn may_manage(app: &App, caller: Caller, id: Uuid) -> Result<Arc<Space>, Problem> {
    let state = app.state();
    let space = find::server(&state, caller, id)?;
    let actor = Actor::Account(caller.account);
    policy::need(&state.directory, space.id, actor, Permissions::MANAGE_ROLES)?;
    Ok(space)
}

/// The same, if somebody is a member of it.
fn holder(app: &App, caller: Caller, id: Uuid, account: AccountId) -> Result<Arc<Space>, Problem> {
    let space = may_manage(app, caller, id)?;
    match app.state().directory.member(space.id, account) {
        Some(_) => Ok(space),
        None => Err(Refusal::NoSuchAccount.into()),
    }
}

/// A role that is shown here: the implicit ones are not.
fn known(app: &App, space: &Space, role: RoleId) -> Result<commonroom_core::space::Role, Problem> {
    let state = app.state();
    let found = quirks::roles(&state.directory, space).find(|known| known.id == role);
    found.cloned().ok_or_else(|| Refusal::NoSuchRole.into())
}

fn shown(app: &App, space: SpaceId, role: RoleId) -> Result<crate::wire::entity::Role, Problem> {
    let state = app.state();
    let space = state.directory.space(space).ok_or(Refusal::NoSuchSpace)?;
    Ok(server::role(space, space.role(role).ok_or(Refusal::NoSuchRole)?))
}

/// A role that is held already, or not held, is as wished.
async fn hand(app: &App, caller: Caller, command: Command) -> Outcome {
    match app.gateway.command(Actor::Account(caller.account), command).await {
        Ok(_) | Err(Refusal::Already) => done(),
        // The implicit roles are not shown here.
        Err(Refusal::Invalid) => Err(Refusal::NoSuchRole.into()),
        Err(other) => Err(other.into()),
    }
}

/// Permission bits of a request (8.1).
pub fn bits(value: i64) -> Result<u64, Problem> {
    let value = u64::try_from(value).ok().filter(|value| *value <= limits::PERMISSION_BITS);
    value.ok_or(Problem::bad("Permissions are a number from 0 to 32767"))
}

fn position_of(value: i64) -> Result<i32, Problem> {
    let position = i32::try_from(value).ok();
    let position =
        position.filter(|position| (0..=commonroom_core::limits::ROLE_RANK_MOST).contains(position));
    position.ok_or(Problem::bad("A position is a number from 0 to 1000000"))
}

fn named(answer: Answer) -> Result<Reply, Problem> {
    answer.map_err(|refusal| {
        let taken = Problem::new(StatusCode::CONFLICT, "A role of this name exists already");
        Problem::unless(refusal, Refusal::NameTaken, taken)
    })
}
