//! The community itself, and what was done in it (originchats.md 5.18).

use super::super::fields::Fields;
use crate::limits;
use crate::wording::{Wrong, text};
use serde_json::Value;

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    /// Call the community otherwise.
    Update(Face),
    /// A part of the audit log.
    Log(Log),
    /// What stands in the audit log, counted.
    Summary,
    /// Which plugins there are.
    Plugins,
    /// Load a plugin again, or all.
    Reload(Option<String>),
}

/// What the community is called; `Some(None)` clears.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Face {
    /// Its name.
    pub name: Option<Option<String>>,
    /// Picture URL.
    pub icon: Option<Option<String>>,
    /// Wide picture URL.
    pub banner: Option<Option<String>>,
}

/// Which entries of the audit log.
#[derive(Clone, PartialEq, Debug)]
pub struct Log {
    /// At most so many.
    pub limit: usize,
    /// After skipping so many.
    pub offset: u64,
    /// Later than, in seconds since 1970.
    pub after: Option<f64>,
    /// Of a category.
    pub category: Option<String>,
    /// Done by.
    pub actor: Option<String>,
    /// Done to.
    pub target: Option<String>,
    /// Of an action.
    pub action: Option<String>,
}

pub(super) fn ask(name: &str, fields: &Fields) -> Result<Ask, Wrong> {
    match name {
        "server_update" => {
            let face = Face {
                name: face(fields, "name", "Name must be a string or null")?,
                icon: face(fields, "icon", "Icon must be a string or null")?,
                banner: face(fields, "banner", "Banner must be a string or null")?,
            };
            let longest = [("name", limits::SERVER_NAME_CHARS, &face.name)];
            let urls = [("icon", limits::URL_CHARS, &face.icon), ("banner", limits::URL_CHARS, &face.banner)];
            for (field, most, value) in longest.into_iter().chain(urls) {
                let value = value.iter().flatten();
                if value.into_iter().any(|value| value.chars().count() > most) {
                    return Err(Wrong::FieldTooLong(field, most));
                }
            }
            if face == Face::default() { Err(Wrong::Plain(text::NO_UPDATES)) } else { Ok(Ask::Update(face)) }
        }
        "modlog_get" => log(fields).map(Ask::Log),
        "modlog_summary" => Ok(Ask::Summary),
        "plugins_list" => Ok(Ask::Plugins),
        "plugins_reload" => fields.filled("plugin").map(Ask::Reload),
        name => Err(Wrong::UnknownCommand(name.to_owned())),
    }
}

/// A text, or nothing: an empty one is nothing too.
fn face(fields: &Fields, name: &str, wrong: &'static str) -> Result<Option<Option<String>>, Wrong> {
    match fields.0.get(name) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(text)) => Ok(Some(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(Wrong::Plain(wrong))
        }
    }
}

fn log(fields: &Fields) -> Result<Log, Wrong> {
    let count = |name| -> Result<u64, Wrong> {
        Ok(fields.number(name)?.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
    };
    let limit = usize::try_from(count("limit")?).unwrap_or(usize::MAX);
    let after = match fields.value("after") {
        None => None,
        Some(Value::Number(number)) => number.as_f64(),
        Some(_) => return Err(Wrong::Field("after", "a timestamp")),
    };
    Ok(Log {
        limit: if limit == 0 { limits::LOG_PAGE_DEFAULT } else { limit.min(limits::LOG_PAGE_MAX) },
        offset: count("offset")?,
        after,
        category: fields.filled("category")?,
        actor: fields.filled("actor")?,
        target: fields.filled("target")?,
        action: fields.filled("action")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::{Ask as Any, admin, envelope};
    use super::*;

    fn parsed(frame: &str) -> Result<Ask, String> {
        match envelope(frame).expect("an object").ask() {
            Ok(Any::Admin(admin::Ask::Server(ask))) => Ok(ask),
            Ok(other) => panic!("{other:?}"),
            Err(wrong) => Err(wrong.to_string()),
        }
    }

    #[test]
    fn a_face_is_texts_or_null() {
        let said = |frame: &str| parsed(frame).expect_err("refused");
        assert_eq!(said(r#"{"cmd":"server_update"}"#), "No updates provided");
        assert_eq!(said(r#"{"cmd":"server_update","name":7}"#), "Name must be a string or null");
        assert_eq!(said(r#"{"cmd":"server_update","icon":[]}"#), "Icon must be a string or null");
        assert_eq!(said(r#"{"cmd":"server_update","banner":{}}"#), "Banner must be a string or null");
        let Ok(Ask::Update(face)) = parsed(r#"{"cmd":"server_update","name":" A ","icon":null}"#) else {
            panic!("an update")
        };
        assert_eq!(face, Face { name: Some(Some("A".to_owned())), icon: Some(None), banner: None });
    }

    #[test]
    fn pages_of_the_log_are_clamped() {
        let page = |rest: &str| match parsed(&format!(r#"{{"cmd":"modlog_get"{rest}}}"#)) {
            Ok(Ask::Log(log)) => (log.limit, log.offset),
            other => panic!("{other:?}"),
        };
        assert_eq!(page(""), (100, 0));
        assert_eq!(page(r#","limit":1000,"offset":-3"#), (200, 0));
        assert_eq!(page(r#","limit":7,"offset":9"#), (7, 9));
        assert!(parsed(r#"{"cmd":"modlog_get","limit":"7"}"#).is_err());
    }
}
