//! What the server does for its own order.

use super::message;
use crate::audit::AuditAction;
use crate::command::{Actor, HouseCommand, Reply};
use crate::engine::{Step, Stop};
use crate::event::{EventBody, Stream};
use crate::ids::{AccountId, ChannelId, SpaceId};
use crate::limits;
use crate::note::{Note, Noted};
use crate::query::{Found, Page, Query};
use crate::refusal::Refusal;
use std::sync::Arc;

pub(super) fn carry_out(step: &mut Step<'_>, command: &HouseCommand) -> Result<Reply, Stop> {
    if step.actor != Actor::System {
        return Err(Refusal::NotAllowed.into());
    }
    match command {
        HouseCommand::TakeNumber => {
            let number = step.directory.next_message_number();
            noted(step, Noted::Number(number))?;
            Ok(Reply::Number(number))
        }
        HouseCommand::Note(note) => write(step, note),
        HouseCommand::Empty { channel } => empty(step, *channel),
        HouseCommand::Report { space, by, about, details } => report(step, *space, *by, *about, details),
    }
}

fn write(step: &mut Step<'_>, note: &Note) -> Result<Reply, Stop> {
    if note.key.len() > limits::NOTE_KEY_BYTES || note.text.len() > limits::NOTE_BYTES {
        return Err(Refusal::TooLong.into());
    }
    if step.directory.note(&note.key, step.env.now).is_some_and(|known| known.serves_for(note, step.env.now))
    {
        return Ok(Reply::Done);
    }
    let others = || {
        let notes = step.directory.notes();
        notes.filter(|known| known.kind() == note.kind() && known.key != note.key)
    };
    let full = others().count() >= limits::NOTES;
    let first = others().min_by_key(|known| known.until).map(|known| known.key.clone());
    if let Some(key) = first.filter(|_| full) {
        noted(step, Noted::Gone(key))?;
    }
    noted(step, Noted::Written(Arc::new(note.clone())))?;
    Ok(Reply::Done)
}

fn empty(step: &mut Step<'_>, channel: ChannelId) -> Result<Reply, Stop> {
    let query = Query::History { channel, page: Page::Newest { skip: 0 }, limit: limits::EMPTIED_MESSAGES };
    let Found::Messages { messages, .. } = step.tx.find(&query)? else { return Ok(Reply::Number(0)) };
    for message in &messages {
        message::delete(step, message.id)?;
    }
    Ok(Reply::Number(i64::try_from(messages.len()).unwrap_or(i64::MAX)))
}

fn report(
    step: &mut Step<'_>,
    space: SpaceId,
    by: Option<AccountId>,
    about: AccountId,
    details: &[(&'static str, String)],
) -> Result<Reply, Stop> {
    let target = step.audited_account(about).ok_or(Refusal::NoSuchAccount)?;
    let cut = |text: &str| text.chars().take(limits::REPORT_CHARS).collect();
    let details: Vec<(&str, String)> = details.iter().map(|(name, text)| (*name, cut(text))).collect();
    step.actor = by.map_or(Actor::System, Actor::Account);
    step.audit(space, AuditAction::UserReport, Some(target), &details)?;
    Ok(Reply::Done)
}

/// Forgets notes that have ended, at most [`limits::SWEEP`].
pub(super) fn sweep(step: &mut Step<'_>) -> Result<(), Stop> {
    let now = step.env.now;
    let ended = step.directory.notes().filter(|note| note.until <= now).map(|note| note.key.clone());
    for key in ended.take(limits::SWEEP).collect::<Vec<_>>() {
        noted(step, Noted::Gone(key))?;
    }
    Ok(())
}

fn noted(step: &mut Step<'_>, noted: Noted) -> Result<(), Stop> {
    step.emit(Stream::Instance, EventBody::Noted { noted })
}
