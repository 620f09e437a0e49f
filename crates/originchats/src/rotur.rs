//! What is asked of Rotur, and what its answer says (originchats.md 3.2).

use crate::config::Rotur;
use crate::limits;
use commonroom_hub::request::Outside;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// What must be escaped in a query: everything but RFC 3986's unreserved characters (2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Who somebody is over there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Its id, which stays.
    pub id: String,
    /// Its name, which may change.
    pub username: String,
}

#[derive(Deserialize)]
struct Validated {
    #[serde(default)]
    valid: bool,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    username: Option<String>,
}

/// The question whether a validator was made for this key; nothing when nobody is to be asked.
pub fn question(config: &Rotur, key: &str, validator: &str) -> Option<Outside> {
    if !config.enabled || validator.is_empty() || validator.len() > limits::VALIDATOR_BYTES {
        return None;
    }
    let escaped = |text| utf8_percent_encode(text, RESERVED);
    let joint = if config.validate_url.contains('?') { '&' } else { '?' };
    let url = format!("{}{joint}key={}&v={}", config.validate_url, escaped(key), escaped(validator));
    Some(Outside::get(url, config.timeout))
}

/// Who the answer vouches for; nobody when it says anything else.
pub fn identity(answer: &str) -> Option<Identity> {
    let found: Validated = serde_json::from_str(answer).ok()?;
    let id = found.id.filter(|id| (1..=limits::OUTSIDE_ID_BYTES).contains(&id.len()));
    let username = found.username.filter(|name| !name.is_empty());
    let (id, username) = id.zip(username).filter(|_| found.valid)?;
    Some(Identity { id, username })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_cannot_be_taken_for_something_else() {
        let asked = question(&Rotur::default(), "originChats-a", "x&key=b c").expect("a question");
        assert_eq!(asked.url, "https://api.rotur.dev/validate?key=originChats-a&v=x%26key%3Db%20c");
        let odd = Rotur { validate_url: "https://id.example/?app=1".to_owned(), ..Rotur::default() };
        let asked = question(&odd, "a", "#/ü").expect("a question");
        assert_eq!(asked.url, "https://id.example/?app=1&key=a&v=%23%2F%C3%BC");
        assert_eq!(question(&Rotur::default(), "a", ""), None);
        assert_eq!(question(&Rotur { enabled: false, ..Rotur::default() }, "a", "v"), None);
    }

    #[test]
    fn only_a_plain_yes_with_id_and_name_is_one() {
        let yes = identity(r#"{"valid":true,"id":"USR:1","username":"mira"}"#);
        assert_eq!(yes, Some(Identity { id: "USR:1".to_owned(), username: "mira".to_owned() }));
        for no in [
            r#"{"valid":false,"id":"USR:1","username":"mira"}"#,
            r#"{"valid":true,"id":"","username":"mira"}"#,
            r#"{"valid":true,"username":"mira"}"#,
            r#"{"valid":"true","id":"USR:1","username":"mira"}"#,
            r#"{"valid":true,"id":7,"username":"mira"}"#,
            r#"{"valid":true,"id":"USR:1","username":""}"#,
            "yes",
        ] {
            assert_eq!(identity(no), None, "{no}");
        }
    }
}
