//! The entities of together.md 4.2: all fields always present.

use serde::Serialize;
use uuid::Uuid;

/// An account as its owner sees it; for others `email` is null and `is_admin` false.
#[derive(Clone, Debug, Serialize)]
pub struct User {
    #[serde(flatten)]
    pub person: Person,
    pub email: Option<String>,
    pub is_admin: bool,
}

/// What everybody may know of an account.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    pub id: Uuid,
    pub username: String,
    pub avatar_url: Option<String>,
    pub bio: Option<String>,
    pub pronouns: Option<String>,
    pub status: &'static str,
    pub custom_status: Option<String>,
    pub activity: Option<String>,
    pub created_at: String,
}

/// An account as shown on a profile card.
#[derive(Debug, Serialize)]
pub struct PublicProfile {
    #[serde(flatten)]
    pub person: Person,
    pub is_bot: bool,
}

#[derive(Debug, Serialize)]
pub struct AuthResponse {
    pub access_token: String,
    pub refresh_token: String,
    pub user: User,
}

#[derive(Debug, Serialize)]
pub struct Server {
    pub id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub owner_id: Uuid,
    pub icon_url: Option<String>,
    pub is_public: bool,
    pub require_invite: bool,
    pub member_count: usize,
    pub created_at: String,
    pub updated_at: String,
}

#[derive(Debug, Serialize)]
pub struct Member {
    pub user_id: Uuid,
    pub username: String,
    pub avatar_url: Option<String>,
    pub status: &'static str,
    pub custom_status: Option<String>,
    pub activity: Option<String>,
    pub nickname: Option<String>,
    pub joined_at: String,
    pub timeout_expires_at: Option<String>,
    pub roles: Vec<MemberRole>,
    pub is_bot: bool,
}

#[derive(Debug, Serialize)]
pub struct MemberRole {
    pub id: Uuid,
    pub name: String,
    pub color: Option<String>,
    pub position: i32,
}

#[derive(Debug, Serialize)]
pub struct Channel {
    pub id: Uuid,
    pub server_id: Uuid,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub position: u32,
    pub category: Option<String>,
    pub topic: Option<String>,
    pub created_at: String,
}

#[derive(Debug, Serialize)]
pub struct Message<'a> {
    pub id: Uuid,
    pub channel_id: Uuid,
    pub author_id: Option<Uuid>,
    pub content: std::borrow::Cow<'a, str>,
    pub reply_to: Option<Uuid>,
    pub mention_user_ids: Vec<Uuid>,
    pub mention_everyone: bool,
    pub thread_id: Option<Uuid>,
    pub thread_reply_count: u64,
    pub edited_at: Option<String>,
    pub updated_at: Option<String>,
    pub deleted: bool,
    pub created_at: String,
    pub pinned: bool,
    pub pinned_by: Option<Uuid>,
    pub pinned_at: Option<String>,
    pub poll: Option<Poll<'a>>,
    pub event: Option<Happening<'a>>,
    pub attachments: Vec<Attachment>,
    pub reactions: Vec<ReactionCount<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub struct ReactionCount<'a> {
    pub emoji: std::borrow::Cow<'a, str>,
    pub count: usize,
    pub me: bool,
}

#[derive(Debug, Serialize)]
pub struct Poll<'a> {
    pub id: Uuid,
    pub question: &'a str,
    pub options: Vec<PollOption<'a>>,
    pub total_votes: usize,
    pub user_vote: Option<Uuid>,
}

#[derive(Debug, Serialize)]
pub struct PollOption<'a> {
    pub id: Uuid,
    pub text: std::borrow::Cow<'a, str>,
    pub votes: usize,
}

/// Something that will happen, an "event" of this protocol.
#[derive(Debug, Serialize)]
pub struct Happening<'a> {
    pub id: Uuid,
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub starts_at: String,
    pub created_by: Option<Uuid>,
    pub created_at: String,
}

#[derive(Debug, Serialize)]
pub struct Attachment {
    pub id: Uuid,
    pub message_id: Uuid,
    pub filename: String,
    pub file_size: u64,
    pub mime_type: String,
    pub url: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub created_at: String,
}

#[derive(Debug, Serialize)]
pub struct CustomEmoji<'a> {
    pub id: Uuid,
    pub server_id: Uuid,
    pub created_by: Uuid,
    pub name: &'a str,
    pub url: String,
    pub content_type: &'a str,
    pub file_size: u64,
    pub created_at: String,
}

#[derive(Debug, Serialize)]
pub struct SearchPage<'a> {
    pub results: Vec<Hit<'a>>,
    pub total: u64,
    pub has_more: bool,
    pub next_cursor: Option<Uuid>,
}

#[derive(Debug, Serialize)]
pub struct Hit<'a> {
    pub id: Uuid,
    pub channel_id: Uuid,
    pub thread_id: Option<Uuid>,
    pub author_id: Option<Uuid>,
    pub author_username: &'a str,
    pub content: std::borrow::Cow<'a, str>,
    pub highlight: String,
    pub created_at: String,
    pub rank: f32,
}

#[derive(Debug, Serialize)]
pub struct DmChannel {
    pub id: Uuid,
    pub recipient: User,
    pub created_at: String,
    pub last_message_at: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct DmMessage<'a> {
    pub id: Uuid,
    pub channel_id: Uuid,
    pub author_id: Option<Uuid>,
    pub content: std::borrow::Cow<'a, str>,
    pub edited_at: Option<String>,
    pub created_at: String,
    pub deleted: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
}

/// Somebody's place in a call; both spellings of the two switches.
#[derive(Debug, Serialize)]
pub struct VoiceState {
    pub user_id: Uuid,
    pub username: String,
    pub channel_id: Option<Uuid>,
    pub self_mute: bool,
    pub self_deaf: bool,
    pub self_video: bool,
    pub self_screen: bool,
    pub server_mute: bool,
    pub server_deaf: bool,
    pub muted: bool,
    pub deafened: bool,
    pub joined_at: Option<String>,
}

/// Somebody showing their screen to a whole call.
#[derive(Debug, Serialize)]
pub struct GoLiveSession {
    pub channel_id: Uuid,
    pub broadcaster_id: Uuid,
    pub quality: &'static str,
    pub started_at: String,
}

#[derive(Debug, Serialize)]
pub struct Role {
    pub id: Uuid,
    pub server_id: Uuid,
    pub name: String,
    pub permissions: u64,
    pub color: Option<String>,
    pub position: i32,
    pub created_at: String,
}

#[derive(Debug, Serialize)]
pub struct Invite<'a> {
    pub id: Uuid,
    pub server_id: Uuid,
    pub code: &'a str,
    pub created_by: Option<Uuid>,
    pub max_uses: Option<u32>,
    pub uses: u32,
    pub expires_at: Option<String>,
    pub created_at: String,
}

#[derive(Debug, Serialize)]
pub struct InvitePreview<'a> {
    pub code: &'a str,
    pub server_name: &'a str,
    pub server_icon_url: Option<&'a str>,
    pub member_count: usize,
    pub expires_at: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct AuditLog {
    pub id: Uuid,
    pub server_id: Option<Uuid>,
    pub actor_id: Option<Uuid>,
    pub action: &'static str,
    pub target_type: &'static str,
    pub target_id: Option<Uuid>,
    pub details: serde_json::Map<String, serde_json::Value>,
    pub ip_address: Option<String>,
    pub created_at: String,
}

#[derive(Debug, Serialize)]
pub struct Override {
    pub id: Uuid,
    pub channel_id: Uuid,
    pub role_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    pub allow: u64,
    pub deny: u64,
}

#[derive(Debug, Serialize)]
pub struct Ban {
    pub user_id: Uuid,
    pub server_id: Uuid,
    pub username: Option<String>,
    pub banned_by: Option<Uuid>,
    pub reason: Option<String>,
    pub created_at: String,
}

#[derive(Debug, Serialize)]
pub struct Timeout {
    pub user_id: Uuid,
    pub server_id: Uuid,
    pub expires_at: String,
    pub reason: Option<String>,
    pub created_by: Option<Uuid>,
    pub created_at: String,
}

#[derive(Debug, Serialize)]
pub struct UnreadCount {
    pub channel_id: Uuid,
    pub unread_count: u64,
}

#[derive(Debug, Serialize)]
pub struct MentionCount {
    pub channel_id: Uuid,
    pub count: u64,
}

#[derive(Debug, Serialize)]
pub struct Template {
    pub id: Uuid,
    pub name: &'static str,
    pub description: &'static str,
    pub category: &'static str,
    pub channels: Vec<TemplateChannel>,
    pub is_builtin: bool,
    pub created_at: String,
}

#[derive(Debug, Serialize)]
pub struct TemplateChannel {
    pub name: &'static str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub category: Option<&'static str>,
    pub position: usize,
}

#[derive(Debug, Serialize)]
pub struct IceServers {
    #[serde(rename = "iceServers")]
    pub ice_servers: Vec<IceServer>,
    pub ttl: i64,
}

#[derive(Debug, Serialize)]
pub struct IceServer {
    pub urls: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}
