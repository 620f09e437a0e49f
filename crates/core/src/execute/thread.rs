//! Opening, changing, following and deleting threads.

use super::channel::{blank, put};
use super::space::checked_name;
use crate::channel::{Channel, ChannelKind, Home, Thread};
use crate::command::{Actor, Reply, ThreadChange};
use crate::engine::{Step, Stop};
use crate::event::{ChannelChange, EventBody, Stream};
use crate::ids::{AccountId, ChannelId, MessageId, SpaceId};
use crate::limits;
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;

pub(super) fn create(
    step: &mut Step<'_>,
    parent_id: ChannelId,
    name: &str,
    root: Option<MessageId>,
) -> Result<Reply, Stop> {
    let account = step.account()?;
    let parent = step.directory.channel(parent_id).cloned().ok_or(Refusal::NoSuchChannel)?;
    let Home::Space(space) = parent.home else { return Err(Refusal::WrongChannelKind.into()) };
    policy::check_view(step.directory, &parent, step.actor)?;
    policy::not_silenced(step.directory, space, account, step.env.now)?;
    match (parent.kind, root) {
        (ChannelKind::Forum, None) => {}
        (ChannelKind::Text | ChannelKind::Voice, Some(root)) => {
            let message = step.tx.message(root)?.filter(|message| !message.deleted);
            if message.is_none_or(|message| message.channel != parent_id) {
                return Err(Refusal::NoSuchMessage.into());
            }
        }
        (ChannelKind::Forum | ChannelKind::Text | ChannelKind::Voice | ChannelKind::Separator, _) => {
            return Err(Refusal::WrongChannelKind.into());
        }
    }
    // A message has one thread: who comes second finds it.
    if let Some(known) = root.and_then(|root| step.directory.thread_on(root)) {
        return Ok(Reply::Channel { channel: known.id, new: false });
    }
    if !policy::permissions_in(step.directory, &parent, account).has(Permissions::CREATE_THREAD) {
        return Err(Refusal::NotAllowed.into());
    }
    if step.directory.threads_of(parent_id).count() >= limits::THREADS_PER_CHANNEL {
        return Err(Refusal::Full.into());
    }
    let mut thread = blank(step, Home::Thread { space, parent: parent_id }, ChannelKind::Text);
    thread.name = checked_name(name)?;
    thread.thread =
        Some(Thread { by: account, root, locked: false, archived: false, participants: vec![account] });
    let id = thread.id;
    put(step, space, thread, ChannelChange::Created)?;
    Ok(Reply::Channel { channel: id, new: true })
}

pub(super) fn change(step: &mut Step<'_>, id: ChannelId, change: &ThreadChange) -> Result<Reply, Stop> {
    let (space, mut channel) = known(step, id)?;
    let manages = check_manages(step, &channel)?;
    if change.locked.is_some() && !manages {
        return Err(Refusal::NotAllowed.into());
    }
    if let Some(name) = &change.name {
        channel.name = checked_name(name)?;
    }
    if let Some(thread) = &mut channel.thread {
        thread.locked = change.locked.unwrap_or(thread.locked);
        thread.archived = change.archived.unwrap_or(thread.archived);
    }
    put(step, space, channel, ChannelChange::Thread)?;
    Ok(Reply::Done)
}

pub(super) fn follow(step: &mut Step<'_>, id: ChannelId, on: bool) -> Result<Reply, Stop> {
    let account = step.account()?;
    let (space, channel) = known(step, id)?;
    if on && channel.thread.as_ref().is_some_and(|thread| thread.locked) {
        return Err(Refusal::Locked.into());
    }
    set_following(step, space, channel, account, on)?;
    Ok(Reply::Done)
}

/// Takes somebody among the followers of a thread, or out of them. Who opened it stays.
fn set_following(
    step: &mut Step<'_>,
    space: SpaceId,
    mut channel: Channel,
    account: AccountId,
    on: bool,
) -> Result<(), Stop> {
    let Some(thread) = &mut channel.thread else { return Ok(()) };
    let follows = thread.participants.contains(&account);
    let full = thread.participants.len() >= limits::PARTICIPANTS_PER_THREAD;
    if follows == on || (on && full) || (!on && thread.by == account) {
        return Ok(());
    }
    let change = if on {
        thread.participants.push(account);
        ChannelChange::Followed(account)
    } else {
        thread.participants.retain(|other| *other != account);
        ChannelChange::Unfollowed(account)
    };
    put(step, space, channel, change)
}

/// Before a message goes into a thread: it is taken out of the archive, and who writes or is mentioned follows it.
pub(super) fn written(step: &mut Step<'_>, id: ChannelId, concerned: &[AccountId]) -> Result<(), Stop> {
    let (space, mut channel) = known(step, id)?;
    let Some(thread) = &mut channel.thread else { return Ok(()) };
    if thread.archived {
        thread.archived = false;
        put(step, space, channel, ChannelChange::Thread)?;
    }
    for account in concerned {
        let channel = known(step, id)?.1;
        if policy::may_view(step.directory, &channel, *account) {
            set_following(step, space, channel, *account, true)?;
        }
    }
    Ok(())
}

pub(super) fn delete(step: &mut Step<'_>, id: ChannelId) -> Result<Reply, Stop> {
    let (space, channel) = known(step, id)?;
    check_manages(step, &channel)?;
    let parent = channel.parent().ok_or(Refusal::NoSuchChannel)?;
    gone(step, space, parent, id)?;
    Ok(Reply::Done)
}

/// Ends a thread.
pub(super) fn gone(
    step: &mut Step<'_>,
    space: SpaceId,
    parent: ChannelId,
    channel: ChannelId,
) -> Result<(), Stop> {
    let body = EventBody::ChannelDeleted { channel, space, parent: Some(parent) };
    step.emit(Stream::Space(space), body)
}

/// A thread that the actor may see.
fn known(step: &Step<'_>, id: ChannelId) -> Result<(SpaceId, Channel), Stop> {
    let channel = step.directory.channel(id).ok_or(Refusal::NoSuchChannel)?;
    let Home::Thread { space, .. } = channel.home else { return Err(Refusal::NoSuchChannel.into()) };
    policy::check_view(step.directory, channel, step.actor)?;
    Ok((space, (**channel).clone()))
}

/// Checks that the actor opened the thread or manages threads; true for the latter.
fn check_manages(step: &Step<'_>, channel: &Channel) -> Result<bool, Stop> {
    let Actor::Account(account) = step.actor else { return Ok(true) };
    if policy::permissions_in(step.directory, channel, account).has(Permissions::MANAGE_THREADS) {
        return Ok(true);
    }
    let opened = channel.thread.as_ref().is_some_and(|thread| thread.by == account);
    if opened { Ok(false) } else { Err(Refusal::NotAllowed.into()) }
}
