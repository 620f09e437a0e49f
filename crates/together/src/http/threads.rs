//! Threads below messages, and the topics of forums (together.md 7.4).

use super::body::Body;
use super::caller::{Caller, Ids, Query};
use super::messages::limited;
use super::{App, Outcome, Problem, find, messages, ok};
use crate::encode::place;
use crate::wire::entity;
use crate::wire::request;
use axum::extract::State;
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::command::{Actor, Command, ThreadChange};
use commonroom_core::ids::{ChannelId, MessageId};
use commonroom_core::query::Page;
use commonroom_core::{Permissions, Refusal, Reply, limits, message as core_message, policy};
use commonroom_hub::session;
use std::sync::Arc;
use uuid::Uuid;

/// POST /channels/:cid/messages/:mid/thread
pub async fn reply(
    State(app): State<App>,
    caller: Caller,
    Ids((channel, root)): Ids<(Uuid, Uuid)>,
    Body(wanted): Body<request::NewMessage>,
) -> Outcome {
    let (parent, thread) = thread(&app, caller, channel, root).await?;
    // Nobody opens a thread who may not write in it, or has nothing to say.
    let place = thread.as_ref().unwrap_or(&parent);
    policy::may_post(&app.state().directory, place, Actor::Account(caller.account), app.gateway.now())?;
    messages::check_text(&wanted.content)?;
    let thread = match thread {
        Some(thread) => thread,
        None => open(&app, caller, &parent, root, &wanted.content).await?,
    };
    let wanted = request::NewMessage { reply_to: None, ..wanted };
    messages::said(&app, caller, thread.id, wanted).await
}

/// GET /channels/:cid/messages/:mid/thread
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Ids((channel, root)): Ids<(Uuid, Uuid)>,
    Query(wanted): Query<request::ThreadQuery>,
) -> Outcome {
    let (_, thread) = thread(&app, caller, channel, root).await?;
    let Some(thread) = thread else { return ok(&[(); 0]) };
    let limit = limited(wanted.limit);
    // Forward, whatever the cursor is called; without one from the oldest.
    let page = match wanted.after.or(wanted.before) {
        Some(cursor) => Page::After(MessageId(cursor)),
        None => Page::Newest { skip: thread.messages.saturating_sub(limit as u64) },
    };
    messages::shown(&app, caller, &messages::page_after(&app, caller, thread.id, page, limit).await?)
}

/// The channel and the thread, if there is one, of a message that begins one.
async fn thread(
    app: &App,
    caller: Caller,
    channel: Uuid,
    root: Uuid,
) -> Result<(Arc<Channel>, Option<Arc<Channel>>), Problem> {
    let parent = find::channel(&app.state(), caller, channel)?;
    if let Some(topic) =
        find::topic(&app.state(), caller, root).filter(|topic| topic.parent() == Some(parent.id))
    {
        return Ok((parent, Some(topic)));
    }
    let (home, known) = find::message_in(app, caller, channel, root).await?;
    if known.deleted {
        return Err(Refusal::NoSuchMessage.into());
    }
    if home.thread.is_some() {
        return Err(Problem::bad("A reply in a thread has no thread of its own"));
    }
    let thread = app.state().directory.thread_on(known.id).cloned();
    Ok((parent, thread))
}

async fn open(
    app: &App,
    caller: Caller,
    parent: &Channel,
    root: Uuid,
    content: &str,
) -> Result<Arc<Channel>, Problem> {
    let root = (parent.kind != ChannelKind::Forum).then_some(MessageId(root));
    let command = Command::CreateThread { parent: parent.id, name: title(content), root };
    let Reply::Channel { channel, .. } = app.command(caller.account, command).await? else {
        return Err(Refusal::Fault.into());
    };
    app.state().directory.channel(channel).cloned().ok_or_else(|| Refusal::NoSuchChannel.into())
}

/// A name for a thread: the first words.
fn title(content: &str) -> String {
    let title = core_message::excerpt(content, limits::NAME_CHARS);
    if title.chars().any(|letter| letter.is_alphanumeric()) { title } else { "Thread".to_owned() }
}

/// Writing in a forum opens a topic: its name is what was said; what does not fit into a name is its first message.
pub async fn open_topic(
    app: &App,
    caller: Caller,
    forum: &Channel,
    wanted: request::NewMessage,
) -> Result<Arc<Channel>, Problem> {
    messages::check_text(&wanted.content)?;
    if !policy::permissions_in(&app.state().directory, forum, caller.account).has(Permissions::SEND) {
        return Err(Refusal::MayNotSend.into());
    }
    let topic = open(app, caller, forum, Uuid::nil(), &wanted.content).await?;
    if wanted.content.trim() != topic.name {
        messages::say(app, caller, topic.id, request::NewMessage { reply_to: None, ..wanted }).await?;
    }
    app.state().directory.channel(topic.id).cloned().ok_or_else(|| Refusal::NoSuchChannel.into())
}

/// A page of the topics of a forum, newest first.
pub fn topics<'a>(
    state: &'a session::State,
    forum: ChannelId,
    wanted: &request::PageQuery,
) -> Vec<entity::Message<'a>> {
    let directory = &state.directory;
    let mut topics: Vec<_> = directory.threads_of(forum).collect();
    topics.sort_by_key(|topic| std::cmp::Reverse((topic.created_at, topic.id)));
    let from = match wanted.before {
        Some(before) => match topics.iter().position(|topic| topic.id.0 == before) {
            Some(at) => at + 1,
            None => topics.len(),
        },
        None => 0,
    };
    let page = topics.into_iter().skip(from).take(limited(wanted.limit));
    page.filter_map(|topic| place::topic(directory, topic)).collect()
}

/// Renames a topic, the whole of what can be edited of it.
pub async fn rename(app: &App, caller: Caller, topic: &Channel, content: &str) -> Outcome {
    messages::check_text(content)?;
    let change = ThreadChange { name: Some(title(content)), ..ThreadChange::default() };
    app.command(caller.account, Command::ChangeThread { thread: topic.id, change }).await?;
    let state = app.state();
    let topic = state.directory.channel(topic.id).ok_or(Refusal::NoSuchMessage)?;
    ok(&place::topic(&state.directory, topic))
}
