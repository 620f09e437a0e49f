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
use commonroom_core::space::Space;
use commonroom_hub::live::LiveCommand;
use commonroom_hub::request::Request;
use uuid::Uuid;

/// GET /servers/:id/members
pub async fn list(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let space = find::server(&state, caller, id)?;
    let view = View::of(&state, caller.account);
    let mut members: Vec<_> = state.directory.members(space.id).collect();
    members.sort_by_key(|member| (member.joined_at, member.account));
    let members = members.into_iter().filter_map(|member| person::member(view, &space, member));
    remind(&app, caller, &space).await;
    ok(&members.chain(person::voice_of_the_server(view, &space)).collect::<Vec<_>>())
}

/// The browser app works out what its user may do only when it is told of a role (11.6): each of its connections tells it
/// of one that it knows, once it has read the list.
async fn remind(app: &App, caller: Caller, space: &Space) {
    let state = app.state();
    let member = state.directory.member(space.id, caller.account);
    if member.is_none_or(|member| member.roles.is_empty()) {
        return;
    }
    let own = state.live.sessions_of(caller.account).filter(|session| session.login == Some(caller.login));
    for session in own {
        let nudge = LiveCommand::Relay { to: session.id, body: space.id.to_string() };
        // It is only a help: the list is the answer.
        let _ = app.gateway.request(Request::Live(nudge)).await;
    }
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
