//! Members (originchats.md 5.7).

use super::super::fields::Fields;
use crate::limits;
use crate::wording::{Wrong, text};
use serde_json::Value;

/// A request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// Give somebody other names.
    Update(String, Names),
    /// Delete somebody's account.
    Delete(String),
}

/// The names somebody is to have.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// What they sign in with.
    pub username: Option<String>,
    /// What they are shown as; `Some(None)` clears.
    pub nickname: Option<Option<String>>,
}

pub(super) fn ask(name: &str, fields: &Fields) -> Result<Ask, Wrong> {
    let user = fields.user()?;
    if name == "user_delete" {
        return Ok(Ask::Delete(user));
    }
    let Some(Value::Object(updates)) = fields.value("updates") else {
        return Err(Wrong::Plain("Updates must be an object"));
    };
    let mut names = Names::default();
    for (field, value) in updates {
        match (field.as_str(), value) {
            ("username", Value::String(name)) if !name.trim().is_empty() => {
                names.username = Some(name.trim().to_owned());
            }
            ("username", _) => return Err(Wrong::Plain("Username must be a non-empty string")),
            ("nickname", Value::Null) => names.nickname = Some(None),
            ("nickname", Value::String(name)) => names.nickname = Some(nickname(name)?),
            ("nickname", _) => return Err(Wrong::Plain("Nickname must be a string or null")),
            (field, _) => {
                let field: String = field.chars().take(limits::UNKNOWN_COMMAND_CHARS).collect();
                return Err(Wrong::Said(format!("Cannot update field: {field}")));
            }
        }
    }
    if names == Names::default() {
        return Err(Wrong::Plain(text::NO_UPDATES));
    }
    Ok(Ask::Update(user, names))
}

fn nickname(raw: &str) -> Result<Option<String>, Wrong> {
    let name = raw.trim();
    if name.chars().count() > limits::NICKNAME_CHARS {
        return Err(Wrong::Plain(text::NICKNAME_TOO_LONG));
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::super::envelope;

    fn said(frame: &str) -> String {
        envelope(frame).expect("an object").ask().expect_err("refused").to_string()
    }

    #[test]
    fn only_names_can_be_updated() {
        assert_eq!(said(r#"{"cmd":"user_update"}"#), "User parameter is required");
        assert_eq!(said(r#"{"cmd":"user_update","user":"a","updates":[]}"#), "Updates must be an object");
        let update =
            |field: &str| said(&format!(r#"{{"cmd":"user_update","user":"a","updates":{{{field}}}}}"#));
        assert_eq!(update(r#""roles":["owner"]"#), "Cannot update field: roles");
        assert_eq!(update(r#""username":"""#), "Username must be a non-empty string");
        assert_eq!(update(r#""username":7"#), "Username must be a non-empty string");
        assert_eq!(update(r#""nickname":7"#), "Nickname must be a string or null");
        assert_eq!(update(r#""nickname":"123456789012345678901""#), "Nickname too long (max 20 characters)");
        assert_eq!(update(""), "No updates provided");
    }
}
