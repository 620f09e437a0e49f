//! The embedded store: SQLite with one writer and many readers.
//!
//! Nouns that the directory holds in memory are rows with their JSON; messages, marks and events are rows of their own.
//! [`SqliteStore`] keeps the one writing connection. Two processes that write to one database do it no harm: the
//! second one's events do not follow the stored heads, and it gets a fault.

mod belongings;
mod load;
mod messages;
mod migrate;
mod place;
mod project;
mod read;
mod row;
mod search;
mod trouble;
mod tx;

use crate::place::Place;
use crate::trouble::{Outcome, Trouble};
use commonroom_core::directory::Directory;
use commonroom_core::store::{Fault, Reader, Store, Tx};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use std::fs::File;
use std::path::{Path, PathBuf};

/// A database of one instance.
#[derive(Debug)]
pub struct SqliteStore {
    conn: Connection,
    place: Place,
}

impl SqliteStore {
    /// Opens a database file, makes it when there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// When the file cannot be opened or written, was written by a newer version, or is not ours.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        Ok(Self::at(Place::File(path.to_owned()))?)
    }

    /// Opens a database in memory, for tests. Those of one name (ASCII letters and digits count) in one process are one
    /// database while a connection to it is open.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn memory(name: &str) -> Result<Self, Fault> {
        Ok(Self::at(Place::Memory(name.to_owned()))?)
    }

    /// Copies the database as it is committed now into a new file, while the server goes on.
    ///
    /// # Errors
    /// When `to` exists or cannot be written. No half-written `to` is left.
    pub fn backup(&self, to: &Path) -> Result<(), Fault> {
        if to.exists() {
            return Err(Fault(format!("{} exists already", to.display())));
        }
        let mut part = to.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let copied = self.copy(&part).and_then(|()| publish(&part, to));
        if copied.is_err() {
            // Whatever is left of it helps nobody; the first error is the one to tell.
            drop(std::fs::remove_file(&part));
        }
        Ok(copied?)
    }

    /// Checks every page, index and count of the database. Takes long for a large one.
    ///
    /// # Errors
    /// When something is wrong: the text says what.
    pub fn integrity_check(&self) -> Result<(), Fault> {
        Ok(self.check_all()?)
    }

    fn at(place: Place) -> Outcome<Self> {
        let mut conn = place.writer(|conn| migrate::check(conn, migrate::STEPS))?;
        migrate::migrate(&mut conn, migrate::STEPS)?;
        Ok(Self { conn, place })
    }

    fn copy(&self, part: &Path) -> Outcome<()> {
        if part.exists() {
            std::fs::remove_file(part).map_err(|error| trouble_at(part, &error))?;
        }
        place::make_private(part)?;
        let from = self.place.reader()?;
        let mut to = Connection::open(part)?;
        // All pages in one step: one snapshot. In smaller steps every commit would begin the copy anew.
        if Backup::new(&from, &mut to)?.step(-1)? == StepResult::Done {
            Ok(())
        } else {
            Err(Trouble::words("the database was locked: no backup was made"))
        }
    }

    fn check_all(&self) -> Outcome<()> {
        let conn = self.place.reader()?;
        let mut wrong = Vec::new();
        row::for_each(&conn, "PRAGMA integrity_check(10)", [], |row| {
            wrong.push(row.get::<_, String>(0)?);
            Ok(())
        })?;
        wrong.retain(|line| line != "ok");
        let miscounted = row::number(
            &conn,
            "SELECT COUNT(*) FROM streams s WHERE s.live <>
             (SELECT COUNT(*) FROM messages m WHERE m.channel = substr(s.stream, 2) AND m.deleted = 0)",
            [],
        )?;
        if miscounted > 0 {
            wrong.push(format!("{miscounted} channels count their messages wrongly"));
        }
        if wrong.is_empty() { Ok(()) } else { Err(Trouble::words(wrong.join("; "))) }
    }

    fn key(&mut self, make: &mut dyn FnMut() -> [u8; 32]) -> Outcome<[u8; 32]> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known = tx
            .query_row("SELECT value FROM meta WHERE key = 'instance_key'", [], |row| row.get(0))
            .optional()?;
        if let Some(key) = known {
            return Ok(key);
        }
        let key = make();
        tx.execute("INSERT INTO meta (key, value) VALUES ('instance_key', ?1)", [key])?;
        tx.commit()?;
        Ok(key)
    }
}

impl Store for SqliteStore {
    fn load(&mut self) -> Result<Directory, Fault> {
        Ok(load::load(&self.conn)?)
    }

    fn begin(&mut self) -> Result<Box<dyn Tx + '_>, Fault> {
        Ok(Box::new(tx::SqliteTx::begin(&self.conn)?))
    }

    fn reader(&self) -> Result<Box<dyn Reader + Send>, Fault> {
        let conn = self.place.reader().map_err(Fault::from)?;
        search::teach(&conn).map_err(Trouble::from)?;
        Ok(Box::new(read::SqliteReader { conn }))
    }

    fn instance_key(&mut self, make: &mut dyn FnMut() -> [u8; 32]) -> Result<[u8; 32], Fault> {
        Ok(self.key(make)?)
    }
}

/// Gives a finished copy its name, durably.
fn publish(part: &Path, to: &Path) -> Outcome<()> {
    std::fs::rename(part, to).map_err(|error| trouble_at(to, &error))?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| trouble_at(folder, &error))
}

fn trouble_at(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::words(format!("{}: {error}", path.display()))
}
