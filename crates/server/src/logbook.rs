//! Text logs: lines of what is said in channels whose operator wants to keep them, a file a channel.

use commonroom_hub::limits::LOG_BYTES;
use commonroom_hub::request::Log;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

/// Writes until the end is in the queue, or nobody can want anything any more.
pub fn run(data: &Path, queue: &Receiver<Option<Log>>) {
    let mut failing = false;
    while let Ok(Some(log)) = queue.recv() {
        let written = write(data, &log, LOG_BYTES);
        if let (Err(error), false) = (&written, failing) {
            tracing::error!(%error, "a text log cannot be written");
        }
        failing = written.is_err();
    }
}

/// Adds a line to its file; a file that is full becomes `.1`, and the one that was called so before goes.
fn write(data: &Path, log: &Log, most: u64) -> io::Result<()> {
    let folder = data.join(&log.folder);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let path = file(&folder, &log.name)?;
    let mut line = log.line.replace(['\n', '\r'], " ");
    line.push('\n');
    let full = std::fs::metadata(&path).is_ok_and(|known| known.len() + line.len() as u64 > most);
    if full {
        std::fs::rename(&path, folder.join(format!("{}.txt.1", log.name)))?;
    }
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
    file.write_all(line.as_bytes())
}

/// The file of a log. A name is made harmless by who gives it; one that is not is refused.
fn file(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "that is no name of a log"));
    }
    Ok(folder.join(format!("{name}.txt")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A folder that goes with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            Self(std::env::temp_dir().join(format!("commonroom-log-{}-{number}", std::process::id())))
        }

        fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn log(name: &str, line: &str) -> Log {
        Log { folder: "logs/rooms".to_owned(), name: name.to_owned(), line: line.to_owned() }
    }

    #[test]
    fn a_line_stays_one_line_in_a_file_of_its_folder() {
        let data = Folder::new();
        write(data.path(), &log("lobby", "one"), 100).expect("written");
        write(data.path(), &log("lobby", "two\nthree"), 100).expect("written");
        for name in ["", "..", "../x", "a/b", "a b", "/etc/passwd"] {
            assert!(write(data.path(), &log(name, "four"), 100).is_err(), "{name}");
        }
        let folder = data.path().join("logs/rooms");
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect("there");
        assert_eq!(text("lobby.txt"), "one\ntwo three\n");
        assert_eq!(std::fs::read_dir(&folder).expect("there").count(), 1);
    }

    #[test]
    fn what_waits_before_the_end_is_written() {
        let data = Folder::new();
        let (logs, queue) = std::sync::mpsc::sync_channel(3);
        for input in [Some(log("lobby", "one")), Some(log("lobby", "two")), None] {
            logs.send(input).expect("there is room");
        }
        // It returns although more could come.
        run(data.path(), &queue);
        let text = std::fs::read_to_string(data.path().join("logs/rooms/lobby.txt")).expect("there");
        assert_eq!(text, "one\ntwo\n");
        drop(logs);
    }

    #[test]
    fn a_log_is_bounded_and_so_is_its_past() {
        let data = Folder::new();
        for number in 0..100 {
            write(data.path(), &log("lobby", &format!("line {number}")), 64).expect("written");
        }
        let folder = data.path().join("logs/rooms");
        let files: Vec<u64> = std::fs::read_dir(&folder)
            .expect("there")
            .map(|entry| entry.expect("a file").metadata().expect("known").len())
            .collect();
        assert_eq!(files.len(), 2);
        assert!(files.iter().all(|bytes| *bytes <= 64));
        let newest = std::fs::read_to_string(folder.join("lobby.txt")).expect("there");
        assert!(newest.ends_with("line 99\n"));
    }
}
