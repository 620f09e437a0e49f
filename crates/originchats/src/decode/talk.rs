//! Threads, polls, pins, answers and searches (originchats.md 5.4 to 5.6).

use super::fields::Fields;
use crate::wording::Wrong;

/// The commands of this file.
pub const COMMANDS: [&str; 0] = [];

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {}

/// The request of one of [`COMMANDS`].
///
/// # Errors
/// What is wrong with it, in the words of its command.
pub(super) fn ask(name: &str, _fields: &Fields) -> Result<Ask, Wrong> {
    Err(Wrong::UnknownCommand(name.to_owned()))
}
