//! Reactions (together.md 7.5).

use super::caller::{Caller, Ids};
use super::{App, Outcome, Problem, done, find, messages, ok};
use crate::encode::{View, emoji, message};
use axum::extract::State;
use commonroom_core::Refusal;
use commonroom_core::command::{Actor, Command};
use commonroom_core::ids::MessageId;
use commonroom_hub::request::Answer;
use uuid::Uuid;

/// GET /channels/:cid/messages/:mid/reactions
pub async fn list(State(app): State<App>, caller: Caller, Ids((channel, id)): Ids<(Uuid, Uuid)>) -> Outcome {
    if messages::topic_in(&app, caller, channel, id)?.is_some() {
        return ok(&[(); 0]);
    }
    let (_, known) = find::message_in(&app, caller, channel, id).await?;
    ok(&message::reactions(View::of(&app.state(), caller.account), &known))
}

/// PUT /channels/:cid/messages/:mid/reactions/:emoji
pub async fn add(
    State(app): State<App>,
    caller: Caller,
    Ids((channel, id, emoji)): Ids<(Uuid, Uuid, String)>,
) -> Outcome {
    match react(&app, caller, channel, id, emoji, true).await? {
        // There already is as wished.
        Ok(_) | Err(Refusal::Already) => done(),
        Err(refusal) => Err(refusal.into()),
    }
}

/// DELETE /channels/:cid/messages/:mid/reactions/:emoji
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids((channel, id, emoji)): Ids<(Uuid, Uuid, String)>,
) -> Outcome {
    match react(&app, caller, channel, id, emoji, false).await? {
        Ok(_) => done(),
        Err(Refusal::Already) => Err(Problem::not_found("Reaction not found")),
        Err(refusal) => Err(refusal.into()),
    }
}

async fn react(
    app: &App,
    caller: Caller,
    channel: Uuid,
    id: Uuid,
    emoji: String,
    on: bool,
) -> Result<Answer, Problem> {
    if messages::topic_in(app, caller, channel, id)?.is_some() {
        return Err(Problem::bad("A topic of a forum takes no reactions"));
    }
    let (home, known) = find::message_in(app, caller, channel, id).await?;
    let emoji = emoji::stored(&app.state().directory, home.space(), &known, &emoji);
    let emoji = match emoji {
        Some(emoji) => emoji,
        None if on => return Err(Problem::bad("A reaction is one emoji, or one of this server's own")),
        None => return Ok(Err(Refusal::Already)),
    };
    let command = Command::React { message: MessageId(id), emoji, on };
    Ok(app.gateway.command(Actor::Account(caller.account), command).await)
}
