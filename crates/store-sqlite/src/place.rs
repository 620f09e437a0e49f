//! Where a database is, and how connections to it are opened and set up.

use crate::trouble::{Outcome, Trouble};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a connection waits for another one's lock before it gives up.
const BUSY: Duration = Duration::from_secs(5);
/// Prepared statements that a connection keeps: more than there are.
const STATEMENTS: usize = 96;
/// KiB of pages that the writer keeps in memory.
const WRITER_CACHE: i64 = 64 * 1024;
/// KiB of pages that a reader keeps in memory.
const READER_CACHE: i64 = 8 * 1024;
/// Bytes beyond which the write-ahead log is cut after a checkpoint.
const LOG_KEPT: i64 = 64 * 1024 * 1024;

/// Where a database is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A file, with its write-ahead log beside it.
    File(PathBuf),
    /// In this process's memory, shared by name while a connection is open.
    Memory(String),
}

impl Place {
    /// A connection that may write. `check` runs before anything is written.
    pub(crate) fn writer(&self, check: impl FnOnce(&Connection) -> Outcome<()>) -> Outcome<Connection> {
        let conn = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        set_up(&conn, WRITER_CACHE)?;
        check(&conn)?;
        let mode = match self {
            Self::File(_) => "wal",
            Self::Memory(_) => "memory",
        };
        let got: String = conn.pragma_update_and_check(None, "journal_mode", mode, |row| row.get(0))?;
        if got != mode {
            return Err(Trouble::words(format!(
                "SQLite cannot keep a write-ahead log here (journal mode is {got}); is it a network drive?"
            )));
        }
        // FULL: a commit returns only after the log has reached the disk.
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "secure_delete", "FAST")?;
        conn.pragma_update(None, "journal_size_limit", LOG_KEPT)?;
        Ok(conn)
    }

    /// A connection that may not write.
    pub(crate) fn reader(&self) -> Outcome<Connection> {
        let flags = match self {
            Self::File(_) => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Self::Memory(_) => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let conn = self.connect(flags)?;
        set_up(&conn, READER_CACHE)?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(conn)
    }

    fn connect(&self, flags: OpenFlags) -> Outcome<Connection> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        match self {
            Self::File(path) => {
                if flags.contains(OpenFlags::SQLITE_OPEN_CREATE) {
                    make_private(path)?;
                }
                Connection::open_with_flags(path, flags).map_err(|error| {
                    Trouble::words(format!("{} cannot be opened: {}", path.display(), Trouble::from(error)))
                })
            }
            // The memory file system locks as files do; SQLite's shared cache would show readers what is not committed.
            Self::Memory(name) => {
                let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
                let uri = format!("file:/commonroom-{name}?vfs=memdb");
                Ok(Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)?)
            }
        }
    }
}

/// Makes an empty file that only its owner may read, unless it exists: it will hold password hashes.
pub(crate) fn make_private(path: &Path) -> Outcome<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Trouble::words(format!("{} cannot be made: {error}", path.display()))),
    }
}

fn set_up(conn: &Connection, cache: i64) -> Outcome<()> {
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.pragma_update(None, "cache_size", -cache)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    // No foreign keys: what goes with what is decided in `project`, once.
    conn.pragma_update(None, "foreign_keys", false)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    Ok(())
}
