//! One gateway connection (together.md 2): sign-in by the token of the URL, `READY`, then events until it ends.

mod ready;
mod show;

use crate::config::Config;
use crate::decode::{self, Bad, Frame};
use crate::encode::{View, event};
use crate::limits;
use crate::presence::{self, Changes, Dialect};
use crate::rate::Window;
use crate::signal::Relay;
use crate::token::Access;
use crate::wire::{self, HEARTBEAT_ACK, PresenceIn};
use crate::world::World;
use commonroom_core::account::{Protocol, StatusKind};
use commonroom_core::channel::Channel;
use commonroom_core::command::{AccessCommand, Command, Reply};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId, LoginId, SessionId, SpaceId};
use commonroom_core::query::{Found, Query};
use commonroom_core::space::Space;
use commonroom_hub::live::{LiveCommand, LiveSession, Scope, Signal, SignalTarget};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::{
    Adapter, Context, Frames, Happening, Inbound, Opening, Session, Setup, Show, State, Variant,
};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Tag of the request for the unread counts of `READY`.
const UNREADS: u32 = 1;

/// The protocol.
pub struct Together {
    world: Arc<World>,
}

impl Together {
    /// The protocol with the operator's settings.
    pub fn new(config: Config, setup: &Setup) -> Self {
        Self { world: Arc::new(World::new(config, setup.signer.clone())) }
    }
}

impl Adapter for Together {
    fn protocol(&self) -> Protocol {
        Protocol::Together
    }

    fn open(&self, opening: &Opening) -> Box<dyn Session> {
        Box::new(Connection {
            world: self.world.clone(),
            address: opening.address,
            token: opening.query("token").map(str::to_owned),
            phase: Phase::New,
            me: None,
            dialect: Dialect::AsSent,
            frames: Window::new(limits::FRAMES_PER_SECOND),
            signals: Window::new(limits::SIGNALS_PER_SECOND),
            dropped: (opening.now, 0),
            heard: opening.now,
            pinged: opening.now,
            presences: Changes::default(),
            typed: None,
            ruled: BTreeMap::new(),
            spaces: BTreeMap::new(),
            reminders: BTreeMap::new(),
        })
    }

    fn refuse(&self, opening: &Opening) -> Option<u16> {
        self.world.refuses(opening.address, opening.query("token"), opening.now).then_some(401)
    }

    fn render(&self, happening: &Happening, variant: Variant, state: &State, frames: &mut Frames) {
        let view = View { state, viewer: None };
        let texts = match happening {
            Happening::Event(stored) => event::event(view, stored, variant),
            // What carries a time is told to each session by itself, which has a clock.
            Happening::Live(live) => event::live(view, live, variant, Timestamp::default()),
        };
        for text in texts {
            frames.text(&text);
        }
    }

    fn too_slow(&self) -> (u16, &'static str) {
        (1013, "too slow to keep up")
    }

    fn first_limit(&self) -> usize {
        limits::SIGNAL_FRAME_BYTES
    }
}

/// Who is connected.
#[derive(Clone, Copy, Debug)]
struct Me {
    session: SessionId,
    account: AccountId,
    login: LoginId,
}

#[derive(Debug)]
enum Phase {
    /// Not yet open.
    New,
    /// The token was bad: closed soon.
    Refused,
    /// Waiting for the unread counts.
    Starting(Box<wire::Ready>),
    /// Signed in.
    Ready,
    /// Closed by us.
    Over,
}

struct Connection {
    world: Arc<World>,
    address: IpAddr,
    token: Option<String>,
    phase: Phase,
    me: Option<Me>,
    dialect: Dialect,
    frames: Window,
    signals: Window,
    /// Frames dropped since a moment.
    dropped: (Timestamp, u32),
    /// When the client was last heard of.
    heard: Timestamp,
    pinged: Timestamp,
    presences: Changes,
    /// The last typing notice.
    typed: Option<(ChannelId, Timestamp)>,
    /// The channels with overrides as this client knows them: to tell what changed, and who could see what is gone.
    ruled: BTreeMap<ChannelId, Arc<Channel>>,
    /// The servers as this client knows their roles: to tell what changed.
    spaces: BTreeMap<SpaceId, Arc<Space>>,
    /// Servers of its user of whose roles the client is to be reminded, and when.
    reminders: BTreeMap<SpaceId, Timestamp>,
}

impl Session for Connection {
    fn opened(&mut self, cx: &mut Context<'_>) {
        let token = self.token.take();
        let access = token.as_deref().and_then(|token| self.world.admits(&cx.state.directory, token, cx.now));
        match access {
            Some(access) => self.sign_in(access, cx),
            None => {
                self.world.refused(self.address, token.as_deref(), cx.now);
                self.phase = Phase::Refused;
                cx.wake_at(cx.now.plus_millis(limits::REFUSED_DELAY_MILLIS));
            }
        }
    }

    fn frame(&mut self, frame: Inbound<'_>, cx: &mut Context<'_>) {
        let Some(me) = self.me else { return };
        self.heard = cx.now;
        let frame = match frame {
            Inbound::Text(text) => decode::frame(text),
            Inbound::Binary(_) => Err(Bad::Format),
        };
        let frame = match frame {
            Ok(frame) => frame,
            Err(Bad::Format) => return self.end(4002, "invalid format", cx),
            Err(Bad::Size) => return self.end(1009, "frame too large", cx),
        };
        let window = if matches!(frame, Frame::Signal(_)) { &mut self.signals } else { &mut self.frames };
        if !window.admits(cx.now) {
            return self.drop_frame(cx);
        }
        match frame {
            Frame::Heartbeat => cx.send(HEARTBEAT_ACK),
            Frame::Presence(wanted) => self.set_presence(me, wanted, cx),
            Frame::Typing(channel) => self.type_in(me, channel, cx),
            Frame::Signal(relay) => send_signal(me, relay, cx),
            Frame::Nothing => {}
        }
    }

    fn overlaps(&self, frame: Inbound<'_>) -> bool {
        // A presence builds on the one before it.
        matches!(frame, Inbound::Text(text) if !text.contains("PRESENCE_UPDATE"))
    }

    fn answer(&mut self, tag: u32, answer: Answer, cx: &mut Context<'_>) {
        if tag != UNREADS {
            return;
        }
        let Phase::Starting(mut ready) = std::mem::replace(&mut self.phase, Phase::Ready) else { return };
        if let Ok(Reply::Found(Found::Unreads(unreads))) = answer {
            ready::count(&mut ready, &cx.state.directory, &unreads);
        }
        cx.send(&wire::dispatch("READY", ready));
        cx.release();
    }

    fn show(&mut self, happening: &Happening, state: &State) -> Show {
        match self.me {
            Some(me) => show::show(self, me, happening, state),
            None => Show::Nothing,
        }
    }

    fn tell(&mut self, happening: &Happening, cx: &mut Context<'_>) {
        let Some(me) = self.me else { return };
        if let Some(space) = show::reminder(happening) {
            if cx.state.directory.member(space, me.account).is_some() {
                self.reminders.insert(space, cx.now.plus_millis(limits::REMINDER_MILLIS));
            }
            return self.wake(cx);
        }
        match show::ending(me, happening, cx.state) {
            Some((code, reason)) => self.end(code, reason, cx),
            None => {
                for frame in show::private(self, me, happening, cx.state, cx.now) {
                    cx.send(&frame);
                }
            }
        }
    }

    fn pong(&mut self, cx: &mut Context<'_>) {
        self.heard = cx.now;
    }

    fn tick(&mut self, cx: &mut Context<'_>) {
        match self.phase {
            Phase::Refused => self.end(4001, "invalid token", cx),
            Phase::Starting(_) | Phase::Ready => self.look_after(cx),
            Phase::New | Phase::Over => {}
        }
    }

    fn closed(&mut self, cx: &mut Context<'_>) {
        if let Some(me) = self.me.take() {
            if let Some(status) = self.presences.last() {
                cx.command(0, me.account, Command::SetStatus(status));
            }
            let grace_millis = i64::from(self.world.config.presence.grace_seconds) * 1_000;
            cx.live(LiveCommand::Detach { session: me.session, grace_millis });
        }
    }
}

impl Connection {
    fn sign_in(&mut self, access: Access, cx: &mut Context<'_>) {
        let me = Me { session: cx.id, account: access.account, login: access.login };
        let Some(ready) = ready::ready(cx.state, me.account) else { return };
        self.me = Some(me);
        self.ruled = ready::ruled(&cx.state.directory, me.account);
        self.spaces =
            cx.state.directory.spaces_of(me.account).map(|space| (space.id, space.clone())).collect();
        cx.subscribe(me.account, Scope::Account);
        cx.hold();
        let plain = LiveSession::new(me.session, me.account, Protocol::Together, Scope::Account, cx.now);
        cx.live(LiveCommand::Attach(Box::new(LiveSession { login: Some(me.login), ..plain })));
        let channels = ready::readable(&cx.state.directory, me.account);
        cx.run(
            UNREADS,
            Request::Query(Query::Unreads { account: me.account, channels, written_is_read: false }),
        );
        if self.world.config.gateway.reconnect_grace && !access.has_opened(&cx.state.directory) {
            let remember = AccessCommand::RememberToken { login: me.login, ends_at: access.expires_at };
            cx.command(0, me.account, Command::Access(remember));
        }
        self.phase = Phase::Starting(Box::new(ready));
        self.heard = cx.now;
        self.pinged = cx.now;
        self.wake(cx);
    }

    fn end(&mut self, code: u16, reason: &str, cx: &mut Context<'_>) {
        self.phase = Phase::Over;
        cx.close(code, reason);
    }

    fn drop_frame(&mut self, cx: &mut Context<'_>) {
        let (since, count) = self.dropped;
        let fresh = cx.now < since.plus_seconds(limits::DROPPED_WINDOW_SECONDS);
        self.dropped = if fresh { (since, count + 1) } else { (cx.now, 1) };
        if self.dropped.1 > limits::DROPPED_FRAMES {
            self.end(1008, "too many frames", cx);
        }
    }

    fn set_presence(&mut self, me: Me, wanted: PresenceIn, cx: &mut Context<'_>) {
        let kind = match wanted.status.as_deref() {
            None => StatusKind::Online,
            Some(word) => match presence::parse(word) {
                Some(kind) => kind,
                None => return,
            },
        };
        match kind {
            StatusKind::Away => self.dialect = Dialect::Away,
            StatusKind::Idle => self.dialect = Dialect::Idle,
            StatusKind::Online | StatusKind::Dnd | StatusKind::Invisible => {}
        }
        let Some(account) = cx.state.directory.account(me.account) else { return };
        let base = self.presences.base(account);
        let status = presence::changed(base, kind, wanted.custom_status, wanted.activity);
        match self.presences.put(status, cx.now) {
            Some(status) => cx.command(0, me.account, Command::SetStatus(status)),
            None => self.wake(cx),
        }
    }

    fn type_in(&mut self, me: Me, channel: ChannelId, cx: &mut Context<'_>) {
        let soon = |(last, at): (ChannelId, Timestamp)| {
            last == channel && cx.now < at.plus_millis(limits::TYPING_MILLIS)
        };
        if !self.typed.is_some_and(soon) {
            self.typed = Some((channel, cx.now));
            cx.live(LiveCommand::Typing { account: me.account, session: Some(me.session), channel });
        }
    }

    /// Carries out a presence that waited, pings a silent client, and gives up on one that stays silent.
    fn look_after(&mut self, cx: &mut Context<'_>) {
        if let Some((me, status)) = self.me.zip(self.presences.due(cx.now)) {
            cx.command(0, me.account, Command::SetStatus(status));
        }
        let gateway = &self.world.config.gateway;
        let (ping, idle) = (i64::from(gateway.ping_seconds), i64::from(gateway.idle_seconds));
        if idle > 0 && cx.now >= self.heard.plus_seconds(idle) {
            return self.end(1000, "idle", cx);
        }
        let now = cx.now;
        for (space, _) in self.reminders.extract_if(.., |_, due| now >= *due) {
            if let (Some(me), Phase::Ready) = (self.me, &self.phase)
                && let Some(frame) = show::reminded(me, space, cx.state)
            {
                cx.send(&frame);
            }
        }
        if ping > 0 && cx.now >= self.pinged.max(self.heard).plus_seconds(ping) {
            self.pinged = cx.now;
            cx.ping();
        }
        self.wake(cx);
    }

    fn wake(&self, cx: &mut Context<'_>) {
        let gateway = &self.world.config.gateway;
        let (ping, idle) = (i64::from(gateway.ping_seconds), i64::from(gateway.idle_seconds));
        let ping = (ping > 0).then(|| self.pinged.max(self.heard).plus_seconds(ping));
        let idle = (idle > 0).then(|| self.heard.plus_seconds(idle));
        let reminder = self.reminders.values().copied().min();
        let due = ping.into_iter().chain(idle).chain(self.presences.due_at()).chain(reminder).min();
        if let Some(moment) = due {
            cx.wake_at(moment);
        }
    }
}

/// Relays a signal to who is in the same call; drops any other (5.4).
fn send_signal(me: Me, relay: Relay, cx: &mut Context<'_>) {
    let live = &cx.state.live;
    let call = live.call_of(me.account);
    if relay.to == me.account || call.is_none() || call != live.call_of(relay.to) {
        return;
    }
    cx.live(LiveCommand::Signal(Box::new(Signal {
        from: me.session,
        sender: me.account,
        protocol: Protocol::Together,
        to: SignalTarget::Account(relay.to),
        kind: relay.kind,
        word: "VOICE_SIGNAL",
        body: relay.body,
    })));
}
