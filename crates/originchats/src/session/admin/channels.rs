//! Making, changing, moving and deleting channels (originchats.md 4.4, 5.10).

use super::super::requests::Asked;
use super::super::{OriginSession, plain};
use crate::decode::admin::channels::{Ask, Form, checked};
use crate::permissions::grants;
use crate::wording::{Admin, Deed, Wrong, text};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::command::{ChannelSettings, Command};
use commonroom_core::{Permissions, policy};
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;
use serde_json::{Value, json};
use std::sync::Arc;

impl OriginSession {
    pub(super) fn about_channels(
        &mut self,
        ask: Ask,
        asked: &Asked,
        cx: &mut Context<'_>,
    ) -> Result<(), Wrong> {
        self.needs(&[Permissions::MANAGE_CHANNELS], "manage_channels", cx)?;
        match ask {
            Ask::Create(name, kind, form) => self.create_channel(name, kind, form, asked, cx),
            Ask::Change(name, form) => self.change_channel(&name, form, asked, cx),
            Ask::Move(name, position) => {
                let channel = self.manageable(&name, cx)?;
                let position = position.min(self.community(cx)?.channels.len().saturating_sub(1));
                let body = json!({"name": channel.name, "position": position, "moved": true});
                let command = Command::MoveChannel { channel: channel.id, position };
                self.channel_command(Deed::Admin(Admin::Channel), command, body, asked, cx);
                Ok(())
            }
            Ask::Delete(name) => {
                let channel = self.manageable(&name, cx)?;
                let space = self.community(cx)?;
                let main = cx.state.directory.default_space().is_some_and(|main| main.id == space.id);
                if main && space.default_channel == Some(channel.id) {
                    return Err(plain("Cannot delete the default channel"));
                }
                let body = json!({"name": channel.name, "deleted": true});
                let command = Command::DeleteChannel { channel: channel.id };
                self.channel_command(Deed::Admin(Admin::Channel), command, body, asked, cx);
                Ok(())
            }
        }
    }

    /// The channel of that name, for who may view it: what is hidden is not changed either.
    fn manageable(&self, name: &str, cx: &Context<'_>) -> Result<Arc<Channel>, Wrong> {
        let directory = &cx.state.directory;
        let channel = directory.channel_named(self.here()?, name).ok_or(plain(text::NO_CHANNEL))?;
        let account = self.account().ok_or(plain(text::SIGN_IN))?;
        if policy::may_view(directory, channel, account) {
            Ok(channel.clone())
        } else {
            Err(plain(text::HIDDEN))
        }
    }

    fn create_channel(
        &mut self,
        name: String,
        kind: ChannelKind,
        form: Form,
        asked: &Asked,
        cx: &mut Context<'_>,
    ) -> Result<(), Wrong> {
        let space = self.community(cx)?;
        let lists = match &form.permissions {
            Some(lists) => grants::of_lists(&space, kind, lists)?,
            None => grants::owner_only(&space),
        };
        let body = json!({"channel": name, "created": true});
        let settings = ChannelSettings { name: Some(name), grants: Some(lists), ..settings(form) };
        let command = Command::CreateChannel { space: space.id, kind, settings };
        self.channel_command(Deed::Admin(Admin::NewChannel), command, body, asked, cx);
        Ok(())
    }

    fn change_channel(
        &mut self,
        current: &str,
        form: Form,
        asked: &Asked,
        cx: &mut Context<'_>,
    ) -> Result<(), Wrong> {
        let channel = self.manageable(current, cx)?;
        let space = self.community(cx)?;
        let kind = form.kind.unwrap_or(channel.kind);
        let name = form.name.as_deref().filter(|name| name.trim() != channel.name);
        let name = name.map(|name| checked(name, kind)).transpose()?;
        let lists =
            form.permissions.as_ref().map(|lists| grants::of_lists(&space, kind, lists)).transpose()?;
        let shown = name.as_deref().unwrap_or(&channel.name);
        let body = json!({"channel": shown, "current_name": channel.name, "updated": true});
        let settings = ChannelSettings { name, grants: lists, ..settings(form) };
        let command = Command::ChangeChannel { channel: channel.id, settings };
        self.channel_command(Deed::Admin(Admin::Channel), command, body, asked, cx);
        Ok(())
    }

    /// Runs a command and answers with `body`, or says why not.
    fn channel_command(
        &mut self,
        deed: Deed,
        command: Command,
        body: Value,
        asked: &Asked,
        cx: &mut Context<'_>,
    ) {
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| match answer
        {
            Ok(_) => session.reply(&asked, body, cx),
            Err(why) => session.refused(&asked, why, deed, cx),
        };
        self.command(asked.clone(), command, then, cx);
    }
}

/// What a form says, without the name and the lists.
fn settings(form: Form) -> ChannelSettings {
    ChannelSettings {
        name: None,
        topic: form.description,
        category: None,
        kind: form.kind,
        display_name: form.display_name,
        icon: form.icon,
        wallpaper: form.wallpaper,
        size: form.size,
        place: None,
        grants: None,
    }
}
