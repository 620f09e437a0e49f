//! What the core asks of a database. The same tests run against every implementation.
//!
//! Writing is one verb: [`Tx::record`] stores an event and brings the tables up to date with it. Reading is [`Reader`].

use crate::directory::Directory;
use crate::event::{Event, Stream};
use crate::ids::{AccountId, MessageId};
use crate::message::Message;
use crate::query::{Found, Query};

/// The database failed. The text is for the operator's log, never for a client.
#[derive(Debug)]
pub struct Fault(pub String);

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// Reading, at some committed state (or, inside a transaction, at its own).
pub trait Reader {
    /// Answers a query.
    fn find(&mut self, query: &Query) -> Result<Found, Fault>;

    /// One message, deleted ones too.
    fn message(&mut self, id: MessageId) -> Result<Option<Message>, Fault>;

    /// The message that an author sent under a nonce.
    fn message_with_nonce(&mut self, author: AccountId, nonce: &str) -> Result<Option<Message>, Fault>;

    /// Events of a stream after `seq`, in order, at most `limit`: for filling gaps.
    fn events_after(&mut self, stream: Stream, seq: u64, limit: usize) -> Result<Vec<Event>, Fault>;
}

/// A transaction.
pub trait Tx: Reader {
    /// Stores an event and what follows from it.
    fn record(&mut self, event: &Event) -> Result<(), Fault>;

    /// Marks a point to go back to.
    fn save(&mut self) -> Result<(), Fault>;

    /// Forgets what was recorded since [`Tx::save`].
    fn undo(&mut self) -> Result<(), Fault>;

    /// Makes everything durable: returns only after the disk has it.
    fn commit(self: Box<Self>) -> Result<(), Fault>;
}

/// A database with exactly one writer.
pub trait Store: Send {
    /// Everything but the messages and the events.
    fn load(&mut self) -> Result<Directory, Fault>;

    /// Begins a transaction.
    fn begin(&mut self) -> Result<Box<dyn Tx + '_>, Fault>;

    /// A reader for another thread.
    fn reader(&self) -> Result<Box<dyn Reader + Send>, Fault>;

    /// The secret of this instance, made by `make` when there is none yet.
    fn instance_key(&mut self, make: &mut dyn FnMut() -> [u8; 32]) -> Result<[u8; 32], Fault>;
}
