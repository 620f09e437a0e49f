//! One connection: who it is, its rates, its heartbeat, and what it waits for.

use crate::Shared;
use crate::decode::{self, Ask, Envelope};
use crate::encode::{self, View};
use crate::limits;
use crate::rates;
use crate::strangers::Stranger;
use crate::wording::{Slow, Wrong, text};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, SessionId};
use commonroom_hub::bucket::Bucket;
use commonroom_hub::live::LiveCommand;
use commonroom_hub::request::Answer;
use commonroom_hub::session::{Context, Happening, Inbound, Opening, Session, Show, State};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

mod admin;
mod bots;
mod endings;
mod finding;
mod history;
mod keep;
mod me;
mod messages;
mod moderation;
mod outside;
mod people;
mod requests;
mod show;
mod sign_in;
mod talk;
mod unreads;
mod voice;

use me::Me;
use requests::{Asked, Continuation, Pending, Requests, Waiting};

/// One connection of this protocol.
pub struct OriginSession {
    shared: Arc<Shared>,
    id: SessionId,
    address: IpAddr,
    /// No rate counts for this client.
    exempt: bool,
    /// Counts this connection while nobody has signed in on it.
    stranger: Option<Stranger>,
    deadline: Timestamp,
    heartbeat: Timestamp,
    flood: Bucket,
    requests: Requests,
    /// Who has signed in.
    me: Option<Box<Me>>,
    /// The key that this connection's handshake told.
    validator_key: String,
    /// What was meant to be shared with others of the same base, when there are none.
    alone: VecDeque<Show>,
}

impl OriginSession {
    /// A session for a new connection.
    pub fn new(shared: Arc<Shared>, opening: &Opening) -> Self {
        let rates = &shared.config.rate_limiting;
        Self {
            id: opening.id,
            address: opening.address,
            exempt: rates.exempts(opening.address),
            stranger: shared.strangers.admit(opening.address),
            deadline: opening.now.plus_seconds(limits::SIGN_IN_SECONDS),
            heartbeat: opening.now.plus_seconds(limits::HEARTBEAT_SECONDS),
            flood: Bucket::new(limits::FLOOD),
            requests: Requests::default(),
            me: None,
            validator_key: String::new(),
            alone: VecDeque::new(),
            shared,
        }
    }

    /// True when rates count for this client.
    fn limited(&self) -> bool {
        self.shared.config.rate_limiting.enabled && !self.exempt
    }

    fn schedule(&self, cx: &mut Context<'_>) {
        let mut next = self.heartbeat;
        match &self.me {
            None => next = next.min(self.deadline),
            Some(me) => {
                if let Some((due, _)) = &me.waiting_status {
                    next = next.min(*due);
                }
            }
        }
        cx.wake_at(next);
    }

    /// The account, for code that runs only after the sign-in.
    fn account(&self) -> Option<AccountId> {
        self.me.as_ref().map(|me| me.account)
    }

    fn stranger(&mut self, envelope: &Envelope, cx: &mut Context<'_>) {
        match envelope.sign_in() {
            Some(sign_in) => self.sign_in(sign_in, envelope.listener.clone(), cx),
            None => {
                let listener = envelope.listener.as_deref();
                self.auth_error(text::SIGN_IN, envelope.cmd.as_deref(), listener, cx);
            }
        }
    }

    fn member(&mut self, envelope: &Envelope, cx: &mut Context<'_>) {
        let ask = match envelope.ask() {
            Ok(ask) => ask,
            Err(wrong) => {
                let cmd = envelope.known().or(envelope.cmd.as_deref());
                let src = cmd.map(|cmd| cmd.chars().take(limits::UNKNOWN_COMMAND_CHARS).collect::<String>());
                return self.error(src.as_deref(), &wrong, envelope.listener.as_deref(), cx);
            }
        };
        let cmd = envelope.known().expect("a request was made of a known command");
        let asked = Asked { cmd, listener: envelope.listener.clone() };
        if let Err(slow) = self.pace(&ask, cx.now) {
            // Too many typing notices are nobody's business (originchats.md 5.4).
            if !matches!(ask, Ask::Typing(_)) {
                self.slow(&asked, slow, cx);
            }
            return;
        }
        self.carry_out(ask, asked, cx);
    }

    /// Takes a request from the steady rate of its kind; the messages' own windows come later (originchats.md 5.4).
    fn pace(&mut self, ask: &Ask, now: Timestamp) -> Result<(), Slow> {
        if !self.limited() {
            return Ok(());
        }
        let Some(me) = &mut self.me else { return Ok(()) };
        let bucket = match ask {
            Ask::Typing(_) => &mut me.typing,
            Ask::React(..) => &mut me.reactions,
            // What every member may do and everybody is told.
            Ask::Admin(
                decode::admin::Ask::People(_)
                | decode::admin::Ask::Roles(decode::admin::roles::Ask::Choose(..)),
            ) => &mut me.faces,
            Ask::Channels
            | Ask::Users
            | Ask::Online
            | Ask::Roles
            | Ask::History(..)
            | Ask::Message(..)
            | Ask::Around(..)
            | Ask::Unreads
            | Ask::UnreadsOf(_)
            | Ask::Read(..)
            | Ask::BannedList
            | Ask::Admin(decode::admin::Ask::Server(
                decode::admin::server::Ask::Log(_) | decode::admin::server::Ask::Summary,
            )) => &mut me.reads,
            Ask::Ping
            | Ask::RolesOf(_)
            | Ask::Server
            | Ask::SetStatus(..)
            | Ask::StatusOf(_)
            | Ask::Post(_)
            | Ask::Edit(..)
            | Ask::Delete(..)
            | Ask::JoinVoice(..)
            | Ask::LeaveVoice(_)
            | Ask::MuteVoice(_)
            | Ask::VoiceState(_)
            | Ask::Leave
            | Ask::Ban(..)
            | Ask::Unban(_)
            | Ask::Timeout(..)
            | Ask::Admin(_)
            | Ask::Bots(_)
            | Ask::Keep(_) => return Ok(()),
            Ask::Talk(ask) => match talk::pace(me, ask) {
                Some(bucket) => bucket,
                None => return Ok(()),
            },
        };
        rates::steady(bucket, now)
    }

    fn carry_out(&mut self, ask: Ask, asked: Asked, cx: &mut Context<'_>) {
        match ask {
            Ask::Ping => self.pong(&asked, cx),
            Ask::Channels => self.channels(&asked, cx),
            Ask::Users => self.users(&asked, cx),
            Ask::Online => self.online(&asked, cx),
            Ask::Roles => self.roles(&asked, cx),
            Ask::RolesOf(user) => self.roles_of(&user, &asked, cx),
            Ask::Server => self.server(&asked, cx),
            Ask::SetStatus(word, text) => self.set_status(&word, text, asked, cx),
            Ask::StatusOf(user) => self.status_of(&user, &asked, cx),
            Ask::History(place, start, limit) => self.history(&place, &start, limit, asked, cx),
            Ask::Message(place, id) => self.message(&place, &id, asked, cx),
            Ask::Around(place, id, above, below) => self.around(&place, &id, (above, below), asked, cx),
            Ask::Post(new) => self.post(*new, asked, cx),
            Ask::Edit(place, id, edited) => self.edit(&place, &id, edited, asked, cx),
            Ask::Delete(place, id) => self.delete(&place, &id, asked, cx),
            Ask::React(place, id, emoji, on) => self.react(&place, &id, (emoji, on), asked, cx),
            Ask::Typing(place) => self.typing(&place, &asked, cx),
            Ask::Unreads => self.unreads(asked, cx),
            Ask::Read(place, message) => self.read(&place, message.as_deref(), asked, cx),
            Ask::UnreadsOf(place) => self.unreads_of(&place, asked, cx),
            Ask::JoinVoice(channel, peer_id) => self.join_voice(&channel, peer_id, asked, cx),
            Ask::LeaveVoice(channel) => self.leave_voice(channel.as_deref(), asked, cx),
            Ask::MuteVoice(muted) => self.mute_voice(muted, asked, cx),
            Ask::VoiceState(channel) => self.voice_state(&channel, &asked, cx),
            Ask::Leave => self.leave(asked, cx),
            Ask::Ban(user, reason) => self.ban(&user, reason.as_deref(), asked, cx),
            Ask::Unban(user) => self.unban(&user, asked, cx),
            Ask::Timeout(user, seconds) => self.timeout(&user, seconds, asked, cx),
            Ask::BannedList => self.banned_list(&asked, cx),
            Ask::Admin(ask) => self.administer(ask, asked, cx),
            Ask::Bots(ask) => self.slash(ask, asked, cx),
            Ask::Keep(ask) => self.keep(ask, asked, cx),
            Ask::Talk(ask) => self.discuss(ask, asked, cx),
        }
    }

    fn answered(&mut self, pending: Pending, answer: Answer, cx: &mut Context<'_>) {
        let Pending { asked, waiting, told, .. } = pending;
        match waiting {
            Waiting::Login { known } => self.logged_in(asked, known, answer, cx),
            Waiting::Register => self.registered(asked, answer, cx),
            Waiting::Join { account } => self.joined(asked, account, answer, cx),
            Waiting::Echo(echo) => self.echoed(asked, *echo, told, answer, cx),
            Waiting::Find { find, then } => self.found(asked, find, then, answer, cx),
            Waiting::Around { channel, target } => self.found_around(&asked, channel, target, answer, cx),
            Waiting::History(page) => self.found_history(asked, page, answer, cx),
            Waiting::Mark(mark) => self.found_mark(asked, mark, answer, cx),
            Waiting::Say(frame) => cx.send(&frame),
            Waiting::Unreads => self.found_unreads(&asked, answer, cx),
            Waiting::UnreadsOf(channel) => self.found_unreads_of(&asked, channel, answer, cx),
            Waiting::Read { channel } => self.marked_read(&asked, channel, answer, cx),
            Waiting::Status(status) => self.status_is_set(&asked, &status, answer, cx),
            Waiting::Voice(deed) => self.voice_done(&asked, &deed, cx),
            Waiting::Moderation(deed) => self.moderated(&asked, deed, answer, cx),
            Waiting::Leave => self.left(&asked, answer, cx),
            Waiting::Then(Continuation(then)) => then(self, asked, answer, cx),
        }
    }
}

impl Session for OriginSession {
    fn opened(&mut self, cx: &mut Context<'_>) {
        if self.stranger.is_none() && !self.exempt {
            return cx.close(1008, "too many connections that have not signed in");
        }
        self.handshake(cx);
        self.schedule(cx);
    }

    fn frame(&mut self, frame: Inbound<'_>, cx: &mut Context<'_>) {
        if self.limited() && !self.flood.take(cx.now) {
            return cx.close(1008, "too many frames");
        }
        // Binary frames are ignored (originchats.md 2.2).
        let Inbound::Text(frame) = frame else { return };
        match decode::envelope(frame) {
            Err(wrong) => self.error(None, &wrong, None, cx),
            Ok(envelope) if self.me.is_none() => self.stranger(&envelope, cx),
            Ok(envelope) => self.member(&envelope, cx),
        }
    }

    fn overlaps(&self, frame: Inbound<'_>) -> bool {
        /// Where the name of the command stands in every client's frames.
        const HEAD_BYTES: usize = 64;
        let Inbound::Text(frame) = frame else { return false };
        let head = &frame.as_bytes()[..frame.len().min(HEAD_BYTES)];
        self.me.is_some() && head.windows(b"\"message_new\"".len()).any(|part| part == b"\"message_new\"")
    }

    fn answer(&mut self, tag: u32, answer: Answer, cx: &mut Context<'_>) {
        let Some(mut pending) = self.requests.finish(tag) else { return };
        let after = std::mem::take(&mut pending.after);
        self.requests.answering = true;
        self.answered(pending, answer, cx);
        for frame in after {
            cx.send(&frame);
        }
        self.requests.answering = false;
    }

    fn show(&mut self, happening: &Happening, state: &State) -> Show {
        let show = match happening {
            Happening::Event(event) => self.show_event(event, state),
            Happening::Live(event) => self.show_live(event, state),
        };
        let of_base = self.shared.of_base(show);
        if self.shared.is_alone() && of_base == Show::Private {
            self.alone.push_back(show);
        }
        of_base
    }

    fn tell(&mut self, happening: &Happening, cx: &mut Context<'_>) {
        if let Some(Show::Shared(variant)) = self.alone.pop_front() {
            for frame in encode::frames(&self.shared, happening, variant, cx.state) {
                cx.send(&frame);
            }
            return;
        }
        match happening {
            Happening::Event(event) => self.tell_event(event, happening, cx),
            Happening::Live(event) => self.tell_live(event, cx),
        }
    }

    fn tick(&mut self, cx: &mut Context<'_>) {
        if self.me.is_none() && cx.now >= self.deadline {
            return cx.close(1008, "authentication timeout");
        }
        if cx.now >= self.heartbeat {
            cx.send(r#"{"cmd":"ping"}"#);
            self.heartbeat = cx.now.plus_seconds(limits::HEARTBEAT_SECONDS);
        }
        self.set_waiting_status(cx);
        self.schedule(cx);
    }

    fn closed(&mut self, cx: &mut Context<'_>) {
        if let Some(me) = self.me.take() {
            self.shared.credentials.closed(&self.validator_key, &me.token, cx.now);
            cx.live(LiveCommand::Detach { session: cx.id, grace_millis: 0 });
        }
    }
}

/// What renderings look things up in at this moment.
fn view<'a>(shared: &'a Shared, cx: &'a Context<'_>) -> Option<View<'a>> {
    shared.view(cx.state)
}

/// A sentence as [`Wrong`].
fn plain(text: &'static str) -> Wrong {
    Wrong::Plain(text)
}
