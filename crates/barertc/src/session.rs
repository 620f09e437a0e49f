//! One connection: before, during and after signing in; heartbeat; what it may send when.

use crate::Shared;
use crate::banned;
use crate::decode;
use crate::encode;
use crate::entry::Entering;
use crate::here::Here;
use crate::limits;
use crate::markup::escape;
use crate::operator;
use crate::orders::Order;
use crate::seen::Farewell;
use crate::settings::Settings;
use crate::shown;
use crate::wire::Sent;
use crate::world;
use commonroom_core::command::Actor;
use commonroom_core::env::Timestamp;
use commonroom_hub::bucket::Bucket;
use commonroom_hub::live::{LiveCommand, Relations};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::{Context, Happening, Inbound, Opening, Session, Show, State};
use std::net::IpAddr;
use std::sync::Arc;

/// What the answer to a request is for.
pub mod tags {
    /// Signing in.
    pub const ENTER: u32 = 1;
    /// What was said before, of one channel.
    pub const ECHO: u32 = 2;
    /// A message in a public channel.
    pub const POST: u32 = 3;
    /// The conversation for a direct message.
    pub const CONVERSATION: u32 = 4;
    /// A direct message.
    pub const DIRECT: u32 = 5;
    /// The message to take back.
    pub const TAKEBACK_FIND: u32 = 6;
    /// Taking it back.
    pub const TAKEBACK: u32 = 7;
    /// The message to react to.
    pub const REACT_FIND: u32 = 8;
    /// Reacting.
    pub const REACT: u32 = 9;
    /// Ringing a broadcaster.
    pub const OPEN: u32 = 10;
    /// An operator's command.
    pub const DEED: u32 = 11;
    /// A picture that is made safe.
    pub const KEEP: u32 = 12;
    /// A picture that becomes a file.
    pub const SHARE: u32 = 13;
    /// What was said around what is reported.
    pub const CONTEXT: u32 = 14;
    /// A report on its way to the website.
    pub const REPORT: u32 = 15;
    /// A number for a message that reaches nobody.
    pub const UNSENT: u32 = 16;
    /// The configuration, read again.
    pub const RECONFIGURE: u32 = 17;
}

/// Where a connection is in its life.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Not signed in.
    Waiting,
    /// The core was asked.
    Entering(Box<Entering>),
    /// Signed in.
    Here(Box<Here>),
    /// Sent away; the socket closes.
    Gone,
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    settings: Arc<Settings>,
    /// The settings that it follows.
    pub(crate) shared: Arc<Shared>,
    pub(crate) phase: Phase,
    /// Whom it does not want to meet, as asked: also before signing in, and whether or not it can take effect.
    pub(crate) wanted: Relations,
    pub(crate) logins: Bucket,
    pub(crate) relations: Bucket,
    pub(crate) address: IpAddr,
    opened: Timestamp,
    next_ping: Timestamp,
    wake: Option<Timestamp>,
}

impl Connection {
    /// A connection that has just been opened.
    pub fn new(settings: Arc<Settings>, opening: &Opening) -> Self {
        let now = opening.now;
        Self {
            shared: settings.now(),
            settings,
            address: opening.address,
            phase: Phase::Waiting,
            wanted: Relations::default(),
            logins: Bucket::new(limits::LOGINS),
            relations: Bucket::new(limits::RELATIONS),
            opened: now,
            next_ping: now.plus_seconds(limits::PING_SECONDS),
            wake: None,
        }
    }

    fn handle(&mut self, sent: Sent, cx: &mut Context<'_>) {
        match sent {
            Sent::Message(say) if operator::is_unmute_all(&say.message) && self.is_operator(cx) => {
                self.unmute_all(cx);
            }
            Sent::Login(login) => self.login(&login, cx),
            Sent::Relate(stance, on, names) => self.relate(stance, on, &names, cx),
            Sent::Quiet => {}
            Sent::Unknown(action) => {
                let action: String = action.chars().take(limits::STATUS_CHARS).collect();
                cx.send(&encode::error(&format!("Unsupported message type: {}", escape(&action))));
            }
            other @ (Sent::Message(_)
            | Sent::File(_)
            | Sent::Me(_)
            | Sent::Open(_)
            | Sent::Relay(..)
            | Sent::Takeback(_)
            | Sent::React(..)
            | Sent::Report(_)) => match &mut self.phase {
                Phase::Here(here) => here.handle(other, &self.shared, cx),
                Phase::Waiting | Phase::Entering(_) => cx.send(&encode::error("You must log in first.")),
                Phase::Gone => {}
            },
        }
    }

    /// Sends somebody away for good: a word about why, `disconnect`, and the end of the connection (barertc.md 2.7).
    pub(crate) fn expel(&mut self, why: &str, cx: &mut Context<'_>) {
        if !why.is_empty() {
            cx.send(why);
        }
        cx.send(&encode::disconnect());
        self.leave(cx);
        self.phase = Phase::Gone;
        cx.close(1000, "signed out");
    }

    /// Signs out; the connection stays.
    pub(crate) fn leave(&mut self, cx: &mut Context<'_>) {
        if let Phase::Here(_) = &self.phase {
            cx.unsubscribe();
            cx.live(LiveCommand::Detach { session: cx.id, grace_millis: 0 });
        }
        self.phase = Phase::Waiting;
    }

    /// Follows the settings that are in force now.
    pub(crate) fn follow_settings(&mut self, cx: &mut Context<'_>) {
        self.shared = self.settings.now();
        let Phase::Here(here) = &mut self.phase else { return };
        here.judge_blocks(&self.wanted, &self.shared, cx);
        here.keep_rules(&self.shared, cx);
        here.want_roll(&self.shared, cx);
        if here.claims.is_some() {
            self.ping(cx);
        }
    }

    fn note_ban(&self, farewell: &Farewell, cx: &mut Context<'_>) {
        let Farewell::Banned(_, account, _) = farewell else { return };
        let note = banned::note(*account, self.address, cx.now);
        if let Some(note) = note.filter(|_| self.shared.config.ban_addresses) {
            cx.run(0, Request::Command(Actor::System, note));
        }
    }

    fn is_operator(&self, cx: &Context<'_>) -> bool {
        match &self.phase {
            Phase::Here(here) => world::is_operator(cx.state, here.space, here.account()),
            Phase::Waiting | Phase::Entering(_) | Phase::Gone => false,
        }
    }

    /// True when somebody who is signed in may send a picture now: reading one takes its time.
    fn takes_large(&mut self, cx: &mut Context<'_>) -> bool {
        let Phase::Here(here) = &mut self.phase else { return false };
        let ready = !self.shared.config.rate_limits || here.rates.files.ready_at() <= cx.now;
        if !ready {
            here.complain(cx);
        }
        ready
    }

    pub(crate) fn ping(&self, cx: &mut Context<'_>) {
        let claims = match &self.phase {
            Phase::Here(here) => here.claims.as_ref(),
            Phase::Waiting | Phase::Entering(_) | Phase::Gone => None,
        };
        let token =
            claims.and_then(|claims| crate::token::renew(&self.shared.config.jwt_secret, claims, cx.now));
        let rules = match &self.phase {
            Phase::Here(here) if here.claims.is_some() => Some(here.rules(&self.shared)),
            Phase::Here(_) | Phase::Waiting | Phase::Entering(_) | Phase::Gone => None,
        };
        cx.send(&encode::ping(token.as_deref(), rules));
    }

    /// Asks to be woken when something is due next.
    fn schedule(&mut self, cx: &mut Context<'_>) {
        let due = match &self.phase {
            Phase::Gone => return,
            Phase::Here(here) => here.due().map_or(self.next_ping, |due| due.min(self.next_ping)),
            Phase::Waiting | Phase::Entering(_) => {
                self.next_ping.min(self.opened.plus_seconds(limits::LOGIN_SECONDS))
            }
        };
        if self.wake != Some(due) {
            self.wake = Some(due);
            cx.wake_at(due);
        }
    }
}

impl Session for Connection {
    fn opened(&mut self, cx: &mut Context<'_>) {
        self.schedule(cx);
    }

    fn frame(&mut self, frame: Inbound<'_>, cx: &mut Context<'_>) {
        let Inbound::Text(text) = frame else { return };
        let large = text.len() > limits::FRAME_BYTES;
        if large && !self.takes_large(cx) {
            return;
        }
        let Some(sent) = decode::decode(text) else { return };
        if large && !matches!(sent, Sent::File(_)) {
            cx.send(&encode::error("That was too large and has not been processed."));
        } else {
            self.handle(sent, cx);
        }
        self.schedule(cx);
    }

    fn overlaps(&self, frame: Inbound<'_>) -> bool {
        let (Phase::Here(_), Inbound::Text(text)) = (&self.phase, frame) else { return false };
        // Exactly a plain post to a public channel, and no command.
        let Some(rest) = text.strip_prefix(r#"{"action":"message","channel":""#) else { return false };
        let Some((channel, said)) = rest.split_once(r#"","message":""#) else { return false };
        !channel.starts_with('@') && !channel.contains(['"', '\\']) && !said.starts_with(['/', '\\'])
    }

    fn answer(&mut self, tag: u32, answer: Answer, cx: &mut Context<'_>) {
        if tag == tags::ENTER {
            self.entered(answer, cx);
        } else if let Phase::Here(here) = &mut self.phase {
            here.answered(tag, answer, &self.shared, cx);
        }
        self.schedule(cx);
    }

    fn show(&mut self, happening: &Happening, state: &State) -> Show {
        match &mut self.phase {
            Phase::Here(here) => here.show(happening, &self.shared, state),
            Phase::Waiting | Phase::Entering(_) | Phase::Gone => Show::Nothing,
        }
    }

    fn show_hidden(&mut self, happening: &Happening, state: &State) -> Show {
        match &mut self.phase {
            Phase::Here(here) => here.show_hidden(happening, &self.shared, state),
            Phase::Waiting | Phase::Entering(_) | Phase::Gone => Show::Nothing,
        }
    }

    fn tell(&mut self, happening: &Happening, cx: &mut Context<'_>) {
        let Phase::Here(here) = &mut self.phase else { return };
        if let Some(farewell) = here.tell(happening, &self.shared, &self.wanted, cx) {
            self.note_ban(&farewell, cx);
            self.expel(&shown::farewell(farewell, cx.state, cx.now), cx);
        } else if let Some(order) = Order::of(happening) {
            self.obey(order, cx);
        }
        self.schedule(cx);
    }

    fn tick(&mut self, cx: &mut Context<'_>) {
        self.wake = None;
        let signed_in = matches!(self.phase, Phase::Here(_));
        if !signed_in && cx.now >= self.opened.plus_seconds(limits::LOGIN_SECONDS) {
            self.expel("", cx);
            return;
        }
        if cx.now >= self.next_ping {
            self.next_ping = cx.now.plus_seconds(limits::PING_SECONDS);
            if !Arc::ptr_eq(&self.shared, &self.settings.now()) {
                // Nobody told this connection, which came while others were told.
                self.follow_settings(cx);
            }
            self.ping(cx);
        }
        if let Phase::Here(here) = &mut self.phase {
            here.tick(&self.shared, cx);
        }
        self.schedule(cx);
    }

    fn lost(&mut self, cx: &mut Context<'_>) {
        cx.live(LiveCommand::Lost(cx.id));
        self.closed(cx);
    }

    fn closed(&mut self, cx: &mut Context<'_>) {
        self.leave(cx);
        self.phase = Phase::Gone;
    }
}
