//! A person, guest or bot who can sign in; and the sign-ins of an account.

use crate::env::Timestamp;
use crate::ids::{AccountId, LoginId};
use crate::name::NameKey;
use crate::secret::TokenHash;
use serde::{Deserialize, Serialize};

/// What kind of being an account is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AccountKind {
    /// Somebody with a password or a linked identity.
    Person,
    /// Somebody who only typed a name; the account is retired when they leave.
    Guest,
    /// A program.
    Bot,
    /// The server itself: the author of what it says. There is at most one, and nobody signs in as it.
    Server,
}

/// Where an account was first made. Decides nothing; adapters use it to word things.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Protocol {
    /// OriginChats.
    OriginChats,
    /// Chat Grid.
    ChatGrid,
    /// BareRTC.
    BareRtc,
    /// Together.
    Together,
}

/// The presence a person chose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum StatusKind {
    /// Here.
    #[default]
    Online,
    /// Away for a while.
    Away,
    /// No input for a while.
    Idle,
    /// Do not disturb.
    Dnd,
    /// Connected but shown as offline.
    Invisible,
}

/// A chosen presence with its words.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Status {
    /// What others see the person as.
    pub kind: StatusKind,
    /// Words beside it; at most [`crate::limits::STATUS_CHARS`].
    pub text: Option<String>,
    /// What the person is doing; same limit.
    pub activity: Option<String>,
}

/// An identity kept elsewhere that signs in as this account.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum ExternalId {
    /// The `id` a Rotur validator answers with.
    Rotur(String),
    /// The `sub` of a site token (BareRTC), by its name key.
    Site(String),
}

/// One account.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// A small number that is never reused: 1, 2, 3, ...
    pub number: i64,
    /// Person, guest or bot.
    pub kind: AccountKind,
    /// The name as typed at registration; unique by [`Account::key`] among accounts that are not retired.
    pub username: String,
    /// What makes the name unique.
    pub key: NameKey,
    /// The plain ASCII name; unique in the same way.
    pub handle: String,
    /// The name shown, when it is not the username.
    pub display_name: Option<String>,
    /// Argon2id hash in PHC form; `None` for who cannot sign in by password.
    pub password: Option<String>,
    /// E-mail address, lower case; unique.
    pub email: Option<String>,
    /// Picture: an absolute or site-relative URL.
    pub avatar: Option<String>,
    /// A few words about themselves.
    pub bio: Option<String>,
    /// How to speak of them.
    pub pronouns: Option<String>,
    /// Chosen presence.
    pub status: Status,
    /// May administer the instance.
    pub admin: bool,
    /// Switched off by an administrator.
    pub disabled: bool,
    /// Hash of the code that sets a new password once, and until when.
    #[serde(default)]
    pub reset: Option<(TokenHash, Timestamp)>,
    /// Gone: the name is free again, what was written stays attributed.
    pub retired: bool,
    /// Where it was made.
    pub origin: Protocol,
    /// The identity elsewhere, if that is how it signs in.
    pub external: Option<ExternalId>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Account {
    /// The name shown to others.
    pub fn shown_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.username)
    }
}

/// What a sign-in's token is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum LoginKind {
    /// A Together refresh token: replaced at every use.
    Refresh,
    /// A Chat Grid session token: kept, extended at every use.
    Session,
}

/// A sign-in that outlives connections.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Login {
    /// Its id.
    pub id: LoginId,
    /// Whose it is.
    pub account: AccountId,
    /// What it is for.
    pub kind: LoginKind,
    /// Hash of the token that is good now.
    pub token: TokenHash,
    /// Hash of the token before it, until when presenting it again is a double submit and not a theft, and the
    /// successor is then found by `token`.
    pub previous: Option<(TokenHash, Timestamp)>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Ends of its access tokens that have opened a connection, the newest last (together.md 2.6).
    #[serde(default)]
    pub opened: Vec<Timestamp>,
}
