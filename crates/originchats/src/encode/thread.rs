//! Threads of a forum (originchats.md 4.6, 5.5).

use super::{View, people, seconds};
use crate::wire;
use commonroom_core::channel::Channel;
use commonroom_core::event::ChannelChange;
use commonroom_core::ids::{AccountId, ChannelId};
use serde_json::{Value, json};

/// A thread; nothing for what is none.
pub fn thread(view: &View<'_>, channel: &Channel) -> Option<Value> {
    let thread = channel.thread.as_ref()?;
    let parent = view.directory.channel(channel.parent()?)?;
    let name = |id: &AccountId| people::username(view.directory, *id);
    Some(json!({
        "id": channel.id.to_string(),
        "name": channel.name,
        "parent_channel": parent.name,
        "created_by": name(&thread.by),
        "created_at": seconds(channel.created_at),
        "locked": thread.locked,
        "archived": thread.archived,
        "participants": thread.participants.iter().map(name).collect::<Vec<_>>(),
        "last_message": channel.last_message_at.map(seconds),
        "last_message_id": channel.last_message.map(|id| id.to_string()),
    }))
}

/// The threads of a forum, oldest first.
pub fn threads(view: &View<'_>, forum: ChannelId) -> Vec<Value> {
    view.directory.threads_of(forum).filter_map(|channel| thread(view, channel)).collect()
}

/// `thread_create`, `thread_update`, `thread_join` or `thread_leave`, for what happened to a thread.
pub fn changed(
    view: &View<'_>,
    channel: &Channel,
    change: ChannelChange,
    listener: Option<&str>,
) -> Option<String> {
    let parent = view.directory.channel(channel.parent()?)?;
    let mut body = json!({"thread": thread(view, channel)?, "channel": parent.name, "global": true});
    if let ChannelChange::Followed(who) | ChannelChange::Unfollowed(who) = change {
        body["thread_id"] = json!(channel.id.to_string());
        body["user"] = json!(people::username(view.directory, who));
    }
    Some(wire::frame(command(change)?, body, listener))
}

/// The command whose answer a change of a thread is.
pub fn command(change: ChannelChange) -> Option<&'static str> {
    match change {
        ChannelChange::Created => Some("thread_create"),
        ChannelChange::Thread => Some("thread_update"),
        ChannelChange::Followed(_) => Some("thread_join"),
        ChannelChange::Unfollowed(_) => Some("thread_leave"),
        ChannelChange::Settings | ChannelChange::Overrides => None,
    }
}

/// `thread_delete`
pub fn deleted(
    view: &View<'_>,
    gone: ChannelId,
    parent: ChannelId,
    listener: Option<&str>,
) -> Option<String> {
    let parent = view.directory.channel(parent)?;
    let body = json!({"thread_id": gone.to_string(), "channel": parent.name, "global": true});
    Some(wire::frame("thread_delete", body, listener))
}
