//! Who a text mentions: `@name` for members, `@&role` for roles, `@everyone` for all. Text inside code is left alone.

use crate::directory::Directory;
use crate::ids::{AccountId, RoleId, SpaceId};
use crate::limits;

/// Words after `@` that are looked up in one stretch of text.
const CANDIDATES: usize = 64;
/// Bytes of the longest word that can be a name.
const LONGEST_NAME_BYTES: usize = 4 * limits::USERNAME_CHARS;
/// Words that a name may be made of.
const WORDS_PER_NAME: usize = 3;

/// What a text mentions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mentions {
    /// Accounts, each once, in order of appearance.
    pub accounts: Vec<AccountId>,
    /// Roles, each once, whoever may mention them.
    pub roles: Vec<RoleId>,
    /// Everybody.
    pub everyone: bool,
}

/// Finds the mentions of a text. At each `@` the longest name wins: up to three words, a dot or dash at the end first
/// with it, then without; handles before usernames before nicknames; a leading `USR:local_` is taken off
/// (originchats.md 9).
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
            let rest = &part[at + 1..];
            match rest.strip_prefix('&') {
                Some(role) => note_role(directory, space, role, &mut found),
                None => note(directory, space, rest, &mut found),
            }
            if found.accounts.len() >= limits::MENTIONS_PER_MESSAGE {
                return found;
            }
        }
    }
    found
}

fn note_role(directory: &Directory, space: SpaceId, rest: &str, found: &mut Mentions) {
    let Some(space) = directory.space(space) else { return };
    for end in word_ends(rest).rev() {
        if let Some(role) = space.role_named(&rest[..end]) {
            let full = found.roles.len() >= limits::ROLE_MENTIONS_PER_MESSAGE;
            if !full && !found.roles.contains(&role.id) {
                found.roles.push(role.id);
            }
            return;
        }
    }
}

fn note(directory: &Directory, space: SpaceId, rest: &str, found: &mut Mentions) {
    let rest = rest.strip_prefix("USR:local_").unwrap_or(rest);
    let mut before = "";
    // A dot or dash may end the name or the sentence: with it first, then without.
    for name in word_ends(rest).rev().flat_map(|end| [&rest[..end], rest[..end].trim_end_matches(['.', '-'])])
    {
        let repeated = std::mem::replace(&mut before, name) == name;
        if repeated || name.is_empty() || name.len() > LONGEST_NAME_BYTES {
            continue;
        }
        if name == "everyone" {
            found.everyone = true;
            return;
        }
        let account = directory
            .account_with_handle(name)
            .map(|account| account.id)
            .filter(|account| directory.member(space, *account).is_some())
            .or_else(|| directory.member_called(space, name));
        if let Some(account) = account {
            if !found.accounts.contains(&account) {
                found.accounts.push(account);
            }
            return;
        }
    }
}

/// Where the first words of a text end, at most [`WORDS_PER_NAME`] of them, joined by single spaces.
fn word_ends(rest: &str) -> impl DoubleEndedIterator<Item = usize> {
    let mut ends = Vec::new();
    let mut from = 0;
    while ends.len() < WORDS_PER_NAME && from <= LONGEST_NAME_BYTES {
        let word = rest[from..].find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')));
        let end = word.map_or(rest.len(), |length| from + length);
        if end == from {
            break;
        }
        ends.push(end);
        if !rest[end..].starts_with(' ') {
            break;
        }
        from = end + 1;
    }
    ends.into_iter()
}

/// Splits a text at back-ticks: `(true, part)` outside code, `(false, part)` inside.
fn code_split(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(index, part)| (index % 2 == 0, part))
}
