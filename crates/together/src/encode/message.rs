//! Messages of servers and of conversations.

use super::content::content;
use super::{View, emoji, file, person, place};
use crate::wire::entity::{DmChannel, DmMessage, Happening, Message, Poll, PollOption, ReactionCount};
use commonroom_core::account::Account;
use commonroom_core::channel::Channel;
use commonroom_core::ids::AccountId;
use commonroom_core::message;
use commonroom_core::poll;
use std::borrow::Cow;
use uuid::Uuid;

/// A message of a server's channel.
pub fn message<'a>(view: View<'_>, message: &'a message::Message) -> Message<'a> {
    let place = place::of(&view.state.directory, message.channel);
    let edited_at = message.edited_at.map(|at| at.rfc3339());
    let thread = view.state.directory.thread_on(message.id);
    Message {
        id: message.id.0,
        channel_id: place.channel,
        author_id: author(view, message.author),
        content: content(&view.state.directory, message),
        reply_to: message.reply_to.map(|reply| reply.id.0),
        mention_user_ids: message.mentions.iter().map(|account| account.0).collect(),
        mention_everyone: message.mention_everyone,
        thread_id: place.thread,
        thread_reply_count: thread.map_or(0, |thread| thread.messages),
        updated_at: edited_at.clone(),
        edited_at,
        deleted: message.deleted,
        created_at: message.created_at.rfc3339(),
        pinned: message.pin.is_some(),
        pinned_by: message.pin.map(|pin| pin.by.0),
        pinned_at: message.pin.map(|pin| pin.at.rfc3339()),
        poll: poll(view, message),
        event: happening(view, message),
        attachments: file::attachments(message),
        reactions: reactions(view, message),
        nonce: None,
    }
}

/// True when a message looks different to somebody than to everybody: it shows their reaction or their vote.
pub fn is_personal(message: &message::Message, viewer: AccountId) -> bool {
    let voted = |poll: &poll::Poll| poll.options.iter().any(|option| option.by.contains(&viewer));
    message.reactions.iter().any(|reaction| reaction.by.contains(&viewer))
        || message.poll.as_deref().is_some_and(voted)
}

/// The question of a message as the viewer sees it.
pub fn poll<'a>(view: View<'_>, message: &'a message::Message) -> Option<Poll<'a>> {
    let asked = message.poll.as_deref().filter(|_| !message.deleted)?;
    let options = asked.options.iter().enumerate().map(|(index, option)| PollOption {
        id: option_id(message, index),
        text: match &option.emoji {
            Some(emoji) => Cow::Owned(format!("{emoji} {}", option.text)),
            None => Cow::Borrowed(option.text.as_str()),
        },
        votes: option.by.len(),
    });
    let chosen = |viewer| asked.options.iter().position(|option| option.by.contains(&viewer));
    Some(Poll {
        id: message.id.0,
        question: &asked.question,
        options: options.collect(),
        total_votes: asked.votes(),
        user_vote: view.viewer.and_then(chosen).map(|index| option_id(message, index)),
    })
}

/// The id of an answer: the message's, with its place in the last bits. Answers are never moved.
pub fn option_id(message: &message::Message, index: usize) -> Uuid {
    Uuid::from_u128(message.id.0.as_u128() ^ (index as u128 + 1))
}

/// What a message tells of.
pub fn happening<'a>(view: View<'_>, message: &'a message::Message) -> Option<Happening<'a>> {
    let told = message.happening.as_deref().filter(|_| !message.deleted)?;
    Some(Happening {
        id: message.id.0,
        name: &told.name,
        description: told.description.as_deref(),
        starts_at: told.starts_at.rfc3339(),
        created_by: author(view, message.author),
        created_at: message.created_at.rfc3339(),
    })
}

/// A message of a conversation.
pub fn direct<'a>(view: View<'_>, message: &'a message::Message) -> DmMessage<'a> {
    DmMessage {
        id: message.id.0,
        channel_id: message.channel.0,
        author_id: author(view, message.author),
        content: content(&view.state.directory, message),
        edited_at: message.edited_at.map(|at| at.rfc3339()),
        created_at: message.created_at.rfc3339(),
        deleted: message.deleted,
        attachments: file::attachments(message),
        nonce: None,
    }
}

/// The reactions on a message by first use.
pub fn reactions<'a>(view: View<'_>, message: &'a message::Message) -> Vec<ReactionCount<'a>> {
    let directory = &view.state.directory;
    let space = directory.channel(message.channel).and_then(|channel| channel.space());
    let count = |reaction: &'a message::Reaction| ReactionCount {
        emoji: emoji::spelled(directory, space, &reaction.emoji),
        count: reaction.by.len(),
        me: view.viewer.is_some_and(|viewer| reaction.by.contains(&viewer)),
    };
    message.reactions.iter().map(count).collect()
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
pub fn author(view: View<'_>, author: AccountId) -> Option<Uuid> {
    let known: Option<&std::sync::Arc<Account>> = view.state.directory.account(author);
    known.filter(|account| !account.retired).map(|account| account.id.0)
}
