//! Channels (originchats.md 4.4, 5.10).

use super::super::fields::Fields;
use crate::limits;
use crate::wording::{Wrong, text};
use commonroom_core::channel::ChannelKind;
use serde_json::Value;

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    /// Make a channel of that name and kind.
    Create(String, ChannelKind, Form),
    /// Change the channel of that name.
    Change(String, Form),
    /// Put the channel of that name at a place, counted from 0.
    Move(String, usize),
    /// Delete the channel of that name.
    Delete(String),
}

/// What is said about a channel; `Some(None)` clears.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Form {
    /// Its name.
    pub name: Option<String>,
    /// What it holds.
    pub kind: Option<ChannelKind>,
    /// Its name for reading.
    pub display_name: Option<Option<String>>,
    /// What it is about.
    pub description: Option<Option<String>>,
    /// Picture URL or emoji.
    pub icon: Option<Option<String>>,
    /// Background picture URL.
    pub wallpaper: Option<Option<String>>,
    /// Height of a separator, in pixels.
    pub size: Option<Option<u32>>,
    /// Role names by action.
    pub permissions: Option<Lists>,
}

/// Role names by action, as they were sent.
pub type Lists = Vec<(String, Vec<String>)>;

pub(super) fn ask(name: &str, fields: &Fields) -> Result<Ask, Wrong> {
    let named = |field| fields.filled(field)?.ok_or(Wrong::Plain(text::CHANNEL_NAME_REQUIRED));
    match name {
        "channel_create" => {
            let wanted = named("name")?;
            let kind = fields
                .filled("type")?
                .ok_or(Wrong::Plain("Channel type is required (text, voice, or separator)"))?;
            let kind = kind_of(&kind)
                .ok_or(Wrong::Plain("Invalid channel type, must be text, voice, or separator"))?;
            let wanted = checked(&wanted, kind)?;
            let form = Form { name: None, kind: None, ..form(fields)? };
            Ok(Ask::Create(wanted, kind, form))
        }
        "channel_update" => {
            let current = fields.filled("current_name")?.ok_or(Wrong::Plain("current_name is required"))?;
            let Some(Value::Object(updates)) = fields.value("updates") else {
                return Err(Wrong::Plain("updates object is required"));
            };
            Ok(Ask::Change(current, form(&Fields(updates.clone()))?))
        }
        "channel_move" => {
            let wanted = named("name")?;
            if fields.value("position").is_none() {
                return Err(Wrong::Plain("Position is required"));
            }
            let position = fields.number("position").ok().flatten().and_then(|at| usize::try_from(at).ok());
            let position = position.ok_or(Wrong::Plain("Position must be a non-negative integer"))?;
            Ok(Ask::Move(wanted, position))
        }
        "channel_delete" => named("name").map(Ask::Delete),
        name => Err(Wrong::UnknownCommand(name.to_owned())),
    }
}

fn form(fields: &Fields) -> Result<Form, Wrong> {
    let kind = fields.text("type")?;
    let kind = kind.map(|kind| kind_of(&kind).ok_or(Wrong::Plain("Invalid channel type"))).transpose()?;
    // Whether the name fits the kind is known when the channel is.
    let name = match fields.text("name")? {
        Some(name) if name.trim().is_empty() => return Err(Wrong::Plain(text::CHANNEL_NAME_REQUIRED)),
        other => other,
    };
    Ok(Form {
        name,
        kind,
        display_name: fields.clearable("display_name", limits::DISPLAY_NAME_CHARS)?,
        description: fields.clearable("description", limits::CHANNEL_TOPIC_CHARS)?,
        icon: fields.clearable("icon", limits::URL_CHARS)?,
        wallpaper: fields.clearable("wallpaper", limits::URL_CHARS)?,
        size: size(fields)?,
        permissions: permissions(fields)?,
    })
}

fn size(fields: &Fields) -> Result<Option<Option<u32>>, Wrong> {
    if fields.is_null("size") {
        return Ok(Some(None));
    }
    let Some(size) = fields.number("size")? else { return Ok(None) };
    match u32::try_from(size) {
        Ok(size) if size <= limits::SEPARATOR_PIXELS => Ok(Some(Some(size))),
        Ok(_) | Err(_) => Err(Wrong::Field("size", "a number of pixels from 0 to 10000")),
    }
}

fn permissions(fields: &Fields) -> Result<Option<Lists>, Wrong> {
    let wrong = Wrong::Field("permissions", "an object of lists of roles");
    match fields.value("permissions") {
        None => Ok(None),
        Some(Value::Object(object)) => {
            let list = |(action, roles): (&String, &Value)| match roles {
                Value::Array(roles) => {
                    let names: Option<Vec<String>> =
                        roles.iter().map(|role| role.as_str().map(str::to_owned)).collect();
                    Some((action.clone(), names?))
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
            };
            object.iter().map(list).collect::<Option<Lists>>().map(Some).ok_or(wrong)
        }
        Some(_) => Err(wrong),
    }
}

fn kind_of(word: &str) -> Option<ChannelKind> {
    match word {
        "text" => Some(ChannelKind::Text),
        "voice" => Some(ChannelKind::Voice),
        "forum" => Some(ChannelKind::Forum),
        "separator" => Some(ChannelKind::Separator),
        _ => None,
    }
}

/// A name that a channel of a kind may be given, trimmed. Clients link to `[A-Za-z0-9_-]+` only, and to no separator.
///
/// # Errors
/// What is wrong with it.
pub fn checked(raw: &str, kind: ChannelKind) -> Result<String, Wrong> {
    let name = raw.trim();
    if name.is_empty() {
        return Err(Wrong::Plain(text::CHANNEL_NAME_REQUIRED));
    }
    if name.chars().count() > limits::CHANNEL_NAME_CHARS {
        return Err(Wrong::FieldTooLong("name", limits::CHANNEL_NAME_CHARS));
    }
    let linkable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let fits = match kind {
        ChannelKind::Separator => !name.contains(|c: char| c.is_control() || matches!(c, '/' | '\\' | '`')),
        ChannelKind::Text | ChannelKind::Voice | ChannelKind::Forum => name.chars().all(linkable),
    };
    if fits && name != "." && name != ".." {
        Ok(name.to_owned())
    } else {
        Err(Wrong::Plain("Channel names can only contain letters, numbers, hyphens, and underscores"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Ask as Any, admin, envelope};
    use super::*;

    fn parsed(frame: &str) -> Result<Ask, String> {
        match envelope(frame).expect("an object").ask() {
            Ok(Any::Admin(admin::Ask::Channels(ask))) => Ok(ask),
            Ok(other) => panic!("{other:?}"),
            Err(wrong) => Err(wrong.to_string()),
        }
    }

    #[test]
    fn what_is_missing_or_of_the_wrong_form_is_said() {
        let said = |frame: &str| parsed(frame).expect_err("refused");
        assert_eq!(said(r#"{"cmd":"channel_create"}"#), "Channel name is required");
        assert_eq!(
            said(r#"{"cmd":"channel_create","name":"a"}"#),
            "Channel type is required (text, voice, or separator)"
        );
        assert_eq!(
            said(r#"{"cmd":"channel_create","name":"a","type":"film"}"#),
            "Invalid channel type, must be text, voice, or separator"
        );
        assert_eq!(said(r#"{"cmd":"channel_update"}"#), "current_name is required");
        assert_eq!(said(r#"{"cmd":"channel_update","current_name":"a"}"#), "updates object is required");
        assert_eq!(
            said(r#"{"cmd":"channel_update","current_name":"a","updates":{"type":"film"}}"#),
            "Invalid channel type"
        );
        assert_eq!(said(r#"{"cmd":"channel_move","name":"a"}"#), "Position is required");
        for position in ["-1", "1.5", "\"1\""] {
            let frame = format!(r#"{{"cmd":"channel_move","name":"a","position":{position}}}"#);
            assert_eq!(said(&frame), "Position must be a non-negative integer");
        }
        let lists =
            r#"{"cmd":"channel_update","current_name":"a","updates":{"permissions":{"view":"user"}}}"#;
        assert_eq!(said(lists), "Field 'permissions' must be an object of lists of roles");
    }

    #[test]
    fn names_are_no_paths() {
        let text = |name: &str| checked(name, ChannelKind::Text);
        assert_eq!(text("  news-2 "), Ok("news-2".to_owned()));
        for bad in ["../x", "a/b", "a\\b", "..", ".", "", "a b", "a\u{7}", "é", &"x".repeat(65)] {
            assert!(text(bad).is_err(), "{bad}");
        }
        assert_eq!(checked("My rooms", ChannelKind::Separator), Ok("My rooms".to_owned()));
        for bad in ["../x", "..", "a\u{7}"] {
            assert!(checked(bad, ChannelKind::Separator).is_err(), "{bad}");
        }
    }

    #[test]
    fn null_clears_and_absence_leaves() {
        let frame =
            r#"{"cmd":"channel_update","current_name":"a","updates":{"icon":null,"size":null,"x":1}}"#;
        let Ok(Ask::Change(_, form)) = parsed(frame) else { panic!("a change") };
        assert_eq!(form, Form { icon: Some(None), size: Some(None), ..Form::default() });
    }
}
