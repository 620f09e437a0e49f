//! People, their names, roles and presence, as this protocol shows them.

use super::View;
use crate::wire;
use commonroom_core::account::{Account, AccountKind, ExternalId, StatusKind};
use commonroom_core::directory::Directory;
use commonroom_core::ids::AccountId;
use commonroom_core::space::{Member, RoleKind};
use commonroom_hub::live;
use std::sync::Arc;

/// What every username begins with: clients take such a name for one without an outside profile (originchats.md 3.3).
pub const LOCAL: &str = "USR:local_";

/// True for an account whose identity is kept elsewhere: shown by the name it has there.
pub fn is_outside(account: &Account) -> bool {
    matches!(account.external, Some(ExternalId::Rotur(_)))
}

/// The username of an account. Whoever is gone and whose name another holds now gets the account's number as a suffix,
/// so that nobody seems to have written what somebody else wrote.
pub fn username(directory: &Directory, id: AccountId) -> String {
    match directory.account(id) {
        Some(server) if server.kind == AccountKind::Server => wire::SERVER_USER.to_owned(),
        Some(gone)
            if gone.retired && is_outside(gone) && directory.account_named(&gone.username).is_some() =>
        {
            format!("{}~{}", gone.username, gone.number)
        }
        Some(outside) if is_outside(outside) => outside.username.clone(),
        Some(gone) if gone.retired && directory.account_with_handle(&gone.handle).is_some() => {
            format!("{LOCAL}{}~{}", gone.handle, gone.number)
        }
        Some(account) => format!("{LOCAL}{}", account.handle),
        None => wire::SERVER_USER.to_owned(),
    }
}

/// The id of an account: for one of this server its username too.
pub fn id(directory: &Directory, id: AccountId) -> String {
    match directory.account(id).and_then(|account| account.external.as_ref()) {
        Some(ExternalId::Rotur(outside)) => outside.clone(),
        Some(ExternalId::Site(_)) | None => username(directory, id),
    }
}

/// The account that a client means by a username, an id, or a bare name.
pub fn find<'a>(directory: &'a Directory, text: &str) -> Option<&'a Arc<Account>> {
    let prefixed = text.get(..LOCAL.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(LOCAL));
    let bare = if prefixed { &text[LOCAL.len()..] } else { text };
    if let Some((handle, number)) = bare.split_once('~') {
        let gone = number.parse().ok().and_then(|number| directory.account_numbered(number));
        return gone.filter(|account| account.handle == handle || account.username == handle);
    }
    // The handle of an account whose identity is kept elsewhere is no name of it here.
    let local = directory.account_with_handle(bare).filter(|account| !is_outside(account));
    let outside = || directory.account_outside(&ExternalId::Rotur(text.to_owned()));
    local.or_else(outside).or_else(|| directory.account_named(text))
}

/// The name shown in the space.
pub fn shown_name(account: &Account, member: Option<&Member>) -> String {
    let nickname = member.and_then(|member| member.nickname.as_deref());
    nickname.unwrap_or_else(|| account.shown_name()).to_owned()
}

/// The role names of a member, the primary one first: given ones in their order, then everybody's.
pub fn roles(view: &View<'_>, account: &Account, member: &Member) -> Vec<String> {
    let space = view.space;
    let name_of =
        |kind: RoleKind| space.roles.iter().find(|role| role.kind == kind).map(|role| role.name.clone());
    let given = member.roles.iter().filter_map(|id| space.role(*id));
    let mut names: Vec<String> = Vec::with_capacity(member.roles.len() + 2);
    if space.owner == Some(account.id) && !given.clone().any(|role| role.kind == RoleKind::Owner) {
        names.extend(name_of(RoleKind::Owner));
    }
    names.extend(given.map(|role| role.name.clone()));
    if account.kind == AccountKind::Guest {
        names.extend(name_of(RoleKind::Guest));
    }
    names.extend(name_of(RoleKind::Everyone));
    names
}

/// The colour of the first role.
pub fn color(view: &View<'_>, roles: &[String]) -> Option<String> {
    roles.first().and_then(|first| view.space.role_named(first)).and_then(|role| role.color.clone())
}

/// True when others are to take the account for offline.
pub fn is_hidden(account: &Account) -> bool {
    account.status.kind == StatusKind::Invisible
}

/// The word for a chosen presence. The client's own button for invisible sends and shows `offline`.
pub fn word(kind: StatusKind) -> &'static str {
    match kind {
        StatusKind::Online => "online",
        StatusKind::Away | StatusKind::Idle => "idle",
        StatusKind::Dnd => "dnd",
        StatusKind::Invisible => "offline",
    }
}

/// The chosen presence, as its owner sees it.
pub fn own_status(account: &Account) -> wire::Status {
    wire::Status { status: word(account.status.kind), text: account.status.text.clone().unwrap_or_default() }
}

/// The presence that `viewer` sees; `None` views like a stranger.
pub fn status(view: &View<'_>, account: &Account, viewer: Option<AccountId>) -> wire::Status {
    let mut status = own_status(account);
    let shown = viewer == Some(account.id)
        || (view.live.is_online(account.id)
            && !viewer
                .is_some_and(|viewer| live::hidden_from(view.directory, view.live, viewer, account.id)));
    if !shown {
        status.status = "offline";
    }
    status
}

/// A picture as an absolute URL, if it can be one.
pub fn picture(view: &View<'_>, account: &Account) -> Option<String> {
    let avatar = account.avatar.as_deref()?;
    if avatar.starts_with('/') {
        view.base.map(|base| format!("{base}{avatar}"))
    } else {
        Some(avatar.to_owned())
    }
}

/// A member.
pub fn user(view: &View<'_>, account: &Account, member: &Member, viewer: Option<AccountId>) -> wire::User {
    let roles = roles(view, account, member);
    wire::User {
        id: None,
        username: username(view.directory, account.id),
        nickname: shown_name(account, Some(member)),
        color: color(view, &roles),
        roles,
        status: status(view, account, viewer),
        cracked: !is_outside(account),
        pfp: picture(view, account),
    }
}

/// Every member, the oldest account first, as one of them sees it.
pub fn users(view: &View<'_>, viewer: AccountId) -> Vec<wire::User> {
    let members = view.directory.members(view.space.id);
    let mut people: Vec<(&Account, &Member)> =
        members.filter_map(|member| Some((&**view.directory.account(member.account)?, &**member))).collect();
    people.sort_by_key(|(account, _)| account.number);
    let shape = |(account, member): (&Account, &Member)| {
        let user = user(view, account, member, Some(viewer));
        wire::User { id: Some(user.username.clone()), ..user }
    };
    people.into_iter().map(shape).collect()
}

/// Every member who is here and lets the viewer see it.
pub fn online(view: &View<'_>, viewer: AccountId) -> Vec<wire::OnlineUser> {
    let mut here: Vec<&Account> =
        view.live.online().filter_map(|id| Some(&**view.directory.account(id)?)).collect();
    here.sort_by_key(|account| account.number);
    let mut online = Vec::with_capacity(here.len());
    for account in here {
        let id = account.id;
        let Some(member) = view.directory.member(view.space.id, id) else { continue };
        let hidden = is_hidden(account) || live::hidden_from(view.directory, view.live, viewer, id);
        if hidden && id != viewer {
            continue;
        }
        let user = user(view, account, member, Some(viewer));
        online.push(wire::OnlineUser {
            username: user.username,
            nickname: user.nickname,
            roles: user.roles,
            color: user.color,
            status: user.status,
        });
    }
    online
}
