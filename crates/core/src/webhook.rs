//! Addresses for posting from outside. The secret in one is not kept: it is made of the instance key, the id and the
//! generation, so that it can be shown again to who manages the space and dies when the generation moves on.

use crate::env::Timestamp;
use crate::ids::{AccountId, ChannelId, SpaceId, WebhookId};
use serde::{Deserialize, Serialize};

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Its space.
    pub space: SpaceId,
    /// Where it posts.
    pub channel: ChannelId,
    /// The name it posts under.
    pub name: String,
    /// Picture URL.
    pub avatar: Option<String>,
    /// Counts its secrets, from 1: only the newest is good.
    pub generation: u32,
    /// Who made it.
    pub by: AccountId,
    /// When.
    pub created_at: Timestamp,
}
