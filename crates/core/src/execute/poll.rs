//! Voting, and the end of a poll.

use super::message::{manages_messages, visible};
use crate::command::{Actor, Reply};
use crate::engine::{Step, Stop};
use crate::event::{EventBody, Stream};
use crate::ids::MessageId;
use crate::policy;
use crate::refusal::Refusal;
use std::sync::Arc;

pub(super) fn vote(step: &mut Step<'_>, id: MessageId, options: &[String]) -> Result<Reply, Stop> {
    let (channel, mut message) = visible(step, id)?;
    let account = step.account()?;
    if let Some(space) = channel.space() {
        policy::not_silenced(step.directory, space, account, step.env.now)?;
    }
    let now = step.env.now;
    let poll = message.poll.as_mut().ok_or(Refusal::PollOver)?;
    if poll.is_over(now) {
        return Err(Refusal::PollOver.into());
    }
    let known = |wanted: &String| poll.options.iter().any(|option| option.id == *wanted);
    if !options.iter().all(known) {
        return Err(Refusal::NoSuchOption.into());
    }
    if !poll.multiple && options.len() > 1 {
        return Err(Refusal::Invalid.into());
    }
    let changed = poll.choose(account, options);
    let message = Arc::new(message);
    if changed {
        let body = EventBody::Voted { message: message.clone(), account };
        step.emit(Stream::Channel(channel.id), body)?;
    }
    Ok(Reply::Message { message, new: false })
}

pub(super) fn end(step: &mut Step<'_>, id: MessageId) -> Result<Reply, Stop> {
    let (channel, mut message) = visible(step, id)?;
    if let Actor::Account(actor) = step.actor
        && message.author != actor
        && !manages_messages(step, &channel, actor)
    {
        return Err(Refusal::NotAllowed.into());
    }
    let now = step.env.now;
    let poll = message.poll.as_mut().ok_or(Refusal::PollOver)?;
    if poll.ended_at.is_some() {
        return Err(Refusal::PollOver.into());
    }
    poll.ended_at = Some(now);
    let message = Arc::new(message);
    step.emit(Stream::Channel(channel.id), EventBody::PollEnded { message: message.clone() })?;
    Ok(Reply::Message { message, new: false })
}
