//! Making, changing and deleting channels; opening conversations.

use super::account::short;
use super::space::{self, checked_name};
use super::thread;
use crate::audit::AuditAction;
use crate::channel::{Channel, ChannelKind, Grant, Home, Look, Override, OverrideTarget};
use crate::command::{Actor, ChannelSettings, Reply};
use crate::engine::{Step, Stop};
use crate::event::{ChannelChange, EventBody, SpaceChange, Stream};
use crate::ids::{AccountId, ChannelId, SpaceId, WebhookId};
use crate::limits;
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use std::sync::Arc;

pub(super) fn create(
    step: &mut Step<'_>,
    space_id: SpaceId,
    kind: ChannelKind,
    settings: &ChannelSettings,
) -> Result<Reply, Stop> {
    policy::need(step.directory, space_id, step.actor, Permissions::MANAGE_CHANNELS)?;
    let mut space = space::known(step, space_id)?;
    if space.channels.len() >= limits::CHANNELS_PER_SPACE {
        return Err(Refusal::Full.into());
    }
    let mut channel = blank(step, Home::Space(space_id), kind);
    if settings.name.is_none() {
        return Err(Refusal::BadName.into());
    }
    apply(step, &mut channel, settings)?;
    let (id, name) = (channel.id, channel.name.clone());
    let word = if kind == ChannelKind::Voice { "voice" } else { "text" };
    put(step, space_id, channel, ChannelChange::Created)?;
    space.channels.push(id);
    if space.default_channel.is_none() && kind == ChannelKind::Text {
        space.default_channel = Some(id);
    }
    space::put(step, space, SpaceChange::ChannelOrder)?;
    step.audit(
        space_id,
        AuditAction::ChannelCreate,
        Some((id.to_string(), name)),
        &[("type", word.to_owned())],
    )?;
    Ok(Reply::Channel { channel: id, new: true })
}

pub(super) fn change(step: &mut Step<'_>, id: ChannelId, settings: &ChannelSettings) -> Result<Reply, Stop> {
    let (space, before) = managed(step, id)?;
    let mut channel = before.clone();
    apply(step, &mut channel, settings)?;
    if let Some(place) = settings.place {
        give_place(step, space, &channel, place)?;
    }
    let name = channel.name.clone();
    let place = settings.place.map(|place| place.to_string());
    let words =
        [("topic", channel.topic.clone()), ("category", channel.category.clone()), ("position", place)];
    let rights = channel.grants != before.grants || channel.overrides != before.overrides;
    let mut plain = channel.clone();
    (plain.grants, plain.overrides) = (before.grants.clone(), before.overrides.clone());
    if plain != before || !rights {
        put(step, space, plain, ChannelChange::Settings)?;
    }
    if rights {
        put(step, space, channel, ChannelChange::Overrides)?;
    }
    let details: Vec<_> =
        words.into_iter().filter_map(|(name, text)| text.map(|text| (name, text))).collect();
    step.audit(space, AuditAction::ChannelUpdate, Some((id.to_string(), name)), &details)?;
    Ok(Reply::Done)
}

/// Puts a channel among those with that number by their age. The others keep theirs.
fn give_place(step: &mut Step<'_>, space: SpaceId, channel: &Channel, place: u32) -> Result<(), Stop> {
    if place > limits::CHANNEL_PLACE_MOST {
        return Err(Refusal::Invalid.into());
    }
    let mut space = space::known(step, space)?;
    let age = |id: ChannelId| step.directory.channel(id).map(|known| known.created_at);
    let mut places: Vec<(ChannelId, u32)> = space.places().filter(|(id, _)| *id != channel.id).collect();
    let behind = |(id, other): &(ChannelId, u32)| (*other, age(*id)) > (place, Some(channel.created_at));
    let index = places.iter().position(behind).unwrap_or(places.len());
    places.insert(index, (channel.id, place));
    space.channels = places.iter().map(|(id, _)| *id).collect();
    space.given_places = places.into_iter().collect();
    space::put(step, space, SpaceChange::ChannelOrder)
}

pub(super) fn shift(step: &mut Step<'_>, id: ChannelId, position: usize) -> Result<Reply, Stop> {
    let (space_id, channel) = managed(step, id)?;
    let mut space = space::known(step, space_id)?;
    space.channels.retain(|channel| *channel != id);
    let position = position.min(space.channels.len());
    space.channels.insert(position, id);
    space.given_places.clear();
    space::put(step, space, SpaceChange::ChannelOrder)?;
    let target = Some((id.to_string(), channel.name));
    step.audit(space_id, AuditAction::ChannelMove, target, &[("position", position.to_string())])?;
    Ok(Reply::Done)
}

pub(super) fn delete(step: &mut Step<'_>, id: ChannelId) -> Result<Reply, Stop> {
    if step.directory.channel(id).is_some_and(|channel| channel.parent().is_some()) {
        return thread::delete(step, id);
    }
    let (space_id, channel) = managed(step, id)?;
    let mut space = space::known(step, space_id)?;
    space.channels.retain(|channel| *channel != id);
    space.given_places.remove(&id);
    if space.default_channel == Some(id) {
        // Where all four protocols meet stays; the other spaces meet in their next channel, if there is one.
        if space_id == step.default_space()? {
            return Err(Refusal::NotAllowed.into());
        }
        let text =
            |id: &ChannelId| step.directory.channel(*id).is_some_and(|known| known.kind == ChannelKind::Text);
        space.default_channel = space.channels.iter().copied().find(text);
    }
    space::put(step, space, SpaceChange::ChannelOrder)?;
    let threads: Vec<ChannelId> = step.directory.threads_of(id).map(|thread| thread.id).collect();
    for thread in threads {
        thread::gone(step, space_id, id, thread)?;
    }
    let webhooks: Vec<WebhookId> = step
        .directory
        .webhooks_of(space_id)
        .filter(|webhook| webhook.channel == id)
        .map(|webhook| webhook.id)
        .collect();
    for webhook in webhooks {
        step.emit(Stream::Space(space_id), EventBody::WebhookGone { webhook, space: space_id })?;
    }
    let gone = EventBody::ChannelDeleted { channel: id, space: space_id, parent: None };
    step.emit(Stream::Space(space_id), gone)?;
    step.audit(space_id, AuditAction::ChannelDelete, Some((id.to_string(), channel.name)), &[])?;
    Ok(Reply::Done)
}

pub(super) fn set_override(
    step: &mut Step<'_>,
    id: ChannelId,
    target: OverrideTarget,
    allow: Permissions,
    deny: Permissions,
) -> Result<Reply, Stop> {
    let (space, mut channel) = managed(step, id)?;
    let target_channel = Some((id.to_string(), channel.name.clone()));
    if allow & deny != Permissions::NONE {
        return Err(Refusal::Invalid.into());
    }
    let kept = channel.overrides.iter_mut().find(|rule| rule.target == target);
    // What a rule said already may stay.
    let (allowed, denied) = kept.as_ref().map_or_else(Default::default, |rule| (rule.allow, rule.deny));
    check_target(step, space, target, differing(allow, allowed) | differing(deny, denied))?;
    let rule = match kept {
        Some(rule) => {
            (rule.allow, rule.deny) = (allow, deny);
            rule.clone()
        }
        None => {
            let rule = Override { id: step.env.uuid(), target, allow, deny };
            channel.overrides.push(rule.clone());
            rule
        }
    };
    put(step, space, channel, ChannelChange::Overrides)?;
    let mut details = about(&rule);
    details.extend([("allow", allow.0.to_string()), ("deny", deny.0.to_string())]);
    step.audit(space, AuditAction::OverrideSet, target_channel, &details)?;
    Ok(Reply::Override(rule))
}

/// What one set has and the other has not.
fn differing(one: Permissions, other: Permissions) -> Permissions {
    Permissions(one.0 ^ other.0)
}

/// An override as details of an audit entry.
fn about(rule: &Override) -> Vec<(&'static str, String)> {
    let whom = match rule.target {
        OverrideTarget::Role(role) => ("role_id", role.to_string()),
        OverrideTarget::Member(account) => ("user_id", account.to_string()),
    };
    vec![("override_id", rule.id.to_string()), whom]
}

pub(super) fn clear_override(
    step: &mut Step<'_>,
    id: ChannelId,
    target: OverrideTarget,
) -> Result<Reply, Stop> {
    let (space, mut channel) = managed(step, id)?;
    let rule = channel.overrides.iter().find(|rule| rule.target == target).cloned();
    let rule = rule.ok_or(Refusal::NoSuchRole)?;
    let gone =
        matches!(target, OverrideTarget::Member(account) if step.directory.member(space, account).is_none());
    if !gone {
        check_target(step, space, target, rule.allow | rule.deny)?;
    }
    channel.overrides.retain(|rule| rule.target != target);
    let target_channel = Some((id.to_string(), channel.name.clone()));
    put(step, space, channel, ChannelChange::Overrides)?;
    step.audit(space, AuditAction::OverrideClear, target_channel, &about(&rule))?;
    Ok(Reply::Done)
}

pub(super) fn open_conversation(step: &mut Step<'_>, with: AccountId) -> Result<Reply, Stop> {
    let me = step.account()?;
    if step.directory.account(with).is_none_or(|account| account.retired) {
        return Err(Refusal::NoSuchAccount.into());
    }
    if let Some(known) = step.directory.conversation(me, with) {
        return Ok(Reply::Channel { channel: known.id, new: false });
    }
    let (first, second) = if me <= with { (me, with) } else { (with, me) };
    let channel = blank(step, Home::Conversation(first, second), ChannelKind::Text);
    let id = channel.id;
    step.emit(Stream::Channel(id), EventBody::ConversationOpened { channel: Arc::new(channel) })?;
    Ok(Reply::Channel { channel: id, new: true })
}

/// The channel, if the actor may manage it. Hidden ones do not exist for who may not view them.
fn managed(step: &Step<'_>, id: ChannelId) -> Result<(SpaceId, Channel), Stop> {
    let channel = step.directory.channel(id).ok_or(Refusal::NoSuchChannel)?;
    let Home::Space(space) = channel.home else { return Err(Refusal::NoSuchChannel.into()) };
    if let Actor::Account(account) = step.actor {
        policy::check_view(step.directory, channel, step.actor)?;
        if !policy::permissions_in(step.directory, channel, account).has(Permissions::MANAGE_CHANNELS) {
            return Err(Refusal::NotAllowed.into());
        }
    }
    Ok((space, (**channel).clone()))
}

fn check_target(
    step: &Step<'_>,
    space_id: SpaceId,
    target: OverrideTarget,
    touched: Permissions,
) -> Result<(), Stop> {
    let space = step.directory.space(space_id).ok_or(Refusal::NoSuchSpace)?;
    let target_rank = match target {
        OverrideTarget::Role(role) => space.role(role).ok_or(Refusal::NoSuchRole)?.rank,
        OverrideTarget::Member(account) => {
            if step.directory.member(space_id, account).is_none() {
                return Err(Refusal::NoSuchAccount.into());
            }
            i32::MIN
        }
    };
    if let Actor::Account(actor) = step.actor {
        let held = policy::permissions_in_space(step.directory, space_id, actor);
        if !held.has(touched) || target_rank >= policy::rank(step.directory, space, actor) {
            return Err(Refusal::NotAllowed.into());
        }
    }
    Ok(())
}

fn apply(step: &Step<'_>, channel: &mut Channel, settings: &ChannelSettings) -> Result<(), Refusal> {
    if let Some(name) = &settings.name {
        let name = checked_name(name)?;
        let space = channel.space().ok_or(Refusal::NoSuchChannel)?;
        // Protocols that key channels by name also put them in paths (originchats.md 4.4).
        if name.contains(['/', '\\']) || name == "." || name == ".." {
            return Err(Refusal::BadName);
        }
        if step.directory.channel_named(space, &name).is_some_and(|other| other.id != channel.id) {
            return Err(Refusal::NameTaken);
        }
        channel.name = name;
    }
    if let Some(kind) = settings.kind.filter(|kind| *kind != channel.kind) {
        let in_use = channel.last_message.is_some() || step.directory.threads_of(channel.id).next().is_some();
        if in_use && matches!(kind, ChannelKind::Forum | ChannelKind::Separator) {
            return Err(Refusal::WrongChannelKind);
        }
        channel.kind = kind;
    }
    if let Some(grants) = &settings.grants {
        let space = channel.space().and_then(|space| step.directory.space(space));
        let space = space.ok_or(Refusal::NoSuchSpace)?;
        let known = |grant: &Grant| grant.roles.iter().all(|(role, _)| space.role(*role).is_some());
        if !grants.iter().all(known) {
            return Err(Refusal::NoSuchRole);
        }
        channel.grants.clone_from(grants);
        channel.overrides.retain(|rule| matches!(rule.target, OverrideTarget::Member(_)));
    }
    apply_look(&mut channel.look, settings)?;
    if let Some(topic) = &settings.topic {
        channel.topic = topic.as_deref().map(|text| short(text, limits::TOPIC_CHARS)).transpose()?;
    }
    if let Some(category) = &settings.category {
        channel.category = category.as_deref().map(checked_name).transpose()?;
    }
    Ok(())
}

fn apply_look(look: &mut Look, settings: &ChannelSettings) -> Result<(), Refusal> {
    let text = |text: &Option<String>, chars| text.as_deref().map(|text| short(text, chars)).transpose();
    if let Some(name) = &settings.display_name {
        look.display_name = text(name, limits::NAME_CHARS)?;
    }
    if let Some(icon) = &settings.icon {
        look.icon = text(icon, limits::URL_BYTES)?;
    }
    if let Some(wallpaper) = &settings.wallpaper {
        look.wallpaper = text(wallpaper, limits::URL_BYTES)?;
    }
    look.size = settings.size.unwrap_or(look.size);
    Ok(())
}

pub(super) fn put(
    step: &mut Step<'_>,
    space: SpaceId,
    channel: Channel,
    change: ChannelChange,
) -> Result<(), Stop> {
    step.emit(Stream::Space(space), EventBody::Channel { channel: Arc::new(channel), change })
}

pub(super) fn blank(step: &mut Step<'_>, home: Home, kind: ChannelKind) -> Channel {
    Channel {
        id: ChannelId(step.env.uuid()),
        home,
        kind,
        name: String::new(),
        topic: None,
        category: None,
        overrides: Vec::new(),
        grants: Vec::new(),
        look: Look::default(),
        thread: None,
        head: 0,
        messages: 0,
        last_message_at: None,
        last_message: None,
        created_at: step.env.now,
    }
}
