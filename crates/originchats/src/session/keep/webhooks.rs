//! Addresses for posting from outside (originchats.md 5.16): only who manages the community hears of them.

use super::OriginSession;
use crate::encode::keep;
use crate::session::requests::Asked;
use crate::session::{plain, view};
use crate::wording::{Deed, Wrong, text};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::command::Command;
use commonroom_core::ids::WebhookId;
use commonroom_core::webhook::Webhook;
use commonroom_core::{Refusal, Reply, embed, policy};
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;
use serde_json::{Value, json};
use std::sync::Arc;

const NO_WEBHOOK: &str = "Webhook not found";
const BAD_AVATAR: &str = "Invalid avatar URL";

impl OriginSession {
    /// `webhook_create`
    pub(super) fn add_webhook(
        &mut self,
        channel: &str,
        name: String,
        avatar: Option<String>,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let checked = self.managed_space(cx).and_then(|_| self.visible(channel, cx)).and_then(|channel| {
            if channel.kind != ChannelKind::Text {
                return Err(plain("Webhooks can only be created for text channels"));
            }
            if avatar.as_deref().is_some_and(|avatar| !embed::is_web(avatar)) {
                return Err(plain(BAD_AVATAR));
            }
            Ok(channel.id)
        });
        match checked {
            Ok(channel) => {
                let command = Command::CreateWebhook { channel, name, avatar };
                self.command(asked, command, Self::webhook_done, cx);
            }
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// `webhook_update` and `webhook_regenerate`
    pub(super) fn change_webhook(
        &mut self,
        id: &str,
        (name, avatar, renew): (Option<String>, Option<Option<String>>, bool),
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let checked = self.webhook_with(id, cx).and_then(|webhook| {
            if avatar.iter().flatten().any(|avatar| !embed::is_web(avatar)) {
                return Err(plain(BAD_AVATAR));
            }
            Ok(webhook.id)
        });
        match checked {
            Ok(webhook) => {
                let command = Command::ChangeWebhook { webhook, name, avatar, renew };
                self.command(asked, command, Self::webhook_done, cx);
            }
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// It was made or changed, or not.
    fn webhook_done(&mut self, asked: Asked, answer: Answer, cx: &mut Context<'_>) {
        match answer {
            Ok(Reply::Webhook(id)) => {
                let made = cx.state.directory.webhook(id).cloned();
                if let Some(shape) = made.and_then(|webhook| self.webhook_shape(&webhook, cx)) {
                    self.reply(&asked, json!({"webhook": shape}), cx);
                }
            }
            Ok(_) => {}
            Err(Refusal::BadName) => {
                self.refuse(&asked, &plain("Webhook name must be a non-empty string"), cx);
            }
            Err(Refusal::TooLong) => self.refuse(&asked, &plain("Webhook name is too long"), cx),
            Err(why) => self.refused(&asked, why, Deed::Other, cx),
        }
    }

    /// `webhook_get`
    pub(super) fn webhook(&mut self, id: &str, asked: &Asked, cx: &mut Context<'_>) {
        match self.webhook_with(id, cx) {
            Ok(webhook) => {
                let shape = self.webhook_shape(&webhook, cx);
                self.reply(asked, json!({"webhook": shape}), cx);
            }
            Err(wrong) => self.refuse(asked, &wrong, cx),
        }
    }

    /// `webhook_list`
    pub(super) fn webhooks(&mut self, channel: Option<&str>, asked: &Asked, cx: &mut Context<'_>) {
        let checked = self.managed_space(cx).and_then(|space| {
            let channel = channel.map(|channel| self.visible(channel, cx)).transpose()?;
            Ok((space, channel.map(|channel| channel.id)))
        });
        match checked {
            Ok((space, channel)) => {
                let mut found: Vec<&Arc<Webhook>> = cx
                    .state
                    .directory
                    .webhooks_of(space)
                    .filter(|webhook| channel.is_none_or(|channel| webhook.channel == channel))
                    .filter(|webhook| self.sees(webhook, cx))
                    .collect();
                found.sort_by_key(|webhook| (webhook.created_at, webhook.id));
                let shapes: Vec<Value> =
                    found.into_iter().filter_map(|webhook| self.webhook_shape(webhook, cx)).collect();
                self.reply(asked, json!({"webhooks": shapes}), cx);
            }
            Err(wrong) => self.refuse(asked, &wrong, cx),
        }
    }

    /// `webhook_delete`
    pub(super) fn remove_webhook(&mut self, id: &str, asked: Asked, cx: &mut Context<'_>) {
        let webhook = match self.webhook_with(id, cx) {
            Ok(webhook) => webhook.id,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| match answer
        {
            Ok(_) => session.reply(&asked, json!({"id": webhook.to_string(), "deleted": true}), cx),
            Err(why) => session.refused(&asked, why, Deed::Other, cx),
        };
        self.command(asked, Command::DeleteWebhook { webhook }, then, cx);
    }

    fn webhook_shape(&self, webhook: &Webhook, cx: &Context<'_>) -> Option<Value> {
        view(&self.shared, cx).map(|view| keep::webhook(&view, &self.shared.signer, webhook))
    }

    /// The webhook of that id, for who manages the community and may view its channel.
    fn webhook_with(&self, id: &str, cx: &Context<'_>) -> Result<Arc<Webhook>, Wrong> {
        let space = self.managed_space(cx)?;
        let found = id.parse::<WebhookId>().ok().and_then(|id| cx.state.directory.webhook(id));
        let found = found.filter(|webhook| webhook.space == space && self.sees(webhook, cx));
        found.cloned().ok_or(plain(NO_WEBHOOK))
    }

    fn sees(&self, webhook: &Webhook, cx: &Context<'_>) -> bool {
        let directory = &cx.state.directory;
        let channel = directory.channel(webhook.channel);
        let seen = |channel| self.account().is_some_and(|me| policy::may_view(directory, channel, me));
        channel.is_some_and(|channel| seen(channel))
    }

    fn visible(&self, name: &str, cx: &Context<'_>) -> Result<Arc<Channel>, Wrong> {
        self.channel_at(&crate::decode::Place::Channel(name.to_owned()), text::HIDDEN, cx)
    }
}
