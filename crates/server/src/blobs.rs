//! The bytes of files on the disk: `<data>/files/<shelf>/<first two digits>/<SHA-256>`.

use bytes::Bytes;
use commonroom_hub::blobs::{Blobs, Kept, Piece, Shelf};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A directory of blobs.
#[derive(Clone, Debug)]
pub struct DiskBlobs {
    root: PathBuf,
}

impl DiskBlobs {
    /// Blobs below a data directory; the directories are made when they are needed.
    pub fn new(data: &Path) -> Self {
        Self { root: data.join("files") }
    }

    fn shelf(&self, shelf: Shelf) -> PathBuf {
        self.root.join(match shelf {
            Shelf::Files => "shared",
            Shelf::Pictures => "pictures",
        })
    }

    /// Where a blob lies; nothing for what is no name of one.
    fn path(&self, shelf: Shelf, name: &str) -> Option<PathBuf> {
        let is_hash = name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_hash.then(|| self.shelf(shelf).join(&name[..2]).join(name))
    }

    /// Names of the blobs of a shelf that were kept at least `age` ago. What cannot be read is left out.
    pub fn older_than(&self, shelf: Shelf, age: Duration) -> Vec<String> {
        let now = SystemTime::now();
        let old = |entry: &fs::DirEntry| {
            let kept = entry.metadata().and_then(|metadata| metadata.modified());
            kept.is_ok_and(|kept| now.duration_since(kept).is_ok_and(|since| since >= age))
        };
        let folders = fs::read_dir(self.shelf(shelf)).into_iter().flatten().flatten();
        folders
            .flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten())
            .filter(old)
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect()
    }

    /// Takes a blob away.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn remove(&self, shelf: Shelf, name: &str) -> io::Result<()> {
        // Also what is left of one that was never finished.
        let folder = self.shelf(shelf).join(name.get(..2).unwrap_or("00"));
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn keep_now(&self, shelf: Shelf, bytes: &[u8]) -> io::Result<String> {
        let mut name = String::with_capacity(64);
        for byte in Sha256::digest(bytes) {
            let _ = write!(name, "{byte:02x}");
        }
        let path = self.path(shelf, &name).ok_or(io::ErrorKind::InvalidInput)?;
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(folder)?;
        if path.exists() {
            // Kept anew: whoever tidies up sees that it is wanted.
            File::options().append(true).open(&path)?.set_modified(SystemTime::now())?;
            return Ok(name);
        }
        let part = path.with_extension(format!("part{:?}", std::thread::current().id()));
        let mut file = File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, &path)?;
        File::open(folder)?.sync_all()?;
        Ok(name)
    }

    fn piece_now(&self, shelf: Shelf, name: &str, offset: u64, length: u64) -> io::Result<Option<Piece>> {
        let Some(path) = self.path(shelf, name) else { return Ok(None) };
        let mut file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let total = file.metadata()?.len();
        file.seek(SeekFrom::Start(offset.min(total)))?;
        let mut bytes = Vec::new();
        file.take(length).read_to_end(&mut bytes)?;
        Ok(Some(Piece { bytes: bytes.into(), total }))
    }
}

impl Blobs for DiskBlobs {
    fn keep(&self, shelf: Shelf, bytes: Bytes) -> Kept<String> {
        let this = self.clone();
        Box::pin(apart(move || this.keep_now(shelf, &bytes)))
    }

    fn piece(&self, shelf: Shelf, name: &str, offset: u64, length: u64) -> Kept<Option<Piece>> {
        let (this, name) = (self.clone(), name.to_owned());
        Box::pin(apart(move || this.piece_now(shelf, &name, offset, length)))
    }
}

/// Does blocking work where it holds up no other request.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_in_pieces_and_names_are_no_paths() {
        let folder = std::env::temp_dir().join(format!("commonroom-blobs-{}", std::process::id()));
        let blobs = DiskBlobs::new(&folder);
        let name = blobs.keep_now(Shelf::Files, b"hello world").expect("kept");
        assert_eq!(name, blobs.keep_now(Shelf::Files, b"hello world").expect("kept again"));
        let piece = blobs.piece_now(Shelf::Files, &name, 6, 3).expect("read").expect("there");
        assert_eq!((&piece.bytes[..], piece.total), (&b"wor"[..], 11));
        assert_eq!(blobs.piece_now(Shelf::Pictures, &name, 0, 1).expect("read"), None);
        assert_eq!(blobs.piece_now(Shelf::Files, "../../commonroom.db", 0, 1).expect("read"), None);
        assert_eq!(blobs.older_than(Shelf::Files, Duration::ZERO), std::slice::from_ref(&name));
        blobs.remove(Shelf::Files, &name).expect("removed");
        assert_eq!(blobs.older_than(Shelf::Files, Duration::ZERO), Vec::<String>::new());
        let _ = fs::remove_dir_all(&folder);
    }
}
