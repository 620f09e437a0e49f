//! Connections without a socket: their client comes by to say something and to take what was said meanwhile. What
//! transports by polling are made of.

use crate::limits;
use crate::roster::Slot;
use crate::session::{Adapter, Inbound, Opening};
use crate::shard::Shard;
use commonroom_core::account::Protocol;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::SessionId;
use commonroom_websocket::Message;
use commonroom_websocket::client::ClientDecoder;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tokio::sync::oneshot;

/// What a client takes from its line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    /// A text message.
    Text(String),
    /// The server ended it, with this close code. Nothing follows.
    Closed(u16),
}

/// What is done with lines.
#[derive(Debug)]
pub enum LineInput {
    /// A new one; its id is that of the opening. It ends by itself when nothing is taken from it for so many seconds.
    Open {
        /// Of which protocol.
        protocol: Protocol,
        /// How it came about.
        opening: Box<Opening>,
        /// Seconds of silence that end it.
        idle_seconds: i64,
    },
    /// Its client says something.
    Say {
        /// Which.
        line: SessionId,
        /// What.
        text: String,
    },
    /// Its client says something, and takes what waits for it as soon as that has been dealt with.
    Exchange {
        /// Which.
        line: SessionId,
        /// What.
        text: String,
        /// Where what waits goes; nothing for a line that is not there.
        to: oneshot::Sender<Option<Vec<Taken>>>,
    },
    /// Its client takes what waits for it; nothing back for one that is not there.
    Take {
        /// Which.
        line: SessionId,
        /// Where it goes.
        to: oneshot::Sender<Option<Vec<Taken>>>,
    },
    /// Its client goes.
    Close {
        /// Which.
        line: SessionId,
    },
}

impl LineInput {
    /// Which line it is about.
    pub fn line(&self) -> SessionId {
        match self {
            Self::Open { opening, .. } => opening.id,
            Self::Say { line, .. }
            | Self::Exchange { line, .. }
            | Self::Take { line, .. }
            | Self::Close { line } => *line,
        }
    }
}

/// Bytes of the largest message a session says at once.
const LARGEST: usize = 4 * limits::OUTBOX_BYTES;

/// Where what was taken goes.
type Taker = oneshot::Sender<Option<Vec<Taken>>>;

/// One of them.
struct Line {
    slot: Slot,
    idle_seconds: i64,
    taken_at: Timestamp,
    decoder: ClientDecoder,
    /// Said, but not heard yet: what was said before is being dealt with.
    ahead: VecDeque<(String, Option<Taker>)>,
    /// Who takes as soon as that is done.
    taker: Option<Taker>,
}

/// The lines of a shard.
#[derive(Default)]
pub struct Lines {
    lines: BTreeMap<SessionId, Line>,
    /// Those with something said that has not been dealt with.
    busy: BTreeSet<SessionId>,
}

impl Lines {
    /// Does something with a line.
    pub fn input(
        &mut self,
        input: LineInput,
        adapters: &[Arc<dyn Adapter>],
        shard: &mut Shard,
        now: Timestamp,
    ) {
        match input {
            LineInput::Open { protocol, opening, idle_seconds } => {
                let adapter = adapters.iter().position(|adapter| adapter.protocol() == protocol);
                if let Some(adapter) = adapter.filter(|_| !self.lines.contains_key(&opening.id)) {
                    let line = Line {
                        slot: shard.open(adapter, &opening),
                        idle_seconds,
                        taken_at: now,
                        decoder: ClientDecoder::new(LARGEST),
                        ahead: VecDeque::new(),
                        taker: None,
                    };
                    self.lines.insert(opening.id, line);
                }
            }
            LineInput::Say { line, text } => self.say(line, text, None, shard, now),
            LineInput::Exchange { line, text, to } => self.say(line, text, Some(to), shard, now),
            LineInput::Take { line, to } => {
                let taken = self.take(line, shard, now);
                // A request that has ended takes nothing: what it would have got is lost, as with a broken socket.
                drop(to.send(taken));
            }
            LineInput::Close { line } => self.close(line, shard, now),
        }
    }

    fn say(&mut self, id: SessionId, text: String, taker: Option<Taker>, shard: &mut Shard, now: Timestamp) {
        let line = self.lines.get_mut(&id).filter(|line| line.ahead.len() < limits::SAID_AHEAD);
        let Some(line) = line else {
            // Nobody hears it.
            return taker.into_iter().for_each(|taker| drop(taker.send(None)));
        };
        line.ahead.push_back((text, taker));
        self.busy.insert(id);
        self.settle(shard, now);
    }

    /// Says what had to wait and answers who waits for an answer, where what was said has been dealt with.
    pub fn settle(&mut self, shard: &mut Shard, now: Timestamp) {
        for id in self.busy.iter().copied().collect::<Vec<_>>() {
            while let Some(line) = self.lines.get_mut(&id) {
                if !shard.is_settled(line.slot) {
                    break;
                }
                if let Some(taker) = line.taker.take() {
                    let taken = self.take(id, shard, now);
                    drop(taker.send(taken));
                    continue;
                }
                let Some((text, taker)) = line.ahead.pop_front() else {
                    self.busy.remove(&id);
                    break;
                };
                line.taker = taker;
                if text.len() <= shard.message_limit(line.slot) {
                    shard.inbound(line.slot, Inbound::Text(&text), now);
                } else {
                    shard.refuse(line.slot, 1009, "message too big");
                }
            }
            if !self.lines.contains_key(&id) {
                self.busy.remove(&id);
            }
        }
    }

    fn take(&mut self, id: SessionId, shard: &mut Shard, now: Timestamp) -> Option<Vec<Taken>> {
        let line = self.lines.get_mut(&id)?;
        line.taken_at = now;
        let bytes = drain(shard, line.slot, now);
        let taken = read(&mut line.decoder, bytes);
        if shard.is_closing(line.slot) {
            self.close(id, shard, now);
        }
        Some(taken)
    }

    fn close(&mut self, id: SessionId, shard: &mut Shard, now: Timestamp) {
        if let Some(line) = self.lines.remove(&id) {
            shard.closed(line.slot, now);
        }
    }

    /// Ends the lines that nobody comes by any more, and those for which too much waits.
    pub fn sweep(&mut self, shard: &mut Shard, now: Timestamp) {
        let silent = |line: &Line| now > line.taken_at.plus_seconds(line.idle_seconds);
        let lost: Vec<SessionId> =
            self.lines.iter().filter(|(_, line)| silent(line)).map(|(id, _)| *id).collect();
        for line in lost.iter().filter_map(|id| self.lines.remove(id)) {
            shard.lost(line.slot, now);
        }
        let full = |line: &Line, shard: &mut Shard| {
            shard.outbox(line.slot).is_some_and(|outbox| outbox.bytes() > limits::OUTBOX_BYTES)
        };
        let ended: Vec<SessionId> =
            self.lines.iter().filter(|(_, line)| full(line, shard)).map(|(id, _)| *id).collect();
        for id in ended {
            self.close(id, shard, now);
        }
    }

    /// Ends all of them.
    pub fn end(&mut self, shard: &mut Shard, now: Timestamp) {
        let all: Vec<SessionId> = self.lines.keys().copied().collect();
        for id in all {
            self.close(id, shard, now);
        }
    }
}

fn drain(shard: &mut Shard, slot: Slot, now: Timestamp) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Some(outbox) = shard.outbox(slot) else { return bytes };
    while !outbox.is_empty() {
        let mut slots = [std::io::IoSlice::new(&[]); 16];
        let used = outbox.slices(&mut slots);
        let count = slots[..used].iter().map(|slice| slice.len()).sum();
        for slice in &slots[..used] {
            bytes.extend_from_slice(slice);
        }
        outbox.advance(count, now);
    }
    bytes
}

/// The messages in what a session sent. What is no text message is for sockets only.
fn read(decoder: &mut ClientDecoder, mut bytes: Vec<u8>) -> Vec<Taken> {
    let mut taken = Vec::new();
    let mut at = 0;
    while let Ok(step) = decoder.read(&mut bytes[at..]) {
        at += step.consumed;
        match step.message {
            None => break,
            Some(Message::Text(text)) => taken.push(Taken::Text(text.to_owned())),
            Some(Message::Close { code, .. }) => taken.push(Taken::Closed(code.unwrap_or(1005))),
            Some(Message::Binary(_) | Message::Ping(_) | Message::Pong(_)) => {}
        }
    }
    taken
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("count", &self.lines.len()).finish()
    }
}
