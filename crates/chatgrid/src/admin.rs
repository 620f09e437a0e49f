//! What administrators do (chatgrid.md 5.19). Every answer goes to the asker alone; what it changes is told to those it
//! concerns as it happens. The core checks once more and keeps it in its audit log.

use crate::decode::{AdminAction, UsersFor};
use crate::encode::Scene;
use crate::limits;
use crate::rights;
use crate::roles::{self, GridRole, Known};
use crate::session::{Player, tag};
use crate::texts::admin as texts;
use crate::wire::{Frame, RoleRow, UserRow};
use commonroom_core::command::{Command, RoleSettings};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, RoleId};
use commonroom_core::permission::Permissions;
use commonroom_core::policy;
use commonroom_core::space::RoleKind;
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;

/// What an administrator waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pending {
    action: &'static str,
    done: String,
}

/// What is asked of the core, or that it is so already; or why not.
type Decision = Result<(Option<Command>, Pending), String>;

/// The word under which an action is answered.
fn word(action: &AdminAction) -> &'static str {
    match action {
        AdminAction::RolesList | AdminAction::RoleUpdate { .. } => "role_update_permissions",
        AdminAction::UsersList { .. } | AdminAction::SetRole { .. } => "user_set_role",
        AdminAction::RoleCreate { .. } => "role_create",
        AdminAction::RoleDelete { .. } => "role_delete",
        AdminAction::Ban { .. } => "user_ban",
        AdminAction::Unban { .. } => "user_unban",
        AdminAction::Delete { .. } => "user_delete",
    }
}

/// What an action takes: one of these.
fn needs(action: &AdminAction) -> &'static [Permissions] {
    match action {
        AdminAction::RolesList => &[Permissions::MANAGE_ROLES, Permissions::ASSIGN_ROLES],
        AdminAction::UsersList { .. } => {
            &[Permissions::ASSIGN_ROLES, Permissions::BAN_MEMBERS, Permissions::DELETE_ACCOUNTS]
        }
        AdminAction::RoleCreate { .. } | AdminAction::RoleUpdate { .. } | AdminAction::RoleDelete { .. } => {
            &[Permissions::MANAGE_ROLES]
        }
        AdminAction::SetRole { .. } => &[Permissions::ASSIGN_ROLES],
        AdminAction::Ban { .. } | AdminAction::Unban { .. } => &[Permissions::BAN_MEMBERS],
        AdminAction::Delete { .. } => &[Permissions::DELETE_ACCOUNTS],
    }
}

/// Carries out what an administrator asks for.
pub(crate) fn act(scene: Scene<'_>, player: &mut Player, action: AdminAction, cx: &mut Context<'_>) {
    let word = word(&action);
    let held = rights::held(&scene.state.directory, scene.space, player.account);
    if !needs(&action).iter().any(|needed| held.has(*needed)) {
        return tell(false, word, texts::NOT_AUTHORIZED, cx);
    }
    if !player.rates.admin.take(cx.now) {
        return tell(false, word, texts::TOO_FAST, cx);
    }
    let desk = Desk { scene, actor: player.account, held, word, now: cx.now };
    let decision = match action {
        AdminAction::RolesList => return list_roles(scene, cx),
        AdminAction::UsersList { purpose } => return list_users(scene, purpose, cx),
        AdminAction::RoleCreate { name } => desk.create_role(&name),
        AdminAction::RoleUpdate { role, permissions } => desk.update_role(&role, &permissions),
        AdminAction::RoleDelete { role, replacement } => desk.delete_role(&role, &replacement),
        AdminAction::SetRole { username, role } => desk.set_role(&username, &role),
        AdminAction::Ban { username } => desk.ban(&username),
        AdminAction::Unban { username } => desk.unban(&username),
        AdminAction::Delete { username } => desk.delete(&username),
    };
    match decision {
        Ok((Some(command), pending)) => {
            player.administering = Some(pending);
            cx.command(tag::ADMIN, player.account, command);
        }
        Ok((None, pending)) => tell(true, word, &pending.done, cx),
        Err(why) => tell(false, word, &why, cx),
    }
}

/// The core's answer; whom it concerns has been told.
pub(crate) fn done(player: &mut Player, answer: Answer, cx: &mut Context<'_>) {
    let Some(Pending { action, done }) = player.administering.take() else { return };
    match answer {
        Ok(_) => tell(true, action, &done, cx),
        Err(refusal) => tell(false, action, texts::refused(refusal), cx),
    }
}

fn tell(ok: bool, action: &str, message: &str, cx: &mut Context<'_>) {
    cx.send(&Frame::AdminActionResult { ok, action, message }.json());
}

/// 6.21.
fn list_roles(scene: Scene<'_>, cx: &mut Context<'_>) {
    let people = roles::people(&scene.state.directory, scene.space, cx.now);
    let rows: Vec<RoleRow> = roles::all(scene.space)
        .into_iter()
        .map(|role| RoleRow {
            id: role.number(),
            is_system: role.is_system(),
            user_count: people.iter().filter(|known| known.role == role.name).count(),
            permissions: rights::words(role.permissions(scene.space)),
            name: role.name,
        })
        .collect();
    let (keys, tooltips) = (rights::keys(), rights::tooltips());
    let frame =
        Frame::AdminRolesList { roles: &rows, permission_keys: &keys, permission_tooltips: &tooltips };
    cx.send(&frame.json());
}

/// 6.22.
fn list_users(scene: Scene<'_>, purpose: UsersFor, cx: &mut Context<'_>) {
    let rows: Vec<UserRow> = roles::people(&scene.state.directory, scene.space, cx.now)
        .into_iter()
        .filter(|known| match purpose {
            UsersFor::Ban => !known.disabled,
            UsersFor::Unban => known.disabled,
            UsersFor::Anything => true,
        })
        .take(limits::USERS_LISTED)
        .map(|known| UserRow {
            id: known.number.to_string(),
            username: known.username,
            role: known.role,
            status: if known.disabled { "disabled" } else { "active" },
        })
        .collect();
    cx.send(&Frame::AdminUsersList { users: &rows }.json());
}

/// Who decides, and on what ground.
struct Desk<'a> {
    scene: Scene<'a>,
    actor: AccountId,
    held: Permissions,
    word: &'static str,
    now: Timestamp,
}

impl<'a> Desk<'a> {
    fn so(&self, command: Option<Command>, done: String) -> Decision {
        Ok((command, Pending { action: self.word, done }))
    }

    fn people(&self) -> Vec<Known> {
        roles::people(&self.scene.state.directory, self.scene.space, self.now)
    }

    fn is_admin(&self) -> bool {
        self.held.has(Permissions::ADMINISTRATOR)
    }

    fn role(&self, name: &str, missing: &str) -> Result<GridRole<'a>, String> {
        roles::find(self.scene.space, name).ok_or_else(|| missing.to_owned())
    }

    fn user(&self, username: &str) -> Result<Known, String> {
        let wanted = normal(username);
        let people = self.people();
        people.into_iter().find(|known| known.username == wanted).ok_or_else(|| texts::NO_USER.to_owned())
    }

    /// Checks what holds for everything done to somebody: never the last administrator, and neither an administrator nor
    /// themselves for who is none.
    fn may_touch(&self, target: &Known, last: &str) -> Result<(), String> {
        let is_admin = |known: &Known| known.role == crate::quirks::OWNER_ROLE && !known.disabled;
        let (directory, space) = (&self.scene.state.directory, self.scene.space);
        if is_admin(target) && self.people().iter().filter(|known| is_admin(known)).count() <= 1 {
            return Err(last.to_owned());
        }
        if !self.is_admin() && (is_admin(target) || target.account == self.actor) {
            return Err(texts::NOT_AUTHORIZED.to_owned());
        }
        if policy::is_owner(directory, space, target.account) && target.account != self.actor {
            return Err(texts::OWNER.to_owned());
        }
        Ok(())
    }

    fn create_role(&self, name: &str) -> Decision {
        let name = normal(name);
        if name.is_empty() {
            return Err(texts::NAME_REQUIRED.to_owned());
        }
        if name.chars().count() > limits::ROLE_CHARS {
            return Err(texts::NAME_LENGTH.to_owned());
        }
        if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-')) {
            return Err(texts::NAME_CHARACTERS.to_owned());
        }
        let space = self.scene.space;
        if roles::find(space, &name).is_some() || space.role_named(&name).is_some() {
            return Err(texts::ROLE_EXISTS.to_owned());
        }
        let done = format!("Created role {name}.");
        let settings = RoleSettings {
            name: Some(name),
            permissions: Some(roles::nothing(space)),
            alone: Some(true),
            ..RoleSettings::default()
        };
        self.so(Some(Command::CreateRole { space: space.id, settings }), done)
    }

    fn update_role(&self, name: &str, keys: &[String]) -> Decision {
        let (name, space) = (normal(name), self.scene.space);
        let found = self.role(&name, texts::NO_ROLE)?;
        let current = found.permissions(space);
        if current.has(Permissions::ADMINISTRATOR) {
            return Err(texts::ADMIN_LOCKED.to_owned());
        }
        let mut wanted = Permissions::NONE;
        for key in keys {
            let known = rights::key(key).ok_or_else(|| format!("Unknown permission: {key}"))?;
            wanted = wanted.with(known);
        }
        let done = format!("Updated permissions for {name}.");
        let changed = Permissions((current.0 ^ wanted.0) & rights::GRID.0);
        if changed == Permissions::NONE {
            return self.so(None, done);
        }
        if !self.held.has(changed) {
            return Err(texts::NOT_AUTHORIZED.to_owned());
        }
        let settings = RoleSettings {
            permissions: Some(roles::allowing(found.role, space, wanted)),
            alone: (found.role.kind == RoleKind::Plain).then_some(true),
            ..RoleSettings::default()
        };
        self.so(Some(Command::ChangeRole { space: space.id, role: found.role.id, settings }), done)
    }

    fn delete_role(&self, name: &str, replacement: &str) -> Decision {
        let (name, replacement) = (normal(name), normal(replacement));
        if matches!(&*name, crate::quirks::OWNER_ROLE | roles::USER) {
            return Err(texts::LOCKED_ROLES.to_owned());
        }
        if name == replacement {
            return Err(texts::SAME_ROLE.to_owned());
        }
        let found = self.role(&name, texts::NO_ROLE)?;
        if found.role.kind != RoleKind::Plain {
            return Err(texts::GUEST_ROLE.to_owned());
        }
        let heir = self.role(&replacement, texts::NO_REPLACEMENT)?;
        if heir.is_admin() && !self.is_admin() {
            return Err(texts::NOT_AUTHORIZED.to_owned());
        }
        let (space, role) = (self.scene.space.id, found.role.id);
        let command = match heir.role.kind {
            RoleKind::Everyone => Command::DeleteRole { space, role },
            RoleKind::Guest => return Err(texts::GUEST_ROLE.to_owned()),
            RoleKind::Owner | RoleKind::Plain => Command::ReplaceRole { space, role, by: heir.role.id },
        };
        let people = self.people();
        let count = people.iter().filter(|known| known.role == name).count();
        self.so(Some(command), format!("Deleted role {name}; reassigned {count} users to {replacement}."))
    }

    fn set_role(&self, username: &str, role: &str) -> Decision {
        let role = self.role(&normal(role), texts::NO_ROLE)?;
        let target = self.user(username)?;
        let done = format!("Set role for {} to {}.", target.username, role.name);
        if target.disabled {
            return Err(texts::BANNED.to_owned());
        }
        if target.role == role.name {
            return self.so(None, done);
        }
        self.may_touch(&target, texts::LAST_ROLE)?;
        if role.is_admin() && !self.is_admin() {
            return Err(texts::NOT_AUTHORIZED.to_owned());
        }
        let (directory, space) = (&self.scene.state.directory, self.scene.space);
        let member = directory.member(space.id, target.account).ok_or(texts::NO_USER)?;
        let own_choice = |id: &RoleId| space.role(*id).is_some_and(|role| role.self_assignable);
        let mut given: Vec<RoleId> = member.roles.iter().copied().filter(own_choice).collect();
        match role.role.kind {
            RoleKind::Owner | RoleKind::Plain => given.insert(0, role.role.id),
            RoleKind::Everyone => {}
            RoleKind::Guest => return Err(texts::GUEST_ROLE.to_owned()),
        }
        self.so(Some(Command::SetRoles { space: space.id, account: target.account, roles: given }), done)
    }

    /// A ban from the grid keeps out of the space whose grid it is, over every protocol, and of nothing else.
    fn ban(&self, username: &str) -> Decision {
        let target = self.user(username)?;
        let done = format!("Banned {}.", target.username);
        if target.disabled {
            return self.so(None, done);
        }
        self.may_touch(&target, texts::LAST_BAN)?;
        let (space, account) = (self.scene.space.id, target.account);
        self.so(Some(Command::Ban { space, account, reason: None, until: None }), done)
    }

    fn unban(&self, username: &str) -> Decision {
        let target = self.user(username)?;
        let (space, account) = (self.scene.space.id, target.account);
        let banned = self.scene.state.directory.ban(space, account).is_some();
        let command = banned.then_some(Command::Unban { space, account });
        self.so(command, format!("Unbanned {}.", target.username))
    }

    fn delete(&self, username: &str) -> Decision {
        let target = self.user(username)?;
        self.may_touch(&target, texts::LAST_DELETE)?;
        if policy::is_owner(&self.scene.state.directory, self.scene.space, target.account) {
            return Err(texts::OWNER.to_owned());
        }
        let done = format!("Deleted account {}.", target.username);
        self.so(Some(Command::Retire { account: target.account }), done)
    }
}

fn normal(name: &str) -> String {
    name.trim().to_lowercase()
}
