//! Invitations.

use crate::account::Protocol;
use crate::env::Timestamp;
use crate::ids::{InviteId, SpaceId};

/// What may be asked about invitations.
#[derive(Clone, PartialEq, Debug)]
pub enum InviteCommand {
    /// Makes one. → `Reply::Invite`
    Create {
        /// Where it leads.
        space: SpaceId,
        /// How often it may be used; `None` is without end.
        max_uses: Option<u32>,
        /// When it ends by itself.
        expires_at: Option<Timestamp>,
    },
    /// Withdraws one.
    Revoke {
        /// Which.
        invite: InviteId,
    },
    /// Joins the actor to a space. → `Reply::Space`
    Accept {
        /// The code.
        code: String,
        /// Over which protocol.
        via: Protocol,
    },
}
