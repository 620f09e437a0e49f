//! Who a text mentions: `@name` for members, `@everyone` for all. Text inside code is left alone.

use crate::directory::Directory;
use crate::ids::{AccountId, SpaceId};
use crate::limits;

/// Words after `@` that are looked up in one stretch of text.
const CANDIDATES: usize = 200;
/// Bytes of the longest word that can be a name.
const LONGEST_NAME_BYTES: usize = 4 * limits::USERNAME_CHARS;

/// What a text mentions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mentions {
    /// Accounts, each once, in order of appearance.
    pub accounts: Vec<AccountId>,
    /// Everybody.
    pub everyone: bool,
}

/// Finds the mentions of a text. At each `@` the word of letters, digits, `_`, `-`, `.` is tried, then the word without
/// dots and dashes at its end; a leading `USR:local_` is taken off (originchats.md 9).
pub fn mentions(directory: &Directory, space: Option<SpaceId>, text: &str) -> Mentions {
    let mut found = Mentions::default();
    let Some(space) = space else { return found };
    if !text.contains('@') {
        return found;
    }
    for (outside_code, part) in code_split(text) {
        if !outside_code {
            continue;
        }
        for (at, _) in part.match_indices('@').take(CANDIDATES) {
            if part[..at].chars().next_back().is_some_and(char::is_alphanumeric) {
                continue;
            }
            note(directory, space, &part[at + 1..], &mut found);
            if found.accounts.len() >= limits::MENTIONS_PER_MESSAGE {
                return found;
            }
        }
    }
    found
}

fn note(directory: &Directory, space: SpaceId, rest: &str, found: &mut Mentions) {
    let rest = rest.strip_prefix("USR:local_").unwrap_or(rest);
    let end =
        rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(rest.len());
    let word = &rest[..end];
    // A dot or dash may end the name or the sentence: with it first, then without.
    for word in [word, word.trim_end_matches(['.', '-'])] {
        if word.is_empty() || word.len() > LONGEST_NAME_BYTES {
            continue;
        }
        if word == "everyone" {
            found.everyone = true;
            return;
        }
        let account = directory.account_with_handle(word).or_else(|| directory.account_named(word));
        if let Some(account) = account
            && directory.member(space, account.id).is_some()
        {
            if !found.accounts.contains(&account.id) {
                found.accounts.push(account.id);
            }
            return;
        }
    }
}

/// Splits a text at back-ticks: `(true, part)` outside code, `(false, part)` inside.
fn code_split(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(index, part)| (index % 2 == 0, part))
}
