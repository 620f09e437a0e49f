//! Where the bytes of files are kept: by what they are for and what is in them.

use bytes::Bytes;
use std::future::Future;
use std::io;
use std::pin::Pin;

/// What bytes are kept for. The same bytes on two shelves are two blobs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Shelf {
    /// Shared in a channel: given out after a check.
    Files,
    /// Emoji, faces, signs: given out to anybody.
    Pictures,
}

/// A part of a blob.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Its bytes; fewer than asked for at the end.
    pub bytes: Bytes,
    /// Bytes of the whole blob.
    pub total: u64,
}

/// The answer to something asked of [`Blobs`].
pub type Kept<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

/// A place for the bytes of files. A blob's name is the SHA-256 of its content in hexadecimal.
pub trait Blobs: Send + Sync {
    /// Keeps bytes durably and says their name.
    fn keep(&self, shelf: Shelf, bytes: Bytes) -> Kept<String>;

    /// At most `length` bytes from `offset` on; `None` when there is no such blob.
    fn piece(&self, shelf: Shelf, name: &str, offset: u64, length: u64) -> Kept<Option<Piece>>;
}
