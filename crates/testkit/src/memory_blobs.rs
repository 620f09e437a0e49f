//! Bytes of files, kept in memory.

use bytes::Bytes;
use commonroom_hub::blobs::{Blobs, Kept, Piece, Shelf};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Blobs that end with the world.
#[derive(Default)]
pub struct MemoryBlobs(Mutex<BTreeMap<(Shelf, String), Bytes>>);

impl MemoryBlobs {
    fn all(&self) -> MutexGuard<'_, BTreeMap<(Shelf, String), Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Blobs for MemoryBlobs {
    fn keep(&self, shelf: Shelf, bytes: Bytes) -> Kept<String> {
        let mut name = String::new();
        for byte in Sha256::digest(&bytes) {
            let _ = write!(name, "{byte:02x}");
        }
        self.all().insert((shelf, name.clone()), bytes);
        Box::pin(std::future::ready(Ok(name)))
    }

    fn piece(&self, shelf: Shelf, name: &str, offset: u64, length: u64) -> Kept<Option<Piece>> {
        let found = self.all().get(&(shelf, name.to_owned())).map(|bytes| {
            let total = bytes.len() as u64;
            let from = offset.min(total);
            let to = from.saturating_add(length).min(total);
            let cut = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            Piece { bytes: bytes.slice(cut(from)..cut(to)), total }
        });
        Box::pin(std::future::ready(Ok(found)))
    }
}
