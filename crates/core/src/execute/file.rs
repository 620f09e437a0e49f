//! Taking files in, sharing them with a message, taking them away.

use super::message::{manages_messages, visible};
use crate::channel::Channel;
use crate::command::{Actor, NewFile, Reply};
use crate::engine::{Step, Stop};
use crate::event::{EventBody, Stream};
use crate::file::File;
use crate::ids::{AccountId, FileId, MessageId};
use crate::limits;
use crate::permission::Permissions;
use crate::policy;
use crate::query::{Found, Query};
use crate::refusal::Refusal;
use std::sync::Arc;

pub(super) fn add(step: &mut Step<'_>, new: &NewFile) -> Result<Reply, Stop> {
    let by = step.account()?;
    let channel = step.directory.channel(new.channel).cloned().ok_or(Refusal::NoSuchChannel)?;
    policy::check_view(step.directory, &channel, step.actor)?;
    if let Some(space) = channel.space() {
        policy::not_silenced(step.directory, space, by, step.env.now)?;
    }
    if !policy::permissions_in(step.directory, &channel, by).has(Permissions::ATTACH_FILES) {
        return Err(Refusal::MayNotShare.into());
    }
    check_name(new)?;
    if let Some(keep) = new.keep {
        make_room(step, by, keep)?;
    }
    let file = made(step, by, new);
    step.emit(Stream::Instance, EventBody::FileAdded { file: file.clone() })?;
    Ok(Reply::File(file))
}

fn made(step: &mut Step<'_>, by: AccountId, new: &NewFile) -> Arc<File> {
    Arc::new(File {
        id: FileId(step.env.random_uuid()),
        name: new.name.clone(),
        mime: new.mime.clone(),
        size: new.size,
        hash: new.hash.clone(),
        dimensions: new.dimensions,
        by,
        channel: new.channel,
        created_at: step.env.now,
        expires_at: new.expires_at,
        permanent: new.permanent,
    })
}

pub(super) fn share(step: &mut Step<'_>, id: MessageId, files: &[NewFile]) -> Result<Reply, Stop> {
    let by = step.account()?;
    let (channel, mut message) = visible(step, id)?;
    if message.author != by {
        return Err(Refusal::NotAuthor.into());
    }
    policy::may_post(step.directory, &channel, step.actor, step.env.now)?;
    if !policy::permissions_in(step.directory, &channel, by).has(Permissions::ATTACH_FILES) {
        return Err(Refusal::MayNotShare.into());
    }
    if files.is_empty() {
        return Err(Refusal::Empty.into());
    }
    if message.files.len() + files.len() > limits::FILES_PER_MESSAGE {
        return Err(Refusal::Full.into());
    }
    for new in files {
        check_name(new)?;
        let file = made(step, by, &NewFile { channel: channel.id, ..new.clone() });
        step.emit(Stream::Instance, EventBody::FileAdded { file: file.clone() })?;
        message.files.push(file);
    }
    let message = Arc::new(message);
    step.emit(Stream::Channel(channel.id), EventBody::FilesShared { message: message.clone() })?;
    Ok(Reply::Message { message, new: false })
}

fn check_name(new: &NewFile) -> Result<(), Refusal> {
    let fits = (1..=limits::FILE_NAME_BYTES).contains(&new.name.len());
    if fits && !new.name.contains(char::is_control) { Ok(()) } else { Err(Refusal::BadName) }
}

/// Takes the oldest files of an account away until one more may be kept.
fn make_room(step: &mut Step<'_>, by: AccountId, keep: usize) -> Result<(), Stop> {
    if keep == 0 {
        return Err(Refusal::Full.into());
    }
    let Found::Files(files) = step.tx.find(&Query::FilesBy { account: by })? else { return Ok(()) };
    let surplus = (files.len() + 1).saturating_sub(keep);
    for file in files.into_iter().take(surplus) {
        step.emit(Stream::Instance, EventBody::FileGone { file })?;
    }
    Ok(())
}

/// The file that a message of the actor is to share: their own, not over, shared with no other message.
pub(super) fn to_share(step: &mut Step<'_>, id: FileId, channel: &Channel) -> Result<Arc<File>, Stop> {
    let by = step.account()?;
    let Found::File(found) = step.tx.find(&Query::File { file: id })? else {
        return Err(Refusal::NoSuchFile.into());
    };
    let (file, shared) = found.ok_or(Refusal::NoSuchFile)?;
    if file.expires_at.is_some_and(|end| end <= step.env.now) || shared.is_some() {
        return Err(Refusal::NoSuchFile.into());
    }
    if file.by != by {
        return Err(Refusal::NotAuthor.into());
    }
    // A file taken in for a forum may be shared in its threads, and the other way round.
    let home = |channel: &Channel| channel.parent().unwrap_or(channel.id);
    let taken_for = step.directory.channel(file.channel).map(|known| home(known));
    if taken_for != Some(home(channel)) {
        return Err(Refusal::NoSuchFile.into());
    }
    Ok(file)
}

pub(super) fn remove(step: &mut Step<'_>, id: FileId) -> Result<Reply, Stop> {
    let Found::File(Some((file, _))) = step.tx.find(&Query::File { file: id })? else {
        return Err(Refusal::NoSuchFile.into());
    };
    if let Actor::Account(actor) = step.actor
        && file.by != actor
    {
        let channel = step.directory.channel(file.channel).cloned().ok_or(Refusal::NoSuchFile)?;
        if !policy::may_view(step.directory, &channel, actor) {
            return Err(Refusal::NoSuchFile.into());
        }
        if !manages_messages(step, &channel, actor) {
            return Err(Refusal::NotAuthor.into());
        }
    }
    step.emit(Stream::Instance, EventBody::FileGone { file })?;
    Ok(Reply::Done)
}
