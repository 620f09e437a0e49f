//! What HTTP handlers hand on from other servers to their clients, piece by piece.

use bytes::Bytes;
use tokio::sync::mpsc::Receiver;

/// What is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetch {
    /// An absolute `http` or `https` URL. Only public addresses are asked, and those that the operator names beside them.
    pub url: String,
    /// Only the head.
    pub head: bool,
    /// The client's `Range` header.
    pub range: Option<String>,
}

/// An answer that has begun, redirects followed.
#[derive(Debug)]
pub struct Fetched {
    /// Its status.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body: whoever drops it ends the fetch. An error is a body that breaks off.
    pub body: Receiver<Result<Bytes, Broken>>,
}

impl Fetched {
    /// The first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The other side went silent in the middle, or the connection broke.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the source broke off")
    }
}

impl std::error::Error for Broken {}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotFetched {
    /// An address that is not public.
    Forbidden,
    /// Too much is being fetched.
    Busy,
    /// Anything else: no such name, no connection, no answer in time, too many redirects.
    Failed,
}
