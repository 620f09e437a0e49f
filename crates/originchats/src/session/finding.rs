//! Looking up what a request names: its channel or thread, and its message to act on.

use super::me::Me;
use super::requests::{Asked, Echo, Find, Then, Waiting};
use super::{OriginSession, plain, view};
use crate::decode::Place;
use crate::encode::spot::Spot;
use crate::encode::{message, poll};
use crate::limits;
use crate::quirks;
use crate::wire;
use crate::wording::{Deed, Wrong, of_thread, text};
use commonroom_core::channel::{Channel, Home};
use commonroom_core::command::Command;
use commonroom_core::directory::Directory;
use commonroom_core::ids::{ChannelId, FileId, MessageId};
use commonroom_core::message::{Message, MessageKind};
use commonroom_core::query::{Found, Query};
use commonroom_core::{Refusal, Reply, policy};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use serde_json::json;
use std::sync::Arc;

/// The thread with an id, if it is one of the space shown; with a channel's name, only if it is in that channel.
fn thread_at<'a>(
    directory: &'a Directory,
    me: &Me,
    id: &str,
    channel: Option<&str>,
) -> Option<&'a Arc<Channel>> {
    let thread = directory.channel(id.parse::<ChannelId>().ok()?)?;
    let Home::Thread { space, parent } = thread.home else { return None };
    let parent = directory.channel(parent)?;
    let named = channel.is_none_or(|name| parent.name.eq_ignore_ascii_case(name));
    (space == me.space && named).then_some(thread)
}

impl OriginSession {
    /// The channel or thread of a place; `hidden` is said of one that may not be viewed.
    pub(super) fn channel_at(
        &self,
        place: &Place,
        hidden: &'static str,
        cx: &Context<'_>,
    ) -> Result<Arc<Channel>, Wrong> {
        let (me, directory) = (self.me.as_ref(), &cx.state.directory);
        let me = me.ok_or(plain(text::SIGN_IN))?;
        let (found, missing, hidden) = match place {
            Place::Channel(name) => (directory.channel_named(me.space, name), text::NO_CHANNEL, hidden),
            Place::Thread { id, channel } => {
                (thread_at(directory, me, id, channel.as_deref()), text::NO_THREAD, of_thread(hidden))
            }
        };
        match found {
            None => Err(plain(missing)),
            Some(channel) if policy::may_view(directory, channel, me.account) => Ok(channel.clone()),
            Some(_) => Err(plain(hidden)),
        }
    }

    /// Looks a message up, to act on it when it is in that channel.
    pub(super) fn find(
        &mut self,
        (channel, message): (&Channel, &str),
        then: Then,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let Ok(message) = message.parse::<MessageId>() else {
            return self.refuse(&asked, &plain(missing(&then)), cx);
        };
        let find = Find { channel: channel.id, message };
        let tag = self.requests.begin(asked, Waiting::Find { find, then });
        cx.run(tag, Request::Query(Query::Message { message }));
    }

    /// A message to act on was looked for.
    pub(super) fn found(
        &mut self,
        asked: Asked,
        find: Find,
        then: Then,
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        let message = match answer {
            Ok(Reply::Found(Found::Message(message))) => message,
            Ok(_) => return self.refused(&asked, Refusal::Fault, Deed::Other, cx),
            Err(why) => return self.refused(&asked, why, Deed::Other, cx),
        };
        let directory = &cx.state.directory;
        // The web client reacts in a thread without saying in which one (originchats.md 5.4).
        let lax = matches!(then, Then::React(..));
        let here = |message: &Message| {
            let parent = || directory.channel(message.channel).and_then(|channel| channel.parent());
            message.channel == find.channel || (lax && parent() == Some(find.channel))
        };
        match message.filter(|message| !message.deleted && here(message)) {
            Some(message) => self.act_on(asked, message, then, cx),
            None => self.refuse(&asked, &plain(missing(&then)), cx),
        }
    }

    fn act_on(&mut self, asked: Asked, message: Arc<Message>, then: Then, cx: &mut Context<'_>) {
        let Some(account) = self.account() else { return };
        let id = message.id;
        let (deed, command) = match then {
            Then::Embeds => return self.embeds_of(&asked, &message, cx),
            Then::Edit(edited) => {
                let text = match message.kind {
                    MessageKind::Action => quirks::edited_action(&edited.content).to_owned(),
                    MessageKind::Said | MessageKind::System => edited.content,
                };
                (Deed::Edit, Command::EditMessage { message: id, text, embeds: edited.embeds })
            }
            Then::Delete => {
                (Deed::Delete { own: message.author == account }, Command::DeleteMessage { message: id })
            }
            Then::Pin(on) => (Deed::Pin, Command::Pin { message: id, on }),
            Then::React(emoji, on) => {
                let new = !message.reactions.iter().any(|reaction| reaction.emoji == emoji);
                if on && new && message.reactions.len() >= limits::EMOJI_PER_MESSAGE {
                    return self.refused(&asked, Refusal::Full, Deed::AddReaction, cx);
                }
                let deed = if on { Deed::AddReaction } else { Deed::RemoveReaction };
                (deed, Command::React { message: id, emoji, on })
            }
        };
        let thread = cx.state.directory.channel(message.channel).is_some_and(|at| at.parent().is_some());
        let echo = Echo { deed, thread, message: Some(message), files: Vec::new() };
        let tag = self.requests.begin(asked, Waiting::Echo(Box::new(echo)));
        cx.command(tag, account, command);
    }

    /// A command whose event is its answer was carried out, or not.
    pub(super) fn echoed(
        &mut self,
        asked: Asked,
        echo: Echo,
        told: bool,
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        let Echo { deed, thread, message, files } = echo;
        match (answer, message) {
            // It lay there already, or did not: that is how it stands.
            (Err(Refusal::Already), Some(message)) if deed == Deed::Pin => {
                self.unseen(&asked, deed, &message, cx);
            }
            (Err(Refusal::NoSuchFile), _) if deed == Deed::Post => self.name_missing(asked, files, cx),
            (Err(why), _) => self.refused_at(&asked, why, (deed, thread), cx),
            (Ok(Reply::Message { message, .. }), _) if !told => self.unseen(&asked, deed, &message, cx),
            (Ok(_), _) => {}
        }
    }

    /// Says which of the files could not be shared: the first that is not there, or else the last.
    fn name_missing(&mut self, asked: Asked, mut files: Vec<FileId>, cx: &mut Context<'_>) {
        if files.len() < 2 {
            let id = files.pop().map(|id| id.to_string()).unwrap_or_default();
            return self.refuse(&asked, &Wrong::NoAttachment(id), cx);
        }
        let file = files.remove(0);
        let look = Request::Query(Query::File { file });
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| {
            let over = |end: Option<commonroom_core::env::Timestamp>| end.is_some_and(|end| end <= cx.now);
            let free = matches!(
                &answer,
                Ok(Reply::Found(Found::File(Some((file, None))))) if !over(file.expires_at)
            );
            let left = if free { files } else { vec![file] };
            session.name_missing(asked, left, cx);
        };
        self.request(asked, look, then, cx);
    }

    /// The asker is not shown the event (who wrote the message is muted), or there is none because nothing changed: they
    /// get their answer all the same.
    fn unseen(&mut self, asked: &Asked, deed: Deed, message: &Message, cx: &mut Context<'_>) {
        let Some(view) = view(&self.shared, cx) else { return };
        let Some(spot) = Spot::of(view.directory, message.channel) else { return };
        let listener = asked.listener.as_deref();
        let frame = match deed {
            Deed::Delete { .. } => message::deleted(message, spot, listener),
            Deed::Edit => message::edited(&view, message, spot, self.account(), listener),
            Deed::Pin => message::pinned(message, spot, listener),
            Deed::EndPoll => poll::ended(&view, message, listener).unwrap_or_default(),
            Deed::Post
            | Deed::OpenThread
            | Deed::ChangeThread
            | Deed::FollowThread
            | Deed::CreatePoll
            | Deed::Vote
            | Deed::AddReaction
            | Deed::RemoveReaction
            | Deed::Ban
            | Deed::Timeout
            | Deed::Admin(_)
            | Deed::Other => wire::frame(asked.cmd, json!({"id": message.id.to_string()}), listener),
        };
        cx.send(&frame);
    }
}

/// What is said when there is no such message.
fn missing(then: &Then) -> &'static str {
    match then {
        Then::React(..) | Then::Pin(_) | Then::Embeds => text::NO_MESSAGE,
        Then::Edit(_) => "Message not found or cannot be edited",
        Then::Delete => "Message not found or cannot be deleted",
    }
}
