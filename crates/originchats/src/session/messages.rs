//! Saying something, changing it, taking it back, reacting to it, and being about to (originchats.md 5.4).

use super::requests::{Asked, Find, Then, Waiting};
use super::{OriginSession, me, plain, view};
use crate::decode::{NewMessage, Place};
use crate::encode::{self, message, people};
use crate::limits;
use crate::quirks;
use crate::rates::millis_between;
use crate::wire;
use crate::wording::{Deed, Slow, Wrong, text};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::command::{Actor, Command, NewMessage as Post};
use commonroom_core::ids::{FileId, MessageId};
use commonroom_core::message::{Message, MessageKind};
use commonroom_core::{Permissions, Refusal, Reply, policy};
use commonroom_hub::live::LiveCommand;
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;
use serde_json::json;
use std::sync::Arc;

impl OriginSession {
    /// `message_new`, in the order of checks that the specification gives.
    pub(super) fn post(&mut self, new: NewMessage, asked: Asked, cx: &mut Context<'_>) {
        if let Err(wrong) = self.check_length(&new.content) {
            return self.refuse(&asked, &wrong, cx);
        }
        if let Err(slow) = self.check_rate(cx) {
            self.slow(&asked, slow, cx);
            if self.me.as_ref().is_some_and(|me| me.quirk.web_client()) {
                self.refuse(&asked, &plain(quirks::RATE_LIMITED), cx);
            }
            return;
        }
        match self.check_post(&new, cx) {
            Ok(post) => {
                let Some(account) = self.account() else { return };
                let waiting = match &post.files[..] {
                    [] => Waiting::Echo(Deed::Post),
                    files => Waiting::Share(files.to_vec()),
                };
                let tag = self.requests.begin(asked, waiting);
                cx.command(tag, account, Command::PostMessage(post));
            }
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// A message with files was posted, or not.
    pub(super) fn shared_files(
        &mut self,
        asked: Asked,
        files: Vec<FileId>,
        told: bool,
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        match answer {
            Err(Refusal::NoSuchFile) => self.name_bad_file(files, asked, cx),
            Err(Refusal::NotAuthor) => {
                self.refuse(&asked, &plain("You can only attach your own uploads"), cx);
            }
            answer => self.echoed(&asked, Deed::Post, told, answer, cx),
        }
    }

    fn check_post(&self, new: &NewMessage, cx: &Context<'_>) -> Result<Post, Wrong> {
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
        let file = |id: &String| id.parse::<FileId>().map_err(|_| Wrong::NoFile(id.clone()));
        let files = new.attachments.iter().map(file).collect::<Result<_, _>>()?;
        Ok(Post { reply_to, ping: new.ping, files, ..Post::said(channel.id, new.content.clone()) })
    }

    fn check_length(&self, content: &str) -> Result<(), Wrong> {
        let most = self.shared.config.post_content();
        if content.chars().count() > most { Err(Wrong::MessageTooLong(most)) } else { Ok(()) }
    }

    /// Timeouts count for everybody, the windows for everybody but exempt clients (originchats.md 9).
    fn check_rate(&mut self, cx: &Context<'_>) -> Result<(), Slow> {
        self.check_timeout(cx)?;
        let limited = self.limited();
        let rule = me::message_rule(&self.shared.config);
        match &mut self.me {
            Some(me) if limited => me.messages.take(rule, cx.now),
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
        match message::mentioned_roles(view.space, content).next() {
            Some(role)
                if !policy::permissions_in_space(view.directory, me.space, me.account)
                    .has(Permissions::MENTION_EVERYONE) =>
            {
                Err(Wrong::RoleMention(role.name.clone()))
            }
            _ => Ok(()),
        }
    }

    /// The channel of a place, for writing.
    pub(super) fn writable(&self, place: &Place, cx: &Context<'_>) -> Result<Arc<Channel>, Wrong> {
        self.channel_at(place, text::MAY_NOT_SEND, cx)
    }

    /// The channel of a place; `hidden` is said of one that may not be viewed.
    pub(super) fn channel_at(
        &self,
        place: &Place,
        hidden: &'static str,
        cx: &Context<'_>,
    ) -> Result<Arc<Channel>, Wrong> {
        let name = match place {
            Place::Channel(name) => name,
            // There are no threads yet, so no id is one.
            Place::Thread(_) => return Err(plain(text::NO_THREAD)),
        };
        let (me, directory) = (self.me.as_ref(), &cx.state.directory);
        let found = me.and_then(|me| Some((me, directory.channel_named(me.space, name)?)));
        match found {
            None => Err(plain(text::NO_CHANNEL)),
            Some((me, channel)) if policy::may_view(directory, channel, me.account) => Ok(channel.clone()),
            Some(_) => Err(plain(hidden)),
        }
    }

    /// Looks a message up, to act on it when it is in that channel.
    pub(super) fn find(
        &mut self,
        (channel, message): (&Channel, &str),
        then: Then,
        asked: Asked,
        missing: &'static str,
        cx: &mut Context<'_>,
    ) {
        let Ok(message) = message.parse::<MessageId>() else {
            return self.refuse(&asked, &plain(missing), cx);
        };
        let find = Find { channel: channel.id, message };
        let tag = self.requests.begin(asked, Waiting::Find { find, then });
        cx.run(tag, super::history::one(find));
    }

    /// `message_edit`
    pub(super) fn edit(
        &mut self,
        place: &Place,
        id: &str,
        content: String,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        if let Err(wrong) = self.check_length(&content) {
            return self.refuse(&asked, &wrong, cx);
        }
        if let Err(slow) = self.check_rate(cx) {
            return self.slow(&asked, slow, cx);
        }
        match self.writable(place, cx) {
            Ok(channel) => {
                let missing = "Message not found or cannot be edited";
                self.find((&channel, id), Then::Edit(content), asked, missing, cx);
            }
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// `message_delete`
    pub(super) fn delete(&mut self, place: &Place, id: &str, asked: Asked, cx: &mut Context<'_>) {
        match self.writable(place, cx) {
            Ok(channel) => {
                let missing = "Message not found or cannot be deleted";
                self.find((&channel, id), Then::Delete, asked, missing, cx);
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
            Ok(channel) => self.find((&channel, id), Then::React(emoji, on), asked, text::NO_MESSAGE, cx),
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// A message was found and is acted on.
    pub(super) fn act_on(&mut self, asked: Asked, message: &Message, then: Then, cx: &mut Context<'_>) {
        let Some(account) = self.account() else { return };
        let id = message.id;
        let (deed, command) = match then {
            Then::Show => return,
            Then::Edit(content) => {
                let text = match message.kind {
                    MessageKind::Action => quirks::edited_action(&content).to_owned(),
                    MessageKind::Said | MessageKind::System => content,
                };
                (Deed::Edit, Command::edit(id, text))
            }
            Then::Delete => {
                (Deed::Delete { own: message.author == account }, Command::DeleteMessage { message: id })
            }
            Then::React(emoji, on) => {
                let new = !message.reactions.iter().any(|reaction| reaction.emoji == emoji);
                if on && new && message.reactions.len() >= limits::EMOJI_PER_MESSAGE {
                    return self.refused(&asked, Refusal::Full, Deed::AddReaction, cx);
                }
                let deed = if on { Deed::AddReaction } else { Deed::RemoveReaction };
                (deed, Command::React { message: id, emoji, on })
            }
        };
        let tag = self.requests.begin(asked, Waiting::Echo(deed));
        cx.command(tag, account, command);
    }

    /// A command whose event is its answer was carried out, or not.
    pub(super) fn echoed(
        &mut self,
        asked: &Asked,
        deed: Deed,
        told: bool,
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        match answer {
            Err(why) => self.refused(asked, why, deed, cx),
            Ok(Reply::Message { message, .. }) if !told => self.unseen(asked, deed, &message, cx),
            Ok(_) => {}
        }
    }

    /// The asker does not see the event (who wrote the message is muted): they get their answer all the same.
    fn unseen(&mut self, asked: &Asked, deed: Deed, message: &Message, cx: &mut Context<'_>) {
        let Some(channel) = cx.state.directory.channel(message.channel).cloned() else { return };
        let Some(view) = view(&self.shared, cx) else { return };
        let listener = asked.listener.as_deref();
        let frame = match deed {
            Deed::Delete { .. } => message::deleted(message, &channel.name, listener),
            Deed::Edit => message::edited(&view, message, &channel.name, listener),
            Deed::Post
            | Deed::AddReaction
            | Deed::RemoveReaction
            | Deed::Ban
            | Deed::Timeout
            | Deed::Other => wire::frame(asked.cmd, json!({"id": message.id.to_string()}), listener),
        };
        cx.send(&frame);
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
                Err(_) => Err(plain(text::MAY_NOT_SEND)),
            }
        });
        match checked {
            Ok(channel) => {
                let user = people::username(&cx.state.directory, account);
                cx.live(LiveCommand::Typing { account, session: Some(cx.id), channel: channel.id });
                let frame = encode::typing(&channel.name, &user, asked.listener.as_deref());
                self.requests.say(frame, cx);
            }
            Err(wrong) => self.refuse(asked, &wrong, cx),
        }
    }
}
