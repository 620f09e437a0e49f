//! Whom the website says that somebody does not want to meet (barertc.md 7.3): a note of the server, so that a restart
//! does not lose it, for a day, since websites say it again at every visit (13 D20).

use crate::limits;
use commonroom_core::command::{Command, HouseCommand};
use commonroom_core::env::Timestamp;
use commonroom_core::name::NameKey;
use commonroom_core::note::Note;
use commonroom_hub::session::State;

fn key(name: &str) -> String {
    format!("barertc blocklist {}", NameKey::of(name).as_str())
}

/// Remembers a list in place of the one before.
pub fn keep(name: &str, names: &[String], now: Timestamp) -> Command {
    let text = serde_json::to_string(names).unwrap_or_default();
    let until = now.plus_seconds(limits::BLOCKLIST_SECONDS);
    Command::House(HouseCommand::Note(Note { key: key(name), text, until }))
}

/// The list of somebody; empty when there is none (any more).
pub fn of(name: &str, state: &State, now: Timestamp) -> Vec<String> {
    let note = state.directory.note(&key(name), now);
    note.and_then(|note| serde_json::from_str(&note.text).ok()).unwrap_or_default()
}
