//! Browsers that want to be told of messages while nobody is connected (RFC 8030).

use crate::env::Timestamp;
use crate::ids::AccountId;
use serde::{Deserialize, Serialize};

/// One browser of an account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PushSubscription {
    /// Whose.
    pub account: AccountId,
    /// Where messages for it are sent; https.
    pub endpoint: String,
    /// Its public key, base64url.
    pub p256dh: String,
    /// Its secret, base64url.
    pub auth: String,
    /// When it was made or used last.
    pub used_at: Timestamp,
}
