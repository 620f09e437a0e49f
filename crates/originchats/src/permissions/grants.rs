//! The role lists that a channel carries: from names to the core's grants, and back verbatim (originchats.md 8).

use super::{FURTHER, SERVER};
use crate::wire::Ordered;
use crate::wording::Wrong;
use commonroom_core::Permissions;
use commonroom_core::channel::{Channel, ChannelKind, Grant};
use commonroom_core::ids::RoleId;
use commonroom_core::space::{RoleKind, Space};

/// Who may do something where nobody said who may.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unsaid {
    Nobody,
    Owner,
    Everybody,
}

/// Every channel with lists has one for each of these.
const LISTED: [(&str, Permissions, Unsaid); 8] = [
    ("view", Permissions::VIEW, Unsaid::Nobody),
    ("send", Permissions::SEND, Unsaid::Nobody),
    ("delete", Permissions::MANAGE_MESSAGES, Unsaid::Nobody),
    ("delete_own", Permissions::DELETE_OWN, Unsaid::Everybody),
    ("edit_own", Permissions::EDIT_OWN, Unsaid::Everybody),
    ("react", Permissions::ADD_REACTIONS, Unsaid::Everybody),
    ("pin", Permissions::PIN, Unsaid::Owner),
    ("create_thread", Permissions::CREATE_THREAD, Unsaid::Nobody),
];

/// Those it may have beside them, for its call; without, the roles themselves decide.
const OPTIONAL: [(&str, Permissions); 3] =
    [("connect", Permissions::CONNECT), ("speak", Permissions::SPEAK), ("stream", Permissions::STREAM)];

/// Key of the list of what is switched off in a channel for all but owners and administrators.
const DENY: &str = "deny";

/// The grants for lists of role names. What is not listed is completed, so that nothing is left to the roles.
///
/// # Errors
/// A role, action or permission that there is not.
pub fn of_lists(
    space: &Space,
    kind: ChannelKind,
    lists: &[(String, Vec<String>)],
) -> Result<Vec<Grant>, Wrong> {
    if lists.is_empty() {
        return Ok(owner_only(space));
    }
    let said = |action: &str| lists.iter().find(|(said, _)| said == action).map(|(_, roles)| roles);
    let known = |action: &str| {
        action == DENY
            || LISTED.iter().any(|(name, ..)| *name == action)
            || OPTIONAL.iter().any(|(name, _)| *name == action)
    };
    if let Some((odd, _)) = lists.iter().find(|(action, _)| !known(action)) {
        return Err(Wrong::Said(format!("Unknown channel permission: {odd}")));
    }
    let mut grants = Vec::with_capacity(LISTED.len());
    for (action, permission, unsaid) in LISTED {
        let mut roles = said(action);
        if action == "send" && kind == ChannelKind::Forum {
            roles = roles.or_else(|| said("create_thread"));
        }
        let roles = match roles {
            Some(roles) => named(space, roles)?,
            None => left_out(space, unsaid),
        };
        grants.push(Grant { permission, roles });
    }
    for (action, permission) in OPTIONAL {
        if let Some(roles) = said(action) {
            grants.push(Grant { permission, roles: named(space, roles)? });
        }
    }
    for name in said(DENY).into_iter().flatten() {
        let found = SERVER.iter().chain(&FURTHER).find(|(known, _)| known == name);
        let (_, permission) = found.ok_or_else(|| Wrong::Said(format!("Unknown permission: {name}")))?;
        grants.push(Grant { permission: *permission, roles: denied(space) });
    }
    Ok(grants)
}

/// What a channel allows of which nobody said who may do what in it.
pub fn owner_only(space: &Space) -> Vec<Grant> {
    let grant = |(_, permission, unsaid): &(&str, Permissions, Unsaid)| {
        let unsaid = if *unsaid == Unsaid::Everybody { Unsaid::Everybody } else { Unsaid::Owner };
        Grant { permission: *permission, roles: left_out(space, unsaid) }
    };
    LISTED.iter().map(grant).collect()
}

fn left_out(space: &Space, unsaid: Unsaid) -> Vec<(RoleId, bool)> {
    let of = |kind| space.roles.iter().find(|role| role.kind == kind).map(|role| (role.id, true));
    match unsaid {
        Unsaid::Nobody => None,
        Unsaid::Owner => of(RoleKind::Owner),
        Unsaid::Everybody => of(RoleKind::Everyone),
    }
    .into_iter()
    .collect()
}

/// The list that takes a permission from everybody.
fn denied(space: &Space) -> Vec<(RoleId, bool)> {
    space.everyone().map(|role| (role.id, false)).into_iter().collect()
}

fn named(space: &Space, roles: &[String]) -> Result<Vec<(RoleId, bool)>, Wrong> {
    let one = |listed: &String| {
        let (name, allowed) = match listed.strip_prefix('!') {
            Some(name) => (name, false),
            None => (listed.as_str(), true),
        };
        let role = space.role_named(name);
        let role = role.ok_or_else(|| Wrong::Said(format!("Role '{name}' does not exist")))?;
        Ok((role.id, allowed))
    };
    roles.iter().map(one).collect()
}

/// The lists that a channel carries, as they were set; `None` for a channel that carries none.
pub fn lists(space: &Space, channel: &Channel) -> Option<Ordered<Vec<String>>> {
    if channel.grants.is_empty() {
        return None;
    }
    let actions = LISTED.iter().map(|(name, permission, _)| (*name, *permission));
    let denied = denied(space);
    let (mut lists, mut shown) = (Vec::new(), Vec::new());
    for (action, permission) in actions.chain(OPTIONAL) {
        let first = channel.grants.iter().position(|grant| grant.permission == permission);
        let optional = OPTIONAL.iter().any(|(name, _)| *name == action);
        if let Some(first) = first.filter(|at| !(optional && channel.grants[*at].roles == denied)) {
            lists.push((action.to_owned(), names(space, &channel.grants[first])));
            shown.push(first);
        }
    }
    let rest = channel.grants.iter().enumerate().filter(|(at, _)| !shown.contains(at));
    let off: Vec<String> = rest
        .filter(|(_, grant)| grant.roles == denied)
        .filter_map(|(_, grant)| {
            SERVER.iter().chain(&FURTHER).find(|(_, permission)| *permission == grant.permission)
        })
        .map(|(name, _)| (*name).to_owned())
        .collect();
    if !off.is_empty() {
        lists.push((DENY.to_owned(), off));
    }
    Some(Ordered(lists))
}

fn names(space: &Space, grant: &Grant) -> Vec<String> {
    let name = |(role, allowed): &(RoleId, bool)| {
        let role = space.role(*role)?;
        Some(if *allowed { role.name.clone() } else { format!("!{}", role.name) })
    };
    grant.roles.iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{channel, space};
    use super::*;

    fn carried(kind: ChannelKind, lists: &[(&str, &[&str])]) -> Result<Vec<(String, Vec<String>)>, String> {
        let owned: Vec<(String, Vec<String>)> = lists
            .iter()
            .map(|(action, roles)| {
                ((*action).to_owned(), roles.iter().map(|role| (*role).to_owned()).collect())
            })
            .collect();
        let grants = of_lists(&space(), kind, &owned).map_err(|wrong| wrong.to_string())?;
        let channel = Channel { grants, ..channel(&[]) };
        Ok(super::lists(&space(), &channel).expect("it carries lists").0)
    }

    fn list(lists: &[(String, Vec<String>)], action: &str) -> Vec<String> {
        lists.iter().find(|(name, _)| name == action).map(|(_, roles)| roles.clone()).expect("listed")
    }

    #[test]
    fn lists_come_back_as_they_were_set() {
        let text = ChannelKind::Text;
        let lists = carried(
            text,
            &[
                ("view", &["!muted", "user"]),
                ("send", &[]),
                ("connect", &["owner"]),
                ("deny", &["embed_links", "send_messages"]),
            ],
        )
        .expect("good lists");
        assert_eq!(list(&lists, "view"), ["!muted", "user"]);
        assert!(list(&lists, "send").is_empty() && list(&lists, "delete").is_empty());
        assert_eq!(list(&lists, "connect"), ["owner"]);
        assert_eq!(list(&lists, "deny"), ["embed_links", "send_messages"]);
        assert_eq!(
            (list(&lists, "react"), list(&lists, "pin")),
            (vec!["user".to_owned()], vec!["owner".to_owned()])
        );
    }

    #[test]
    fn nothing_said_is_for_owners() {
        let lists = carried(ChannelKind::Text, &[]).expect("no lists");
        for action in ["view", "send", "delete", "pin", "create_thread"] {
            assert_eq!(list(&lists, action), ["owner"], "{action}");
        }
        assert_eq!(list(&lists, "edit_own"), ["user"]);
        assert!(!lists.iter().any(|(action, _)| action == "deny" || action == "connect"));
    }

    #[test]
    fn in_a_forum_who_may_open_threads_may_write_unless_it_is_said() {
        let forum = ChannelKind::Forum;
        let lists =
            carried(forum, &[("view", &["user"]), ("create_thread", &["muted"])]).expect("good lists");
        assert_eq!(list(&lists, "send"), ["muted"]);
        let lists = carried(forum, &[("send", &[]), ("create_thread", &["muted"])]).expect("good lists");
        assert!(list(&lists, "send").is_empty());
    }

    #[test]
    fn what_there_is_not_cannot_be_listed() {
        let said = |lists: &[(&str, &[&str])]| carried(ChannelKind::Text, lists).expect_err("refused");
        assert_eq!(said(&[("view", &["ghost"])]), "Role 'ghost' does not exist");
        assert_eq!(said(&[("fly", &["user"])]), "Unknown channel permission: fly");
        assert_eq!(said(&[("deny", &["fly"])]), "Unknown permission: fly");
    }
}
