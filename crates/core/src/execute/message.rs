//! Saying something, changing it, taking it back, reacting to it, having read it.

use crate::channel::Channel;
use crate::command::{Actor, NewMessage, Reply};
use crate::engine::{Step, Stop};
use crate::event::{EventBody, Stream};
use crate::ids::{AccountId, ChannelId, MessageId};
use crate::limits;
use crate::mention;
use crate::message::{Message, MessageKind, Reaction, ReplyTo};
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use std::sync::Arc;

pub(super) fn post(step: &mut Step<'_>, new: &NewMessage) -> Result<Reply, Stop> {
    let author = step.account()?;
    let channel = step.directory.channel(new.channel).cloned().ok_or(Refusal::NoSuchChannel)?;
    policy::may_post(step.directory, &channel, step.actor, step.env.now)?;
    check_text(&new.text)?;
    if let Some(nonce) = &new.nonce {
        if nonce.len() > limits::NONCE_BYTES {
            return Err(Refusal::TooLong.into());
        }
        if let Some(known) = step.tx.message_with_nonce(author, nonce)? {
            return Ok(Reply::Message { message: Arc::new(known), new: false });
        }
    }
    let reply_to = match new.reply_to {
        Some(id) => Some(reply_target(step, &channel, id, new.ping)?),
        None => None,
    };
    let mentions = mention::mentions(step.directory, channel.space(), &new.text);
    let message = Message {
        id: MessageId(step.env.uuid()),
        number: step.directory.next_message_number(),
        channel: channel.id,
        seq: channel.head + 1,
        author,
        kind: if new.kind == MessageKind::System { MessageKind::Said } else { new.kind },
        text: new.text.clone(),
        reply_to,
        mentions: mentions.accounts,
        mention_everyone: mentions.everyone,
        nonce: new.nonce.clone(),
        created_at: step.env.now,
        edited_at: None,
        deleted: false,
        reactions: Vec::new(),
    };
    let message = Arc::new(message);
    step.emit(Stream::Channel(channel.id), EventBody::MessagePosted { message: message.clone() })?;
    Ok(Reply::Message { message, new: true })
}

pub(super) fn edit(step: &mut Step<'_>, id: MessageId, text: &str) -> Result<Reply, Stop> {
    let (channel, mut message) = visible(step, id)?;
    let actor = step.account()?;
    if message.author != actor {
        return Err(Refusal::NotAuthor.into());
    }
    policy::may_post(step.directory, &channel, step.actor, step.env.now)?;
    if !policy::permissions_in(step.directory, &channel, actor).has(Permissions::EDIT_OWN) {
        return Err(Refusal::NotAllowed.into());
    }
    check_text(text)?;
    let mentions = mention::mentions(step.directory, channel.space(), text);
    text.clone_into(&mut message.text);
    message.mentions = mentions.accounts;
    message.mention_everyone = mentions.everyone;
    message.edited_at = Some(step.env.now);
    let newest = channel.last_message == Some(id);
    let message = Arc::new(message);
    step.emit(Stream::Channel(channel.id), EventBody::MessageEdited { message: message.clone(), newest })?;
    Ok(Reply::Message { message, new: false })
}

pub(super) fn delete(step: &mut Step<'_>, id: MessageId) -> Result<Reply, Stop> {
    let (channel, mut message) = visible(step, id)?;
    if let Actor::Account(actor) = step.actor {
        let held = policy::permissions_in(step.directory, &channel, actor);
        let own = message.author == actor && held.has(Permissions::DELETE_OWN);
        if !own && !held.has(Permissions::MANAGE_MESSAGES) {
            return Err(Refusal::NotAuthor.into());
        }
    }
    message.deleted = true;
    message.text = String::new();
    message.reactions = Vec::new();
    message.mentions = Vec::new();
    message.mention_everyone = false;
    let message = Arc::new(message);
    step.emit(Stream::Channel(channel.id), EventBody::MessageDeleted { message: message.clone() })?;
    Ok(Reply::Message { message, new: false })
}

pub(super) fn react(step: &mut Step<'_>, id: MessageId, emoji: &str, on: bool) -> Result<Reply, Stop> {
    let (channel, mut message) = visible(step, id)?;
    let account = step.account()?;
    if on {
        check_emoji(emoji)?;
        if !policy::permissions_in(step.directory, &channel, account).has(Permissions::ADD_REACTIONS) {
            return Err(Refusal::NotAllowed.into());
        }
        if let Some(space) = channel.space() {
            policy::not_silenced(step.directory, space, account, step.env.now)?;
        }
    }
    toggle(&mut message, account, emoji, on)?;
    let message = Arc::new(message);
    let body = EventBody::Reacted { message: message.clone(), emoji: emoji.to_owned(), account, on };
    step.emit(Stream::Channel(channel.id), body)?;
    Ok(Reply::Message { message, new: false })
}

pub(super) fn mark_read(step: &mut Step<'_>, id: ChannelId, upto: Option<MessageId>) -> Result<Reply, Stop> {
    let account = step.account()?;
    let channel = step.directory.channel(id).cloned().ok_or(Refusal::NoSuchChannel)?;
    policy::check_view(step.directory, &channel, step.actor)?;
    let (seq, message) = match upto {
        Some(message) => {
            let (home, message) = visible(step, message)?;
            if home.id != id {
                return Err(Refusal::NoSuchMessage.into());
            }
            (message.seq, Some(message.id))
        }
        None => (channel.head, channel.last_message),
    };
    step.emit(Stream::Instance, EventBody::Read { account, channel: id, seq, message })?;
    Ok(Reply::Done)
}

/// A message that is not deleted, in a channel the actor may view.
fn visible(step: &mut Step<'_>, id: MessageId) -> Result<(Arc<Channel>, Message), Stop> {
    let message = step.tx.message(id)?.filter(|message| !message.deleted).ok_or(Refusal::NoSuchMessage)?;
    let channel = step.directory.channel(message.channel).cloned().ok_or(Refusal::NoSuchMessage)?;
    match policy::check_view(step.directory, &channel, step.actor) {
        Ok(()) => Ok((channel, message)),
        Err(Refusal::MayNotView) => Err(Refusal::MayNotView.into()),
        Err(_) => Err(Refusal::NoSuchMessage.into()),
    }
}

fn reply_target(step: &mut Step<'_>, channel: &Channel, id: MessageId, ping: bool) -> Result<ReplyTo, Stop> {
    let target = step.tx.message(id)?;
    match target {
        Some(target) if target.channel == channel.id && !target.deleted => {
            Ok(ReplyTo { id, author: target.author, ping })
        }
        _ => Err(Refusal::NoSuchReplyTarget.into()),
    }
}

fn check_text(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::Empty);
    }
    if text.chars().count() > limits::MESSAGE_CHARS {
        return Err(Refusal::TooLong);
    }
    if text.contains('\0') { Err(Refusal::Invalid) } else { Ok(()) }
}

fn check_emoji(emoji: &str) -> Result<(), Refusal> {
    let fits = (1..=limits::EMOJI_BYTES).contains(&emoji.len());
    let plain =
        !emoji.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '&' | '"'));
    if fits && plain { Ok(()) } else { Err(Refusal::Invalid) }
}

fn toggle(message: &mut Message, account: AccountId, emoji: &str, on: bool) -> Result<(), Refusal> {
    let at = message.reactions.iter().position(|reaction| reaction.emoji == emoji);
    match (at, on) {
        (Some(at), true) => {
            let by = &mut message.reactions[at].by;
            if by.contains(&account) {
                return Err(Refusal::Already);
            }
            by.push(account);
        }
        (None, true) => {
            if message.reactions.len() >= limits::EMOJI_PER_MESSAGE {
                return Err(Refusal::Full);
            }
            message.reactions.push(Reaction { emoji: emoji.to_owned(), by: vec![account] });
        }
        (Some(at), false) => {
            let by = &mut message.reactions[at].by;
            let before = by.len();
            by.retain(|other| *other != account);
            if by.len() == before {
                return Err(Refusal::Already);
            }
            if by.is_empty() {
                message.reactions.remove(at);
            }
        }
        (None, false) => return Err(Refusal::Already),
    }
    Ok(())
}
