//! Packets of the administration menu (chatgrid.md 5.19).

use super::{AdminAction, UsersFor, string};
use crate::limits;
use serde_json::{Map, Value};

/// Reads one.
pub(super) fn admin(word: &str, fields: &Map<String, Value>) -> Option<AdminAction> {
    let role = |key: &str| string(fields, key, 1, limits::ROLE_CHARS);
    let username = || string(fields, "username", 1, limits::USERNAME_CHARS);
    Some(match word {
        "admin_roles_list" => AdminAction::RolesList,
        "admin_users_list" => AdminAction::UsersList {
            purpose: match fields.get("action").filter(|value| !value.is_null()).map(Value::as_str) {
                None | Some(Some("set_role" | "delete_account")) => UsersFor::Anything,
                Some(Some("ban")) => UsersFor::Ban,
                Some(Some("unban")) => UsersFor::Unban,
                Some(Some(_) | None) => return None,
            },
        },
        "admin_role_create" => AdminAction::RoleCreate { name: role("name")? },
        "admin_role_update_permissions" => AdminAction::RoleUpdate {
            role: role("role")?,
            permissions: {
                let listed =
                    fields.get("permissions")?.as_array().filter(|all| all.len() <= limits::ROLE_KEYS)?;
                let key = |value: &Value| {
                    let key = value.as_str().filter(|key| key.len() <= limits::ID_CHARS)?;
                    Some(key.to_owned())
                };
                listed.iter().map(key).collect::<Option<_>>()?
            },
        },
        "admin_role_delete" => {
            AdminAction::RoleDelete { role: role("role")?, replacement: role("replacementRole")? }
        }
        "admin_user_set_role" => AdminAction::SetRole { username: username()?, role: role("role")? },
        "admin_user_ban" => AdminAction::Ban { username: username()? },
        "admin_user_unban" => AdminAction::Unban { username: username()? },
        "admin_user_delete" => AdminAction::Delete { username: username()? },
        _ => return None,
    })
}
