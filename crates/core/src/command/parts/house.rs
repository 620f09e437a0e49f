//! What the server does for its own order.

use crate::ids::{AccountId, ChannelId, SpaceId};
use crate::note::Note;

/// What only the system may ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HouseCommand {
    /// Gives a message number away that no message gets. → `Reply::Number`
    TakeNumber,
    /// Writes a note in place of what its key held; one beyond [`crate::limits::NOTES`] takes the place of that which
    /// ends first.
    Note(Note),
    /// Takes back the newest messages of a channel, at most [`crate::limits::EMPTIED_MESSAGES`]. → `Reply::Number`: how
    /// many
    Empty {
        /// Which.
        channel: ChannelId,
    },
    /// Keeps a report for those who look after a space.
    Report {
        /// Where.
        space: SpaceId,
        /// Who reports; `None` is the server.
        by: Option<AccountId>,
        /// About whom.
        about: AccountId,
        /// What is said of it, by name; each cut to [`crate::limits::REPORT_CHARS`].
        details: Vec<(&'static str, String)>,
    },
}
