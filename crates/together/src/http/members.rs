//! Members of a server and what they are called there (together.md 7.1).

use super::body::Body;
use super::caller::{Caller, Ids};
use super::{App, Outcome, find, ok};
use crate::encode::{View, person};
use crate::wire::request::{self, given_text};
use axum::extract::State;
use commonroom_core::Refusal;
use commonroom_core::command::Command;
use commonroom_core::ids::AccountId;
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

/// PATCH /servers/:id/members/:uid
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Ids((server, user)): Ids<(Uuid, Uuid)>,
    Body(wanted): Body<request::MemberChange>,
) -> Outcome {
    let space = find::server(&app.state(), caller, server)?.id;
    let account = AccountId(user);
    if app.state().directory.member(space, account).is_none() {
        return Err(Refusal::NoSuchAccount.into());
    }
    if let Some(nickname) = wanted.nickname {
        let nickname = given_text(nickname);
        app.command(caller.account, Command::SetNickname { space, account, nickname }).await?;
    }
    let state = app.state();
    let view = View::of(&state, caller.account);
    let known = state.directory.space(space).zip(state.directory.member(space, account));
    let member = known.and_then(|(space, member)| person::member(view, space, member));
    ok(&member.ok_or(Refusal::NoSuchAccount)?)
}
