//! A transaction of the writing connection.

use crate::project;
use crate::read;
use crate::row::run;
use crate::trouble::Outcome;
use commonroom_core::event::{Event, Stream};
use commonroom_core::ids::{AccountId, MessageId};
use commonroom_core::message::Message;
use commonroom_core::query::{Found, Query};
use commonroom_core::store::{Fault, Reader, Tx};
use rusqlite::Connection;

/// Holds the write lock from the first to the last; dropping it uncommitted rolls back.
pub(crate) struct SqliteTx<'a> {
    conn: &'a Connection,
    saved: bool,
}

impl<'a> SqliteTx<'a> {
    pub(crate) fn begin(conn: &'a Connection) -> Outcome<Self> {
        roll_back(conn)?;
        run(conn, "BEGIN IMMEDIATE", [])?;
        Ok(Self { conn, saved: false })
    }
}

impl Drop for SqliteTx<'_> {
    fn drop(&mut self) {
        // Should it fail, the next `begin` tries again and tells.
        drop(roll_back(self.conn));
    }
}

/// Ends an open transaction without effect. SQLite ends one by itself after some errors.
fn roll_back(conn: &Connection) -> Outcome<()> {
    if !conn.is_autocommit() {
        run(conn, "ROLLBACK", [])?;
    }
    Ok(())
}

impl Tx for SqliteTx<'_> {
    fn record(&mut self, event: &Event) -> Result<(), Fault> {
        Ok(project::record(self.conn, event)?)
    }

    fn save(&mut self) -> Result<(), Fault> {
        if self.saved {
            run(self.conn, "RELEASE step", [])?;
            self.saved = false;
        }
        run(self.conn, "SAVEPOINT step", [])?;
        self.saved = true;
        Ok(())
    }

    fn undo(&mut self) -> Result<(), Fault> {
        if !self.saved {
            return Err(Fault("nothing was saved to go back to".to_owned()));
        }
        run(self.conn, "ROLLBACK TO step", [])?;
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), Fault> {
        run(self.conn, "COMMIT", [])?;
        Ok(())
    }
}

impl Reader for SqliteTx<'_> {
    fn find(&mut self, query: &Query) -> Result<Found, Fault> {
        Ok(read::find(self.conn, query)?)
    }

    fn message(&mut self, id: MessageId) -> Result<Option<Message>, Fault> {
        Ok(read::message(self.conn, id)?)
    }

    fn message_with_nonce(&mut self, author: AccountId, nonce: &str) -> Result<Option<Message>, Fault> {
        Ok(read::message_with_nonce(self.conn, author, nonce)?)
    }

    fn events_after(&mut self, stream: Stream, seq: u64, limit: usize) -> Result<Vec<Event>, Fault> {
        Ok(read::events_after(self.conn, stream, seq, limit)?)
    }
}
