//! A shard's thread: one event loop that owns its sockets for life. Each pass takes in what happened, reads a little from
//! everybody who has something to say, and writes once to everybody who has something to hear.

use crate::clock;
use crate::pace::Pace;
use crate::socket::{ReadOutcome, Socket};
use crate::switch::{NewConnection, ShardInput, Switch};
use commonroom_core::env::Timestamp;
use commonroom_hub::limits;
use commonroom_hub::line::Lines;
use commonroom_hub::request::Ticket;
use commonroom_hub::roster::Slot;
use commonroom_hub::session::Inbound;
use commonroom_hub::shard::Shard;
use commonroom_websocket::{Message, Violation, encode};
use mio::{Events, Interest, Poll, Token};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// The token of the waker; sockets have their slot as token.
pub const WAKER: Token = Token(usize::MAX);
/// Inputs taken in per pass.
const INPUTS: usize = 1_024;
/// Readiness events taken in per pass.
const EVENTS: usize = 1_024;
/// How often idle connections are looked at.
const SWEEP: i64 = 1_000_000;
/// Seconds of silence after which a WebSocket ping is sent.
const PING_SECONDS: i64 = 20;
/// Seconds of silence after which a connection counts as dead.
const DEAD_SECONDS: i64 = 40;
/// Seconds that a client has to answer a close frame.
const CLOSE_SECONDS: i64 = 2;
/// Pings of one client in one second.
const PINGS_PER_SECOND: u32 = 50;

/// A shard with its sockets.
pub struct ShardLoop {
    poll: Poll,
    shard: Shard,
    sockets: Vec<Option<Socket>>,
    lines: Lines,
    ready: VecDeque<Slot>,
    switch: Arc<Switch>,
    backlog: VecDeque<Ticket>,
    buffer: Vec<u8>,
    pace: Pace,
    swept: Timestamp,
    ending: Option<Timestamp>,
}

impl ShardLoop {
    /// A loop for a shard without connections.
    pub fn new(poll: Poll, shard: Shard, switch: Arc<Switch>) -> Self {
        Self {
            poll,
            shard,
            sockets: Vec::new(),
            lines: Lines::default(),
            ready: VecDeque::new(),
            switch,
            backlog: VecDeque::new(),
            buffer: vec![0; limits::READ_BYTES],
            pace: Pace::default(),
            swept: clock::now(),
            ending: None,
        }
    }

    /// Runs until the shutdown is over.
    pub fn run(&mut self, queue: &Receiver<ShardInput>) {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            let timeout = self.timeout();
            let slept = clock::now();
            if let Err(error) = self.poll.poll(&mut events, Some(timeout))
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "waiting for sockets failed");
                return;
            }
            let now = clock::now();
            self.pace.woke(slept, now);
            let taken = queue.try_iter().take(INPUTS).map(|input| self.input(input, now)).count();
            if taken == INPUTS {
                // More is waiting: the waker's event was used up, so ask for the next pass at once.
                self.pace.hurry();
            }
            for event in &events {
                self.event(event, now);
            }
            self.read_round(now);
            self.shard.tick(now);
            self.lines.settle(&mut self.shard, now);
            self.submit();
            self.resume(now);
            self.sweep(now);
            if self.pace.may_write(now) {
                self.write_round(now);
            }
            if self.ending.is_some_and(|end| self.shard.is_empty() || now > end) {
                return self.leave(now);
            }
        }
    }

    /// Ends what has not ended by itself; what sessions ask for as they end is passed on.
    fn leave(&mut self, now: Timestamp) {
        for slot in 0..Slot::try_from(self.sockets.len()).unwrap_or(Slot::MAX) {
            self.gone(slot, now);
        }
        self.submit();
    }

    fn timeout(&self) -> Duration {
        if !self.ready.is_empty() || self.pace.hurries() {
            return Duration::ZERO;
        }
        let now = clock::now();
        let next = [Some(Timestamp(self.swept.0 + SWEEP)), self.shard.deadline(), self.pace.write_at()]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(now);
        Duration::from_micros(u64::try_from((next.0 - now.0).max(0)).unwrap_or(0))
    }

    fn input(&mut self, input: ShardInput, now: Timestamp) {
        match input {
            ShardInput::Batch(batch) => self.shard.batch(&batch, now),
            ShardInput::Answer { origin, command, answer } => self.shard.answer(origin, command, answer, now),
            ShardInput::Open(connection) => self.open(*connection, now),
            ShardInput::Line(input) if self.ending.is_none() => {
                self.lines.input(input, &self.switch.adapters, &mut self.shard, now);
            }
            ShardInput::Line(_) => {}
            ShardInput::Shutdown => {
                self.lines.end(&mut self.shard, now);
                self.shard.going_away();
                self.ending = Some(now.plus_seconds(i64::try_from(limits::DRAIN_SECONDS).unwrap_or(8)));
            }
        }
    }

    fn open(&mut self, connection: NewConnection, now: Timestamp) {
        if self.ending.is_some() {
            return;
        }
        let NewConnection { adapter, opening, stream, tls, mut early, guard } = connection;
        let mut stream = mio::net::TcpStream::from_std(stream);
        let slot = self.shard.open(adapter, &opening);
        let interest = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = self.poll.registry().register(&mut stream, Token(slot as usize), interest) {
            tracing::error!(%error, "a socket could not be watched");
            self.shard.closed(slot, now);
            return;
        }
        let socket = Socket::new(stream, tls, self.shard.message_limit(slot), now, guard);
        if self.sockets.len() <= slot as usize {
            self.sockets.resize_with(slot as usize + 1, || None);
        }
        self.sockets[slot as usize] = Some(socket);
        if !early.is_empty() {
            self.decode(slot, &mut early, now);
        }
        self.ready.push_back(slot);
    }

    fn event(&mut self, event: &mio::event::Event, now: Timestamp) {
        if event.token() == WAKER {
            return;
        }
        let Ok(slot) = Slot::try_from(event.token().0) else { return };
        let Some(socket) = self.sockets.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        if event.is_readable() || event.is_read_closed() {
            if !socket.readable {
                self.ready.push_back(slot);
            }
            socket.readable = true;
        }
        if event.is_writable() {
            self.write(slot, now);
        }
    }

    /// Reads at most one buffer from every connection that has something, then lets others have their turn.
    fn read_round(&mut self, now: Timestamp) {
        for _ in 0..self.ready.len() {
            let Some(slot) = self.ready.pop_front() else { return };
            self.read(slot, now);
        }
    }

    fn read(&mut self, slot: Slot, now: Timestamp) {
        let mut buffer = std::mem::take(&mut self.buffer);
        let outcome = match self.sockets.get_mut(slot as usize).and_then(Option::as_mut) {
            Some(socket) if self.shard.wants_input(slot) && !socket.decoder.has_kept() => {
                let outcome = socket.read(&mut buffer);
                // A read that did not fill the buffer took everything: the next readiness event says when there is more.
                socket.readable = match outcome {
                    ReadOutcome::Bytes(count) => count == buffer.len() || socket.tls.is_some(),
                    ReadOutcome::Nothing | ReadOutcome::Gone => false,
                };
                Some((outcome, socket.readable))
            }
            _ => None,
        };
        match outcome {
            Some((ReadOutcome::Bytes(count), more)) => {
                self.decode(slot, &mut buffer[..count], now);
                if more {
                    self.ready.push_back(slot);
                }
            }
            Some((ReadOutcome::Gone, _)) => self.gone(slot, now),
            Some((ReadOutcome::Nothing, _)) | None => {}
        }
        self.buffer = buffer;
    }

    /// Hands the messages in `bytes` to the session, one by one, until it wants no more for now.
    fn decode(&mut self, slot: Slot, bytes: &mut [u8], now: Timestamp) {
        let mut at = 0;
        loop {
            let Some(socket) = self.sockets.get_mut(slot as usize).and_then(Option::as_mut) else { return };
            socket.heard = now;
            socket.pinged = None;
            if !self.shard.wants_input(slot) {
                socket.decoder.keep(&bytes[at..]);
                return;
            }
            socket.decoder.set_max_message(self.shard.message_limit(slot));
            let step = match socket.decoder.read(&mut bytes[at..]) {
                Ok(step) => step,
                Err(violation) => return self.violated(slot, violation),
            };
            at += step.consumed;
            if step.message.is_some() && socket.rate.frames(now) > limits::FRAMES_PER_SECOND {
                return self.shard.refuse(slot, 1008, "too many frames");
            }
            match step.message {
                None => {
                    socket.mid_message = match socket.mid_message {
                        since @ Some(_) if socket.decoder.is_mid_message() => since,
                        _ => socket.decoder.is_mid_message().then_some(now),
                    };
                    return;
                }
                Some(Message::Text(text)) => self.shard.inbound(slot, Inbound::Text(text), now),
                Some(Message::Binary(bytes)) => self.shard.inbound(slot, Inbound::Binary(bytes), now),
                Some(Message::Ping(payload)) => {
                    let flood = socket.rate.pings(now) > PINGS_PER_SECOND;
                    let pong = encode::pong(payload);
                    if flood {
                        return self.shard.refuse(slot, 1008, "too many pings");
                    }
                    self.shard.control(slot, pong);
                }
                Some(Message::Pong(_)) => self.shard.pong(slot, now),
                Some(Message::Close { code, .. }) => {
                    let code = code.filter(|code| commonroom_websocket::is_sendable_close_code(*code));
                    self.shard.refuse(slot, code.unwrap_or(1000), "");
                }
            }
        }
    }

    fn violated(&mut self, slot: Slot, violation: Violation) {
        self.shard.refuse(slot, violation.close_code(), violation.reason());
    }

    /// Reads on from connections whose session was busy.
    fn resume(&mut self, now: Timestamp) {
        for slot in self.shard.take_resumed() {
            let kept = self
                .sockets
                .get(slot as usize)
                .and_then(Option::as_ref)
                .is_some_and(|socket| socket.decoder.has_kept());
            if kept {
                self.decode(slot, &mut [], now);
            }
            if self.sockets.get(slot as usize).and_then(Option::as_ref).is_some() {
                self.ready.push_back(slot);
            }
        }
        self.submit();
    }

    fn submit(&mut self) {
        self.backlog.extend(self.shard.take_tickets());
        while let Some(ticket) = self.backlog.pop_front() {
            if let Some(unsent) = self.switch.route(ticket) {
                self.backlog.push_front(unsent);
                self.pace.hurry();
                return;
            }
        }
    }

    fn write_round(&mut self, now: Timestamp) {
        let dirty = self.shard.take_dirty();
        if !dirty.is_empty() {
            self.pace.wrote(now);
        }
        for slot in dirty {
            self.write(slot, now);
        }
    }

    fn write(&mut self, slot: Slot, now: Timestamp) {
        let Some(socket) = self.sockets.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        let Some(outbox) = self.shard.outbox(slot) else { return };
        if !socket.write(outbox, now) {
            return self.gone(slot, now);
        }
        if outbox.is_too_slow(now) {
            self.shard.cut(slot);
            return;
        }
        if outbox.is_empty() && !socket.holds_records() && self.shard.is_closing(slot) && !socket.finished {
            socket.finished = true;
            socket.finish();
        }
    }

    /// Looks after connections on which nothing happens: silent ones, slow ones, ones that do not close.
    fn sweep(&mut self, now: Timestamp) {
        if now.0 < self.swept.0 + SWEEP {
            return;
        }
        self.swept = now;
        self.lines.sweep(&mut self.shard, now);
        for slot in 0..Slot::try_from(self.sockets.len()).unwrap_or(Slot::MAX) {
            let Some(socket) = self.sockets.get_mut(slot as usize).and_then(Option::as_mut) else { continue };
            let closing = self.shard.is_closing(slot);
            if closing && socket.closing.is_none() {
                socket.closing = Some(now);
            }
            let slow =
                socket.mid_message.is_some_and(|since| now > since.plus_seconds(limits::MESSAGE_SECONDS));
            if slow {
                self.shard.refuse(slot, 1008, "a message took too long to arrive");
            }
            let overdue = socket.closing.is_some_and(|since| now > since.plus_seconds(CLOSE_SECONDS));
            let dead = now > socket.heard.plus_seconds(DEAD_SECONDS);
            if overdue && dead {
                if self.forget(slot) {
                    self.shard.lost(slot, now);
                }
            } else if overdue {
                self.gone(slot, now);
            } else if closing {
                self.write(slot, now);
            } else if dead {
                self.shard.refuse(slot, 1011, "no sign of life");
            } else if self.shard.outbox(slot).is_some_and(|outbox| outbox.is_too_slow(now)) {
                self.shard.cut(slot);
            } else if now > socket.heard.plus_seconds(PING_SECONDS) && socket.pinged.is_none() {
                socket.pinged = Some(now);
                self.shard.control(slot, encode::ping(b""));
            }
        }
    }

    fn gone(&mut self, slot: Slot, now: Timestamp) {
        if self.forget(slot) {
            self.shard.closed(slot, now);
        }
    }

    fn forget(&mut self, slot: Slot) -> bool {
        let socket = self.sockets.get_mut(slot as usize).and_then(Option::take);
        socket.is_some_and(|mut socket| {
            // Closing the descriptor ends the watch in any case.
            let _ = self.poll.registry().deregister(&mut socket.stream);
            true
        })
    }
}

#[cfg(test)]
mod tests;
