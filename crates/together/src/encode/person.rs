//! Accounts and members.

use super::View;
use crate::presence::{self, Dialect};
use crate::quirks;
use crate::wire::PresenceOut;
use crate::wire::entity::{Member, MemberRole, Person, PublicProfile, User};
use commonroom_core::account::{Account, AccountKind};
use commonroom_core::space::{self, Space};

/// What everybody may know of an account.
pub fn person(view: View<'_>, account: &Account) -> Person {
    let own = view.viewer == Some(account.id);
    let online = view.state.live.is_online(account.id);
    let status = if own && online {
        presence::chosen(account.status.kind)
    } else {
        presence::shown(view.state, account, Dialect::AsSent)
    };
    Person {
        id: account.id.0,
        username: quirks::username(account).to_owned(),
        avatar_url: account.avatar.clone(),
        bio: account.bio.clone(),
        pronouns: account.pronouns.clone(),
        status,
        custom_status: account.status.text.clone(),
        activity: account.status.activity.clone(),
        created_at: account.created_at.rfc3339(),
    }
}

/// An account; private parts only for itself.
pub fn user(view: View<'_>, account: &Account) -> User {
    let own = view.viewer == Some(account.id);
    User {
        person: person(view, account),
        email: if own { account.email.clone() } else { None },
        is_admin: own && account.admin,
    }
}

/// Oneself at sign-in: the status is the one in force from now on (together.md 6.1).
pub fn arriving(view: View<'_>, account: &Account) -> User {
    let mut user = user(view, account);
    user.person.status = presence::chosen(account.status.kind);
    user
}

/// A profile card.
pub fn profile(view: View<'_>, account: &Account) -> PublicProfile {
    PublicProfile { person: person(view, account), is_bot: is_bot(account) }
}

/// A member of a server.
pub fn member(view: View<'_>, space: &Space, member: &space::Member) -> Option<Member> {
    let account = view.state.directory.account(member.account)?;
    let person = person(view, account);
    let held = space.roles.iter().filter(|role| member.roles.contains(&role.id));
    let mut roles: Vec<MemberRole> = held
        .map(|role| MemberRole {
            id: role.id.0,
            name: role.name.clone(),
            color: role.color.clone(),
            position: role.rank,
        })
        .collect();
    roles.sort_by_key(|role| std::cmp::Reverse(role.position));
    Some(Member {
        user_id: person.id,
        username: person.username,
        avatar_url: person.avatar_url,
        status: person.status,
        custom_status: person.custom_status,
        activity: person.activity,
        nickname: quirks::nickname(member, account).map(str::to_owned),
        joined_at: member.joined_at.rfc3339(),
        timeout_expires_at: member.timeout_until.map(|until| until.rfc3339()),
        roles,
        is_bot: is_bot(account),
    })
}

/// The account that the server, webhooks and services speak through, as the member that clients need to know its name
/// (together.md 11.7). It has none of a member's facts.
pub fn voice_of_the_server(view: View<'_>, space: &Space) -> Option<Member> {
    let account = view.state.directory.server_account()?;
    let person = person(view, account);
    Some(Member {
        user_id: person.id,
        username: person.username,
        avatar_url: person.avatar_url,
        status: person.status,
        custom_status: None,
        activity: None,
        nickname: None,
        joined_at: space.created_at.rfc3339(),
        timeout_expires_at: None,
        roles: Vec::new(),
        is_bot: true,
    })
}

/// `PRESENCE_UPDATE`.
pub fn presence(view: View<'_>, account: &Account, dialect: Dialect) -> PresenceOut {
    PresenceOut {
        user_id: account.id.0,
        status: presence::shown(view.state, account, dialect),
        custom_status: account.status.text.clone(),
        activity: account.status.activity.clone(),
    }
}

fn is_bot(account: &Account) -> bool {
    account.kind == AccountKind::Bot
}
