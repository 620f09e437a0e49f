//! What happens to messages and emoji, as `DISPATCH` frames (together.md 6.2, 6.8, 6.10).

use super::{View, emoji as ids, message, place};
use crate::wire::entity::CustomEmoji;
use crate::wire::{EmojiGone, MessageGone, PinOut, PollVote, ReactionOut, dispatch};
use commonroom_core::channel::Channel;
use commonroom_core::emoji::Emoji;
use commonroom_core::event::ChannelChange;
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::message::Message;
use uuid::Uuid;

/// Somebody said something.
pub fn posted(view: View<'_>, message: &Message) -> Vec<String> {
    if is_direct(view, message) {
        let mut d = message::direct(view, message);
        d.nonce = message.nonce.as_deref();
        return vec![dispatch("DM_MESSAGE_CREATE", d)];
    }
    let mut d = message::message(view, message);
    d.nonce = message.nonce.as_deref();
    vec![dispatch(if d.thread_id.is_some() { "THREAD_MESSAGE_CREATE" } else { "MESSAGE_CREATE" }, d)]
}

/// A message was edited, or files came later.
pub fn changed(view: View<'_>, message: &Message) -> Vec<String> {
    vec![if is_direct(view, message) {
        dispatch("DM_MESSAGE_UPDATE", message::direct(view, message))
    } else {
        dispatch("MESSAGE_UPDATE", message::message(view, message))
    }]
}

/// A message was taken back.
pub fn deleted(view: View<'_>, message: &Message) -> Vec<String> {
    let t = if is_direct(view, message) { "DM_MESSAGE_DELETE" } else { "MESSAGE_DELETE" };
    let place = place::of(&view.state.directory, message.channel);
    vec![dispatch(t, MessageGone { id: message.id.0, channel_id: place.channel, thread_id: place.thread })]
}

/// Somebody reacted, or took a reaction back. Conversations have no reactions here.
pub fn reacted(view: View<'_>, message: &Message, emoji: &str, account: AccountId, on: bool) -> Vec<String> {
    if is_direct(view, message) {
        return Vec::new();
    }
    let directory = &view.state.directory;
    let space = directory.channel(message.channel).and_then(|channel| channel.space());
    let d = ReactionOut {
        message_id: message.id.0,
        channel_id: place::of(directory, message.channel).channel,
        user_id: account.0,
        emoji: ids::spelled(directory, space, emoji),
    };
    vec![dispatch(if on { "REACTION_ADD" } else { "REACTION_REMOVE" }, d)]
}

/// A message was put on top, or taken off: the second frame is what the web client listens to.
pub fn pinned(view: View<'_>, message: &Message, by: Option<AccountId>, on: bool) -> Vec<String> {
    if is_direct(view, message) {
        return Vec::new();
    }
    let by = by.map(|by| by.0);
    let d = PinOut {
        message_id: message.id.0,
        channel_id: place::of(&view.state.directory, message.channel).channel,
        pinned_by: on.then_some(by),
        unpinned_by: (!on).then_some(by),
    };
    let first = dispatch(if on { "MESSAGE_PIN" } else { "MESSAGE_UNPIN" }, d);
    [first].into_iter().chain(changed(view, message)).collect()
}

/// Somebody voted. Conversations have no polls here.
pub fn voted(view: View<'_>, message: &Message) -> Vec<String> {
    let poll = message::poll(view, message).filter(|_| !is_direct(view, message));
    let channel_id = place::of(&view.state.directory, message.channel).channel;
    poll.map(|updated_poll| PollVote { poll_id: message.id.0, channel_id, updated_poll })
        .map(|d| dispatch("POLL_VOTE", d))
        .into_iter()
        .collect()
}

fn is_direct(view: View<'_>, message: &Message) -> bool {
    view.state.directory.channel(message.channel).is_some_and(|channel| channel.space().is_none())
}

/// A topic of a forum was opened or changed.
pub fn topic_changed(view: View<'_>, thread: &Channel, change: ChannelChange) -> Vec<String> {
    let t = match change {
        ChannelChange::Created => "MESSAGE_CREATE",
        ChannelChange::Thread => "MESSAGE_UPDATE",
        ChannelChange::Settings
        | ChannelChange::Overrides
        | ChannelChange::Followed(_)
        | ChannelChange::Unfollowed(_) => return Vec::new(),
    };
    let d = place::topic(&view.state.directory, thread);
    d.map(|d| dispatch(t, d)).into_iter().collect()
}

/// A thread is gone: a topic of a forum with it. For a thread below a message this names nothing that anybody shows.
pub fn topic_gone(thread: ChannelId, parent: ChannelId) -> Vec<String> {
    let gone = MessageGone { id: thread.0, channel_id: parent.0, thread_id: None };
    vec![dispatch("MESSAGE_DELETE", gone)]
}

/// An emoji of a server's own.
pub fn custom(emoji: &Emoji) -> CustomEmoji<'_> {
    let id = ids::id(emoji.space, emoji.number);
    CustomEmoji {
        id,
        server_id: emoji.space.0,
        created_by: emoji.by.0,
        name: &emoji.name,
        url: format!("/emojis/{id}"),
        content_type: &emoji.picture.mime,
        file_size: emoji.picture.size,
        created_at: emoji.created_at.rfc3339(),
    }
}

/// An emoji was added, or changed, which clients are told as a new one in the place of the old.
pub fn emoji(emoji: &Emoji, added: bool) -> Vec<String> {
    let gone = (!added).then(|| emoji_gone(emoji));
    gone.into_iter().chain([dispatch("CUSTOM_EMOJI_CREATE", custom(emoji))]).collect()
}

/// An emoji is gone.
pub fn emoji_gone(emoji: &Emoji) -> String {
    let emoji_id: Uuid = ids::id(emoji.space, emoji.number);
    dispatch("CUSTOM_EMOJI_DELETE", EmojiGone { server_id: emoji.space.0, emoji_id })
}
