//! Roles, channels, people, and what was done to them (originchats.md 5.7 to 5.10, 5.18).

use super::fields::Fields;
use crate::wording::Wrong;

pub mod channels;
pub mod people;
pub mod roles;
pub mod server;

/// The commands of this file.
pub const COMMANDS: [&str; 24] = [
    "role_create",
    "role_update",
    "role_set",
    "role_delete",
    "role_reorder",
    "role_permissions_get",
    "role_permissions_set",
    "user_roles_set",
    "user_roles_add",
    "user_roles_remove",
    "self_role_add",
    "self_role_remove",
    "self_roles_list",
    "channel_create",
    "channel_update",
    "channel_move",
    "channel_delete",
    "user_update",
    "user_delete",
    "server_update",
    "modlog_get",
    "modlog_summary",
    "plugins_list",
    "plugins_reload",
];

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    /// About roles and who holds them.
    Roles(roles::Ask),
    /// About channels.
    Channels(channels::Ask),
    /// About members.
    People(people::Ask),
    /// About the community and what was done in it.
    Server(server::Ask),
}

/// The request of one of [`COMMANDS`].
///
/// # Errors
/// What is wrong with it, in the words of its command.
pub(super) fn ask(name: &str, fields: &Fields) -> Result<Ask, Wrong> {
    match name {
        "channel_create" | "channel_update" | "channel_move" | "channel_delete" => {
            channels::ask(name, fields).map(Ask::Channels)
        }
        "user_update" | "user_delete" => people::ask(name, fields).map(Ask::People),
        "server_update" | "modlog_get" | "modlog_summary" | "plugins_list" | "plugins_reload" => {
            server::ask(name, fields).map(Ask::Server)
        }
        name => roles::ask(name, fields).map(Ask::Roles),
    }
}

#[cfg(test)]
mod tests {
    use super::super::envelope;
    use super::COMMANDS;

    const FIELDS: [&str; 20] = [
        "id",
        "name",
        "data",
        "roles",
        "permissions",
        "user",
        "role",
        "type",
        "size",
        "current_name",
        "updates",
        "position",
        "icon",
        "plugin",
        "limit",
        "after",
        "mention_roles",
        "color",
        "hoisted",
        "description",
    ];
    const VALUES: [&str; 14] = [
        "null",
        "true",
        "7",
        "-7",
        "1e300",
        "0.5",
        "\"\"",
        "\"x\"",
        "\"é\\u0000\"",
        "[]",
        "[1]",
        "[\"x\"]",
        "{}",
        "{\"name\":[],\"permissions\":{\"view\":[7]},\"username\":{},\"size\":-1}",
    ];

    #[test]
    fn whatever_a_field_holds_is_a_request_or_a_sentence() {
        let (mut taken, mut refused) = (0, 0);
        for cmd in COMMANDS {
            for (field, value) in FIELDS.iter().flat_map(|field| VALUES.map(|value| (field, value))) {
                for rest in ["", r#","name":"a","user":"a","type":"text","roles":["a"],"current_name":"a""#] {
                    let frame = format!(r#"{{"cmd":"{cmd}"{rest},"{field}":{value}}}"#);
                    match envelope(&frame).expect("an object").ask() {
                        Ok(_) => taken += 1,
                        Err(wrong) => {
                            let text = wrong.to_string();
                            assert!(
                                !text.is_empty() && !text.starts_with("Unknown command"),
                                "{frame}: {text}"
                            );
                            refused += 1;
                        }
                    }
                }
            }
        }
        assert!(taken > 1_000 && refused > 1_000, "{taken} taken, {refused} refused");
    }
}
