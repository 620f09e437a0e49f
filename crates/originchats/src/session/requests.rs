//! What a connection has asked for and waits for, and its answers in the order of its questions.

use super::OriginSession;
use crate::decode::Edited;
use crate::quirks;
use crate::rates::millis_between;
use crate::wire;
use crate::wording::{Deed, Slow, Wrong, of_thread, refusal};
use commonroom_core::Refusal;
use commonroom_core::command::{Actor, Command};
use commonroom_core::ids::{AccountId, ChannelId, FileId, MessageId};
use commonroom_core::message::Message;
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who asked: the command, and what to repeat in the answer.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) cmd: &'static str,
    pub(super) listener: Option<String>,
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) asked: Asked,
    pub(super) waiting: Waiting,
    /// The event that the request caused was shown: it was the answer.
    pub(super) told: bool,
    /// Answers to later requests that were ready before.
    pub(super) after: Vec<String>,
}

/// What a request under way is about.
#[derive(Debug)]
pub(super) enum Waiting {
    /// A password check; the name belongs to an account.
    Login { known: bool },
    /// A registration.
    Register,
    /// Joining the space.
    Join { account: AccountId },
    /// A command whose event is the answer.
    Echo(Box<Echo>),
    /// A message, to act on.
    Find { find: Find, then: Then },
    /// The messages around one.
    Around { channel: ChannelId, target: MessageId },
    /// A page of a history.
    History(Page),
    /// The reading mark, before a page that moves it.
    Mark(Mark),
    /// Nothing that matters; then this frame.
    Say(String),
    /// Unread counts.
    Unreads,
    /// The unread count of a channel.
    UnreadsOf(ChannelId),
    /// A reading mark.
    Read { channel: ChannelId },
    /// A chosen presence.
    Status(wire::Status),
    /// A change in a call.
    Voice(VoiceDeed),
    /// A ban, its end, or a timeout.
    Moderation(Moderation),
    /// Leaving the space.
    Leave,
    /// Anything else: what is to be done with the answer.
    Then(Continuation),
}

/// What is to be done with an answer.
pub(super) struct Continuation(pub(super) Box<Next>);

/// The form of a [`Continuation`].
type Next = dyn FnOnce(&mut OriginSession, Asked, Answer, &mut Context<'_>) + Send;

impl std::fmt::Debug for Continuation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Continuation")
    }
}

/// What was asked for, of which the event is the answer.
#[derive(Debug)]
pub(super) struct Echo {
    pub(super) deed: Deed,
    /// It is about a thread: sentences say so.
    pub(super) thread: bool,
    /// The message that it is about, as it was.
    pub(super) message: Option<Arc<Message>>,
    /// Files that a new message is to share.
    pub(super) files: Vec<FileId>,
}

/// A message looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Find {
    pub(super) channel: ChannelId,
    pub(super) message: MessageId,
}

/// What is to be done with a message found.
#[derive(Debug)]
pub(super) enum Then {
    Edit(Edited),
    Delete,
    React(String, bool),
    Pin(bool),
    Embeds,
}

/// A page asked for.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) channel: ChannelId,
    /// Messages skipped; `None` for a page that ends at a message.
    pub(super) skip: Option<u64>,
    pub(super) limit: usize,
}

/// A page that is ready and moves the reading mark.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) channel: ChannelId,
    pub(super) newest: MessageId,
    pub(super) frame: String,
}

/// A change in a call.
#[derive(Debug)]
pub(super) enum VoiceDeed {
    Join(ChannelId),
    Leave(String),
    Mute(String, bool),
}

/// Something done to somebody, by username.
#[derive(Debug)]
pub(super) enum Moderation {
    Ban(String),
    Unban(String),
    Timeout(String, i64),
}

/// The requests of one connection.
#[derive(Debug, Default)]
pub(super) struct Requests {
    last: u32,
    pending: BTreeMap<u32, Pending>,
    /// An answer is being handled: what is said now is in order.
    pub(super) answering: bool,
}

impl Requests {
    /// Remembers a request and gives its tag.
    pub(super) fn begin(&mut self, asked: Asked, waiting: Waiting) -> u32 {
        self.last = self.last.wrapping_add(1).max(1);
        self.pending.insert(self.last, Pending { asked, waiting, told: false, after: Vec::new() });
        self.last
    }

    /// The request under way with that tag.
    pub(super) fn under_way(&mut self, tag: u32) -> Option<&mut Pending> {
        self.pending.get_mut(&tag)
    }

    /// Forgets a request that is answered.
    pub(super) fn finish(&mut self, tag: u32) -> Option<Pending> {
        self.pending.remove(&tag)
    }

    /// Sends an answer, not before those of earlier requests (originchats.md 2.3).
    pub(super) fn say(&mut self, frame: String, cx: &mut Context<'_>) {
        match self.pending.last_entry() {
            Some(mut last) if !self.answering => last.get_mut().after.push(frame),
            _ => cx.send(&frame),
        }
    }
}

impl OriginSession {
    /// Answers a request.
    pub(super) fn reply(&mut self, asked: &Asked, body: impl Serialize, cx: &mut Context<'_>) {
        let frame = wire::frame(asked.cmd, body, asked.listener.as_deref());
        self.requests.say(frame, cx);
    }

    /// Says what is wrong with a request.
    pub(super) fn refuse(&mut self, asked: &Asked, wrong: &Wrong, cx: &mut Context<'_>) {
        self.error(Some(asked.cmd), wrong, asked.listener.as_deref(), cx);
    }

    /// `error`
    pub(super) fn error(
        &mut self,
        src: Option<&str>,
        wrong: &Wrong,
        listener: Option<&str>,
        cx: &mut Context<'_>,
    ) {
        let mut body = json!({"val": wrong.to_string()});
        if let Some(src) = src {
            body["src"] = Value::String(src.to_owned());
        }
        self.requests.say(wire::frame("error", body, listener), cx);
    }

    /// Asks for something and goes on with its answer.
    pub(super) fn request(
        &mut self,
        asked: Asked,
        request: Request,
        then: impl FnOnce(&mut Self, Asked, Answer, &mut Context<'_>) + Send + 'static,
        cx: &mut Context<'_>,
    ) {
        let tag = self.requests.begin(asked, Waiting::Then(Continuation(Box::new(then))));
        cx.run(tag, request);
    }

    /// Runs a command of this person and goes on with its answer; events that it caused were shown before.
    pub(super) fn command(
        &mut self,
        asked: Asked,
        command: Command,
        then: impl FnOnce(&mut Self, Asked, Answer, &mut Context<'_>) + Send + 'static,
        cx: &mut Context<'_>,
    ) {
        let Some(account) = self.account() else { return };
        self.request(asked, Request::Command(Actor::Account(account), command), then, cx);
    }

    /// Says why the core refused.
    pub(super) fn refused(&mut self, asked: &Asked, why: Refusal, deed: Deed, cx: &mut Context<'_>) {
        if let Refusal::TimedOut { until } = why {
            return self.slow(asked, Slow::Timeout(millis_between(cx.now, until)), cx);
        }
        self.refuse(asked, &Wrong::Plain(refusal(why, deed)), cx);
    }

    /// Says why the core refused something in a channel or, in words of its own, in a thread.
    pub(super) fn refused_at(
        &mut self,
        asked: &Asked,
        why: Refusal,
        (deed, thread): (Deed, bool),
        cx: &mut Context<'_>,
    ) {
        if thread && !matches!(why, Refusal::TimedOut { .. }) {
            return self.refuse(asked, &Wrong::Plain(of_thread(refusal(why, deed))), cx);
        }
        self.refused(asked, why, deed, cx);
    }

    /// `rate_limit`, and for the web client, which does not show it, an error too.
    pub(super) fn slow(&mut self, asked: &Asked, slow: Slow, cx: &mut Context<'_>) {
        let body = json!({"reason": slow.to_string(), "length": slow.millis()});
        self.requests.say(wire::frame("rate_limit", body, asked.listener.as_deref()), cx);
        // Nobody waits for an answer to a typing notice.
        if asked.cmd != "typing" && self.me.as_ref().is_some_and(|me| me.quirk.web_client()) {
            self.refuse(asked, &Wrong::Plain(quirks::RATE_LIMITED), cx);
        }
    }
}
