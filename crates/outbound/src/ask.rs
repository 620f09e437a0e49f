//! What is asked.

use crate::limits;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, header};
use std::time::Duration;

/// Who answers for the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Nobody: people gave it. Only public addresses are asked, and no port of another well-known service.
    Public,
    /// The operator wrote it into the configuration: anything goes on this host. A redirect to another host is nobody's.
    Operator,
}

/// What becomes of a body that is larger than wanted.
#[derive(Clone, Copy, Debug)]
pub enum Overflow {
    /// The ask fails with [`Trouble::TooLarge`](crate::Trouble::TooLarge).
    Refuse,
    /// The first [`Ask::max_bytes`] are the answer, for pages of which the head is enough.
    Cut,
    /// As many first bytes as the header fields tell, at most [`Ask::max_bytes`], are the answer: for streams that never
    /// end and say where to look.
    CutAt(fn(&HeaderMap) -> usize),
}

/// One request to another server. Start from [`Ask::get`] or [`Ask::post`] and change what differs.
#[derive(Clone)]
pub struct Ask {
    /// The method. Only GET and HEAD follow redirects: the others do not carry their body to where they were not sent,
    /// and their redirect is the answer.
    pub method: Method,
    /// An absolute `http` or `https` URL.
    pub url: String,
    /// Header fields to send. Those that belong to the connection, `Host` and `Cookie` are left out. A redirect to
    /// another origin gets only those that tell nothing about who asks.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Who answers for the address.
    pub guard: Guard,
    /// Time for everything: the wait for a free place, lookups, connections, redirects and the body.
    pub time: Duration,
    /// Bytes of the answer's body.
    pub max_bytes: usize,
    /// What becomes of a larger body.
    pub overflow: Overflow,
    /// Redirects to follow, at most [`limits::REDIRECTS`]. With 0 a redirect is the answer.
    pub redirects: u8,
    /// Asks nothing of `http`, in redirects too.
    pub https_only: bool,
    /// Takes for an answer what old radio stations say: `ICY 200 OK` where HTTP has its version. Only for
    /// [`Client::open`](crate::Client::open).
    pub icy: bool,
    /// Keeps the connection for the next ask of this host: for few hosts that are asked often.
    pub keep: bool,
}

impl Ask {
    /// A GET with the default limits and no redirects.
    #[must_use]
    pub fn get(url: impl Into<String>, guard: Guard) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            guard,
            time: limits::DEFAULT_TIME,
            max_bytes: limits::DEFAULT_BYTES,
            overflow: Overflow::Refuse,
            redirects: 0,
            https_only: false,
            icy: false,
            keep: guard == Guard::Operator,
        }
    }

    /// A POST of a body of this type (such as `application/json`) with the default limits.
    #[must_use]
    pub fn post(url: impl Into<String>, guard: Guard, kind: &'static str, body: impl Into<Bytes>) -> Self {
        let mut ask = Self { method: Method::POST, body: body.into(), ..Self::get(url, guard) };
        ask.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        ask
    }

    /// The fields that are sent to the origin that was asked first.
    pub(crate) fn own_headers(&self) -> HeaderMap {
        let mut headers = self.headers.clone();
        for name in [
            header::CONNECTION,
            header::CONTENT_LENGTH,
            header::COOKIE,
            header::EXPECT,
            header::HOST,
            header::PROXY_AUTHORIZATION,
            header::TE,
            header::TRAILER,
            header::TRANSFER_ENCODING,
            header::UPGRADE,
        ] {
            headers.remove(name);
        }
        if !self.keep {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        headers
    }
}

/// Leaves the fields that tell another origin nothing about who asks.
pub(crate) fn keep_harmless(headers: &mut HeaderMap) {
    let harmless = ["accept", "accept-language", "connection", "icy-metadata", "range", "user-agent"];
    let others: Vec<_> = headers.keys().filter(|name| !harmless.contains(&name.as_str())).cloned().collect();
    for name in others {
        headers.remove(name);
    }
}
