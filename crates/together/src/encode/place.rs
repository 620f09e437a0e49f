//! Where a message is for this protocol: a thread is no channel, its messages name the channel above it and the message
//! it hangs on (together.md 4.2). A forum is a channel whose topics are messages with threads.

use crate::quirks;
use crate::wire::entity::Message;
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::directory::Directory;
use commonroom_core::ids::ChannelId;
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// Where a message is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// In this channel.
    pub channel: Uuid,
    /// In the thread below this message.
    pub thread: Option<Uuid>,
}

/// The place of messages of a channel or thread.
pub fn of(directory: &Directory, channel: ChannelId) -> Place {
    let plain = Place { channel: channel.0, thread: None };
    let Some(known) = directory.channel(channel) else { return plain };
    match known.parent() {
        Some(parent) => Place { channel: parent.0, thread: Some(root(known)) },
        None => plain,
    }
}

/// The message that a thread hangs on: a topic of a forum is its own.
pub fn root(thread: &Channel) -> Uuid {
    let root = thread.thread.as_ref().and_then(|thread| thread.root);
    root.map_or(thread.id.0, |root| root.0)
}

/// The channel and the threads in it whose messages count as the channel's, threads written in last first, at most
/// [`crate::limits::THREADS_COUNTED`] of them.
pub fn threads(directory: &Directory, channel: ChannelId) -> Vec<&Arc<Channel>> {
    let mut threads: Vec<_> =
        directory.threads_of(channel).filter(|thread| thread.last_message_at.is_some()).collect();
    threads.sort_by_key(|thread| std::cmp::Reverse(thread.last_message_at));
    threads.truncate(crate::limits::THREADS_COUNTED);
    threads
}

/// True for a topic of a forum.
pub fn is_topic(directory: &Directory, channel: &Channel) -> bool {
    let parent = channel.parent().and_then(|parent| directory.channel(parent));
    parent.is_some_and(|parent| parent.kind == ChannelKind::Forum)
}

/// A topic of a forum as the message that its thread hangs on: who opened it says its name.
pub fn topic<'a>(directory: &Directory, thread: &'a Channel) -> Option<Message<'a>> {
    let about = thread.thread.as_ref()?;
    if !is_topic(directory, thread) {
        return None;
    }
    let author = directory.account(about.by).filter(|account| !account.retired);
    Some(Message {
        id: thread.id.0,
        channel_id: thread.parent()?.0,
        author_id: author.map(|account| account.id.0),
        content: Cow::Owned(quirks::topic_line(thread)),
        reply_to: None,
        mention_user_ids: Vec::new(),
        mention_everyone: false,
        thread_id: None,
        thread_reply_count: thread.messages,
        edited_at: None,
        updated_at: None,
        deleted: false,
        created_at: thread.created_at.rfc3339(),
        pinned: false,
        pinned_by: None,
        pinned_at: None,
        poll: None,
        event: None,
        attachments: Vec::new(),
        reactions: Vec::new(),
        nonce: None,
    })
}
