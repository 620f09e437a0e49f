//! An answer whose body is read as it comes.

use crate::Trouble;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use std::fmt;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// An answer that has begun. Dropping it ends the connection.
pub struct Stream {
    pub(crate) response: reqwest::Response,
    pub(crate) head: Head,
    /// The beginning of the body, where it came with the head.
    pub(crate) rest: Bytes,
    pub(crate) url: String,
    pub(crate) _places: (OwnedSemaphorePermit, OwnedSemaphorePermit),
}

/// What stands before a body.
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
}

impl Head {
    /// The head of an answer, taken out of it.
    pub(crate) fn of(response: &mut reqwest::Response) -> Self {
        Self { status: response.status(), headers: std::mem::take(response.headers_mut()) }
    }
}

impl Stream {
    /// The status, a redirect too when none was to be followed.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// All header fields.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The first header field of this name, in any case, when its value is UTF-8.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.head.headers.get(name)?.as_bytes()).ok()
    }

    /// The URL that answered, after redirects.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The next piece of the body; nothing at its end.
    ///
    /// # Errors
    /// [`Trouble::TimedOut`] when none comes for that long; what else can happen to a connection.
    pub async fn piece(&mut self, patience: Duration) -> Result<Option<Bytes>, Trouble> {
        if !self.rest.is_empty() {
            return Ok(Some(std::mem::take(&mut self.rest)));
        }
        let next = tokio::time::timeout(patience, self.response.chunk()).await;
        next.map_err(|_| Trouble::TimedOut)?.map_err(|error| Trouble::from(&error))
    }
}

impl fmt::Debug for Stream {
    /// Without URL, header fields and body: they may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("status", &self.status()).finish_non_exhaustive()
    }
}
