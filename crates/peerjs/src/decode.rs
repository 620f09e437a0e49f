//! What a client asks for.

use crate::limits;
use crate::wire::Inbound;
use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The only key.
const KEY: &str = "peerjs";

/// How a connection introduces itself: the query of its address.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Introduction {
    key: String,
    /// The id it wants.
    pub id: String,
    /// Its secret: who has it may take the id over.
    pub token: String,
}

/// Why an introduction is none (peerjs.md 2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// Something is missing.
    Missing,
    /// Not the key.
    Key,
    /// An id or token that is too long, or has control characters.
    Form,
}

/// Reads the query of a connection's address.
///
/// # Errors
/// What is wrong with it.
pub fn introduction(target: &str) -> Result<Introduction, Flaw> {
    let uri: Uri = target.parse().map_err(|_| Flaw::Missing)?;
    let Query(introduction) = Query::<Introduction>::try_from_uri(&uri).map_err(|_| Flaw::Missing)?;
    let Introduction { key, id, token } = &introduction;
    if key.is_empty() || id.is_empty() || token.is_empty() {
        Err(Flaw::Missing)
    } else if key != KEY {
        Err(Flaw::Key)
    } else if !fits(id, limits::ID_CHARS) || !fits(token, limits::TOKEN_CHARS) {
        Err(Flaw::Form)
    } else {
        Ok(introduction)
    }
}

fn fits(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

/// A kind of message that is handed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The beginning of a connection.
    Offer,
    /// Its acceptance.
    Answer,
    /// A way to reach the sender.
    Candidate,
    /// The end of a connection.
    Leave,
}

impl Kind {
    /// Its name on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Offer => "OFFER",
            Self::Answer => "ANSWER",
            Self::Candidate => "CANDIDATE",
            Self::Leave => "LEAVE",
        }
    }

    /// True when it is kept for a peer that is not there yet: a farewell to nobody is over at once (peerjs.md 4).
    pub fn waits(self) -> bool {
        match self {
            Self::Offer | Self::Answer | Self::Candidate => true,
            Self::Leave => false,
        }
    }
}

/// What a frame asks for.
#[derive(Debug)]
pub enum Ask<'a> {
    /// The client is alive.
    Heartbeat,
    /// The client is done.
    Leave,
    /// Hand this on.
    Relay {
        /// What it is.
        kind: Kind,
        /// To whom.
        dst: Cow<'a, str>,
        /// The payload as received.
        payload: Option<&'a RawValue>,
    },
}

/// Reads a frame; `None` for one that asks for nothing known.
pub fn ask(frame: &str) -> Option<Ask<'_>> {
    let Inbound { kind, dst, payload } = serde_json::from_str(frame).ok()?;
    let dst = dst.filter(|dst| !dst.is_empty());
    let kind = match (&*kind, &dst) {
        ("HEARTBEAT", _) => return Some(Ask::Heartbeat),
        ("LEAVE", None) => return Some(Ask::Leave),
        ("OFFER", _) => Kind::Offer,
        ("ANSWER", _) => Kind::Answer,
        ("CANDIDATE", _) => Kind::Candidate,
        ("LEAVE", _) => Kind::Leave,
        _ => return None,
    };
    // Nobody has an id of another form.
    let dst = dst.filter(|dst| fits(dst, limits::ID_CHARS))?;
    Some(Ask::Relay { kind, dst, payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_introduction_is_percent_decoded_and_whole() {
        let read = introduction("/peerjs?key=peerjs&id=a%20b&token=t&version=1.5").expect("whole");
        assert_eq!((read.id.as_str(), read.token.as_str()), ("a b", "t"));
        for target in ["/peerjs", "/peerjs?key=peerjs&id=a", "/peerjs?key=peerjs&id=&token=t", "?", ""] {
            assert_eq!(introduction(target), Err(Flaw::Missing), "{target}");
        }
        assert_eq!(introduction("/peerjs?key=other&id=a&token=t"), Err(Flaw::Key));
        let long = "x".repeat(limits::ID_CHARS + 1);
        assert_eq!(introduction(&format!("/peerjs?key=peerjs&id={long}&token=t")), Err(Flaw::Form));
        assert_eq!(introduction(&format!("/peerjs?key=peerjs&id=a&token={long}")), Err(Flaw::Form));
        assert_eq!(introduction("/peerjs?key=peerjs&id=a%0Ab&token=t"), Err(Flaw::Form));
    }

    #[test]
    fn what_is_no_request_asks_for_nothing() {
        let long = format!(r#"{{"type":"OFFER","dst":"{}"}}"#, "x".repeat(limits::ID_CHARS + 1));
        for frame in ["hello", "[]", "null", "{}", r#"{"type":7}"#, r#"{"type":"OFFER","dst":5}"#, &long] {
            assert!(ask(frame).is_none(), "{frame}");
        }
        let deep = format!(r#"{{"type":"OFFER","dst":"b","payload":{}"#, "[".repeat(50_000));
        assert!(ask(&deep).is_none());
    }

    #[test]
    fn a_payload_stays_as_it_is() {
        let payload = |frame| match ask(frame) {
            Some(Ask::Relay { payload, .. }) => payload.map(RawValue::get),
            other => panic!("{other:?}"),
        };
        assert_eq!(payload(r#"{"type":"OFFER","dst":"b","payload":{"a": 1.0e2}}"#), Some(r#"{"a": 1.0e2}"#));
        assert_eq!(payload(r#"{"type":"OFFER","dst":"b","payload":null}"#), Some("null"));
        assert_eq!(payload(r#"{"type":"OFFER","dst":"b"}"#), None);
    }
}
