//! What the server notes for itself and tells nobody: short-lived facts that a restart must not lose.

use crate::env::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A text under a key, until it ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    /// Two words for its kind and whose it is, for example `barertc blocklist ann`. At most
    /// [`crate::limits::NOTE_KEY_BYTES`].
    pub key: String,
    /// What. At most [`crate::limits::NOTE_BYTES`].
    pub text: String,
    /// When it ends by itself.
    pub until: Timestamp,
}

impl Note {
    /// The words for its kind: notes of one kind take no room from those of another.
    pub(crate) fn kind(&self) -> &str {
        self.key.match_indices(' ').nth(1).map_or("", |(end, _)| &self.key[..end])
    }

    /// True when writing another in its place would only make it last a little longer, less than twice as long: what is
    /// noted again and again is not stored each time.
    pub(crate) fn serves_for(&self, other: &Self, now: Timestamp) -> bool {
        let left = |note: &Self| note.until.0.saturating_sub(now.0);
        self.text == other.text && self.until <= other.until && left(self) > left(other) / 2
    }
}

/// What was noted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Noted {
    /// A message number was given away: no message gets it any more.
    Number(i64),
    /// A note was written, in place of what its key held.
    Written(Arc<Note>),
    /// The note under a key is gone.
    Gone(String),
}
