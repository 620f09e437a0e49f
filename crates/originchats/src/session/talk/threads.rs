//! Threads: opening, looking up, changing, deleting, following (originchats.md 5.5). What happens to them is told by
//! events, which are the answers too.

use crate::decode::Place;
use crate::decode::talk::ThreadChange;
use crate::encode::thread;
use crate::session::requests::{Asked, Echo, Waiting};
use crate::session::{OriginSession, plain, view};
use crate::wording::{Deed, text};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::command::{Command, ThreadChange as Change};
use commonroom_core::event::ChannelChange;
use commonroom_core::{Permissions, policy};
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;
use serde_json::json;
use std::sync::Arc;

impl OriginSession {
    /// `thread_create`
    pub(super) fn open_thread(&mut self, channel: String, name: String, asked: Asked, cx: &mut Context<'_>) {
        let parent = match self.channel_at(&Place::Channel(channel), text::HIDDEN, cx) {
            Ok(parent) => parent,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        if parent.kind != ChannelKind::Forum {
            return self.refuse(&asked, &plain("Threads can only be created in forum channels"), cx);
        }
        let Some(account) = self.account() else { return };
        let held = policy::permissions_in(&cx.state.directory, &parent, account);
        if !held.has(Permissions::CREATE_THREAD) {
            let wrong = plain("You do not have permission to create threads in this channel");
            return self.refuse(&asked, &wrong, cx);
        }
        if let Err(slow) = self.check_rate(cx) {
            return self.slow(&asked, slow, cx);
        }
        self.echo(asked, Deed::OpenThread, Command::CreateThread { parent: parent.id, name, root: None }, cx);
    }

    fn echo(&mut self, asked: Asked, deed: Deed, command: Command, cx: &mut Context<'_>) {
        let Some(account) = self.account() else { return };
        let echo = Echo { deed, thread: false, message: None, files: Vec::new() };
        let tag = self.requests.begin(asked, Waiting::Echo(Box::new(echo)));
        cx.command(tag, account, command);
    }

    /// A thread by id; says what is wrong with it.
    fn thread_of(&mut self, id: String, asked: &Asked, cx: &mut Context<'_>) -> Option<Arc<Channel>> {
        match self.channel_at(&Place::Thread { id, channel: None }, text::HIDDEN, cx) {
            Ok(thread) => Some(thread),
            Err(wrong) => {
                self.refuse(asked, &wrong, cx);
                None
            }
        }
    }

    /// `thread_get`
    pub(super) fn thread(&mut self, id: String, asked: &Asked, cx: &mut Context<'_>) {
        let Some(found) = self.thread_of(id, asked, cx) else { return };
        let Some(view) = view(&self.shared, cx) else { return };
        let shape = thread::thread(&view, &found);
        self.reply(asked, json!({"thread": shape}), cx);
    }

    /// `thread_update`: whoever does not manage threads neither locks nor unlocks one, and is not told so.
    pub(super) fn change_thread(
        &mut self,
        id: String,
        change: ThreadChange,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let Some(found) = self.thread_of(id, &asked, cx) else { return };
        let Some(account) = self.account() else { return };
        let held = policy::permissions_in(&cx.state.directory, &found, account);
        let manages = held.has(Permissions::MANAGE_THREADS);
        let opened = found.thread.as_ref().is_some_and(|thread| thread.by == account);
        if !manages && !opened {
            return self.refuse(&asked, &plain("You do not have permission to modify this thread"), cx);
        }
        let locked = change.locked.filter(|_| manages);
        let change = Change { name: change.name, locked, archived: change.archived };
        if change == Change::default() {
            return self.unchanged(&asked, &found, ChannelChange::Thread, cx);
        }
        self.echo(asked, Deed::ChangeThread, Command::ChangeThread { thread: found.id, change }, cx);
    }

    /// Answers as if something had been done that was so already.
    fn unchanged(&mut self, asked: &Asked, found: &Channel, change: ChannelChange, cx: &mut Context<'_>) {
        let Some(view) = view(&self.shared, cx) else { return };
        if let Some(frame) = thread::changed(&view, found, change, asked.listener.as_deref()) {
            self.requests.say(frame, cx);
        }
    }

    /// `thread_delete`
    pub(super) fn delete_thread(&mut self, id: String, asked: Asked, cx: &mut Context<'_>) {
        let Some(found) = self.thread_of(id, &asked, cx) else { return };
        self.echo(asked, Deed::ChangeThread, Command::DeleteChannel { channel: found.id }, cx);
    }

    /// `thread_join` and `thread_leave`
    pub(super) fn follow_thread(&mut self, id: String, on: bool, asked: Asked, cx: &mut Context<'_>) {
        let Some(found) = self.thread_of(id, &asked, cx) else { return };
        let Some(account) = self.account() else { return };
        let follows = move |channel: &Channel| {
            channel.thread.as_ref().is_some_and(|thread| thread.participants.contains(&account))
        };
        let (thread, before) = (found.id, follows(&found));
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| {
            let now = cx.state.directory.channel(thread).cloned().unwrap_or(found);
            let change =
                if on { ChannelChange::Followed(account) } else { ChannelChange::Unfollowed(account) };
            match answer {
                Err(why) => session.refused(&asked, why, Deed::FollowThread, cx),
                // What changed was told by its event.
                Ok(_) if before != follows(&now) => {}
                Ok(_) => session.unchanged(&asked, &now, change, cx),
            }
        };
        self.command(asked, Command::FollowThread { thread, on }, then, cx);
    }
}
