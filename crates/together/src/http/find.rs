//! Finding what a path names, as far as the caller may know of it: strangers get 404 (together.md 7.0).

use super::caller::Caller;
use super::{App, Problem};
use crate::encode::place;
use commonroom_core::channel::{Channel, Home};
use commonroom_core::command::Actor;
use commonroom_core::ids::{ChannelId, MessageId, SpaceId};
use commonroom_core::message::Message;
use commonroom_core::query::{Found, Query};
use commonroom_core::space::Space;
use commonroom_core::{Refusal, Reply, policy};
use commonroom_hub::live;
use commonroom_hub::request::Request;
use commonroom_hub::session::State;
use std::sync::Arc;
use uuid::Uuid;

/// A server that the caller belongs to.
pub fn server(state: &State, caller: Caller, id: Uuid) -> Result<Arc<Space>, Problem> {
    let id = SpaceId(id);
    let space = state.directory.space(id).filter(|_| state.directory.member(id, caller.account).is_some());
    space.cloned().ok_or_else(|| Refusal::NoSuchSpace.into())
}

/// A channel of a server that the caller belongs to, whether or not they may view it.
pub fn known_channel(state: &State, caller: Caller, id: Uuid) -> Result<Arc<Channel>, Problem> {
    let channel = state.directory.channel(ChannelId(id)).filter(|channel| match channel.home {
        Home::Space(space) => state.directory.member(space, caller.account).is_some(),
        Home::Conversation(..) | Home::Thread { .. } => false,
    });
    channel.cloned().ok_or_else(|| Refusal::NoSuchChannel.into())
}

/// A channel of a server that the caller may view.
pub fn channel(state: &State, caller: Caller, id: Uuid) -> Result<Arc<Channel>, Problem> {
    let channel = known_channel(state, caller, id)?;
    policy::check_view(&state.directory, &channel, Actor::Account(caller.account))?;
    Ok(channel)
}

/// A channel that belongs to the server named before it.
pub fn channel_of(state: &State, caller: Caller, server: Uuid, id: Uuid) -> Result<Arc<Channel>, Problem> {
    let channel = known_channel(state, caller, id)?;
    if channel.space() != Some(SpaceId(server)) {
        return Err(Refusal::NoSuchChannel.into());
    }
    policy::check_view(&state.directory, &channel, Actor::Account(caller.account))?;
    Ok(channel)
}

/// A conversation that the caller takes part in.
pub fn conversation(state: &State, caller: Caller, id: Uuid) -> Result<Arc<Channel>, Problem> {
    let channel = state.directory.channel(ChannelId(id)).filter(|channel| match channel.home {
        Home::Space(_) | Home::Thread { .. } => false,
        Home::Conversation(one, other) => caller.account == one || caller.account == other,
    });
    channel.cloned().ok_or_else(|| Refusal::NoSuchChannel.into())
}

/// A message that the caller may read, deleted ones too, with its channel.
pub async fn message(app: &App, caller: Caller, id: Uuid) -> Result<(Arc<Channel>, Arc<Message>), Problem> {
    let query = Request::Query(Query::Message { message: MessageId(id) });
    let Reply::Found(Found::Message(Some(message))) = app.gateway.request(query).await? else {
        return Err(Refusal::NoSuchMessage.into());
    };
    let state = app.state();
    let channel = state.directory.channel(message.channel).cloned().ok_or(Refusal::NoSuchMessage)?;
    let hidden = live::hidden_from(&state.directory, &state.live, caller.account, message.author);
    match policy::check_view(&state.directory, &channel, Actor::Account(caller.account)) {
        Ok(()) if !hidden => Ok((channel, message)),
        Err(Refusal::MayNotView) => Err(Refusal::MayNotView.into()),
        Ok(()) | Err(_) => Err(Refusal::NoSuchMessage.into()),
    }
}

/// A message of that channel of a server, or of a thread in it.
pub async fn message_in(
    app: &App,
    caller: Caller,
    channel_id: Uuid,
    id: Uuid,
) -> Result<(Arc<Channel>, Arc<Message>), Problem> {
    channel(&app.state(), caller, channel_id)?;
    let (channel, message) = message(app, caller, id).await?;
    let home = channel.parent().unwrap_or(channel.id);
    if home.0 == channel_id { Ok((channel, message)) } else { Err(Refusal::NoSuchMessage.into()) }
}

/// A topic of a forum that the caller may view: a message of this protocol although none of the core's.
pub fn topic(state: &State, caller: Caller, id: Uuid) -> Option<Arc<Channel>> {
    let thread = state.directory.channel(ChannelId(id))?;
    let seen = policy::may_view(&state.directory, thread, caller.account);
    (seen && place::is_topic(&state.directory, thread)).then(|| thread.clone())
}
