//! Adding, changing and deleting a community's own emoji.

use crate::audit::AuditAction;
use crate::command::Reply;
use crate::emoji::Emoji;
use crate::engine::{Step, Stop};
use crate::event::{EventBody, Stream};
use crate::file::Picture;
use crate::ids::SpaceId;
use crate::limits;
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use std::sync::Arc;

pub(super) fn add(step: &mut Step<'_>, space: SpaceId, name: &str, picture: &Picture) -> Result<Reply, Stop> {
    policy::need(step.directory, space, step.actor, Permissions::MANAGE_SPACE)?;
    let by = step.account()?;
    if step.directory.emoji_of(space).count() >= limits::EMOJI_PER_SPACE {
        return Err(Refusal::Full.into());
    }
    let number = step.directory.next_emoji_number(space);
    let emoji = Emoji {
        number,
        space,
        name: free_name(step, space, name, None)?,
        picture: picture.clone(),
        by,
        created_at: step.env.now,
    };
    put(step, emoji, true, AuditAction::EmojiAdd)?;
    Ok(Reply::Emoji(number))
}

pub(super) fn change(
    step: &mut Step<'_>,
    space: SpaceId,
    number: i64,
    name: Option<&str>,
    picture: Option<&Picture>,
) -> Result<Reply, Stop> {
    policy::need(step.directory, space, step.actor, Permissions::MANAGE_SPACE)?;
    let mut emoji = (**step.directory.emoji(space, number).ok_or(Refusal::NoSuchEmoji)?).clone();
    if let Some(name) = name {
        emoji.name = free_name(step, space, name, Some(number))?;
    }
    if let Some(picture) = picture {
        emoji.picture = picture.clone();
    }
    put(step, emoji, false, AuditAction::EmojiUpdate)?;
    Ok(Reply::Emoji(number))
}

pub(super) fn remove(step: &mut Step<'_>, space: SpaceId, number: i64) -> Result<Reply, Stop> {
    policy::need(step.directory, space, step.actor, Permissions::MANAGE_SPACE)?;
    let emoji = step.directory.emoji(space, number).cloned().ok_or(Refusal::NoSuchEmoji)?;
    let target = Some((number.to_string(), emoji.name.clone()));
    step.emit(Stream::Space(space), EventBody::EmojiGone { emoji })?;
    step.audit(space, AuditAction::EmojiDelete, target, &[])?;
    Ok(Reply::Done)
}

fn put(step: &mut Step<'_>, emoji: Emoji, added: bool, action: AuditAction) -> Result<(), Stop> {
    let (space, target) = (emoji.space, Some((emoji.number.to_string(), emoji.name.clone())));
    step.emit(Stream::Space(space), EventBody::Emoji { emoji: Arc::new(emoji), added })?;
    step.audit(space, action, target, &[])
}

fn free_name(step: &Step<'_>, space: SpaceId, raw: &str, own: Option<i64>) -> Result<String, Refusal> {
    let fits = (1..=limits::EMOJI_NAME_CHARS).contains(&raw.len());
    if !fits || !raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return Err(Refusal::BadName);
    }
    match step.directory.emoji_named(space, raw) {
        Some(other) if Some(other.number) != own => Err(Refusal::NameTaken),
        _ => Ok(raw.to_owned()),
    }
}
