//! Messages of a server's channels (together.md 7.4).

use super::body::Body;
use super::caller::{Caller, Ids, Query};
use super::{App, Outcome, Problem, created, done, find, ok, threads};
use crate::encode::{View, content, message, place};
use crate::limits;
use crate::wire::request;
use axum::extract::State;
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::command::{Command, NewMessage};
use commonroom_core::ids::{ChannelId, MessageId};
use commonroom_core::message::Message;
use commonroom_core::query::{Found, Page};
use commonroom_core::{Refusal, Reply, limits as core_limits, query};
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
    if channel.kind == ChannelKind::Forum {
        let topic = threads::open_topic(&app, caller, &channel, wanted).await?;
        return created(&place::topic(&app.state().directory, &topic));
    }
    said(&app, caller, channel.id, wanted).await
}

/// Says something, and answers with it as the caller sees it.
pub async fn said(app: &App, caller: Caller, channel: ChannelId, wanted: request::NewMessage) -> Outcome {
    let nonce = wanted.nonce.clone();
    let posted = say(app, caller, channel, wanted).await?;
    let state = app.state();
    let mut shown = message::message(View::of(&state, caller.account), &posted);
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
    if channel.kind == ChannelKind::Forum {
        return ok(&threads::topics(&app.state(), channel.id, &wanted));
    }
    shown(&app, caller, &page(&app, caller, channel.id, &wanted).await?)
}

/// Messages as the caller sees them.
pub fn shown(app: &App, caller: Caller, messages: &[Arc<Message>]) -> Outcome {
    let state = app.state();
    let view = View::of(&state, caller.account);
    ok(&messages.iter().map(|known| message::message(view, known)).collect::<Vec<_>>())
}

/// GET /channels/:cid/messages/:mid
pub async fn one(State(app): State<App>, caller: Caller, Ids((channel, id)): Ids<(Uuid, Uuid)>) -> Outcome {
    if let Some(topic) = topic_in(&app, caller, channel, id)? {
        return ok(&place::topic(&app.state().directory, &topic));
    }
    let (_, known) = find::message_in(&app, caller, channel, id).await?;
    ok(&message::message(View::of(&app.state(), caller.account), &known))
}

/// PATCH /messages/:mid
pub async fn edit(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::Content>,
) -> Outcome {
    if let Some(topic) = find::topic(&app.state(), caller, id) {
        return threads::rename(&app, caller, &topic, &wanted.content).await;
    }
    let (_, known) = find::message(&app, caller, id).await?;
    let command = Command::edit(MessageId(id), content::edited(&known, &wanted.content));
    let Reply::Message { message: edited, .. } = app.command(caller.account, command).await? else {
        return Err(Refusal::Fault.into());
    };
    let state = app.state();
    let view = View::of(&state, caller.account);
    let direct = state.directory.channel(edited.channel).is_some_and(|channel| channel.space().is_none());
    if direct { ok(&message::direct(view, &edited)) } else { ok(&message::message(view, &edited)) }
}

/// DELETE /messages/:mid
pub async fn remove(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let command = match find::topic(&app.state(), caller, id) {
        Some(topic) => Command::DeleteChannel { channel: topic.id },
        None => Command::DeleteMessage { message: MessageId(id) },
    };
    app.command(caller.account, command).await?;
    done()
}

/// A topic of that forum, if the id is one's.
pub fn topic_in(app: &App, caller: Caller, channel: Uuid, id: Uuid) -> Result<Option<Arc<Channel>>, Problem> {
    let parent = find::channel(&app.state(), caller, channel)?.id;
    Ok(find::topic(&app.state(), caller, id).filter(|topic| topic.parent() == Some(parent)))
}

/// Checks a text before something else is done that only makes sense with it.
pub fn check_text(text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        Err(Refusal::Empty.into())
    } else if text.chars().count() > core_limits::MESSAGE_CHARS {
        Err(Refusal::TooLong.into())
    } else if text.contains('\0') {
        Err(Refusal::Invalid.into())
    } else {
        Ok(())
    }
}

/// Posts. The same nonce with the same text in the same channel is a retry and gives the stored message back; a client
/// that merely counts its messages from 1 again means another one.
pub async fn say(
    app: &App,
    caller: Caller,
    channel: ChannelId,
    wanted: request::NewMessage,
) -> Result<Arc<Message>, Problem> {
    let mut posting = NewMessage {
        reply_to: wanted.reply_to.map(MessageId),
        ping: wanted.reply_to.is_some(),
        nonce: wanted.nonce.filter(|nonce| !nonce.is_empty()),
        ..NewMessage::said(channel, wanted.content)
    };
    let mut reply = app.command(caller.account, Command::PostMessage(posting.clone())).await?;
    if let Reply::Message { message, new: false } = &reply {
        let changed = message.deleted || message.edited_at.is_some();
        if message.channel != channel || (message.text != posting.text && !changed) {
            posting.nonce = None;
            reply = app.command(caller.account, Command::PostMessage(posting)).await?;
        }
    }
    let Reply::Message { message, .. } = reply else { return Err(Refusal::Fault.into()) };
    Ok(message)
}

/// How many messages a page has.
pub fn limited(wanted: Option<i64>) -> usize {
    let most = i64::try_from(limits::PAGE_MOST).unwrap_or(i64::MAX);
    wanted.map_or(limits::PAGE, |limit| usize::try_from(limit.clamp(1, most)).unwrap_or(1))
}

/// A page of a history, newest first, without what the caller does not want to read.
pub async fn page(
    app: &App,
    caller: Caller,
    channel: ChannelId,
    wanted: &request::PageQuery,
) -> Result<Vec<Arc<Message>>, Problem> {
    let limit = limited(wanted.limit);
    let mut from = wanted.before.map_or(Page::Newest { skip: 0 }, |before| Page::Before(MessageId(before)));
    let mut found = Vec::new();
    for _ in 0..limits::PAGE_READS {
        let messages = history(app, channel, from, limit).await?;
        let full = messages.len() == limit;
        let Some(oldest) = messages.first().map(|message| message.id) else { break };
        from = Page::Before(oldest);
        found.extend(seen(app, caller, messages).into_iter().rev());
        if !full || found.len() >= limit {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}

/// A page of a history, oldest first, forward from a place, without what the caller does not want to read.
pub async fn page_after(
    app: &App,
    caller: Caller,
    channel: ChannelId,
    mut from: Page,
    limit: usize,
) -> Result<Vec<Arc<Message>>, Problem> {
    let mut found = Vec::new();
    for _ in 0..limits::PAGE_READS {
        let messages = history(app, channel, from, limit).await?;
        let full = messages.len() == limit;
        let Some(newest) = messages.last().map(|message| message.id) else { break };
        from = Page::After(newest);
        found.extend(seen(app, caller, messages));
        if !full || found.len() >= limit {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}

async fn history(
    app: &App,
    channel: ChannelId,
    page: Page,
    limit: usize,
) -> Result<Vec<Arc<Message>>, Problem> {
    let history = Request::Query(query::Query::History { channel, page, limit });
    let Reply::Found(Found::Messages { messages, .. }) = app.gateway.request(history).await? else {
        return Err(Refusal::Fault.into());
    };
    Ok(messages)
}

/// Without those whose author the caller does not want to read, or is not to.
pub fn seen(app: &App, caller: Caller, messages: Vec<Arc<Message>>) -> Vec<Arc<Message>> {
    let state = app.state();
    let hidden = |author| live::hidden_from(&state.directory, &state.live, caller.account, author);
    messages.into_iter().filter(|message| !hidden(message.author)).collect()
}
