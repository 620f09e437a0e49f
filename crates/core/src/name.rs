//! Names of people: what may be one, and when two are the same.
//!
//! A name has a *key*: two names with one key are one name to every reader (letter case, look-alike letters and
//! compatibility forms do not tell them apart), so a key belongs to one account (checks.md C3). A *handle* is the plain
//! ASCII form of a name for protocols that allow nothing else.

use crate::limits;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// What makes two names the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NameKey(String);

impl NameKey {
    /// The key of any text: never fails, so that look-ups need no check first.
    pub fn of(name: &str) -> Self {
        // Longer text is no name, and normalising it takes long: its beginning alone already equals no name's key.
        let name = name.trim().chars().take(2 * limits::USERNAME_CHARS).collect::<String>();
        let folded: String = name.nfkc().flat_map(char::to_lowercase).collect();
        let skeleton: String = unicode_security::skeleton(&folded).flat_map(char::to_lowercase).collect();
        Self(skeleton)
    }

    /// The key as text, for the store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names that no person may have: clients give them a meaning of their own (barertc.md 3.3, originchats.md 4.5).
const RESERVED: [&str; 8] =
    ["ChatServer", "ChatClient", "originChats", "all", "here", "everyone", "system", "commonroom"];

/// The username of the account under which the server itself speaks.
pub const SERVER: &str = "commonroom";

/// Checks a username and gives its stored form: trimmed, NFC, inner white space collapsed.
///
/// # Errors
/// `Refusal::BadName` for a length outside 1 to 32 characters or a character that is not a letter, a digit, `_`, `-`,
/// `.` or a single inner space; `Refusal::NameTaken` for a reserved name.
pub fn username(raw: &str) -> Result<String, Refusal> {
    if is_endless(raw) {
        return Err(Refusal::BadName);
    }
    let name = collapse(raw);
    let count = name.chars().count();
    if count == 0 || count > limits::USERNAME_CHARS {
        return Err(Refusal::BadName);
    }
    if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ')) {
        return Err(Refusal::BadName);
    }
    if is_reserved(&name) {
        return Err(Refusal::NameTaken);
    }
    Ok(name)
}

/// True for a name that belongs to the software itself.
pub fn is_reserved(name: &str) -> bool {
    let key = NameKey::of(name);
    RESERVED.iter().any(|reserved| NameKey::of(reserved) == key)
}

/// Checks a display name: like a username, but any printable character except `<`, `>` and direction marks.
///
/// # Errors
/// `Refusal::BadName` for a length outside 1 to 32 characters or a forbidden character.
pub fn nickname(raw: &str) -> Result<String, Refusal> {
    if is_endless(raw) {
        return Err(Refusal::BadName);
    }
    let name = collapse(raw);
    let count = name.chars().count();
    let fits = (1..=limits::NICKNAME_CHARS).contains(&count);
    if fits && name.chars().all(is_plain) && !is_reserved(&name) { Ok(name) } else { Err(Refusal::BadName) }
}

/// Makes an acceptable username of any text: forbidden characters go, the rest is cut. `None` when nothing is left.
pub fn sanitised(raw: &str) -> Option<String> {
    let raw: String = raw.chars().take(8 * limits::USERNAME_CHARS).collect();
    let kept: String =
        raw.nfc().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ')).collect();
    let cut: String = collapse(&kept).chars().take(limits::USERNAME_CHARS).collect();
    username(cut.trim()).ok()
}

/// The ASCII form of a name: lower case letters, digits, `_` and `-`, at least two characters.
pub fn handle(name: &str) -> String {
    let mut plain: String = name
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            'a'..='z' | '0'..='9' | '_' | '-' => Some(c),
            ' ' | '.' => Some('_'),
            _ => None,
        })
        .take(limits::USERNAME_CHARS)
        .collect();
    while plain.len() < 2 {
        plain.push('_');
    }
    plain
}

/// True for text so long that no name is in it: refused before anything is done with it.
fn is_endless(raw: &str) -> bool {
    raw.len() > 16 * limits::USERNAME_CHARS
}

fn collapse(raw: &str) -> String {
    raw.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_plain(c: char) -> bool {
    let direction =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    !(c.is_control() || direction || matches!(c, '<' | '>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_share_a_key() {
        for twin in ["ALICE", "alice ", "аlice", "ａｌｉｃｅ", "al\u{456}ce"] {
            assert_eq!(NameKey::of("alice"), NameKey::of(twin), "{twin:?}");
        }
        assert_ne!(NameKey::of("alice"), NameKey::of("alica"));
    }

    #[test]
    fn long_text_is_no_name_and_costs_no_more_than_one() {
        let long = "\u{fdfa}".repeat(1_000_000);
        assert_eq!(NameKey::of(&long), NameKey::of(&long[..64 * 3]));
        assert_eq!(username(&long), Err(Refusal::BadName));
        assert_eq!(username(&format!("ann{}x", " ".repeat(5_000))), Err(Refusal::BadName));
        assert_ne!(NameKey::of(&format!("ann{}", "x".repeat(500))), NameKey::of("ann"));
    }

    #[test]
    fn usernames_are_letters_digits_and_single_spaces() {
        assert_eq!(username("  Ann   Lee "), Ok("Ann Lee".to_owned()));
        for bad in ["", "   ", "a<b", "a@b", "a:b", &"x".repeat(33), "a\u{202e}b"] {
            assert_eq!(username(bad), Err(Refusal::BadName), "{bad:?}");
        }
        assert_eq!(username("chatserver"), Err(Refusal::NameTaken));
    }

    #[test]
    fn handles_are_plain() {
        assert_eq!(handle("Ann Lee"), "ann_lee");
        assert_eq!(handle("É"), "e_");
        assert_eq!(handle("日本"), "__");
    }

    #[test]
    fn any_guest_name_can_be_made_acceptable() {
        assert_eq!(sanitised("<b>bob</b>"), Some("bbobb".to_owned()));
        assert_eq!(sanitised("@@@"), None);
    }
}
