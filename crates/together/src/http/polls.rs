//! Polls, and events that will happen (together.md 7.6).

use super::body::Body;
use super::caller::{Caller, Ids};
use super::{App, Outcome, Problem, created, find, messages, ok};
use crate::encode::{View, content, message};
use crate::limits;
use crate::wire::request;
use axum::extract::State;
use commonroom_core::command::{Command, NewMessage};
use commonroom_core::ids::ChannelId;
use commonroom_core::message::{Happening, Message};
use commonroom_core::poll::{Poll, PollOption};
use commonroom_core::query::{Found, Query};
use commonroom_core::{Refusal, Reply, policy};
use commonroom_hub::request::Request;
use std::sync::Arc;
use uuid::Uuid;

/// POST /channels/:cid/polls
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::NewPoll>,
) -> Outcome {
    let channel = find::channel(&app.state(), caller, id)?.id;
    let option = |(index, text): (usize, &String)| PollOption {
        id: (index + 1).to_string(),
        text: text.trim().to_owned(),
        emoji: None,
        by: Vec::new(),
    };
    let poll = Poll {
        question: wanted.question.trim().to_owned(),
        options: wanted.options.iter().enumerate().map(option).collect(),
        multiple: false,
        expires_at: None,
        ended_at: None,
    };
    poll.check(app.gateway.now()).map_err(|_| {
        Problem::bad(
            "A poll has a question of up to 500 characters and 2 to 10 options of up to 200 characters",
        )
    })?;
    // Every protocol shows the question in its own way: there is no text beside it.
    post(&app, caller, NewMessage { poll: Some(Box::new(poll)), ..NewMessage::said(channel, "") }).await
}

/// GET /polls/:pid
pub async fn one(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let known = asked(&app, caller, id).await?;
    ok(&message::poll(View::of(&app.state(), caller.account), &known))
}

/// POST /polls/:pid/vote
pub async fn vote(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::Vote>,
) -> Outcome {
    let known = asked(&app, caller, id).await?;
    let options = known.poll.iter().flat_map(|poll| &poll.options).enumerate();
    let chosen = options.filter(|(index, _)| message::option_id(&known, *index) == wanted.option_id);
    let options: Vec<String> = chosen.map(|(_, option)| option.id.clone()).collect();
    if options.is_empty() {
        return Err(Refusal::NoSuchOption.into());
    }
    let command = Command::Vote { message: known.id, options };
    let Reply::Message { message: voted, .. } = app.command(caller.account, command).await? else {
        return Err(Refusal::Fault.into());
    };
    ok(&message::poll(View::of(&app.state(), caller.account), &voted))
}

/// The message that asks, for who may read it.
async fn asked(app: &App, caller: Caller, id: Uuid) -> Result<Arc<Message>, Problem> {
    let (_, known) = find::message(app, caller, id).await?;
    let missing = known.deleted || known.poll.is_none();
    if missing { Err(Problem::not_found("Poll not found")) } else { Ok(known) }
}

/// POST /channels/:cid/events
pub async fn announce(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::NewHappening>,
) -> Outcome {
    let channel = find::channel(&app.state(), caller, id)?.id;
    let happening = Happening {
        name: wanted.name.trim().to_owned(),
        description: request::given_text(wanted.description),
        starts_at: wanted.starts_at,
    };
    // The text is for the protocols that know of no events.
    let text = content::happening_line(&happening);
    post(&app, caller, NewMessage { happening: Some(Box::new(happening)), ..NewMessage::said(channel, text) })
        .await
}

/// GET /servers/:id/events
pub async fn coming(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let space = find::server(&state, caller, id)?;
    let directory = &state.directory;
    let seen = directory.channels_of(space.id);
    let channels: Vec<ChannelId> = seen
        .filter(|channel| policy::may_view(directory, channel, caller.account))
        .map(|channel| channel.id)
        .collect();
    let query = Query::Happenings { channels, after: app.gateway.now(), limit: limits::HAPPENINGS };
    let Reply::Found(Found::Messages { messages, .. }) = app.gateway.request(Request::Query(query)).await?
    else {
        return Err(Refusal::Fault.into());
    };
    let view = View::of(&state, caller.account);
    let told = messages::seen(&app, caller, messages);
    ok(&told.iter().filter_map(|known| message::happening(view, known)).collect::<Vec<_>>())
}

async fn post(app: &App, caller: Caller, new: NewMessage) -> Outcome {
    let Reply::Message { message: posted, .. } =
        app.command(caller.account, Command::PostMessage(new)).await?
    else {
        return Err(Refusal::Fault.into());
    };
    created(&message::message(View::of(&app.state(), caller.account), &posted))
}
