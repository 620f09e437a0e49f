//! Messages of servers and of conversations.

use super::View;
use super::person;
use crate::quirks;
use crate::wire::entity::{DmChannel, DmMessage, Message, ReactionCount};
use commonroom_core::account::Account;
use commonroom_core::channel::Channel;
use commonroom_core::emoji;
use commonroom_core::ids::AccountId;
use commonroom_core::message;
use std::borrow::Cow;
use uuid::Uuid;

/// A message of a server's channel.
pub fn message<'a>(view: View<'_>, message: &'a message::Message) -> Message<'a> {
    let edited_at = message.edited_at.map(|at| at.rfc3339());
    Message {
        id: message.id.0,
        channel_id: message.channel.0,
        author_id: author(view, message.author),
        content: quirks::content(view, message),
        reply_to: message.reply_to.map(|reply| reply.id.0),
        mention_user_ids: message.mentions.iter().map(|account| account.0).collect(),
        mention_everyone: message.mention_everyone,
        thread_id: None,
        thread_reply_count: 0,
        updated_at: edited_at.clone(),
        edited_at,
        deleted: message.deleted,
        created_at: message.created_at.rfc3339(),
        pinned: false,
        pinned_by: None,
        pinned_at: None,
        poll: None,
        event: None,
        attachments: [],
        reactions: reactions(view, message),
        nonce: None,
    }
}

/// A message of a conversation.
pub fn direct<'a>(view: View<'_>, message: &'a message::Message) -> DmMessage<'a> {
    DmMessage {
        id: message.id.0,
        channel_id: message.channel.0,
        author_id: author(view, message.author),
        content: quirks::content(view, message),
        edited_at: message.edited_at.map(|at| at.rfc3339()),
        created_at: message.created_at.rfc3339(),
        deleted: message.deleted,
        nonce: None,
    }
}

/// The reactions on a message by first use.
pub fn reactions<'a>(view: View<'_>, message: &'a message::Message) -> Vec<ReactionCount<'a>> {
    let count = |reaction: &'a message::Reaction| ReactionCount {
        emoji: readable(view, message, &reaction.emoji),
        count: reaction.by.len(),
        me: view.viewer.is_some_and(|viewer| reaction.by.contains(&viewer)),
    };
    message.reactions.iter().map(count).collect()
}

/// An emoji of the space by its name: this protocol has none of its own yet.
pub fn readable<'a>(view: View<'_>, message: &message::Message, emoji: &'a str) -> Cow<'a, str> {
    let directory = &view.state.directory;
    match directory.channel(message.channel).and_then(|channel| channel.space()) {
        Some(space) if emoji.contains("://") => Cow::Owned(emoji::readable(directory, space, emoji)),
        Some(_) | None => Cow::Borrowed(emoji),
    }
}

/// A conversation from the viewer's side.
pub fn conversation(view: View<'_>, channel: &Channel, viewer: AccountId) -> Option<DmChannel> {
    let partner = channel.partner(viewer)?;
    let account = view.state.directory.account(partner)?;
    Some(DmChannel {
        id: channel.id.0,
        recipient: person::user(View::of(view.state, viewer), account),
        created_at: channel.created_at.rfc3339(),
        last_message_at: channel.last_message_at.map(|at| at.rfc3339()),
    })
}

/// The conversations of an account: latest message first, unused ones last.
pub fn conversations(view: View<'_>, account: AccountId) -> Vec<DmChannel> {
    let mut known: Vec<_> = view.state.directory.conversations_of(account).collect();
    known.sort_by_key(|channel| std::cmp::Reverse((channel.last_message_at, channel.created_at)));
    known.into_iter().filter_map(|channel| conversation(view, channel, account)).collect()
}

/// The author; null for who is no more (together.md 4.2).
fn author(view: View<'_>, author: AccountId) -> Option<Uuid> {
    let known: Option<&std::sync::Arc<Account>> = view.state.directory.account(author);
    known.filter(|account| !account.retired).map(|account| account.id.0)
}
