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
use std::collections::BTreeMap;
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
            Self::Say { line, .. } | Self::Take { line, .. } | Self::Close { line } => *line,
        }
    }
}

/// Bytes of the largest message a session says at once.
const LARGEST: usize = 4 * limits::OUTBOX_BYTES;

/// One of them.
struct Line {
    slot: Slot,
    idle_seconds: i64,
    taken_at: Timestamp,
    decoder: ClientDecoder,
}

/// The lines of a shard.
#[derive(Default)]
pub struct Lines(BTreeMap<SessionId, Line>);

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
                if let Some(adapter) = adapter.filter(|_| !self.0.contains_key(&opening.id)) {
                    let slot = shard.open(adapter, &opening);
                    let decoder = ClientDecoder::new(LARGEST);
                    self.0.insert(opening.id, Line { slot, idle_seconds, taken_at: now, decoder });
                }
            }
            LineInput::Say { line, text } => {
                if let Some(known) = self.0.get(&line) {
                    let fits = text.len() <= shard.message_limit(known.slot);
                    if fits {
                        shard.inbound(known.slot, Inbound::Text(&text), now);
                    } else {
                        shard.refuse(known.slot, 1009, "message too big");
                    }
                }
            }
            LineInput::Take { line, to } => {
                let taken = self.take(line, shard, now);
                // A request that has ended takes nothing: what it would have got is lost, as with a broken socket.
                drop(to.send(taken));
            }
            LineInput::Close { line } => self.close(line, shard, now),
        }
    }

    fn take(&mut self, id: SessionId, shard: &mut Shard, now: Timestamp) -> Option<Vec<Taken>> {
        let line = self.0.get_mut(&id)?;
        line.taken_at = now;
        let bytes = drain(shard, line.slot, now);
        let taken = read(&mut line.decoder, bytes);
        if shard.is_closing(line.slot) {
            self.close(id, shard, now);
        }
        Some(taken)
    }

    fn close(&mut self, id: SessionId, shard: &mut Shard, now: Timestamp) {
        if let Some(line) = self.0.remove(&id) {
            shard.closed(line.slot, now);
        }
    }

    /// Ends the lines that nobody comes by any more, and those for which too much waits.
    pub fn sweep(&mut self, shard: &mut Shard, now: Timestamp) {
        let over = |line: &Line, shard: &mut Shard| {
            now > line.taken_at.plus_seconds(line.idle_seconds)
                || shard.outbox(line.slot).is_some_and(|outbox| outbox.bytes() > limits::OUTBOX_BYTES)
        };
        let ended: Vec<SessionId> =
            self.0.iter().filter(|(_, line)| over(line, shard)).map(|(id, _)| *id).collect();
        for id in ended {
            self.close(id, shard, now);
        }
    }

    /// Ends all of them.
    pub fn end(&mut self, shard: &mut Shard, now: Timestamp) {
        let all: Vec<SessionId> = self.0.keys().copied().collect();
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
        f.debug_struct("Lines").field("count", &self.0.len()).finish()
    }
}
