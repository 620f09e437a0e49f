//! Members of a server and their roles (together.md 7.1, 7.11).

use super::caller::{Caller, Ids};
use super::{App, Outcome, Problem, done, find, ok};
use crate::encode::{View, person, server};
use axum::extract::State;
use commonroom_core::command::{Actor, Command};
use commonroom_core::ids::{AccountId, RoleId, SpaceId};
use commonroom_core::{Permissions, Refusal, policy};
use uuid::Uuid;

/// GET /servers/:id/members
pub async fn list(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let space = find::server(&state, caller, id)?;
    let view = View::of(&state, caller.account);
    let mut members: Vec<_> = state.directory.members(space.id).collect();
    members.sort_by_key(|member| (member.joined_at, member.account));
    let members = members.into_iter().filter_map(|member| person::member(view, &space, member));
    ok(&members.chain(person::voice_of_the_server(view, &space)).collect::<Vec<_>>())
}

/// GET /servers/:id/roles
pub async fn roles(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let space = find::server(&state, caller, id)?;
    ok(&server::roles(View::of(&state, caller.account), &space))
}

/// PUT /servers/:id/members/:uid/roles/:rid
pub async fn give_role(
    State(app): State<App>,
    caller: Caller,
    Ids((server, user, role)): Ids<(Uuid, Uuid, Uuid)>,
) -> Outcome {
    let (space, account, role) = (SpaceId(server), AccountId(user), RoleId(role));
    check(&app, caller, space, account)?;
    change(&app, caller, Command::GiveRole { space, account, role }).await
}

/// DELETE /servers/:id/members/:uid/roles/:rid
pub async fn take_role(
    State(app): State<App>,
    caller: Caller,
    Ids((server, user, role)): Ids<(Uuid, Uuid, Uuid)>,
) -> Outcome {
    let (space, account, role) = (SpaceId(server), AccountId(user), RoleId(role));
    let known = check(&app, caller, space, account)?;
    if policy::is_owner(&app.state().directory, &known, account) && caller.account != account {
        return Err(Refusal::Owner.into());
    }
    change(&app, caller, Command::TakeRole { space, account, role }).await
}

fn check(
    app: &App,
    caller: Caller,
    space: SpaceId,
    account: AccountId,
) -> Result<std::sync::Arc<commonroom_core::space::Space>, Problem> {
    let state = app.state();
    let known = find::server(&state, caller, space.0)?;
    policy::need(&state.directory, space, Actor::Account(caller.account), Permissions::MANAGE_ROLES)?;
    if state.directory.member(space, account).is_none() {
        return Err(Refusal::NoSuchAccount.into());
    }
    Ok(known)
}

/// A role that is held already, or not held, is as wished.
async fn change(app: &App, caller: Caller, command: Command) -> Outcome {
    match app.gateway.command(Actor::Account(caller.account), command).await {
        Ok(_) | Err(Refusal::Already) => done(),
        // The implicit roles are not shown here.
        Err(Refusal::Invalid) => Err(Refusal::NoSuchRole.into()),
        Err(other) => Err(other.into()),
    }
}
