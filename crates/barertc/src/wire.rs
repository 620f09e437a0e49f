//! Frames as they are on the wire (barertc.md 2.3): one type each.

use crate::token::Rules;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

mod content;

/// What a client may send, read but not judged.
#[derive(Clone, PartialEq, Debug)]
pub enum Sent {
    /// Sign in.
    Login(Login),
    /// Say something.
    Message(Say),
    /// Share a picture.
    File(Picture),
    /// My camera and status.
    Me(Me),
    /// Watch a camera.
    Open(Named),
    /// A part of a WebRTC negotiation: the word and the payload as it came.
    Relay(Word, Named, String),
    /// Take a message back.
    Takeback(i64),
    /// React to a message.
    React(i64, String),
    /// Mute, block, boot or invite people, or lift it.
    Relate(Stance, bool, Vec<String>),
    /// Report somebody.
    Report(Report),
    /// Nothing to do.
    Quiet,
    /// An action that does not exist.
    Unknown(String),
}

/// How one stands to another, in this protocol's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stance {
    /// `mute`, `unmute`
    Mute,
    /// `block`
    Block,
    /// `blocklist`: mute and block
    Blocklist,
    /// `boot`, `unboot`
    Boot,
    /// `video-invite`
    Invite,
}

/// Signalling actions that are handed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    /// `candidate`
    Candidate,
    /// `sdp`
    Sdp,
    /// `watch`
    Watch,
    /// `unwatch`
    Unwatch,
}

/// `login`
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Login {
    /// The name asked for.
    #[serde(deserialize_with = "or_default")]
    pub username: String,
    /// A site token.
    #[serde(deserialize_with = "or_default")]
    pub jwt: String,
    /// Closed to new conversations.
    #[serde(deserialize_with = "or_default")]
    pub dnd: bool,
}

/// `message`
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Say {
    /// Where.
    #[serde(deserialize_with = "or_default")]
    pub channel: String,
    /// What.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
}

/// `file`
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Picture {
    /// Where.
    #[serde(deserialize_with = "or_default")]
    pub channel: String,
    /// Its file name.
    #[serde(rename = "message", deserialize_with = "or_default")]
    pub name: String,
    /// Its content.
    pub bytes: Content,
}

/// Bytes in one of the forms that clients send: a list of numbers, or base64 (barertc.md 5.3).
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Content {
    /// They are here.
    Whole(Vec<u8>),
    /// More than [`crate::limits::PICTURE_BYTES`].
    TooLarge,
    /// None, or no bytes at all.
    #[default]
    Wrong,
}

/// `report`
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Where it happened.
    #[serde(deserialize_with = "or_default")]
    pub channel: String,
    /// About whom.
    #[serde(deserialize_with = "or_default")]
    pub username: String,
    /// When, in the client's words.
    #[serde(deserialize_with = "or_default")]
    pub timestamp: String,
    /// Why.
    #[serde(deserialize_with = "or_default")]
    pub reason: String,
    /// What was said.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
    /// What the reporter adds.
    #[serde(deserialize_with = "or_default")]
    pub comment: String,
}

/// `me`: absent is unchanged.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Me {
    /// Camera flags.
    pub video: Option<i64>,
    /// Status word.
    pub status: Option<String>,
    /// Closed to new conversations.
    pub dnd: Option<bool>,
}

/// Anything about one person.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    /// Whom.
    #[serde(deserialize_with = "or_default")]
    pub username: String,
}

/// Anything about many.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Names {
    /// Whom.
    #[serde(deserialize_with = "or_default")]
    pub usernames: Vec<String>,
}

/// `takeback` and `react`
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct About {
    /// Which message.
    #[serde(rename = "msgID", deserialize_with = "or_default")]
    pub number: i64,
    /// The emoji.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
}

/// Programs send `null` for what is empty.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// The payload of `sdp` and `candidate`, which is not looked into.
#[derive(Debug, Default, Deserialize)]
pub struct Payload<'a> {
    /// SDP as JSON text.
    #[serde(borrow)]
    pub description: Option<&'a RawValue>,
    /// Candidate as JSON text.
    #[serde(borrow)]
    pub candidate: Option<&'a RawValue>,
}

/// A frame with nothing but its action.
#[derive(Debug, Serialize)]
pub struct Bare {
    /// Which.
    pub action: &'static str,
}

/// `me`
#[derive(Debug, Serialize)]
pub struct MeFrame<'a> {
    /// `me`
    pub action: &'static str,
    /// The name as the server has it.
    pub username: &'a str,
    /// Camera flags.
    pub video: u32,
}

/// `who`
#[derive(Debug, Serialize)]
pub struct WhoFrame<'a> {
    /// `who`
    pub action: &'static str,
    /// Everybody, by name.
    #[serde(rename = "whoList")]
    pub list: &'a [WhoEntry<'a>],
}

/// One person of a who list (barertc.md 4).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct WhoEntry<'a> {
    /// Name.
    pub username: &'a str,
    /// Display name, when another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<&'a str>,
    /// Status word.
    pub status: &'a str,
    /// Camera flags as this viewer is to see them.
    pub video: u32,
    /// Closed to new conversations.
    #[serde(skip_serializing_if = "is_false")]
    pub dnd: bool,
    /// Unix seconds.
    #[serde(rename = "loginAt")]
    pub login_at: i64,
    /// Operator.
    pub op: bool,
    /// VIP.
    #[serde(skip_serializing_if = "is_false")]
    pub vip: bool,
    /// Picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<&'a str>,
    /// Page.
    #[serde(rename = "profileURL", skip_serializing_if = "Option::is_none")]
    pub profile_url: Option<&'a str>,
    /// Beside the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emoji: Option<&'a str>,
    /// Gender word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<&'a str>,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

/// `message`
#[derive(Debug, Serialize)]
pub struct MessageFrame<'a> {
    /// `message`
    pub action: &'static str,
    /// Where: an id, or `@` and the other person's name.
    pub channel: &'a str,
    /// Who.
    pub username: &'a str,
    /// HTML.
    pub message: &'a str,
    /// Its number.
    #[serde(rename = "msgID")]
    pub number: i64,
    /// RFC 3339, on old messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
}

/// `echo`
#[derive(Debug, Serialize)]
pub struct EchoFrame<'a> {
    /// `echo`
    pub action: &'static str,
    /// Oldest first per channel.
    pub messages: &'a [Box<RawValue>],
}

/// `block`
#[derive(Debug, Serialize)]
pub struct MeetFrame<'a> {
    /// `block`
    pub action: &'static str,
    /// Whom.
    pub username: &'a str,
}

/// `takeback`
#[derive(Debug, Serialize)]
pub struct TakebackFrame {
    /// `takeback`
    pub action: &'static str,
    /// Which message.
    #[serde(rename = "msgID")]
    pub number: i64,
}

/// `react`
#[derive(Debug, Serialize)]
pub struct ReactFrame<'a> {
    /// `react`
    pub action: &'static str,
    /// Who; nobody for a nudge.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub username: &'a str,
    /// Which message.
    #[serde(rename = "msgID")]
    pub number: i64,
    /// The emoji.
    pub message: &'a str,
}

/// `presence` and `error`
#[derive(Debug, Serialize)]
pub struct Notice<'a> {
    /// Which.
    pub action: &'static str,
    /// Where, for welcome messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<&'a str>,
    /// About whom, or `ChatServer`.
    pub username: &'a str,
    /// What.
    pub message: &'a str,
}

/// `open` and `ring`
#[derive(Debug, Serialize)]
pub struct OpenFrame<'a> {
    /// Which.
    pub action: &'static str,
    /// The other one.
    pub username: &'a str,
    /// Equal on both sides.
    #[serde(rename = "openSecret")]
    pub secret: &'a str,
}

/// `sdp`, `candidate`, `watch`, `unwatch`
#[derive(Debug, Serialize)]
pub struct RelayFrame<'a> {
    /// Which.
    pub action: &'static str,
    /// From whom.
    pub username: &'a str,
    /// Of `sdp`, unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'a RawValue>,
    /// Of `candidate`, unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<&'a RawValue>,
}

/// `ping`
#[derive(Debug, Serialize)]
pub struct PingFrame<'a> {
    /// `ping`
    pub action: &'static str,
    /// A fresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt: Option<&'a str>,
    /// What moderation asks.
    #[serde(rename = "jwtRules", skip_serializing_if = "Option::is_none")]
    pub rules: Option<Rules>,
}
