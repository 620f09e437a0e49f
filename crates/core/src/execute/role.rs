//! Making, changing, ordering and deleting roles.

use super::account::short;
use super::member;
use super::space::{self, checked_name};
use crate::audit::AuditAction;
use crate::command::{Actor, Reply, RoleSettings};
use crate::engine::{Step, Stop};
use crate::event::{ChannelChange, EventBody, MemberChange, SpaceChange, Stream};
use crate::ids::{RoleId, SpaceId};
use crate::limits;
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use crate::space::{MentionRule, Role, RoleKind, Space};
use std::sync::Arc;

/// What a role that everybody may take must not allow: power over people, places or things of others.
const POWER: Permissions = Permissions(
    Permissions::ADMINISTRATOR.0
        | Permissions::MANAGE_MESSAGES.0
        | Permissions::MANAGE_CHANNELS.0
        | Permissions::MANAGE_ROLES.0
        | Permissions::ASSIGN_ROLES.0
        | Permissions::MANAGE_SPACE.0
        | Permissions::MANAGE_THREADS.0
        | Permissions::MANAGE_MEMBERS.0
        | Permissions::MANAGE_NICKNAMES.0
        | Permissions::MANAGE_INVITES.0
        | Permissions::KICK_MEMBERS.0
        | Permissions::BAN_MEMBERS.0
        | Permissions::MUTE_MEMBERS.0
        | Permissions::DEAFEN_MEMBERS.0
        | Permissions::MOVE_MEMBERS.0
        | Permissions::VIEW_AUDIT.0
        | Permissions::DELETE_ACCOUNTS.0
        | Permissions::REBOOT.0
        | Permissions::ITEM_EDIT_ANY.0
        | Permissions::ITEM_DELETE_ANY.0
        | Permissions::ITEM_CARRY_ANY.0
        | Permissions::ITEM_TRANSFER_ANY.0,
);

pub(super) fn create(step: &mut Step<'_>, id: SpaceId, settings: &RoleSettings) -> Result<Reply, Stop> {
    policy::need(step.directory, id, step.actor, Permissions::MANAGE_ROLES)?;
    let mut space = space::known(step, id)?;
    if space.roles.len() >= limits::ROLES_PER_SPACE {
        return Err(Refusal::Full.into());
    }
    let mut role = Role {
        id: RoleId(step.env.uuid()),
        name: settings.name.clone().ok_or(Refusal::BadName)?,
        kind: RoleKind::Plain,
        color: None,
        hoisted: false,
        rank: 0,
        permissions: Permissions::NONE,
        description: None,
        category: None,
        alone: false,
        self_assignable: false,
        mention: MentionRule::Nobody,
        created_at: step.env.now,
    };
    apply(step, &space, &mut role, settings)?;
    let (role_id, name) = (role.id, role.name.clone());
    let details = [("permissions", role.permissions.0.to_string())];
    space.roles.push(role);
    if settings.rank.is_some() {
        place(&mut space);
    } else {
        // Below all that are given by hand, above everybody's.
        renumber(&mut space);
    }
    space::put(step, space, SpaceChange::Roles)?;
    step.audit(id, AuditAction::RoleCreate, Some((role_id.to_string(), name)), &details)?;
    Ok(Reply::Role(role_id))
}

pub(super) fn change(
    step: &mut Step<'_>,
    id: SpaceId,
    role_id: RoleId,
    settings: &RoleSettings,
) -> Result<Reply, Stop> {
    let mut space = space::known(step, id)?;
    check_manages(step, &space, role_id)?;
    let mut role = space.role(role_id).ok_or(Refusal::NoSuchRole)?.clone();
    let allowed = role.permissions;
    apply(step, &space, &mut role, settings)?;
    let target = Some((role_id.to_string(), role.name.clone()));
    let details = [("permissions", role.permissions.0.to_string())];
    let only_permissions = role.permissions != allowed
        && *settings == RoleSettings { permissions: settings.permissions, ..RoleSettings::default() };
    if let Some(kept) = space.roles.iter_mut().find(|kept| kept.id == role_id) {
        *kept = role;
    }
    place(&mut space);
    space::put(step, space, SpaceChange::Roles)?;
    let action = if only_permissions { AuditAction::RolePermissionsSet } else { AuditAction::RoleUpdate };
    step.audit(id, action, target, &details)?;
    Ok(Reply::Done)
}

/// Deletes a role; who held it holds `replacement` instead, if there is one.
pub(super) fn delete(
    step: &mut Step<'_>,
    id: SpaceId,
    role_id: RoleId,
    replacement: Option<RoleId>,
) -> Result<Reply, Stop> {
    let mut space = space::known(step, id)?;
    check_manages(step, &space, role_id)?;
    if let Some(replacement) = replacement {
        if replacement == role_id {
            return Err(Refusal::Invalid.into());
        }
        member::check_assignable(step, id, replacement)?;
    }
    let role = space.role(role_id).ok_or(Refusal::NoSuchRole)?;
    if role.kind != RoleKind::Plain {
        return Err(Refusal::Invalid.into());
    }
    let name = role.name.clone();
    let holders: Vec<_> =
        step.directory.members(id).filter(|member| member.roles.contains(&role_id)).cloned().collect();
    for holder in holders {
        let mut member = (*holder).clone();
        let added: Vec<RoleId> = replacement.into_iter().filter(|id| !member.roles.contains(id)).collect();
        let at = member.roles.iter().position(|held| *held == role_id).unwrap_or(0);
        member.roles.splice(at..=at, added.iter().copied());
        let change = MemberChange::Roles { added, removed: vec![role_id] };
        step.emit(Stream::Space(id), EventBody::Member { member: Arc::new(member), change })?;
    }
    forget_in_channels(step, id, role_id)?;
    space.roles.retain(|role| role.id != role_id);
    for role in &mut space.roles {
        if let MentionRule::Roles(roles) = &mut role.mention {
            roles.retain(|listed| *listed != role_id);
        }
    }
    space::put(step, space, SpaceChange::Roles)?;
    step.audit(id, AuditAction::RoleDelete, Some((role_id.to_string(), name)), &[])?;
    Ok(Reply::Done)
}

fn forget_in_channels(step: &mut Step<'_>, id: SpaceId, role: RoleId) -> Result<(), Stop> {
    let speaks_of = |channel: &crate::channel::Channel| {
        channel.grants.iter().any(|grant| grant.roles.iter().any(|(listed, _)| *listed == role))
            || channel.overrides.iter().any(|rule| rule.target == crate::channel::OverrideTarget::Role(role))
    };
    let channels: Vec<_> =
        step.directory.channels_of(id).filter(|channel| speaks_of(channel)).cloned().collect();
    for known in channels {
        let mut channel = (*known).clone();
        for grant in &mut channel.grants {
            grant.roles.retain(|(listed, _)| *listed != role);
        }
        channel.overrides.retain(|rule| rule.target != crate::channel::OverrideTarget::Role(role));
        super::channel::put(step, id, channel, ChannelChange::Overrides)?;
    }
    Ok(())
}

pub(super) fn reorder(step: &mut Step<'_>, id: SpaceId, order: &[RoleId]) -> Result<Reply, Stop> {
    policy::need(step.directory, id, step.actor, Permissions::MANAGE_ROLES)?;
    let mut space = space::known(step, id)?;
    let complete =
        order.len() == space.roles.len() && space.roles.iter().all(|role| order.contains(&role.id));
    if !complete {
        return Err(Refusal::Invalid.into());
    }
    let before: Vec<RoleId> = space.roles.iter().map(|role| role.id).collect();
    let place = |role: &Role| order.iter().position(|id| *id == role.id);
    space.roles.sort_by_key(place);
    for (at, role) in space.roles.iter_mut().rev().enumerate() {
        role.rank = i32::try_from(at).unwrap_or(i32::MAX);
    }
    renumber(&mut space);
    let after: Vec<RoleId> = space.roles.iter().map(|role| role.id).collect();
    if let Actor::Account(actor) = step.actor {
        // Nobody moves what stands at or above themselves.
        let known = step.directory.space(id).ok_or(Refusal::NoSuchSpace)?;
        let rank = policy::rank(step.directory, known, actor);
        let above = |role: &RoleId| known.role(*role).is_some_and(|role| role.rank >= rank);
        let fixed = before.iter().take_while(|role| above(role)).count();
        if before[..fixed] != after[..fixed] {
            return Err(Refusal::NotAllowed.into());
        }
    }
    space::put(step, space, SpaceChange::Roles)?;
    step.audit(id, AuditAction::RoleReorder, None, &[])?;
    Ok(Reply::Done)
}

/// Ranks as the list stands: everybody's 0, the lowest given by hand 1, the owner's highest.
fn renumber(space: &mut Space) {
    space.sort_roles();
    let given =
        space.roles.iter().filter(|role| matches!(role.kind, RoleKind::Owner | RoleKind::Plain)).count();
    for (at, role) in space.roles.iter_mut().enumerate() {
        role.rank = match role.kind {
            RoleKind::Owner | RoleKind::Plain => i32::try_from(given.saturating_sub(at)).unwrap_or(i32::MAX),
            RoleKind::Everyone | RoleKind::Guest => 0,
        };
    }
}

/// Puts the roles in the order of their ranks, the owner's above all others.
fn place(space: &mut Space) {
    let highest = space.roles.iter().filter(|role| role.kind != RoleKind::Owner).map(|role| role.rank).max();
    for role in space.roles.iter_mut().filter(|role| role.kind == RoleKind::Owner) {
        role.rank = role.rank.max(highest.unwrap_or(0) + 1);
    }
    space.sort_roles();
}

/// Checks that the actor manages roles and stands above this one; owners manage every role.
fn check_manages(step: &Step<'_>, space: &Space, role: RoleId) -> Result<(), Stop> {
    policy::need(step.directory, space.id, step.actor, Permissions::MANAGE_ROLES)?;
    let role = space.role(role).ok_or(Refusal::NoSuchRole)?;
    if let Actor::Account(actor) = step.actor
        && role.rank >= policy::rank(step.directory, space, actor)
    {
        return Err(Refusal::NotAllowed.into());
    }
    Ok(())
}

fn apply(step: &Step<'_>, space: &Space, role: &mut Role, settings: &RoleSettings) -> Result<(), Refusal> {
    if let Some(name) = &settings.name {
        role.name = checked_name(name)?;
        if space.role_named(&role.name).is_some_and(|other| other.id != role.id) {
            return Err(Refusal::NameTaken);
        }
    }
    let text =
        |text: &Option<String>| text.as_deref().map(|text| short(text, limits::TOPIC_CHARS)).transpose();
    if let Some(description) = &settings.description {
        role.description = text(description)?;
    }
    if let Some(category) = &settings.category {
        role.category = text(category)?;
    }
    if let Some(color) = &settings.color {
        role.color = color.as_deref().map(checked_color).transpose()?;
    }
    if let Some(rank) = settings.rank.filter(|rank| *rank != role.rank) {
        role.rank = checked_rank(step, space, role, rank)?;
    }
    role.hoisted = settings.hoisted.unwrap_or(role.hoisted);
    if let Some(mention) = &settings.mention {
        role.mention = mention.clone();
    }
    if let Some(permissions) = settings.permissions {
        if let Actor::Account(actor) = step.actor {
            let held = policy::permissions_in_space(step.directory, space.id, actor);
            // What a role allowed already may stay.
            if !held.has(permissions.without(role.permissions)) {
                return Err(Refusal::NotAllowed);
            }
        }
        role.permissions = permissions;
    }
    // Everybody's own roles have nothing beside them.
    role.alone = settings.alone.unwrap_or(role.alone) && role.kind == RoleKind::Plain;
    role.self_assignable = settings.self_assignable.unwrap_or(role.self_assignable);
    let powerful = role.permissions & POWER != Permissions::NONE || role.kind != RoleKind::Plain;
    if role.self_assignable && powerful {
        return Err(Refusal::Invalid);
    }
    Ok(())
}

/// A rank for a role given by hand, below the actor's own.
fn checked_rank(step: &Step<'_>, space: &Space, role: &Role, rank: i32) -> Result<i32, Refusal> {
    if role.kind != RoleKind::Plain || !(0..=limits::ROLE_RANK_MOST).contains(&rank) {
        return Err(Refusal::Invalid);
    }
    match step.actor {
        Actor::Account(actor) if rank >= policy::rank(step.directory, space, actor) => {
            Err(Refusal::NotAllowed)
        }
        Actor::Account(_) | Actor::System => Ok(rank),
    }
}

fn checked_color(raw: &str) -> Result<String, Refusal> {
    let digits = raw.strip_prefix('#').filter(|digits| digits.len() == 6);
    match digits {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => Ok(raw.to_owned()),
        _ => Err(Refusal::Invalid),
    }
}
