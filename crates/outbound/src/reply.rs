//! What another server answered.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::fmt;

/// What another server answered, whatever its status.
pub struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) cut: bool,
    pub(crate) url: String,
}

impl Reply {
    /// The status, a redirect too when none was to be followed.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The first header field of this name, in any case, when its value is UTF-8.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.headers.get(name)?.as_bytes()).ok()
    }

    /// The body as it came, at most [`Ask::max_bytes`](crate::Ask::max_bytes).
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Whether the other side had, or may have had, more than this (never with
    /// [`Overflow::Refuse`](crate::Overflow::Refuse)).
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The URL that answered, after redirects.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl fmt::Debug for Reply {
    /// Without URL, header fields and body: they may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .field("cut", &self.cut)
            .finish_non_exhaustive()
    }
}
