//! Making, changing and deleting addresses for posting from outside.

use super::account::{short, web_address};
use crate::audit::AuditAction;
use crate::channel::{ChannelKind, Home};
use crate::command::Reply;
use crate::engine::{Step, Stop};
use crate::event::{EventBody, Stream};
use crate::ids::{ChannelId, WebhookId};
use crate::limits;
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use crate::webhook::Webhook;
use std::sync::Arc;

pub(super) fn create(
    step: &mut Step<'_>,
    id: ChannelId,
    name: &str,
    avatar: Option<&str>,
) -> Result<Reply, Stop> {
    let by = step.account()?;
    let channel = step.directory.channel(id).cloned().ok_or(Refusal::NoSuchChannel)?;
    policy::check_view(step.directory, &channel, step.actor)?;
    let (Home::Space(space), ChannelKind::Text) = (channel.home, channel.kind) else {
        return Err(Refusal::WrongChannelKind.into());
    };
    policy::need(step.directory, space, step.actor, Permissions::MANAGE_SPACE)?;
    if step.directory.webhooks_of(space).count() >= limits::WEBHOOKS_PER_SPACE {
        return Err(Refusal::Full.into());
    }
    let webhook = Webhook {
        id: WebhookId(step.env.random_uuid()),
        space,
        channel: id,
        name: checked_name(name)?,
        avatar: avatar.map(web_address).transpose()?,
        generation: 1,
        by,
        created_at: step.env.now,
    };
    put(step, webhook, AuditAction::WebhookCreate)
}

pub(super) fn change(
    step: &mut Step<'_>,
    id: WebhookId,
    name: Option<&str>,
    avatar: Option<&Option<String>>,
    renew: bool,
) -> Result<Reply, Stop> {
    let mut webhook = managed(step, id)?;
    if let Some(name) = name {
        webhook.name = checked_name(name)?;
    }
    if let Some(avatar) = avatar {
        webhook.avatar = avatar.as_deref().map(web_address).transpose()?;
    }
    let action = if renew { AuditAction::WebhookRegenerate } else { AuditAction::WebhookUpdate };
    if renew {
        webhook.generation = webhook.generation.wrapping_add(1);
    }
    put(step, webhook, action)
}

pub(super) fn delete(step: &mut Step<'_>, id: WebhookId) -> Result<Reply, Stop> {
    let webhook = managed(step, id)?;
    let space = webhook.space;
    step.emit(Stream::Space(space), EventBody::WebhookGone { webhook: id, space })?;
    step.audit(space, AuditAction::WebhookDelete, Some((id.to_string(), webhook.name)), &[])?;
    Ok(Reply::Done)
}

fn managed(step: &Step<'_>, id: WebhookId) -> Result<Webhook, Stop> {
    let webhook = step.directory.webhook(id).ok_or(Refusal::NoSuchWebhook)?;
    policy::need(step.directory, webhook.space, step.actor, Permissions::MANAGE_SPACE)?;
    Ok((**webhook).clone())
}

fn put(step: &mut Step<'_>, webhook: Webhook, action: AuditAction) -> Result<Reply, Stop> {
    let (id, space) = (webhook.id, webhook.space);
    let target = Some((id.to_string(), webhook.name.clone()));
    step.emit(Stream::Space(space), EventBody::Webhook { webhook: Arc::new(webhook) })?;
    step.audit(space, action, target, &[])?;
    Ok(Reply::Webhook(id))
}

fn checked_name(raw: &str) -> Result<String, Refusal> {
    let name = short(raw.trim(), limits::NAME_CHARS)?;
    if name.is_empty() || name.contains(char::is_control) { Err(Refusal::BadName) } else { Ok(name) }
}
