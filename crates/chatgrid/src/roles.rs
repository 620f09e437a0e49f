//! The roles of a space as the grid knows them (chatgrid.md 8): one for each account, with a name of its alphabet, a
//! whole number as id and the keys of what its holders may.
//!
//! | on the grid | in the core |
//! |---|---|
//! | `admin` | the owner's role and the role named `admin` |
//! | `user` | everybody's role |
//! | `guest` | the role of guests, who sign in over other protocols |
//! | any other | a role given by hand; roles that members take by themselves are no roles of the grid |

use crate::limits;
use crate::quirks;
use crate::rights;
use commonroom_core::account::AccountKind;
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, RoleId};
use commonroom_core::name;
use commonroom_core::permission::Permissions;
use commonroom_core::policy;
use commonroom_core::space::{Role, RoleKind, Space};

/// The role of who has no other.
pub const USER: &str = "user";
/// The role of guests.
pub const GUEST: &str = "guest";

/// A role as the grid knows it.
#[derive(Clone, Debug)]
pub struct GridRole<'a> {
    /// Its name here, unique in the space.
    pub name: String,
    /// The core's.
    pub role: &'a Role,
}

impl GridRole<'_> {
    /// True for the role with all rights, which cannot be changed.
    pub fn is_admin(&self) -> bool {
        self.name == quirks::OWNER_ROLE
    }

    /// True for the roles that cannot be deleted here.
    pub fn is_system(&self) -> bool {
        self.is_admin() || self.role.kind != RoleKind::Plain
    }

    /// What its holders may.
    pub fn permissions(&self, space: &Space) -> Permissions {
        let role = self.role;
        if self.is_admin() || role.permissions.has(Permissions::ADMINISTRATOR) {
            return Permissions::ALL;
        }
        let beside = role.kind == RoleKind::Plain && !role.alone;
        let everybody =
            space.everyone().filter(|_| beside).map_or(Permissions::NONE, |role| role.permissions);
        role.permissions.with(everybody)
    }

    /// Its id here: 48 bits of the core's, so that it stays the same for ever.
    pub fn number(&self) -> u64 {
        let RoleId(id) = self.role.id;
        let bytes = id.as_bytes();
        bytes[10..].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// The roles of a space, most powerful first.
pub fn all(space: &Space) -> Vec<GridRole<'_>> {
    let plain_admin = |role: &Role| role.kind == RoleKind::Plain && plain_name(role) == quirks::OWNER_ROLE;
    let has_plain_admin = space.roles.iter().any(plain_admin);
    let mut roles: Vec<GridRole<'_>> = Vec::with_capacity(space.roles.len());
    for role in space.roles.iter().filter(|role| !role.self_assignable) {
        let name = match role.kind {
            RoleKind::Owner if has_plain_admin => continue,
            RoleKind::Owner => quirks::OWNER_ROLE.to_owned(),
            RoleKind::Everyone => USER.to_owned(),
            RoleKind::Guest => GUEST.to_owned(),
            RoleKind::Plain => plain_name(role),
        };
        roles.push(GridRole { name: free(&roles, role.kind, name), role });
    }
    roles
}

fn plain_name(role: &Role) -> String {
    name::handle(&role.name).chars().take(limits::ROLE_CHARS).collect()
}

/// The name itself, or the first numbered one that no role before has. The names of the roles that everybody has are
/// theirs.
fn free(taken: &[GridRole<'_>], kind: RoleKind, name: String) -> String {
    let is_free = |name: &str| {
        let reserved = kind == RoleKind::Plain && matches!(name, USER | GUEST);
        !reserved && taken.iter().all(|other| other.name != name)
    };
    if is_free(&name) {
        return name;
    }
    let numbered = (2..).map(|number| {
        let suffix = format!("-{number}");
        let stem: String = name.chars().take(limits::ROLE_CHARS - suffix.len()).collect();
        format!("{stem}{suffix}")
    });
    numbered.into_iter().find(|name| is_free(name)).unwrap_or_default()
}

/// The role of a name.
pub fn find<'a>(space: &'a Space, name: &str) -> Option<GridRole<'a>> {
    all(space).into_iter().find(|role| role.name == name)
}

/// The one role of an account: the most powerful that it has.
pub fn of(directory: &Directory, space: &Space, account: AccountId) -> String {
    of_known(&all(space), directory, space, account)
}

fn of_known(roles: &[GridRole<'_>], directory: &Directory, space: &Space, account: AccountId) -> String {
    if policy::is_owner(directory, space, account) {
        return quirks::OWNER_ROLE.to_owned();
    }
    let Some(member) = directory.member(space.id, account) else { return USER.to_owned() };
    let highest = roles.iter().find(|role| member.roles.contains(&role.role.id));
    let guest = directory.account(account).is_some_and(|account| account.kind == AccountKind::Guest);
    highest.map_or(if guest { GUEST } else { USER }, |role| &*role.name).to_owned()
}

/// Somebody as an administrator sees them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// Who.
    pub account: AccountId,
    /// Account number.
    pub number: i64,
    /// Login name.
    pub username: String,
    /// Their role.
    pub role: String,
    /// Kept out, by a ban or altogether.
    pub disabled: bool,
}

/// The people of a space and those kept out of it, by login name. Bots and the server itself are none.
pub fn people(directory: &Directory, space: &Space, now: Timestamp) -> Vec<Known> {
    let roles = all(space);
    let members = directory.members(space.id).map(|member| member.account);
    let banned = directory.bans(space.id).map(|ban| ban.account);
    // Everybody belongs to the default space, also who has not come back yet.
    let is_default = directory.default_space().is_some_and(|default| default.id == space.id);
    let others = directory.accounts().filter(|_| is_default).map(|account| account.id);
    let mut people: Vec<Known> = members
        .chain(banned)
        .chain(others)
        .filter_map(|id| {
            let account = directory.account(id).filter(|known| !known.retired)?;
            let person = matches!(account.kind, AccountKind::Person | AccountKind::Guest);
            person.then(|| Known {
                account: id,
                number: account.number,
                username: account.handle.clone(),
                role: of_known(&roles, directory, space, id),
                disabled: account.disabled || policy::is_banned(directory, space.id, id, now),
            })
        })
        .collect();
    people.sort_by(|one, other| (&one.username, one.number).cmp(&(&other.username, other.number)));
    people.dedup_by_key(|known| known.account);
    people
}

/// What a role of the core must allow so that its holders may exactly `wanted` on the grid; everything else stays as it
/// is. A role beside everybody's takes over what everybody may, because from then on it stands alone.
pub fn allowing(role: &Role, space: &Space, wanted: Permissions) -> Permissions {
    let joins = role.kind == RoleKind::Plain && !role.alone;
    let everybody = space.everyone().filter(|_| joins).map_or(Permissions::NONE, |role| role.permissions);
    role.permissions.with(everybody).without(rights::GRID).with(wanted)
}

/// What a new role allows: nothing of the grid's, and off the grid what everybody may.
pub fn nothing(space: &Space) -> Permissions {
    space.everyone().map_or(Permissions::NONE, |role| role.permissions).without(rights::GRID)
}
