//! Roles and who holds them (originchats.md 5.8).

use super::super::fields::Fields;
use crate::limits;
use crate::permissions;
use crate::wording::{Wrong, text};
use commonroom_core::Permissions;
use serde_json::Value;

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    /// Make a role of that name.
    Create(String, Form),
    /// Change a role.
    Change(String, Form),
    /// Delete a role.
    Delete(String),
    /// Order all roles, the highest first.
    Reorder(Vec<String>),
    /// What a role allows.
    Permissions(String),
    /// Let a role allow something else.
    Permit(String, Form),
    /// Change what roles somebody holds.
    Hold(Deal, String, Vec<String>),
    /// Take an offered role, or leave it.
    Choose(String, bool),
    /// The roles that are offered.
    Offered,
}

/// How the roles that somebody holds change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deal {
    /// These and no others.
    Set,
    /// These in front of those held.
    Add,
    /// Those held without these.
    Remove,
}

/// What is said about a role; `Some(None)` clears.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Form {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// `#RRGGBB`.
    pub color: Option<Option<String>>,
    /// Shown as a group of its own.
    pub hoisted: Option<bool>,
    /// Anybody may take it.
    pub self_assignable: Option<bool>,
    /// The group it is offered in.
    pub category: Option<Option<String>>,
    /// What it allows.
    pub permissions: Option<Permissions>,
    /// Who may mention it.
    pub mention: Option<Mention>,
}

/// Who may mention a role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mention {
    /// Nobody but who may mention everybody.
    Nobody,
    /// Anybody.
    Anybody,
    /// Holders of these roles.
    Roles(Vec<String>),
}

pub(super) fn ask(name: &str, fields: &Fields) -> Result<Ask, Wrong> {
    match name {
        "role_create" => {
            let form = form(fields)?;
            let name = form.name.clone().ok_or(Wrong::Plain(text::ROLE_NAME_REQUIRED))?;
            Ok(Ask::Create(name, form))
        }
        "role_update" => {
            let mut form = form(fields)?;
            let which = which(fields)?;
            // Without an id the name says which role is meant; with one it is the new name.
            if fields.filled("id")?.is_none() {
                form.name = None;
            }
            Ok(Ask::Change(which, form))
        }
        "role_set" => {
            let which = which(fields)?;
            match fields.value("data") {
                None => Err(Wrong::Plain("Role data is required")),
                Some(Value::Object(data)) => Ok(Ask::Change(which, form(&Fields(data.clone()))?)),
                Some(_) => Err(Wrong::Field("data", "an object")),
            }
        }
        "role_delete" => which(fields).map(Ask::Delete),
        "role_reorder" => {
            let roles = fields.texts("roles")?.ok_or(Wrong::Plain("Roles array is required"))?;
            Ok(Ask::Reorder(roles))
        }
        "role_permissions_get" => which(fields).map(Ask::Permissions),
        "role_permissions_set" => {
            let which = which(fields)?;
            let (permissions, mention) = permitted(fields)?;
            if permissions.is_none() && mention.is_none() {
                return Err(Wrong::Field("permissions", "a list of strings"));
            }
            Ok(Ask::Permit(which, Form { permissions, mention, ..Form::default() }))
        }
        "user_roles_set" => holding(Deal::Set, fields),
        "user_roles_add" => holding(Deal::Add, fields),
        "user_roles_remove" => holding(Deal::Remove, fields),
        "self_role_add" | "self_role_remove" => {
            let role = fields.filled("role")?.ok_or(Wrong::Plain(text::ROLE_NAME_REQUIRED))?;
            Ok(Ask::Choose(role, name == "self_role_add"))
        }
        "self_roles_list" => Ok(Ask::Offered),
        name => Err(Wrong::UnknownCommand(name.to_owned())),
    }
}

/// The role a command is about, by id or name.
fn which(fields: &Fields) -> Result<String, Wrong> {
    let id = fields.filled("id")?;
    let name = fields.filled("name")?;
    id.or(name).ok_or(Wrong::Plain("Role id or name is required"))
}

fn holding(deal: Deal, fields: &Fields) -> Result<Ask, Wrong> {
    let user = fields.user()?;
    let roles = fields.texts("roles")?.filter(|roles| !roles.is_empty());
    Ok(Ask::Hold(deal, user, roles.ok_or(Wrong::Plain("Roles list is required"))?))
}

fn form(fields: &Fields) -> Result<Form, Wrong> {
    let color = fields.clearable("color", limits::COLOR_CHARS)?;
    if color.as_ref().is_some_and(|color| color.as_deref().is_some_and(|color| !is_color(color))) {
        return Err(Wrong::Field("color", "a color like #RRGGBB"));
    }
    let (permissions, mention) = permitted(fields)?;
    Ok(Form {
        name: role_name(fields)?,
        description: fields.clearable("description", limits::DESCRIPTION_CHARS)?,
        color,
        hoisted: fields.flag("hoisted")?,
        self_assignable: fields.flag("self_assignable")?,
        category: fields.clearable("category", limits::ROLE_NAME_CHARS)?,
        permissions,
        mention,
    })
}

fn role_name(fields: &Fields) -> Result<Option<String>, Wrong> {
    let Some(name) = fields.text("name")? else { return Ok(None) };
    let name = name.trim();
    if name.is_empty() {
        return Err(Wrong::Plain(text::ROLE_NAME_REQUIRED));
    }
    if name.chars().count() > limits::ROLE_NAME_CHARS {
        return Err(Wrong::FieldTooLong("name", limits::ROLE_NAME_CHARS));
    }
    // A `!` before a name in a channel's lists denies.
    if name.starts_with('!') || name.contains(char::is_control) {
        return Err(Wrong::Plain("Invalid role name"));
    }
    Ok(Some(name.to_owned()))
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `permissions` as a list of names, or as an object whose only key with a meaning is `mention_roles`; that key is also
/// taken beside it, where `roles_list` shows it.
fn permitted(fields: &Fields) -> Result<(Option<Permissions>, Option<Mention>), Wrong> {
    let beside = fields.value("mention_roles").map(mention).transpose()?;
    match fields.value("permissions") {
        None => Ok((None, beside)),
        Some(Value::Object(object)) => {
            let inside = object.get("mention_roles").map(mention).transpose()?;
            Ok((None, inside.or(beside)))
        }
        Some(_) => {
            let names = fields.texts("permissions")?.unwrap_or_default();
            let known = permissions::of_names(&names)
                .map_err(|name| Wrong::Said(format!("Unknown permission: {name}")))?;
            Ok((Some(known), beside))
        }
    }
}

fn mention(value: &Value) -> Result<Mention, Wrong> {
    let wrong = Wrong::Field("mention_roles", "a boolean, a role or a list of roles");
    match value {
        Value::Null | Value::Bool(false) => Ok(Mention::Nobody),
        Value::Bool(true) => Ok(Mention::Anybody),
        Value::String(role) => Ok(Mention::Roles(vec![role.clone()])),
        Value::Array(roles) => {
            let names: Option<Vec<String>> =
                roles.iter().map(|role| role.as_str().map(str::to_owned)).collect();
            names.map(Mention::Roles).ok_or(wrong)
        }
        Value::Number(_) | Value::Object(_) => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Ask as Any, admin, envelope};
    use super::*;

    fn parsed(frame: &str) -> Result<Ask, String> {
        match envelope(frame).expect("an object").ask() {
            Ok(Any::Admin(admin::Ask::Roles(ask))) => Ok(ask),
            Ok(other) => panic!("{other:?}"),
            Err(wrong) => Err(wrong.to_string()),
        }
    }

    #[test]
    fn what_is_missing_or_of_the_wrong_form_is_said() {
        let said = |frame: &str| parsed(frame).expect_err("refused");
        assert_eq!(said(r#"{"cmd":"role_create"}"#), "Role name is required");
        assert_eq!(said(r#"{"cmd":"role_create","name":"  "}"#), "Role name is required");
        assert_eq!(said(r#"{"cmd":"role_create","name":"!x"}"#), "Invalid role name");
        assert_eq!(
            said(r#"{"cmd":"role_update","color":"red"}"#),
            "Field 'color' must be a color like #RRGGBB"
        );
        assert_eq!(said(r#"{"cmd":"role_update"}"#), "Role id or name is required");
        assert_eq!(said(r#"{"cmd":"role_set","name":"x"}"#), "Role data is required");
        assert_eq!(said(r#"{"cmd":"role_reorder"}"#), "Roles array is required");
        assert_eq!(said(r#"{"cmd":"user_roles_set","user":"x","roles":[]}"#), "Roles list is required");
        assert_eq!(said(r#"{"cmd":"role_reorder","roles":[1]}"#), "Field 'roles' must be a list of strings");
        assert_eq!(
            said(r#"{"cmd":"role_create","name":"x","permissions":["fly"]}"#),
            "Unknown permission: fly"
        );
        let long = format!(r#"{{"cmd":"role_create","name":"{}"}}"#, "x".repeat(33));
        assert_eq!(said(&long), "Field 'name' is too long (max 32 characters)");
    }

    #[test]
    fn a_name_renames_only_beside_an_id() {
        let Ok(Ask::Change(which, form)) = parsed(r#"{"cmd":"role_update","name":"a","hoisted":true}"#)
        else {
            panic!("a change")
        };
        assert_eq!((which.as_str(), form.name, form.hoisted), ("a", None, Some(true)));
        let Ok(Ask::Change(which, form)) =
            parsed(r#"{"cmd":"role_update","id":"7","name":"b","color":null}"#)
        else {
            panic!("a change")
        };
        assert_eq!((which.as_str(), form.name.as_deref(), form.color), ("7", Some("b"), Some(None)));
    }

    #[test]
    fn an_object_says_who_may_mention() {
        let rule = |value: &str| {
            let frame = format!(
                r#"{{"cmd":"role_permissions_set","name":"a","permissions":{{"mention_roles":{value}}}}}"#
            );
            match parsed(&frame) {
                Ok(Ask::Permit(_, form)) => (form.permissions, form.mention.expect("a rule")),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(rule("true"), (None, Mention::Anybody));
        assert_eq!(rule("false"), (None, Mention::Nobody));
        assert_eq!(rule(r#""mods""#), (None, Mention::Roles(vec!["mods".to_owned()])));
        assert_eq!(rule(r#"["a","b"]"#), (None, Mention::Roles(vec!["a".to_owned(), "b".to_owned()])));
        assert!(
            parsed(r#"{"cmd":"role_permissions_set","name":"a","permissions":{"mention_roles":7}}"#).is_err()
        );
    }
}
