//! Saying something, changing it, taking it back, reacting to it, having read it.

use super::{account, file, moderation, thread};
use crate::audit::AuditAction;
use crate::channel::Channel;
use crate::command::{Actor, Command, NewMessage, Reply};
use crate::embed::Embed;
use crate::engine::{Step, Stop};
use crate::event::{EventBody, Stream};
use crate::ids::{AccountId, ChannelId, MessageId, SpaceId};
use crate::limits;
use crate::mention::{self, Mentions};
use crate::message::{Message, MessageKind, Pin, Reaction, ReplyTo};
use crate::permission::Permissions;
use crate::policy;
use crate::query::{Found, Query};
use crate::refusal::Refusal;
use std::sync::Arc;

pub(super) fn post(step: &mut Step<'_>, new: &NewMessage) -> Result<Reply, Stop> {
    let by_system = step.actor == Actor::System;
    if !by_system && new.persona.is_some() {
        return Err(Refusal::NotAllowed.into());
    }
    let author = if by_system { account::server(step)? } else { step.account()? };
    let mut channel = step.directory.channel(new.channel).cloned().ok_or(Refusal::NoSuchChannel)?;
    policy::may_post(step.directory, &channel, step.actor, step.env.now)?;
    check_content(step, &channel, new)?;
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
    let files = new.files.iter().map(|id| file::to_share(step, *id, &channel)).collect::<Result<_, _>>()?;
    let mut mentions = mentioned(step, &channel, author, &new.text);
    if by_system && new.interaction.is_some() {
        // It repeats words of whoever used the command, who may not mention anybody in the server's name.
        mentions = Mentions::default();
    }
    if channel.thread.is_some() {
        let by = if by_system { None } else { Some(author) };
        let concerned: Vec<AccountId> = by.into_iter().chain(mentions.accounts.iter().copied()).collect();
        thread::written(step, channel.id, &concerned)?;
        channel = step.directory.channel(new.channel).cloned().ok_or(Refusal::NoSuchChannel)?;
    }
    let place = (MessageId(step.env.uuid()), step.directory.next_message_number(), channel.head + 1);
    let message = Message {
        kind: if new.kind == MessageKind::System && !by_system { MessageKind::Said } else { new.kind },
        reply_to,
        mentions: mentions.accounts,
        mention_everyone: mentions.everyone,
        mention_roles: mentions.roles,
        files,
        embeds: new.embeds.clone(),
        poll: new.poll.clone(),
        happening: new.happening.clone(),
        persona: new.persona.clone(),
        interaction: new.interaction.clone(),
        nonce: new.nonce.clone(),
        ..Message::said(place, channel.id, author, new.text.clone(), step.env.now)
    };
    let message = Arc::new(message);
    step.emit(Stream::Channel(channel.id), EventBody::MessagePosted { message: message.clone() })?;
    Ok(Reply::Message { message, new: true })
}

/// Whom a text mentions, roles only as far as its author may.
fn mentioned(step: &Step<'_>, channel: &Channel, author: AccountId, text: &str) -> Mentions {
    let mut mentions = mention::mentions(step.directory, channel.space(), text);
    let space = channel.space().and_then(|space| step.directory.space(space));
    mentions.roles.retain(|role| {
        let found = space.and_then(|space| Some((space, space.role(*role)?)));
        found.is_some_and(|(space, role)| policy::may_mention(step.directory, space, role, author))
    });
    mentions
}

/// What the server says to who joins for the first time, if the operator wants it.
pub(super) fn welcome(step: &mut Step<'_>, space: SpaceId, account: AccountId) -> Result<(), Stop> {
    let Some(welcome) = step.rules.welcome.clone() else { return Ok(()) };
    if step.default_space()? != space {
        return Ok(());
    }
    let channel = step.directory.channel_named(space, &welcome.channel).map(|channel| channel.id);
    let known = step.directory.account(account).cloned();
    let Some((channel, known)) = channel.zip(known) else { return Ok(()) };
    let text = welcome.template.replace("{username}", known.shown_name());
    let new = NewMessage { kind: MessageKind::System, ..NewMessage::said(channel, text) };
    let actor = std::mem::replace(&mut step.actor, Actor::System);
    let posted = post(step, &new);
    step.actor = actor;
    match posted {
        Ok(_) | Err(Stop::Refused(_)) => Ok(()),
        Err(failed) => Err(failed),
    }
}

pub(super) fn edit(
    step: &mut Step<'_>,
    id: MessageId,
    text: &str,
    embeds: Option<&[Embed]>,
) -> Result<Reply, Stop> {
    let (channel, mut message) = visible(step, id)?;
    let actor = step.account()?;
    if message.author != actor {
        return Err(Refusal::NotAuthor.into());
    }
    policy::may_post(step.directory, &channel, step.actor, step.env.now)?;
    if !policy::permissions_in(step.directory, &channel, actor).has(Permissions::EDIT_OWN) {
        return Err(Refusal::NotAllowed.into());
    }
    if let Some(embeds) = embeds {
        check_embeds(embeds)?;
        embeds.clone_into(&mut message.embeds);
    }
    let bare = message.files.is_empty() && message.embeds.is_empty() && message.poll.is_none();
    check_text(text, bare)?;
    check_words(step, text)?;
    let mentions = mentioned(step, &channel, actor, text);
    text.clone_into(&mut message.text);
    message.mentions = mentions.accounts;
    message.mention_everyone = mentions.everyone;
    message.mention_roles = mentions.roles;
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
        if !own && !manages_messages(step, &channel, actor) {
            return Err(Refusal::NotAuthor.into());
        }
    }
    let author = message.author;
    message.deleted = true;
    message.text = String::new();
    message.reactions = Vec::new();
    message.mentions = Vec::new();
    message.mention_everyone = false;
    message.mention_roles = Vec::new();
    message.files = Vec::new();
    message.embeds = Vec::new();
    message.pin = None;
    message.happening = None;
    // What remains of a question is that there was one: whoever waits for its end is told here.
    if let Some(poll) = &mut message.poll {
        poll.question = String::new();
        poll.options = Vec::new();
    }
    let message = Arc::new(message);
    step.emit(Stream::Channel(channel.id), EventBody::MessageDeleted { message: message.clone() })?;
    if let Some(space) = channel.space()
        && step.account().is_ok_and(|actor| actor != author)
    {
        let target = step.audited_account(author);
        let details = [("channel", channel.name.clone()), ("message", id.to_string())];
        step.audit(space, AuditAction::MessageDelete, target, &details)?;
    }
    Ok(Reply::Message { message, new: false })
}

pub(super) fn pin(step: &mut Step<'_>, id: MessageId, on: bool) -> Result<Reply, Stop> {
    let (channel, mut message) = visible(step, id)?;
    let by = step.account()?;
    let held = policy::permissions_in(step.directory, &channel, by);
    if !held.has(Permissions::PIN) && !manages_messages(step, &channel, by) {
        return Err(Refusal::NotAllowed.into());
    }
    if message.pin.is_some() == on {
        return Err(Refusal::Already.into());
    }
    if on
        && let Found::Messages { messages, .. } = step.tx.find(&Query::Pins { channel: channel.id })?
        && messages.len() >= limits::PINS_PER_CHANNEL
    {
        return Err(Refusal::Full.into());
    }
    message.pin = on.then_some(Pin { by, at: step.env.now });
    let author = message.author;
    let message = Arc::new(message);
    step.emit(Stream::Channel(channel.id), EventBody::Pinned { message: message.clone(), on })?;
    if let Some(space) = channel.space() {
        let action = if on { AuditAction::MessagePin } else { AuditAction::MessageUnpin };
        let target = step.audited_account(author);
        let details = [("channel", channel.name.clone()), ("message", id.to_string())];
        step.audit(space, action, target, &details)?;
    }
    Ok(Reply::Message { message, new: false })
}

/// True when an account manages the messages of a channel it may see: there, or everywhere in the space
/// (originchats.md 8).
pub(super) fn manages_messages(step: &Step<'_>, channel: &Channel, account: AccountId) -> bool {
    let here = policy::permissions_in(step.directory, channel, account);
    let everywhere = channel
        .space()
        .map_or(Permissions::NONE, |space| policy::permissions_in_space(step.directory, space, account));
    here.has(Permissions::MANAGE_MESSAGES)
        || (here.has(Permissions::VIEW) && everywhere.has(Permissions::MANAGE_MESSAGES))
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
pub(super) fn visible(step: &mut Step<'_>, id: MessageId) -> Result<(Arc<Channel>, Message), Stop> {
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

/// Checks everything a new message carries.
fn check_content(step: &mut Step<'_>, channel: &Channel, new: &NewMessage) -> Result<(), Stop> {
    let more = new.poll.is_some() || new.happening.is_some();
    let bare = new.files.is_empty() && new.embeds.is_empty() && !more;
    check_text(&new.text, bare)?;
    check_words(step, &new.text)?;
    check_embeds(&new.embeds)?;
    if let Some(poll) = &new.poll {
        poll.check(step.env.now)?;
    }
    if let Some(happening) = &new.happening {
        let description = happening.description.as_deref().unwrap_or_default();
        if happening.name.trim().is_empty() {
            return Err(Refusal::Empty.into());
        }
        if happening.name.chars().count() > limits::NAME_CHARS
            || description.chars().count() > limits::TOPIC_CHARS
        {
            return Err(Refusal::TooLong.into());
        }
    }
    if new.files.len() > limits::FILES_PER_MESSAGE {
        return Err(Refusal::Full.into());
    }
    if let Actor::Account(account) = step.actor
        && !new.files.is_empty()
        && !policy::permissions_in(step.directory, channel, account).has(Permissions::ATTACH_FILES)
    {
        return Err(Refusal::MayNotShare.into());
    }
    Ok(())
}

/// Checks that a text holds none of the operator's words.
fn check_words(step: &Step<'_>, text: &str) -> Result<(), Refusal> {
    if step.actor == Actor::System || step.rules.blocked_words.is_empty() {
        return Ok(());
    }
    let text = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    if words.any(|word| step.rules.blocked_words.iter().any(|blocked| blocked == word)) {
        return Err(Refusal::BlockedWord);
    }
    Ok(())
}

/// Silences somebody who tried to post or write a word that nobody may post, where they tried.
pub(crate) fn silence(step: &mut Step<'_>, account: AccountId, tried: &Command) -> Result<(), Stop> {
    let channel = if let Command::PostMessage(new) = tried {
        Some(new.channel)
    } else if let Command::EditMessage { message, .. } = tried {
        step.tx.message(*message)?.map(|message| message.channel)
    } else {
        None
    };
    let space = channel.and_then(|channel| step.directory.channel(channel)?.space());
    let Some(space) = space else { return Ok(()) };
    let until = step.env.now.plus_seconds(limits::BLOCKED_WORD_SECONDS);
    moderation::timeout(step, space, account, Some(until), Some("blocked word")).map(|_| ())
}

fn check_embeds(embeds: &[Embed]) -> Result<(), Refusal> {
    if embeds.len() > limits::EMBEDS_PER_MESSAGE {
        return Err(Refusal::Full);
    }
    for embed in embeds {
        if embed.chars() > limits::EMBED_CHARS || embed.fields.len() > limits::EMBED_FIELDS {
            return Err(Refusal::TooLong);
        }
        if !embed.urls_are_web() {
            return Err(Refusal::Invalid);
        }
    }
    Ok(())
}

/// Checks a text; only a `bare` message, which carries nothing else, must have one.
fn check_text(text: &str, bare: bool) -> Result<(), Refusal> {
    if bare && text.trim().is_empty() {
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
