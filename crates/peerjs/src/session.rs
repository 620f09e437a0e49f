//! One peer: its id, its rates, its sign of life, and what it waits for.

use crate::decode::{self, Ask, Flaw, Introduction, Kind};
use crate::encode;
use crate::limits;
use crate::pace::Pace;
use crate::registry::{Registry, Route};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::SessionId;
use commonroom_hub::live::{LiveCommand, LiveEvent};
use commonroom_hub::request::Answer;
use commonroom_hub::session::{Context, Happening, Inbound, Opening, Session, Show, State};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// The close frame carries no code, as clients of this protocol are used to.
const NO_CODE: u16 = 1005;

/// One connection.
pub struct PeerSession {
    registry: Arc<Registry>,
    introduction: Result<Introduction, Flaw>,
    address: IpAddr,
    /// It is let in and has not ended.
    inside: bool,
    /// When it counts as gone, unless it sends a heartbeat.
    silent_at: Timestamp,
    frames: Pace,
    bytes: Pace,
    /// Until when its messages wait, by the id they are for. As many as its rate allows in that time.
    waiting: BTreeMap<String, Timestamp>,
}

impl PeerSession {
    /// A session for a new connection.
    pub fn new(registry: Arc<Registry>, opening: &Opening) -> Self {
        Self {
            registry,
            introduction: decode::introduction(&opening.target),
            address: opening.address,
            inside: false,
            silent_at: opening.now.plus_seconds(limits::SILENCE_SECONDS),
            frames: Pace::new(limits::FRAMES_PER_SECOND, limits::FRAMES_BURST, opening.now),
            bytes: Pace::new(limits::BYTES_PER_SECOND, limits::BYTES_BURST, opening.now),
            waiting: BTreeMap::new(),
        }
    }

    fn id(&self) -> &str {
        self.introduction.as_ref().map_or("", |introduction| &introduction.id)
    }

    fn relay(&mut self, kind: Kind, dst: &str, payload: Option<&RawValue>, cx: &mut Context<'_>) {
        let message = encode::relayed(kind, self.id(), dst, payload);
        match self.registry.route(kind, dst, cx.id, message) {
            Route::To(to, body) => cx.live(LiveCommand::Relay { to, body }),
            Route::Waits { first: true } => {
                self.waiting.insert(dst.to_owned(), cx.now.plus_seconds(limits::WAITING_SECONDS));
                self.schedule(cx);
            }
            Route::Waits { first: false } | Route::Nowhere => {}
            Route::NoRoom => cx.send(&encode::expired(dst, self.id())),
        }
    }

    fn expire(&mut self, cx: &mut Context<'_>) {
        let due: Vec<String> =
            self.waiting.iter().filter(|(_, until)| **until <= cx.now).map(|(dst, _)| dst.clone()).collect();
        for dst in due {
            self.waiting.remove(&dst);
            if self.registry.forget(&dst, cx.id) {
                cx.send(&encode::expired(&dst, self.id()));
            }
        }
    }

    fn schedule(&self, cx: &mut Context<'_>) {
        let next = self.waiting.values().copied().fold(self.silent_at, Timestamp::min);
        cx.wake_at(next);
    }

    /// Frees the id and what waits; nothing is sent to this client from now on.
    fn leave(&mut self, session: SessionId) {
        if std::mem::take(&mut self.inside) {
            self.registry.leave(self.id(), session);
            for dst in std::mem::take(&mut self.waiting).into_keys() {
                self.registry.forget(&dst, session);
            }
        }
    }

    fn end(&mut self, code: u16, reason: &str, cx: &mut Context<'_>) {
        self.leave(cx.id);
        cx.close(code, reason);
    }
}

impl Session for PeerSession {
    fn opened(&mut self, cx: &mut Context<'_>) {
        let entry = match &self.introduction {
            Ok(introduction) => {
                self.registry.enter(introduction, cx.id, self.address).map_err(encode::refused)
            }
            Err(flaw) => Err(encode::flawed(*flaw)),
        };
        match entry {
            Ok(entry) => {
                self.inside = true;
                if let Some(old) = entry.displaced {
                    cx.live(LiveCommand::Displace(old));
                }
                cx.send(encode::OPEN);
                entry.messages.iter().for_each(|message| cx.send(message));
                self.schedule(cx);
            }
            Err(why) => {
                cx.send(&why);
                cx.close(NO_CODE, "");
            }
        }
    }

    fn frame(&mut self, frame: Inbound<'_>, cx: &mut Context<'_>) {
        if !self.inside {
            return;
        }
        let bytes = match frame {
            Inbound::Text(text) => text.as_bytes(),
            Inbound::Binary(bytes) => bytes,
        };
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        if !self.frames.take(1, cx.now) || !self.bytes.take(size, cx.now) {
            return self.end(1008, "too many messages", cx);
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        match decode::ask(text) {
            Some(Ask::Heartbeat) => {
                self.silent_at = cx.now.plus_seconds(limits::SILENCE_SECONDS);
                self.schedule(cx);
            }
            Some(Ask::Leave) => self.end(NO_CODE, "", cx),
            Some(Ask::Relay { kind, dst, payload }) => self.relay(kind, &dst, payload, cx),
            None => {}
        }
    }

    fn answer(&mut self, _tag: u32, _answer: Answer, _cx: &mut Context<'_>) {
        // It asks for nothing that is answered.
    }

    fn show(&mut self, happening: &Happening, _state: &State) -> Show {
        let Happening::Live(event) = happening else { return Show::Nothing };
        match &**event {
            LiveEvent::Relayed { .. } if self.inside => Show::Shared(0),
            LiveEvent::Displaced { .. } => Show::Private,
            LiveEvent::Relayed { .. }
            | LiveEvent::Attached { .. }
            | LiveEvent::Ready { .. }
            | LiveEvent::Changed { .. }
            | LiveEvent::Detached { .. }
            | LiveEvent::Online { .. }
            | LiveEvent::Offline { .. }
            | LiveEvent::Moved { .. }
            | LiveEvent::Carried { .. }
            | LiveEvent::Typing { .. }
            | LiveEvent::CallJoined { .. }
            | LiveEvent::CallChanged { .. }
            | LiveEvent::CallLeft { .. }
            | LiveEvent::BroadcastBegun { .. }
            | LiveEvent::BroadcastEnded { .. }
            | LiveEvent::Signal { .. }
            | LiveEvent::Offered { .. }
            | LiveEvent::Withdrawn { .. }
            | LiveEvent::Effect { .. } => Show::Nothing,
        }
    }

    fn tell(&mut self, _happening: &Happening, cx: &mut Context<'_>) {
        self.end(NO_CODE, "", cx);
    }

    fn tick(&mut self, cx: &mut Context<'_>) {
        if !self.inside {
            return;
        }
        if cx.now >= self.silent_at {
            return self.end(NO_CODE, "", cx);
        }
        self.expire(cx);
        self.schedule(cx);
    }

    fn closed(&mut self, cx: &mut Context<'_>) {
        self.leave(cx.id);
    }
}
