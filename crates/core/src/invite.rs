//! Invitations: a code that lets somebody join a space.

use crate::env::Timestamp;
use crate::ids::{AccountId, InviteId, SpaceId};
use serde::{Deserialize, Serialize};

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invite {
    /// Its id.
    pub id: InviteId,
    /// Where it leads.
    pub space: SpaceId,
    /// What is typed: letters and digits, unguessable.
    pub code: String,
    /// Who made it.
    pub by: AccountId,
    /// How often it may be used; `None` is without end.
    pub max_uses: Option<u32>,
    /// How often it was.
    pub uses: u32,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Invite {
    /// True when it has been used as often as it may.
    pub fn is_used_up(&self) -> bool {
        self.max_uses.is_some_and(|most| self.uses >= most)
    }

    /// True when its time is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}
