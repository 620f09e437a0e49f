//! Pinned messages (together.md 7.5).

use super::caller::{Caller, Ids};
use super::{App, Outcome, Problem, done, find, messages};
use axum::extract::State;
use commonroom_core::Refusal;
use commonroom_core::command::{Actor, Command, Reply};
use commonroom_core::ids::MessageId;
use commonroom_core::query::{Found, Query};
use commonroom_hub::request::{Answer, Request};
use uuid::Uuid;

/// GET /channels/:cid/pinned-messages
pub async fn list(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let channel = find::channel(&app.state(), caller, id)?.id;
    let query = Request::Query(Query::Pins { channel });
    let Reply::Found(Found::Messages { messages, .. }) = app.gateway.request(query).await? else {
        return Err(Refusal::Fault.into());
    };
    messages::shown(&app, caller, &messages::seen(&app, caller, messages))
}

/// POST /channels/:cid/messages/:mid/pin
pub async fn add(State(app): State<App>, caller: Caller, Ids((channel, id)): Ids<(Uuid, Uuid)>) -> Outcome {
    match pin(&app, caller, channel, id, true).await? {
        // On top already is as wished.
        Ok(_) | Err(Refusal::Already) => done(),
        Err(Refusal::Full) => Err(Problem::bad("This channel has as many pinned messages as it may")),
        Err(refusal) => Err(refusal.into()),
    }
}

/// DELETE /channels/:cid/messages/:mid/pin
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids((channel, id)): Ids<(Uuid, Uuid)>,
) -> Outcome {
    match pin(&app, caller, channel, id, false).await? {
        Ok(_) => done(),
        Err(Refusal::Already) => Err(Problem::not_found("This message is not pinned")),
        Err(refusal) => Err(refusal.into()),
    }
}

async fn pin(app: &App, caller: Caller, channel: Uuid, id: Uuid, on: bool) -> Result<Answer, Problem> {
    find::message_in(app, caller, channel, id).await?;
    let command = Command::Pin { message: MessageId(id), on };
    Ok(app.gateway.command(Actor::Account(caller.account), command).await)
}
