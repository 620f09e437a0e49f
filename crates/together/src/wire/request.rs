//! Request bodies (together.md 7). Strict ones refuse unknown fields.

use commonroom_core::env::Timestamp;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

/// Tells an absent key (`None`) from null (`Some(None)`).
pub fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// A text, where nothing written means none.
pub fn given_text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[derive(Deserialize)]
pub struct Register {
    pub username: String,
    pub password: String,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub invite_code: Option<String>,
}

#[derive(Deserialize)]
pub struct Login {
    pub username: String,
    pub password: String,
}

#[derive(Deserialize)]
pub struct Refresh {
    pub refresh_token: String,
}

#[derive(Default, Deserialize)]
pub struct Logout {
    #[serde(default)]
    pub refresh_token: Option<String>,
}

#[derive(Deserialize)]
pub struct ForgotPassword {
    pub email: String,
}

#[derive(Deserialize)]
pub struct ResetPassword {
    pub token: String,
    pub new_password: String,
}

#[derive(Deserialize)]
pub struct Profile {
    #[serde(default, deserialize_with = "given")]
    pub avatar_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    pub bio: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    pub pronouns: Option<Option<String>>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "given")]
    pub custom_status: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    pub activity: Option<Option<String>>,
}

#[derive(Deserialize)]
pub struct NewServer {
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub icon_url: Option<String>,
    #[serde(default)]
    pub is_public: Option<bool>,
    #[serde(default)]
    pub require_invite: Option<bool>,
    #[serde(default)]
    pub template_id: Option<Uuid>,
}

#[derive(Deserialize)]
pub struct ServerChange {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    pub description: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    pub icon_url: Option<Option<String>>,
    #[serde(default)]
    pub is_public: Option<bool>,
    #[serde(default)]
    pub require_invite: Option<bool>,
    #[serde(default)]
    pub owner_id: Option<Uuid>,
}

#[derive(Deserialize)]
pub struct MemberChange {
    #[serde(default, deserialize_with = "given")]
    pub nickname: Option<Option<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    pub name: String,
    #[serde(default)]
    pub permissions: Option<i64>,
    #[serde(default)]
    pub color: Option<String>,
    #[serde(default)]
    pub position: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub permissions: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    pub color: Option<Option<String>>,
    #[serde(default)]
    pub position: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewInvite {
    #[serde(default)]
    pub max_uses: Option<i64>,
    #[serde(default)]
    pub expires_in_hours: Option<i64>,
}

/// Query of a page of the audit log.
#[derive(Deserialize)]
pub struct AuditQuery {
    #[serde(default)]
    pub action: Option<String>,
    #[serde(default)]
    pub actor_id: Option<Uuid>,
    #[serde(default)]
    pub target_type: Option<String>,
    #[serde(default)]
    pub before: Option<String>,
    #[serde(default)]
    pub limit: Option<i64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelType {
    Text,
    Voice,
}

#[derive(Deserialize)]
pub struct NewChannel {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ChannelType,
    #[serde(default)]
    pub topic: Option<String>,
    #[serde(default)]
    pub category: Option<String>,
}

#[derive(Deserialize)]
pub struct ChannelChange {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    pub topic: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    pub category: Option<Option<String>>,
    #[serde(default)]
    pub position: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutOverride {
    #[serde(default)]
    pub role_id: Option<Uuid>,
    #[serde(default)]
    pub user_id: Option<Uuid>,
    pub allow: i64,
    pub deny: i64,
}

#[derive(Deserialize)]
pub struct NewMessage {
    pub content: String,
    #[serde(default)]
    pub reply_to: Option<Uuid>,
    #[serde(default)]
    pub nonce: Option<String>,
}

#[derive(Deserialize)]
pub struct Content {
    pub content: String,
}

#[derive(Deserialize)]
pub struct OpenDm {
    pub user_id: Uuid,
}

#[derive(Default, Deserialize)]
pub struct Reason {
    #[serde(default)]
    pub reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTimeout {
    pub duration_minutes: i64,
    #[serde(default)]
    pub reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoiceChange {
    #[serde(default)]
    pub self_mute: Option<bool>,
    #[serde(default)]
    pub self_deaf: Option<bool>,
    #[serde(default)]
    pub self_video: Option<bool>,
    #[serde(default)]
    pub self_screen: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerVoiceChange {
    #[serde(default)]
    pub server_mute: Option<bool>,
    #[serde(default)]
    pub server_deaf: Option<bool>,
}

#[derive(Default, Deserialize)]
pub struct GoLive {
    #[serde(default)]
    pub quality: Option<String>,
}

/// Query of a history page. `limit` stays text so that a bad one is a 400 in our words.
#[derive(Default, Deserialize)]
pub struct PageQuery {
    #[serde(default)]
    pub before: Option<Uuid>,
    #[serde(default)]
    pub limit: Option<i64>,
}

#[derive(Deserialize)]
pub struct NewPoll {
    pub question: String,
    pub options: Vec<String>,
}

#[derive(Deserialize)]
pub struct Vote {
    pub option_id: Uuid,
}

#[derive(Deserialize)]
pub struct NewHappening {
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(deserialize_with = "moment")]
    pub starts_at: Timestamp,
}

/// Reads RFC 3339.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    Timestamp::parse(&text).ok_or_else(|| serde::de::Error::custom("no moment"))
}

/// Query of a thread's page: forward from a reply, under either name.
#[derive(Default, Deserialize)]
pub struct ThreadQuery {
    #[serde(default)]
    pub before: Option<Uuid>,
    #[serde(default)]
    pub after: Option<Uuid>,
    #[serde(default)]
    pub limit: Option<i64>,
}

/// Query of a search.
#[derive(Deserialize)]
pub struct SearchQuery {
    pub q: String,
    #[serde(default)]
    pub channel_id: Option<Uuid>,
    #[serde(default)]
    pub before: Option<Uuid>,
    #[serde(default)]
    pub limit: Option<i64>,
}
