//! Direct messages (together.md 7.7).

use super::body::Body;
use super::caller::{Caller, Ids, Query};
use super::{App, Outcome, Problem, created, done, find, json, messages, ok};
use crate::encode::{View, message};
use crate::wire::request;
use axum::extract::State;
use axum::http::StatusCode;
use commonroom_core::command::Command;
use commonroom_core::ids::AccountId;
use commonroom_core::{Refusal, Reply};
use uuid::Uuid;

/// GET /dm-channels
pub async fn list(State(app): State<App>, caller: Caller) -> Outcome {
    let state = app.state();
    ok(&message::conversations(View::of(&state, caller.account), caller.account))
}

/// POST /dm-channels
pub async fn open(State(app): State<App>, caller: Caller, Body(wanted): Body<request::OpenDm>) -> Outcome {
    let with = AccountId(wanted.user_id);
    if with == caller.account {
        return Err(Problem::bad("You cannot open a conversation with yourself"));
    }
    let state = app.state();
    let known = state.directory.conversation(caller.account, with).is_some();
    if !known && state.directory.account(with).is_none_or(|account| account.disabled) {
        return Err(Refusal::NoSuchAccount.into());
    }
    let Reply::Channel { channel, new } =
        app.command(caller.account, Command::OpenConversation { with }).await?
    else {
        return Err(Refusal::Fault.into());
    };
    let state = app.state();
    let channel = state.directory.channel(channel).ok_or(Refusal::NoSuchChannel)?;
    let shown = message::conversation(View::of(&state, caller.account), channel, caller.account);
    json(if new { StatusCode::CREATED } else { StatusCode::OK }, &shown)
}

/// GET /dm-channels/:id/messages
pub async fn messages(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Query(wanted): Query<request::PageQuery>,
) -> Outcome {
    let channel = find::conversation(&app.state(), caller, id)?;
    let found = messages::page(&app, caller, channel.id, &wanted).await?;
    let state = app.state();
    let view = View::of(&state, caller.account).at(&app.config.base);
    let shown: Vec<_> = found.iter().map(|known| message::direct(view, known)).collect();
    ok(&shown)
}

/// POST /dm-channels/:id/messages
pub async fn post(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::NewMessage>,
) -> Outcome {
    let channel = find::conversation(&app.state(), caller, id)?;
    // Conversations have no replies here.
    let wanted = request::NewMessage { reply_to: None, ..wanted };
    let nonce = wanted.nonce.clone();
    let posted = messages::say(&app, caller, &channel, wanted).await?;
    let state = app.state();
    let mut shown = message::direct(View::of(&state, caller.account).at(&app.config.base), &posted);
    shown.nonce = nonce.as_deref();
    created(&shown)
}

/// POST /dm-channels/:id/ack
pub async fn ack(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let channel = find::conversation(&app.state(), caller, id)?.id;
    app.command(caller.account, Command::MarkRead { channel, message: None }).await?;
    done()
}
