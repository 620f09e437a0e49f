//! Saying something, changing it, taking it back, reacting to it, and being about to (originchats.md 5.4).

use super::requests::{Asked, Echo, Then, Waiting};
use super::{OriginSession, me, plain, view};
use crate::decode::{Edited, NewMessage, Place};
use crate::encode::spot::Spot;
use crate::encode::{self, people};
use crate::rates::millis_between;
use crate::wording::{Deed, Slow, Wrong, text};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::command::{Actor, Command, NewMessage as Post};
use commonroom_core::ids::MessageId;
use commonroom_core::{Refusal, mention, policy};
use commonroom_hub::live::LiveCommand;
use commonroom_hub::session::Context;
use std::sync::Arc;

impl OriginSession {
    /// `message_new`, in the order of checks that the specification gives.
    pub(super) fn post(&mut self, new: NewMessage, asked: Asked, cx: &mut Context<'_>) {
        if let Err(wrong) = self.check_length(&new.content) {
            return self.refuse(&asked, &wrong, cx);
        }
        if let Err(slow) = self.check_rate(cx) {
            return self.slow(&asked, slow, cx);
        }
        match self.check_post(new, cx) {
            Ok(post) => {
                let Some(account) = self.account() else { return };
                let thread = cx.state.directory.channel(post.channel).is_some_and(|at| at.parent().is_some());
                let echo = Echo { deed: Deed::Post, thread, message: None, files: post.files.clone() };
                let tag = self.requests.begin(asked, Waiting::Echo(Box::new(echo)));
                cx.command(tag, account, Command::PostMessage(post));
            }
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    fn check_post(&self, new: NewMessage, cx: &Context<'_>) -> Result<Post, Wrong> {
        self.check_role_mentions(&new.content, cx)?;
        let channel = self.writable(&new.place, cx)?;
        if channel.kind != ChannelKind::Text {
            return Err(plain("Cannot send messages in this channel type"));
        }
        let missing = || plain("The message you're trying to reply to was not found");
        let reply_to =
            new.reply_to.as_deref().map(str::parse::<MessageId>).transpose().map_err(|_| missing())?;
        if !new.attachments.is_empty() && !self.shared.config.attachments.enabled {
            return Err(plain("Attachments are disabled"));
        }
        let file = |id: &String| id.parse().map_err(|_| Wrong::NoAttachment(id.clone()));
        let files = new.attachments.iter().map(file).collect::<Result<_, _>>()?;
        Ok(Post {
            reply_to,
            ping: new.ping,
            files,
            embeds: new.embeds,
            ..Post::said(channel.id, new.content)
        })
    }

    pub(super) fn check_length(&self, content: &str) -> Result<(), Wrong> {
        let most = self.shared.config.post_content();
        if content.chars().count() > most { Err(Wrong::MessageTooLong(most)) } else { Ok(()) }
    }

    /// Timeouts count for everybody, the windows for everybody but exempt clients (originchats.md 9).
    pub(super) fn check_rate(&self, cx: &Context<'_>) -> Result<(), Slow> {
        self.check_timeout(cx)?;
        match self.account() {
            Some(account) if self.limited() => {
                self.shared.rates.take(account, me::message_rule(&self.shared.config), cx.now)
            }
            _ => Ok(()),
        }
    }

    /// Somebody silenced by a moderator is told for how long.
    pub(super) fn check_timeout(&self, cx: &Context<'_>) -> Result<(), Slow> {
        let Some(me) = &self.me else { return Ok(()) };
        match policy::not_silenced(&cx.state.directory, me.space, me.account, cx.now) {
            Err(Refusal::TimedOut { until }) => Err(Slow::Timeout(millis_between(cx.now, until))),
            _ => Ok(()),
        }
    }

    fn check_role_mentions(&self, content: &str, cx: &Context<'_>) -> Result<(), Wrong> {
        let Some((view, me)) = view(&self.shared, cx).zip(self.me.as_ref()) else { return Ok(()) };
        let mentioned = mention::mentions(view.directory, Some(me.space), content).roles;
        let mut roles = mentioned.iter().filter_map(|id| view.space.role(*id));
        match roles.find(|role| !policy::may_mention(view.directory, view.space, role, me.account)) {
            Some(role) => Err(Wrong::RoleMention(role.name.clone())),
            None => Ok(()),
        }
    }

    /// The channel of a place, for writing.
    pub(super) fn writable(&self, place: &Place, cx: &Context<'_>) -> Result<Arc<Channel>, Wrong> {
        self.channel_at(place, text::MAY_NOT_SEND, cx)
    }

    /// `message_edit`
    pub(super) fn edit(
        &mut self,
        place: &Place,
        id: &str,
        edited: Edited,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        if let Err(wrong) = self.check_length(&edited.content) {
            return self.refuse(&asked, &wrong, cx);
        }
        if let Err(slow) = self.check_rate(cx) {
            return self.slow(&asked, slow, cx);
        }
        match self.writable(place, cx) {
            Ok(channel) => {
                self.find((&channel, id), Then::Edit(edited), asked, cx);
            }
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// `message_delete`
    pub(super) fn delete(&mut self, place: &Place, id: &str, asked: Asked, cx: &mut Context<'_>) {
        match self.writable(place, cx) {
            Ok(channel) => {
                self.find((&channel, id), Then::Delete, asked, cx);
            }
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// `message_react_add` and `message_react_remove`
    pub(super) fn react(
        &mut self,
        place: &Place,
        id: &str,
        (emoji, on): (String, bool),
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        if let Err(slow) = self.check_timeout(cx) {
            return self.slow(&asked, slow, cx);
        }
        let hidden = if on {
            "You do not have permission to add reactions to this message"
        } else {
            "You do not have permission to remove reactions from this message"
        };
        match self.channel_at(place, hidden, cx) {
            Ok(channel) => self.find((&channel, id), Then::React(emoji, on), asked, cx),
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// `typing`
    pub(super) fn typing(&mut self, place: &Place, asked: &Asked, cx: &mut Context<'_>) {
        if let Err(slow) = self.check_timeout(cx) {
            return self.slow(asked, slow, cx);
        }
        let Some(account) = self.account() else { return };
        let checked = self.writable(place, cx).and_then(|channel| {
            let directory = &cx.state.directory;
            match policy::may_post(directory, &channel, Actor::Account(account), cx.now) {
                Ok(()) => Ok(channel),
                Err(Refusal::Locked) => Err(plain(text::LOCKED)),
                Err(_) if channel.parent().is_some() => Err(plain(text::MAY_NOT_SEND_THREAD)),
                Err(_) => Err(plain(text::MAY_NOT_SEND)),
            }
        });
        match checked {
            Ok(channel) => {
                let directory = &cx.state.directory;
                let user = people::username(directory, account);
                let Some(spot) = Spot::in_channel(directory, &channel) else { return };
                let frame = encode::typing(spot, &user, asked.listener.as_deref());
                cx.live(LiveCommand::Typing { account, session: Some(cx.id), channel: channel.id });
                self.requests.say(frame, cx);
            }
            Err(wrong) => self.refuse(asked, &wrong, cx),
        }
    }
}
