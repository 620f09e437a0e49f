//! Files that people share, and pictures that belong to something else: what is known about them. Their bytes are kept
//! elsewhere, by content hash.

use crate::env::Timestamp;
use crate::ids::{AccountId, ChannelId, FileId};
use serde::{Deserialize, Serialize};

/// A file shared in a channel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct File {
    /// Its id: random, so that it cannot be guessed.
    pub id: FileId,
    /// Its name, without a path.
    pub name: String,
    /// Its MIME type, as found in its content.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub hash: String,
    /// Pixels, for pictures.
    pub dimensions: Option<(u32, u32)>,
    /// Who shared it.
    pub by: AccountId,
    /// Where it may be posted; who may view the channel may load it once it is.
    pub channel: ChannelId,
    /// When it was shared.
    pub created_at: Timestamp,
    /// When it goes by itself.
    pub expires_at: Option<Timestamp>,
    /// Kept as long as the community's rules for supporters say.
    pub permanent: bool,
}

/// A picture that belongs to something else: an emoji, a face, a server's sign. Anybody may load it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Picture {
    /// SHA-256 of its content, in hexadecimal.
    pub hash: String,
    /// Its MIME type.
    pub mime: String,
    /// Its usual file extension.
    pub extension: String,
    /// Bytes.
    pub size: u64,
}

impl Picture {
    /// Where it is loaded from, on every listener.
    pub fn path(&self) -> String {
        format!("{PICTURES}{}.{}", self.hash, self.extension)
    }
}

/// Bytes that were looked at and kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// SHA-256 of them, in hexadecimal.
    pub hash: String,
    /// Their MIME type, as found in them.
    pub mime: String,
    /// Its usual file extension.
    pub extension: String,
    /// How many there are.
    pub size: u64,
    /// Pixels, for pictures.
    pub dimensions: Option<(u32, u32)>,
}

impl From<Kept> for Picture {
    fn from(kept: Kept) -> Self {
        Self { hash: kept.hash, mime: kept.mime, extension: kept.extension, size: kept.size }
    }
}

/// The path under which pictures are loaded, with a slash at its end.
pub const PICTURES: &str = "/pictures/";

/// The hash in the path of a picture of this server; nothing for any other address.
pub fn picture_hash(address: &str) -> Option<&str> {
    let (_, file) = address.split_once(PICTURES)?;
    let hash = file.split_once('.').map_or(file, |(hash, _)| hash);
    (hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hash)
}
