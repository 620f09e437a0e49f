//! Messages of a server's channels (together.md 7.4).

use super::body::Body;
use super::caller::{Caller, Ids, Query};
use super::{App, Outcome, Problem, created, done, find, ok};
use crate::encode::{View, message};
use crate::limits;
use crate::quirks;
use crate::wire::request;
use axum::extract::State;
use commonroom_core::channel::Channel;
use commonroom_core::command::{Command, NewMessage};
use commonroom_core::ids::{ChannelId, MessageId};
use commonroom_core::message::Message;
use commonroom_core::query::{Found, Page};
use commonroom_core::{Refusal, Reply, query};
use commonroom_hub::live;
use commonroom_hub::request::Request;
use std::sync::Arc;
use uuid::Uuid;

/// POST /channels/:cid/messages
pub async fn post(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::NewMessage>,
) -> Outcome {
    let channel = find::channel(&app.state(), caller, id)?;
    let nonce = wanted.nonce.clone();
    let posted = say(&app, caller, &channel, wanted).await?;
    let state = app.state();
    let mut shown = message::message(View::of(&state, caller.account).at(&app.config.base), &posted);
    shown.nonce = nonce.as_deref();
    created(&shown)
}

/// GET /channels/:cid/messages
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Query(wanted): Query<request::PageQuery>,
) -> Outcome {
    let channel = find::channel(&app.state(), caller, id)?;
    let messages = page(&app, caller, channel.id, &wanted).await?;
    let state = app.state();
    let view = View::of(&state, caller.account).at(&app.config.base);
    let shown: Vec<_> = messages.iter().map(|known| message::message(view, known)).collect();
    ok(&shown)
}

/// GET /channels/:cid/messages/:mid
pub async fn one(State(app): State<App>, caller: Caller, Ids((channel, id)): Ids<(Uuid, Uuid)>) -> Outcome {
    let (_, known) = find::message_in(&app, caller, channel, id).await?;
    ok(&message::message(View::of(&app.state(), caller.account).at(&app.config.base), &known))
}

/// PATCH /messages/:mid
pub async fn edit(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::Content>,
) -> Outcome {
    let (_, known) = find::message(&app, caller, id).await?;
    let state = app.state();
    let view = View::of(&state, caller.account).at(&app.config.base);
    let command = Command::edit(MessageId(id), quirks::edited(view, &known, &wanted.content));
    let Reply::Message { message: edited, .. } = app.command(caller.account, command).await? else {
        return Err(Refusal::Fault.into());
    };
    let state = app.state();
    let view = View::of(&state, caller.account).at(&app.config.base);
    let direct = state.directory.channel(edited.channel).is_some_and(|channel| channel.space().is_none());
    if direct { ok(&message::direct(view, &edited)) } else { ok(&message::message(view, &edited)) }
}

/// DELETE /messages/:mid
pub async fn remove(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    app.command(caller.account, Command::DeleteMessage { message: MessageId(id) }).await?;
    done()
}

/// GET /messages/:mid/attachments
pub async fn attachments(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let (_, known) = find::message(&app, caller, id).await?;
    if known.deleted { Err(Refusal::NoSuchMessage.into()) } else { ok(&[(); 0]) }
}

/// GET /channels/:cid/pinned-messages
pub async fn pinned(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    find::channel(&app.state(), caller, id)?;
    ok(&[(); 0])
}

/// Posts. The same nonce with the same text in the same channel is a retry and gives the stored message back; a client
/// that merely counts its messages from 1 again means another one.
pub async fn say(
    app: &App,
    caller: Caller,
    channel: &Channel,
    wanted: request::NewMessage,
) -> Result<Arc<Message>, Problem> {
    let mut posting = NewMessage {
        reply_to: wanted.reply_to.map(MessageId),
        ping: wanted.reply_to.is_some(),
        nonce: wanted.nonce.filter(|nonce| !nonce.is_empty()),
        ..NewMessage::said(channel.id, wanted.content)
    };
    let mut reply = app.command(caller.account, Command::PostMessage(posting.clone())).await?;
    if let Reply::Message { message, new: false } = &reply {
        let changed = message.deleted || message.edited_at.is_some();
        if message.channel != channel.id || (message.text != posting.text && !changed) {
            posting.nonce = None;
            reply = app.command(caller.account, Command::PostMessage(posting)).await?;
        }
    }
    let Reply::Message { message, .. } = reply else { return Err(Refusal::Fault.into()) };
    Ok(message)
}

/// A page of a history, newest first, without what the caller does not want to read.
pub async fn page(
    app: &App,
    caller: Caller,
    channel: ChannelId,
    wanted: &request::PageQuery,
) -> Result<Vec<Arc<Message>>, Problem> {
    let most = i64::try_from(limits::PAGE_MOST).unwrap_or(i64::MAX);
    let limit = wanted.limit.map_or(limits::PAGE, |limit| usize::try_from(limit.clamp(1, most)).unwrap_or(1));
    let mut from = wanted.before.map_or(Page::Newest { skip: 0 }, |before| Page::Before(MessageId(before)));
    let mut found = Vec::new();
    for _ in 0..limits::PAGE_READS {
        let history = Request::Query(query::Query::History { channel, page: from, limit });
        let Reply::Found(Found::Messages { messages, .. }) = app.gateway.request(history).await? else {
            return Err(Refusal::Fault.into());
        };
        let state = app.state();
        let full = messages.len() == limit;
        let Some(oldest) = messages.first().map(|message| message.id) else { break };
        from = Page::Before(oldest);
        let hidden = |author| live::hidden_from(&state.directory, &state.live, caller.account, author);
        found.extend(messages.into_iter().rev().filter(|message| !hidden(message.author)));
        if !full || found.len() >= limit {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}
