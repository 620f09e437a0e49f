//! The shapes of this protocol's frames, as serde sees them. Nothing of the core appears here.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// The author of what the server itself says (originchats.md 4.5).
pub const SERVER_USER: &str = "originChats";

/// The protocol version of the handshake (originchats.md 6.1).
pub const VERSION: &str = "1.1.0";

/// A JSON object whose keys keep their order.
#[derive(Clone, Debug, Default)]
pub struct Ordered<T>(pub Vec<(String, T)>);

impl<T: Serialize> Serialize for Ordered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<T> Ordered<T> {
    /// True when it has no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Any frame: its command, its own fields, and the listener for the one who asked.
#[derive(Serialize)]
pub struct Frame<'a, T> {
    /// The command or event.
    pub cmd: &'a str,
    /// Its fields.
    #[serde(flatten)]
    pub body: T,
    /// What the asker wants repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listener: Option<&'a str>,
}

/// A frame as text.
pub fn frame(cmd: &str, body: impl Serialize, listener: Option<&str>) -> String {
    serde_json::to_string(&Frame { cmd, body, listener }).expect("every body is an object with text keys")
}

/// A presence with its text (originchats.md 4.2).
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// `online`, `idle`, `dnd`, `offline` or `invisible`.
    pub status: &'static str,
    /// A few words.
    pub text: String,
}

/// A person (originchats.md 4.2).
#[derive(Clone, Debug, Serialize)]
pub struct User {
    /// The id: only in `ready` and `users_list`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The username.
    pub username: String,
    /// The name shown.
    pub nickname: String,
    /// Role names, the primary one first.
    pub roles: Vec<String>,
    /// Colour of the primary role.
    pub color: Option<String>,
    /// Presence.
    pub status: Status,
    /// Not known to an identity provider.
    pub cracked: bool,
    /// Picture URL.
    pub pfp: Option<String>,
}

/// A person in `users_online`.
#[derive(Clone, Debug, Serialize)]
pub struct OnlineUser {
    /// The username.
    pub username: String,
    /// The name shown.
    pub nickname: String,
    /// Role names.
    pub roles: Vec<String>,
    /// Colour of the primary role.
    pub color: Option<String>,
    /// Presence.
    pub status: Status,
}

/// A role (originchats.md 4.3).
#[derive(Clone, Debug, Serialize)]
pub struct Role {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// `#RRGGBB`.
    pub color: Option<String>,
    /// Shown as a group of its own.
    pub hoisted: bool,
    /// Permission names.
    pub permissions: Vec<&'static str>,
    /// Anybody may take it.
    pub self_assignable: bool,
    /// Its group.
    pub category: Option<String>,
    /// 0 is the highest rank.
    pub position: usize,
    /// Who may mention it, if anybody: `true`, a role name, or several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mention_roles: Option<Value>,
    /// The asker holds it: only in `self_roles_list`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned: Option<bool>,
}

/// A channel (originchats.md 4.4).
#[derive(Clone, Debug, Serialize)]
pub struct Channel {
    /// Its name, which is its key.
    pub name: String,
    /// `text`, `voice`, `forum` or `separator`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name for reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Picture URL or emoji.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Background picture URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wallpaper: Option<String>,
    /// Height of a separator, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
    /// Role names by action.
    pub permissions: Ordered<Vec<String>>,
    /// When the newest message was posted; text channels only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Option<f64>>,
    /// Its id; text channels only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message_id: Option<Option<String>>,
    /// Who is in the call; voice channels only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_state: Option<Vec<Value>>,
    /// Threads; forums only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<Vec<Value>>,
}

/// The message replied to.
#[derive(Clone, Debug, Serialize)]
pub struct ReplyTo {
    /// That message.
    pub id: String,
    /// Its author.
    pub user: String,
}

/// Who is told by a message.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pings {
    /// Usernames mentioned.
    pub users: Vec<String>,
    /// Roles mentioned.
    pub roles: Vec<String>,
    /// The author replied to.
    pub replies: Vec<String>,
}

/// A shared file (originchats.md 4.9).
#[derive(Clone, Debug, Serialize)]
pub struct Attachment {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its MIME type.
    pub mime_type: String,
    /// Bytes.
    pub size: u64,
    /// Where it is loaded from; absolute.
    pub url: String,
    /// When it goes by itself, in seconds since 1970.
    pub expires_at: Option<f64>,
    /// Kept as long as the rules for supporters say.
    pub permanent: bool,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// A message (originchats.md 4.5).
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Its author's username.
    pub user: String,
    /// The text.
    pub content: String,
    /// Seconds since 1970.
    pub timestamp: f64,
    /// Always `message`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Pinned.
    pub pinned: bool,
    /// The slash command it answers.
    pub interaction: Option<Value>,
    /// It was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited: Option<bool>,
    /// What it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyTo>,
    /// `false` when the author replied to is not to be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ping: Option<bool>,
    /// Usernames by emoji.
    #[serde(skip_serializing_if = "Ordered::is_empty")]
    pub reactions: Ordered<Vec<String>>,
    /// Who is told.
    pub pings: Pings,
    /// Files shared with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Cards below it; a poll is one of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub embeds: Vec<Value>,
    /// The webhook that posted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Value>,
    /// The channel it is in: only among results of all channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The thread it is in: likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    /// Its place in the channel: only in `message_get`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
}
