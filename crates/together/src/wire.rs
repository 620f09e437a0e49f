//! What goes over the wire of this protocol: envelopes here, entities and request bodies in the files below.

pub mod entity;
pub mod request;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use uuid::Uuid;

/// A frame from a client (2.2). Payloads stay text until it is known what they should be.
#[derive(Debug, Deserialize)]
pub struct Envelope<'a> {
    /// Opcode.
    #[serde(borrow)]
    pub op: Cow<'a, str>,
    /// Payload.
    #[serde(borrow, default)]
    pub d: Option<&'a RawValue>,
}

/// A frame to a client.
#[derive(Debug, Serialize)]
pub struct Dispatch<'a, T> {
    /// `DISPATCH`.
    pub op: &'static str,
    /// Event name.
    pub t: &'a str,
    /// Payload.
    pub d: T,
}

/// The answer to a heartbeat.
pub const HEARTBEAT_ACK: &str = r#"{"op":"HEARTBEAT_ACK"}"#;

/// The text of an event frame.
pub fn dispatch<T: Serialize>(t: &str, d: T) -> String {
    text(&Dispatch { op: "DISPATCH", t, d })
}

/// The JSON text of a wire type.
pub fn text<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("wire types have text keys and no failing parts")
}

/// `d` of an inbound `PRESENCE_UPDATE` (5.2). The outer `None` of a text is an absent key.
#[derive(Debug, Default, Deserialize)]
pub struct PresenceIn {
    /// Spelling of a status.
    #[serde(default)]
    pub status: Option<String>,
    /// Words beside it.
    #[serde(default, deserialize_with = "request::given")]
    pub custom_status: Option<Option<String>>,
    /// What they are doing.
    #[serde(default, deserialize_with = "request::given")]
    pub activity: Option<Option<String>>,
}

/// `d` of an inbound `TYPING_START` (5.3).
#[derive(Debug, Deserialize)]
pub struct TypingIn {
    /// Where.
    pub channel_id: Uuid,
}

/// `d` of an inbound `VOICE_SIGNAL` in either shape (5.4).
#[derive(Debug, Deserialize)]
pub struct SignalIn<'a> {
    /// For whom.
    pub to_user_id: Uuid,
    /// The older shape: an object.
    #[serde(borrow, default)]
    pub signal: Option<&'a RawValue>,
    /// The newer shape.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// Session description.
    #[serde(default)]
    pub sdp: Option<String>,
    /// Candidate as JSON text.
    #[serde(default)]
    pub candidate: Option<String>,
    /// Which of several streams.
    #[serde(default)]
    pub stream_type: Option<String>,
}

/// `d` of a delivered `VOICE_SIGNAL`: both shapes at once (6.6).
#[derive(Debug, Serialize, Deserialize)]
pub struct SignalOut {
    /// From whom.
    pub from_user_id: Uuid,
    /// `offer`, `answer`, `candidate`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Session description.
    pub sdp: Option<String>,
    /// Candidate as JSON text.
    pub candidate: Option<String>,
    /// Which of several streams.
    pub stream_type: Option<String>,
    /// The older shape.
    pub signal: Box<RawValue>,
}

/// `d` of `READY` (6.1).
#[derive(Debug, Serialize)]
pub struct Ready {
    /// Oneself.
    pub user: entity::User,
    /// One's servers.
    pub servers: Vec<entity::Server>,
    /// One's direct messages, latest first.
    pub dm_channels: Vec<entity::DmChannel>,
    /// Unread messages.
    pub unread_counts: Vec<entity::UnreadCount>,
    /// Unread mentions.
    pub mention_counts: Vec<entity::MentionCount>,
    /// Roles by server.
    pub server_roles: std::collections::BTreeMap<Uuid, Vec<entity::Role>>,
    /// Overrides by channel.
    pub channel_overrides: std::collections::BTreeMap<Uuid, Vec<entity::Override>>,
}

/// `d` of `PRESENCE_UPDATE` (6.3).
#[derive(Debug, Serialize)]
pub struct PresenceOut {
    /// Who.
    pub user_id: Uuid,
    /// How they are.
    pub status: &'static str,
    /// Words beside it.
    pub custom_status: Option<String>,
    /// What they are doing.
    pub activity: Option<String>,
}

/// `d` of `TYPING_START` (6.12).
#[derive(Debug, Serialize)]
pub struct TypingOut<'a> {
    /// Who.
    pub user_id: Uuid,
    /// Their name.
    pub username: Option<&'a str>,
    /// Where.
    pub channel_id: Uuid,
    /// When.
    pub timestamp: String,
}

/// `d` of `MESSAGE_DELETE` and `DM_MESSAGE_DELETE`.
#[derive(Debug, Serialize)]
pub struct MessageGone {
    /// Which.
    pub id: Uuid,
    /// Where it was.
    pub channel_id: Uuid,
    /// In which thread.
    pub thread_id: Option<Uuid>,
}

/// `d` of `REACTION_ADD` and `REACTION_REMOVE`.
#[derive(Debug, Serialize)]
pub struct ReactionOut<'a> {
    /// On which message.
    pub message_id: Uuid,
    /// Where.
    pub channel_id: Uuid,
    /// Who.
    pub user_id: Uuid,
    /// With what.
    pub emoji: std::borrow::Cow<'a, str>,
}

/// `d` of `POLL_VOTE`.
#[derive(Debug, Serialize)]
pub struct PollVote<'a> {
    /// Which poll.
    pub poll_id: Uuid,
    /// Where.
    pub channel_id: Uuid,
    /// The poll now.
    pub updated_poll: entity::Poll<'a>,
}

/// `d` of `MESSAGE_PIN` and `MESSAGE_UNPIN`.
#[derive(Debug, Serialize)]
pub struct PinOut {
    /// Which message.
    pub message_id: Uuid,
    /// Where.
    pub channel_id: Uuid,
    /// Who put it on top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned_by: Option<Option<Uuid>>,
    /// Who took it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpinned_by: Option<Option<Uuid>>,
}

/// `d` of `CUSTOM_EMOJI_DELETE`.
#[derive(Debug, Serialize)]
pub struct EmojiGone {
    /// Where it was.
    pub server_id: Uuid,
    /// Which.
    pub emoji_id: Uuid,
}

/// `d` of the moderation events (6.9) and of `MEMBER_LEAVE`.
#[derive(Debug, Serialize)]
pub struct Moderation<'a> {
    /// Where.
    pub server_id: Uuid,
    /// Whom.
    pub user_id: Uuid,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<Option<Uuid>>,
    /// Why, for those who may know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Option<&'a str>>,
    /// The end of a timeout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// The length of a timeout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_minutes: Option<i64>,
}

/// `d` of `MEMBER_JOIN` and `MEMBER_UPDATE`.
#[derive(Debug, Serialize)]
pub struct MemberJoined {
    /// Where.
    pub server_id: Uuid,
    /// Who.
    pub member: entity::Member,
}

/// `d` of `MEMBER_ROLE_ADD` and `MEMBER_ROLE_REMOVE`.
#[derive(Debug, Serialize)]
pub struct MemberRole<'a> {
    /// Where.
    pub server_id: Uuid,
    /// Who.
    pub user_id: Uuid,
    /// Which role.
    pub role_id: Uuid,
    /// Its name.
    pub role_name: &'a str,
    /// Its colour.
    pub role_color: Option<&'a str>,
}

/// `d` of `CHANNEL_OVERRIDE_DELETE`.
#[derive(Debug, Serialize)]
pub struct OverrideGone {
    /// Where.
    pub channel_id: Uuid,
    /// Which.
    pub override_id: Uuid,
}

/// `d` of `ROLE_DELETE`.
#[derive(Debug, Serialize)]
pub struct RoleGone {
    /// Where it was.
    pub server_id: Uuid,
    /// Which.
    pub role_id: Uuid,
}

/// `d` of `INVITE_DELETE`.
#[derive(Debug, Serialize)]
pub struct InviteGone {
    /// Where it led.
    pub server_id: Uuid,
    /// Which.
    pub invite_id: Uuid,
}

/// `d` of `CHANNEL_DELETE`.
#[derive(Debug, Serialize)]
pub struct ChannelGone {
    /// Which.
    pub id: Uuid,
    /// Where it was.
    pub server_id: Uuid,
}

/// `d` of `SERVER_DELETE`.
#[derive(Debug, Serialize)]
pub struct ServerGone {
    /// Which.
    pub id: Uuid,
}

/// `d` of `GO_LIVE_STOP`.
#[derive(Debug, Serialize)]
pub struct GoLiveOver {
    /// Where.
    pub channel_id: Uuid,
    /// Who stopped.
    pub broadcaster_id: Uuid,
}
