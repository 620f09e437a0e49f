//! Where a message is shown: clients know channels by name, and threads by id within their channel.

use commonroom_core::channel::Channel;
use commonroom_core::directory::Directory;
use commonroom_core::ids::ChannelId;
use serde_json::{Value, json};

/// Where a message is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spot<'a> {
    /// The channel's name; of a thread, that of the channel it is in.
    pub channel: &'a str,
    /// The thread.
    pub thread: Option<ChannelId>,
}

impl<'a> Spot<'a> {
    /// Where messages of a channel or thread are shown; nothing for a channel that is gone, and for conversations.
    pub fn of(directory: &'a Directory, id: ChannelId) -> Option<Self> {
        Self::in_channel(directory, directory.channel(id)?)
    }

    /// The same for a channel at hand.
    pub fn in_channel(directory: &'a Directory, channel: &'a Channel) -> Option<Self> {
        channel.space()?;
        Some(match channel.parent() {
            Some(parent) => Self { channel: &directory.channel(parent)?.name, thread: Some(channel.id) },
            None => Self { channel: &channel.name, thread: None },
        })
    }

    /// The thread's id as text.
    pub fn thread_id(&self) -> Option<String> {
        self.thread.map(|id| id.to_string())
    }

    /// Adds `channel`, and `thread_id` in a thread.
    pub fn on(&self, mut body: Value) -> Value {
        body["channel"] = json!(self.channel);
        if let Some(thread) = self.thread_id() {
            body["thread_id"] = Value::String(thread);
        }
        body
    }

    /// Adds `channel`, and `thread_id` always: `null` outside of threads.
    pub fn on_both(&self, mut body: Value) -> Value {
        body["channel"] = json!(self.channel);
        body["thread_id"] = json!(self.thread_id());
        body
    }

    /// Adds `thread_id` in a thread, else `channel`: what reading marks are kept for.
    pub fn on_either(&self, mut body: Value) -> Value {
        match self.thread_id() {
            Some(thread) => body["thread_id"] = Value::String(thread),
            None => body["channel"] = json!(self.channel),
        }
        body
    }

    /// The key under which unread counts stand.
    pub fn key(&self) -> String {
        self.thread.map_or_else(|| self.channel.to_owned(), |thread| format!("thread/{thread}"))
    }
}
