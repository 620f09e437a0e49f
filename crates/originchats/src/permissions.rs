//! The permissions of the core in the names of this protocol, and the role lists that channels carry (originchats.md 8).

use crate::wire::Ordered;
use commonroom_core::channel::{Channel, ChannelKind, OverrideTarget};
use commonroom_core::space::{Role, RoleKind, Space};
use commonroom_core::{Permissions, policy};

pub mod grants;

/// Server permissions, in the order of `handshake.permissions`.
pub const SERVER: [(&str, Permissions); 20] = [
    ("administrator", Permissions::ADMINISTRATOR),
    ("manage_server", Permissions::MANAGE_SPACE),
    ("view_audit_log", Permissions::VIEW_AUDIT),
    ("manage_roles", Permissions::MANAGE_ROLES),
    ("manage_channels", Permissions::MANAGE_CHANNELS),
    ("manage_threads", Permissions::MANAGE_THREADS),
    ("manage_users", Permissions::MANAGE_MEMBERS),
    ("manage_messages", Permissions::MANAGE_MESSAGES),
    ("read_message_history", Permissions::READ_HISTORY),
    ("send_messages", Permissions::SEND),
    ("embed_links", Permissions::EMBED_LINKS),
    ("attach_files", Permissions::ATTACH_FILES),
    ("add_reactions", Permissions::ADD_REACTIONS),
    ("external_emojis", Permissions::EXTERNAL_EMOJI),
    ("connect", Permissions::CONNECT),
    ("speak", Permissions::SPEAK),
    ("stream", Permissions::STREAM),
    ("use_voice_activity", Permissions::VOICE_ACTIVITY),
    ("mention_everyone", Permissions::MENTION_EVERYONE),
    ("use_slash_commands", Permissions::SLASH_COMMANDS),
];

/// Further names that clients know.
const FURTHER: [(&str, Permissions); 11] = [
    ("kick_members", Permissions::KICK_MEMBERS),
    ("ban_members", Permissions::BAN_MEMBERS),
    ("manage_nicknames", Permissions::MANAGE_NICKNAMES),
    ("change_nickname", Permissions::CHANGE_NICKNAME),
    ("send_tts", Permissions::SEND_TTS),
    ("mute_members", Permissions::MUTE_MEMBERS),
    ("deafen_members", Permissions::DEAFEN_MEMBERS),
    ("move_members", Permissions::MOVE_MEMBERS),
    ("priority_speaker", Permissions::PRIORITY_SPEAKER),
    ("create_invite", Permissions::CREATE_INVITES),
    ("manage_invites", Permissions::MANAGE_INVITES),
];

/// The permission of that name, with the name.
pub fn named(name: &str) -> Option<(&'static str, Permissions)> {
    SERVER.iter().chain(&FURTHER).find(|(known, _)| *known == name).copied()
}

/// The names of what a role allows.
pub fn names(permissions: Permissions) -> Vec<&'static str> {
    SERVER
        .iter()
        .chain(&FURTHER)
        .filter(|(_, wanted)| permissions.has(*wanted))
        .map(|(name, _)| *name)
        .collect()
}

/// The permissions with these names.
///
/// # Errors
/// The first name that is none.
pub fn of_names(names: &[String]) -> Result<Permissions, &String> {
    names.iter().try_fold(Permissions::NONE, |sum, name| {
        let found = SERVER.iter().chain(&FURTHER).find(|(known, _)| known == name);
        found.map(|(_, permission)| sum | *permission).ok_or(name)
    })
}

/// What of `permissions` has no name here: roles keep it whatever this protocol sets.
pub fn unnamed(permissions: Permissions) -> Permissions {
    SERVER.iter().chain(&FURTHER).fold(permissions, |rest, (_, named)| rest.without(*named))
}

/// Actions of a channel's role lists, each with the permissions of which any one allows it.
const ACTIONS: [(&str, &[Permissions]); 8] = [
    ("view", &[Permissions::VIEW]),
    ("send", &[Permissions::SEND]),
    ("delete", &[Permissions::MANAGE_MESSAGES]),
    ("delete_own", &[Permissions::DELETE_OWN]),
    ("edit_own", &[Permissions::EDIT_OWN]),
    ("react", &[Permissions::ADD_REACTIONS]),
    ("pin", &[Permissions::PIN, Permissions::MANAGE_MESSAGES]),
    ("create_thread", &[Permissions::CREATE_THREAD]),
];

/// Which roles may do what in a channel, by name: the lists it carries, or what follows from the roles. Where everybody
/// may, only everybody's role is listed, and roles that
/// take it away appear as `!role`; where not, every role whose holders may.
pub fn lists(space: &Space, channel: &Channel) -> Ordered<Vec<String>> {
    if let Some(lists) = grants::lists(space, channel) {
        return lists;
    }
    let call: &[(&str, &[Permissions])] = match channel.kind {
        ChannelKind::Voice => &[("connect", &[Permissions::CONNECT])],
        ChannelKind::Text | ChannelKind::Forum | ChannelKind::Separator => &[],
    };
    let actions = ACTIONS.iter().chain(call);
    Ordered(actions.map(|(action, any)| ((*action).to_owned(), list(space, channel, any))).collect())
}

fn list(space: &Space, channel: &Channel, any: &[Permissions]) -> Vec<String> {
    let may = |roles: &[&Role]| {
        let held = policy::of_roles_in(space, channel, roles);
        any.iter().any(|wanted| held.has(*wanted))
    };
    let everyone = space.everyone();
    let everybody = everyone.is_some_and(|role| may(&[role]));
    let mut listed = Vec::new();
    for role in &space.roles {
        let (says, denied) = match role.kind {
            RoleKind::Everyone => (everybody, false),
            RoleKind::Guest => {
                // Guests count as everybody unless a channel speaks of them.
                let named = channel.overrides.iter().any(|rule| rule.target == OverrideTarget::Role(role.id));
                let guests = may(&[role]);
                (named && guests && !everybody, named && !guests && everybody)
            }
            RoleKind::Owner | RoleKind::Plain => {
                let holders = everyone.map_or_else(|| may(&[role]), |everyone| may(&[role, everyone]));
                (holders && !everybody, !holders && everybody)
            }
        };
        if denied {
            listed.insert(0, format!("!{}", role.name));
        } else if says {
            listed.push(role.name.clone());
        }
    }
    listed
}

/// True when everybody who belongs to the space may see a channel.
pub fn is_public(space: &Space, channel: &Channel) -> bool {
    space.everyone().is_some_and(|role| policy::of_roles_in(space, channel, &[role]).has(Permissions::VIEW))
}

#[cfg(test)]
mod tests {
    use super::*;
    use commonroom_core::channel::{Home, Look, Override};
    use commonroom_core::env::Timestamp;
    use commonroom_core::ids::{ChannelId, RoleId, SpaceId};
    use commonroom_core::space::MentionRule;
    use std::collections::BTreeMap;

    fn role(number: u128, name: &str, kind: RoleKind, permissions: Permissions) -> Role {
        Role {
            id: RoleId(uuid::Uuid::from_u128(number)),
            name: name.to_owned(),
            kind,
            color: None,
            hoisted: false,
            rank: 0,
            permissions,
            description: None,
            category: None,
            alone: false,
            self_assignable: false,
            mention: MentionRule::Nobody,
            created_at: Timestamp(0),
        }
    }

    pub(super) fn space() -> Space {
        Space {
            id: SpaceId::MIN,
            name: "main".to_owned(),
            description: None,
            icon: None,
            banner: None,
            owner: None,
            public: true,
            require_invite: false,
            roles: vec![
                role(1, "owner", RoleKind::Owner, Permissions::ALL),
                role(2, "muted", RoleKind::Plain, Permissions::NONE),
                role(3, "user", RoleKind::Everyone, Permissions::MEMBER),
                role(4, "guest", RoleKind::Guest, Permissions::GUEST),
            ],
            channels: Vec::new(),
            given_places: BTreeMap::new(),
            default_channel: None,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    pub(super) fn channel(overrides: &[(u128, Permissions, Permissions)]) -> Channel {
        let rule = |(number, allow, deny): &(u128, Permissions, Permissions)| Override {
            id: uuid::Uuid::from_u128(*number),
            target: OverrideTarget::Role(RoleId(uuid::Uuid::from_u128(*number))),
            allow: *allow,
            deny: *deny,
        };
        Channel {
            id: ChannelId::MIN,
            home: Home::Space(SpaceId::MIN),
            kind: ChannelKind::Text,
            name: "general".to_owned(),
            topic: None,
            category: None,
            overrides: overrides.iter().map(rule).collect(),
            grants: Vec::new(),
            look: Look::default(),
            thread: None,
            messages: 0,
            head: 0,
            last_message_at: None,
            last_message: None,
            created_at: Timestamp(0),
        }
    }

    fn listed(channel: &Channel, action: &str) -> Vec<String> {
        let Ordered(lists) = lists(&space(), channel);
        lists.into_iter().find(|(name, _)| name == action).expect("a known action").1
    }

    #[test]
    fn everybody_stands_for_all_who_may() {
        let open = channel(&[]);
        assert_eq!(listed(&open, "view"), ["user"]);
        assert_eq!(listed(&open, "create_thread"), ["user"]);
        assert_eq!(listed(&open, "delete"), ["owner"]);
    }

    #[test]
    fn what_is_denied_to_a_role_is_listed_first() {
        let (send, none) = (Permissions::SEND, Permissions::NONE);
        assert_eq!(listed(&channel(&[(2, none, send)]), "send"), ["!muted", "user"]);
        assert_eq!(listed(&channel(&[(4, none, send)]), "send"), ["!guest", "user"]);
        assert_eq!(listed(&channel(&[(3, none, send), (2, send, none)]), "send"), ["owner", "muted"]);
    }

    #[test]
    fn nobody_may_anything_where_they_may_not_look() {
        let hidden = channel(&[(3, Permissions::NONE, Permissions::VIEW)]);
        assert_eq!(listed(&hidden, "send"), ["owner"]);
        assert!(!is_public(&space(), &hidden) && is_public(&space(), &channel(&[])));
    }

    #[test]
    fn a_channel_whose_lists_leave_everybody_out_is_not_public() {
        let lists = [("view".to_owned(), vec!["owner".to_owned()])];
        let of = |lists: &[(String, Vec<String>)]| {
            grants::of_lists(&space(), ChannelKind::Text, lists).expect("known roles")
        };
        assert!(!is_public(&space(), &Channel { grants: of(&lists), ..channel(&[]) }));
        let open = [("view".to_owned(), vec!["user".to_owned()])];
        assert!(is_public(&space(), &Channel { grants: of(&open), ..channel(&[]) }));
    }

    #[test]
    fn names_and_permissions_are_two_forms_of_one_thing() {
        let named = names(Permissions::ALL).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let back = of_names(&named).expect("every name is known");
        assert_eq!(back | unnamed(Permissions::ALL), Permissions::ALL);
        assert_eq!(unnamed(back), Permissions::NONE);
        assert_eq!(of_names(&["fly".to_owned()]), Err(&"fly".to_owned()));
    }

    #[test]
    fn every_name_is_one_permission() {
        assert_eq!(names(Permissions::ALL).len(), SERVER.len() + FURTHER.len());
        assert_eq!(names(Permissions::NONE), Vec::<&str>::new());
    }
}
