//! What an account may do, in this protocol's words (chatgrid.md 8): its keys mapped from the permissions of the core.

use crate::wire::MenuAction;
use commonroom_core::directory::Directory;
use commonroom_core::ids::AccountId;
use commonroom_core::permission::Permissions;
use commonroom_core::policy;
use commonroom_core::space::Space;
use std::collections::BTreeMap;

/// The 19 keys, sorted, each with what it takes.
pub const KEYS: [(&str, Permissions); 19] = [
    ("account.delete.any", Permissions::DELETE_ACCOUNTS),
    ("chat.send", Permissions::SEND),
    ("item.create", Permissions::ITEM_CREATE),
    ("item.delete.any", Permissions::ITEM_DELETE_ANY),
    ("item.delete.own", Permissions::ITEM_DELETE_OWN),
    ("item.edit.any", Permissions::ITEM_EDIT_ANY),
    ("item.edit.own", Permissions::ITEM_EDIT_OWN),
    ("item.pickup_drop.any", Permissions::ITEM_CARRY_ANY),
    ("item.pickup_drop.own", Permissions::ITEM_CARRY_OWN),
    ("item.transfer.any", Permissions::ITEM_TRANSFER_ANY),
    ("item.transfer.own", Permissions::ITEM_TRANSFER_OWN),
    ("item.use", Permissions::ITEM_USE),
    ("profile.update_nickname", Permissions::CHANGE_NICKNAME),
    ("role.manage", Permissions::MANAGE_ROLES),
    ("server.allow_reboot", Permissions::REBOOT),
    ("server.manage_settings", Permissions::MANAGE_SPACE),
    ("user.ban_unban", Permissions::BAN_MEMBERS),
    ("user.change_role", Permissions::ASSIGN_ROLES),
    ("voice.send", Permissions::SPEAK),
];

/// Everything of the core that the keys stand for.
pub const GRID: Permissions = {
    let mut sum = 0;
    let mut at = 0;
    while at < KEYS.len() {
        sum |= KEYS[at].1.0;
        at += 1;
    }
    Permissions(sum)
};

/// A sentence about each key, in their order.
const TOOLTIPS: [&str; 19] = [
    "Delete anybody's account.",
    "Send chat messages.",
    "Place new items on the grid.",
    "Delete anybody's items.",
    "Delete items that one owns.",
    "Edit anybody's items.",
    "Edit items that one owns.",
    "Pick up and drop anybody's items.",
    "Pick up and drop items that one owns.",
    "Give anybody's items to others.",
    "Give items that one owns to others.",
    "Use items.",
    "Change one's own nickname.",
    "Create, change and delete roles.",
    "Restart the server.",
    "Change the settings of the space.",
    "Ban people and let them come back.",
    "Give people other roles.",
    "Be heard by others.",
];

/// Entries of the administration menu in order, each with what it takes (4.4).
const MENU: [(Permissions, MenuAction); 5] = [
    (
        Permissions::MANAGE_ROLES,
        MenuAction { id: "manage_roles", label: "Manage roles", tooltip: "Make, change and delete roles." },
    ),
    (
        Permissions::ASSIGN_ROLES,
        MenuAction {
            id: "change_user_role",
            label: "Change user role",
            tooltip: "Give somebody another role.",
        },
    ),
    (
        Permissions::BAN_MEMBERS,
        MenuAction { id: "ban_user", label: "Ban user", tooltip: "Keep somebody out." },
    ),
    (
        Permissions::BAN_MEMBERS,
        MenuAction { id: "unban_user", label: "Unban user", tooltip: "Let somebody come back." },
    ),
    (
        Permissions::DELETE_ACCOUNTS,
        MenuAction {
            id: "delete_account",
            label: "Delete account",
            tooltip: "Delete somebody's account for good.",
        },
    ),
];

/// What an account may do on a grid: everywhere in its space, and in its one chat line.
pub fn held(directory: &Directory, space: &Space, account: AccountId) -> Permissions {
    let everywhere = policy::permissions_in_space(directory, space.id, account);
    let channel = space.default_channel.and_then(|id| directory.channel(id));
    let talk =
        channel.map_or(Permissions::NONE, |channel| policy::permissions_in(directory, channel, account));
    everywhere.without(Permissions::SEND).with(Permissions(talk.0 & Permissions::SEND.0))
}

/// The keys of what is held, sorted.
pub fn words(held: Permissions) -> Vec<&'static str> {
    KEYS.iter().filter(|(_, needs)| held.has(*needs)).map(|(word, _)| *word).collect()
}

/// All keys.
pub fn keys() -> Vec<&'static str> {
    KEYS.iter().map(|(word, _)| *word).collect()
}

/// What a key stands for.
pub fn key(word: &str) -> Option<Permissions> {
    KEYS.iter().find(|(known, _)| *known == word).map(|(_, permissions)| *permissions)
}

/// A sentence about each key.
pub fn tooltips() -> BTreeMap<&'static str, &'static str> {
    keys().into_iter().zip(TOOLTIPS).collect()
}

/// The entries of the administration menu for what is held, and a number that tells sets of entries apart.
pub fn menu(held: Permissions) -> (usize, Vec<MenuAction>) {
    let entries = MENU.iter().filter(|(needs, _)| held.has(*needs)).map(|(_, action)| *action).collect();
    let gates = [
        Permissions::MANAGE_ROLES,
        Permissions::ASSIGN_ROLES,
        Permissions::BAN_MEMBERS,
        Permissions::DELETE_ACCOUNTS,
    ];
    let which = gates.iter().enumerate().map(|(bit, gate)| usize::from(held.has(*gate)) << bit).sum();
    (which, entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_has_the_nine_rights_of_a_user() {
        let words = words(Permissions::MEMBER);
        assert_eq!(
            words,
            [
                "chat.send",
                "item.create",
                "item.delete.own",
                "item.edit.own",
                "item.pickup_drop.own",
                "item.transfer.own",
                "item.use",
                "profile.update_nickname",
                "voice.send"
            ]
        );
        assert_eq!(menu(Permissions::MEMBER), (0, Vec::new()));
    }

    #[test]
    fn everything_is_nineteen_rights_and_five_entries() {
        assert_eq!(words(Permissions::ALL).len(), 19);
        assert!(words(Permissions::ALL).is_sorted());
        assert_eq!(menu(Permissions::ALL).1.len(), 5);
        assert_eq!(GRID.0.count_ones(), 19, "each key has a permission of its own");
    }
}
