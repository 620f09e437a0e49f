//! Making and changing communities.

use super::account::{short, web_address};
use super::member;
use crate::account::{AccountKind, Protocol};
use crate::audit::AuditAction;
use crate::channel::{Channel, ChannelKind, Home, Look};
use crate::command::{Actor, Reply, SpaceSettings};
use crate::engine::{Step, Stop};
use crate::event::{ChannelChange, EventBody, MemberChange, SpaceChange, Stream};
use crate::ids::{AccountId, ChannelId, RoleId, SpaceId};
use crate::limits;
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use crate::space::{MentionRule, Role, RoleKind, Space};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Makes the space `main` with its channel `general`.
pub(crate) fn found(step: &mut Step<'_>) -> Result<(), Stop> {
    let space = blank(step, "main".to_owned());
    let id = space.id;
    put(step, space, SpaceChange::Created)?;
    let channel = Channel {
        id: ChannelId(step.env.uuid()),
        home: Home::Space(id),
        kind: ChannelKind::Text,
        name: "general".to_owned(),
        topic: Some("General chat channel for everyone".to_owned()),
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
    };
    let channel_id = channel.id;
    step.emit(
        Stream::Space(id),
        EventBody::Channel { channel: Arc::new(channel), change: ChannelChange::Created },
    )?;
    let mut space = known(step, id)?;
    space.channels.push(channel_id);
    space.default_channel = Some(channel_id);
    put(step, space, SpaceChange::ChannelOrder)
}

pub(super) fn create(step: &mut Step<'_>, settings: &SpaceSettings) -> Result<Reply, Stop> {
    let owner = step.account()?;
    let owned = step.directory.spaces_of(owner).filter(|space| space.owner == Some(owner)).count();
    if owned >= limits::SPACES_PER_OWNER {
        return Err(Refusal::Full.into());
    }
    let name = settings.name.as_deref().ok_or(Refusal::BadName)?;
    let mut space = blank(step, name.to_owned());
    space.owner = Some(owner);
    space.public = false;
    // Only the first space comes with roles to give (together.md 8.1).
    space.roles.retain(|role| role.kind != RoleKind::Plain);
    apply(&mut space, settings)?;
    let (id, name) = (space.id, space.name.clone());
    put(step, space, SpaceChange::Created)?;
    member::admit(step, id, owner, Protocol::Together)?;
    step.audit(id, AuditAction::ServerCreate, Some((id.to_string(), name)), &[])?;
    Ok(Reply::Space(id))
}

pub(super) fn change(step: &mut Step<'_>, id: SpaceId, settings: &SpaceSettings) -> Result<Reply, Stop> {
    policy::need(step.directory, id, step.actor, Permissions::MANAGE_SPACE)?;
    let mut space = known(step, id)?;
    let owned_by = space.owner;
    if let Some(to) = settings.owner.filter(|to| Some(*to) != owned_by) {
        check_transfer(step, &space, to)?;
        space.owner = Some(to);
    }
    apply(&mut space, settings)?;
    space.updated_at = step.env.now;
    let target = Some((id.to_string(), space.name.clone()));
    let mut details = vec![("is_public", space.public.to_string())];
    details.extend(space.icon.clone().map(|icon| ("icon_url", icon)));
    let others = SpaceSettings { owner: None, ..settings.clone() } != SpaceSettings::default();
    if let Some(to) = space.owner.filter(|to| Some(*to) != owned_by) {
        details.push(("owner_id", to.to_string()));
        hand_over(step, &space, owned_by, to)?;
        put(step, space.clone(), SpaceChange::Owner)?;
    }
    if others {
        put(step, space, SpaceChange::Settings)?;
    }
    step.audit(id, AuditAction::ServerUpdate, target, &details)?;
    Ok(Reply::Done)
}

/// The role of the owner goes with the space, where the old owner held it.
fn hand_over(step: &mut Step<'_>, space: &Space, from: Option<AccountId>, to: AccountId) -> Result<(), Stop> {
    let role = space.roles.iter().find(|role| role.kind == RoleKind::Owner).map(|role| role.id);
    let Some((role, from)) = role.zip(from) else { return Ok(()) };
    let Some(old) = step.directory.member(space.id, from).filter(|old| old.roles.contains(&role)).cloned()
    else {
        return Ok(());
    };
    let mut new = member::known(step, space.id, to)?;
    if !new.roles.contains(&role) {
        new.roles.insert(0, role);
        member::put(step, new, MemberChange::Roles { added: vec![role], removed: Vec::new() })?;
    }
    let mut old = (*old).clone();
    old.roles.retain(|held| *held != role);
    member::put(step, old, MemberChange::Roles { added: Vec::new(), removed: vec![role] })
}

/// Only the owner gives a space away, and only to a member with room for another.
fn check_transfer(step: &Step<'_>, space: &Space, to: AccountId) -> Result<(), Stop> {
    if step.actor != Actor::System && step.actor != space.owner.map_or(Actor::System, Actor::Account) {
        return Err(Refusal::NotAllowed.into());
    }
    if step.directory.member(space.id, to).is_none() {
        return Err(Refusal::NoSuchAccount.into());
    }
    if step.directory.account(to).is_none_or(|account| account.kind != AccountKind::Person) {
        return Err(Refusal::Invalid.into());
    }
    let owned = step.directory.spaces_of(to).filter(|space| space.owner == Some(to)).count();
    if owned >= limits::SPACES_PER_OWNER { Err(Refusal::Full.into()) } else { Ok(()) }
}

pub(super) fn delete(step: &mut Step<'_>, id: SpaceId) -> Result<Reply, Stop> {
    policy::need(step.directory, id, step.actor, Permissions::VIEW)?;
    if id == step.default_space()? {
        return Err(Refusal::NotAllowed.into());
    }
    let space = known(step, id)?;
    if step.actor != Actor::System && step.actor != space.owner.map_or(Actor::System, Actor::Account) {
        return Err(Refusal::NotAllowed.into());
    }
    let members = step.directory.members(id).map(|member| member.account).collect();
    step.emit(Stream::Space(id), EventBody::SpaceDeleted { space: id, members })?;
    Ok(Reply::Done)
}

/// Makes an account the owner of a space that has none.
pub(super) fn name_owner(step: &mut Step<'_>, id: SpaceId, owner: AccountId) -> Result<(), Stop> {
    let mut space = known(step, id)?;
    if space.owner.is_some() {
        return Ok(());
    }
    space.owner = Some(owner);
    put(step, space, SpaceChange::Owner)
}

pub(super) fn put(step: &mut Step<'_>, space: Space, change: SpaceChange) -> Result<(), Stop> {
    step.emit(Stream::Space(space.id), EventBody::Space { space: Arc::new(space), change })
}

pub(super) fn known(step: &Step<'_>, id: SpaceId) -> Result<Space, Stop> {
    Ok((**step.directory.space(id).ok_or(Refusal::NoSuchSpace)?).clone())
}

fn apply(space: &mut Space, settings: &SpaceSettings) -> Result<(), Refusal> {
    if let Some(name) = &settings.name {
        space.name = checked_name(name)?;
    }
    if let Some(description) = &settings.description {
        space.description =
            description.as_deref().map(|text| short(text, limits::TOPIC_CHARS)).transpose()?;
    }
    if let Some(icon) = &settings.icon {
        space.icon = icon.as_deref().map(web_address).transpose()?;
    }
    if let Some(banner) = &settings.banner {
        space.banner = banner.as_deref().map(web_address).transpose()?;
    }
    space.public = settings.public.unwrap_or(space.public);
    space.require_invite = settings.require_invite.unwrap_or(space.require_invite);
    Ok(())
}

/// Checks the name of a space, channel or role: 1 to 100 characters, printable, not blank.
pub(super) fn checked_name(raw: &str) -> Result<String, Refusal> {
    let name = raw.trim();
    let fits = (1..=limits::NAME_CHARS).contains(&name.chars().count());
    if fits && !name.contains(char::is_control) { Ok(name.to_owned()) } else { Err(Refusal::BadName) }
}

fn blank(step: &mut Step<'_>, name: String) -> Space {
    let roles = [
        ("owner", RoleKind::Owner, Some("#9400D3"), true, 300, Permissions::ALL),
        ("admin", RoleKind::Plain, Some("#FF0000"), true, 200, Permissions::ADMINISTRATOR),
        ("moderator", RoleKind::Plain, Some("#FFFF00"), true, 100, Permissions::MODERATOR),
        ("user", RoleKind::Everyone, None, false, 0, Permissions::MEMBER),
        ("guest", RoleKind::Guest, None, false, 0, Permissions::GUEST),
    ];
    let now = step.env.now;
    let roles = roles
        .into_iter()
        .map(|(name, kind, color, hoisted, rank, permissions)| Role {
            id: RoleId(step.env.uuid()),
            name: name.to_owned(),
            kind,
            color: color.map(str::to_owned),
            hoisted,
            rank,
            permissions,
            description: None,
            category: None,
            alone: false,
            self_assignable: false,
            mention: MentionRule::Nobody,
            created_at: now,
        })
        .collect();
    Space {
        id: SpaceId(step.env.uuid()),
        name,
        description: None,
        icon: None,
        banner: None,
        owner: None,
        public: true,
        require_invite: false,
        roles,
        channels: Vec::new(),
        given_places: BTreeMap::new(),
        default_channel: None,
        created_at: now,
        updated_at: now,
    }
}
