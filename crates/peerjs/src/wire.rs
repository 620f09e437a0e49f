//! The frames of this protocol.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What a client sends; more fields are passed over, a `src` of its own too (peerjs.md 3).
#[derive(Debug, Deserialize)]
pub struct Inbound<'a> {
    /// What it is.
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
    /// The id of the peer it is for.
    #[serde(default, borrow)]
    pub dst: Option<Cow<'a, str>>,
    /// Anything; `null` is something.
    #[serde(default, borrow, deserialize_with = "present")]
    pub payload: Option<&'a RawValue>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// What a client is sent.
#[derive(Debug, Serialize)]
pub struct Outbound<'a, P: Serialize> {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The id of the peer it is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src: Option<&'a str>,
    /// The id of the peer it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dst: Option<&'a str>,
    /// Anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<P>,
}

/// The payload of an error.
#[derive(Debug, Serialize)]
pub struct Msg {
    /// What is wrong, in the words that clients know.
    pub msg: &'static str,
}
