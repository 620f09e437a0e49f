//! Making, changing, ordering and deleting roles (originchats.md 5.8, 8).

use super::super::requests::Asked;
use super::super::{OriginSession, plain, view};
use crate::decode::admin::roles::{Ask, Form, Mention};
use crate::encode::places;
use crate::permissions;
use crate::wording::{Admin, Deed, Wrong, refusal, text};
use commonroom_core::channel::OverrideTarget;
use commonroom_core::command::{Command, RoleSettings};
use commonroom_core::ids::RoleId;
use commonroom_core::space::{MentionRule, Role, RoleKind, Space};
use commonroom_core::{Permissions, Refusal, Reply, policy};
use commonroom_hub::session::Context;
use serde_json::json;
use std::sync::Arc;

/// Roles that clients and the server count on: never deleted or renamed.
const SYSTEM: [&str; 4] = ["owner", "admin", "user", "guest"];
/// Roles that are never offered.
const GIVEN: [&str; 5] = ["owner", "admin", "moderator", "user", "guest"];
/// The role that who is kept out is shown with (originchats.md 5.9).
pub(in crate::session) const BANNED: &str = "banned";

impl OriginSession {
    pub(super) fn about_roles(&mut self, ask: Ask, asked: &Asked, cx: &mut Context<'_>) -> Result<(), Wrong> {
        match ask {
            Ask::Create(name, form) => self.create_role(&name, &form, asked, cx),
            Ask::Change(which, form) => self.change_role(&which, &form, asked, cx),
            Ask::Delete(which) => self.delete_role(&which, asked, cx),
            Ask::Reorder(names) => self.reorder_roles(&names, asked, cx),
            Ask::Permissions(which) => {
                let space = self.community(cx)?;
                let role = named(&space, &which)?;
                let body = json!({
                    "id": role.id.to_string(),
                    "name": role.name,
                    "permissions": permissions::names(role.permissions),
                });
                self.reply(asked, body, cx);
                Ok(())
            }
            Ask::Permit(which, form) => self.change_role(&which, &form, asked, cx),
            Ask::Hold(deal, user, roles) => self.deal(deal, &user, &roles, asked, cx),
            Ask::Choose(role, on) => self.choose_role(&role, on, asked, cx),
            Ask::Offered => self.offered(asked, cx),
        }
    }

    /// The community as it is now.
    pub(super) fn community(&self, cx: &Context<'_>) -> Result<Arc<Space>, Wrong> {
        cx.state.directory.space(self.here()?).cloned().ok_or(plain(text::FAULT))
    }

    fn create_role(
        &mut self,
        name: &str,
        form: &Form,
        asked: &Asked,
        cx: &mut Context<'_>,
    ) -> Result<(), Wrong> {
        self.needs(&[Permissions::MANAGE_ROLES], "manage_roles", cx)?;
        let space = self.community(cx)?;
        if name.eq_ignore_ascii_case(BANNED) || space.role_named(name).is_some() {
            return Err(plain(text::ROLE_EXISTS));
        }
        let settings = self.role_settings(&space, form, None, cx)?;
        let (command, name) = (Command::CreateRole { space: space.id, settings }, name.to_owned());
        self.command(
            asked.clone(),
            command,
            move |session, asked, answer, cx| match answer {
                Ok(Reply::Role(id)) => {
                    session.reply(&asked, json!({"id": id.to_string(), "name": name}), cx);
                }
                Ok(_) => session.refuse(&asked, &plain(text::FAULT), cx),
                Err(why) => session.refuse(&asked, &role_wrong(why, &name), cx),
            },
            cx,
        );
        Ok(())
    }

    /// `role_update`, `role_set` and `role_permissions_set`
    fn change_role(
        &mut self,
        which: &str,
        form: &Form,
        asked: &Asked,
        cx: &mut Context<'_>,
    ) -> Result<(), Wrong> {
        self.needs(&[Permissions::MANAGE_ROLES], "manage_roles", cx)?;
        let space = self.community(cx)?;
        let role = named(&space, which)?;
        self.outranks_role(&space, role, cx)?;
        if let Some(wanted) = form.name.as_deref().filter(|wanted| *wanted != role.name) {
            if is_system(role) {
                return Err(plain("Cannot rename system roles"));
            }
            let holder = space.role_named(wanted).filter(|holder| holder.id != role.id);
            if wanted.eq_ignore_ascii_case(BANNED) || holder.is_some() {
                return Err(plain(text::ROLE_EXISTS));
            }
        }
        let settings = self.role_settings(&space, form, Some(role), cx)?;
        let (id, name) = (role.id, role.name.clone());
        self.command(
            asked.clone(),
            Command::ChangeRole { space: space.id, role: id, settings },
            move |session, asked, answer, cx| match answer {
                Ok(_) => session.role_is_changed(&asked, id, cx),
                Err(why) => session.refuse(&asked, &role_wrong(why, &name), cx),
            },
            cx,
        );
        Ok(())
    }

    fn role_is_changed(&mut self, asked: &Asked, id: RoleId, cx: &mut Context<'_>) {
        let Ok(space) = self.community(cx) else { return };
        let Some(role) = space.role(id) else { return self.refuse(asked, &plain(text::NO_ROLE), cx) };
        let mut body = json!({"id": id.to_string(), "name": role.name, "updated": true});
        if asked.cmd == "role_permissions_set" {
            body["permissions"] = json!(permissions::names(role.permissions));
        }
        self.reply(asked, body, cx);
    }

    fn delete_role(&mut self, which: &str, asked: &Asked, cx: &mut Context<'_>) -> Result<(), Wrong> {
        self.needs(&[Permissions::MANAGE_ROLES], "manage_roles", cx)?;
        let space = self.community(cx)?;
        let role = named(&space, which)?;
        if is_system(role) {
            return Err(plain("Cannot delete system roles"));
        }
        self.outranks_role(&space, role, cx)?;
        self.unused(role, cx)?;
        let (id, name) = (role.id, role.name.clone());
        self.command(
            asked.clone(),
            Command::DeleteRole { space: space.id, role: id },
            move |session, asked, answer, cx| match answer {
                Ok(_) => {
                    session.reply(&asked, json!({"id": id.to_string(), "name": name, "deleted": true}), cx);
                }
                Err(why) => session.refuse(&asked, &role_wrong(why, &name), cx),
            },
            cx,
        );
        Ok(())
    }

    /// Checks that no channel speaks of a role. A channel that the one who asks may not view is not named.
    fn unused(&self, role: &Role, cx: &Context<'_>) -> Result<(), Wrong> {
        let Some(me) = &self.me else { return Ok(()) };
        let directory = &cx.state.directory;
        let speaks = directory.channels_of(me.space).find(|channel| {
            channel.grants.iter().any(|grant| grant.roles.iter().any(|(listed, _)| *listed == role.id))
                || channel.overrides.iter().any(|rule| rule.target == OverrideTarget::Role(role.id))
        });
        match speaks {
            None => Ok(()),
            Some(channel) if policy::may_view(directory, channel, me.account) => {
                Err(Wrong::Said(format!("Role is used in channel '{}' permissions", channel.name)))
            }
            Some(_) => Err(plain("Role is used in the permissions of a channel that you cannot view")),
        }
    }

    fn reorder_roles(&mut self, names: &[String], asked: &Asked, cx: &mut Context<'_>) -> Result<(), Wrong> {
        self.needs(&[Permissions::MANAGE_ROLES], "manage_roles", cx)?;
        let space = self.community(cx)?;
        let mut order: Vec<RoleId> = Vec::with_capacity(space.roles.len());
        for name in names {
            let role = named(&space, name)?;
            if order.contains(&role.id) {
                return Err(plain(text::NO_ORDER));
            }
            order.push(role.id);
        }
        // Everybody's roles stand last wherever they are named, so they need not be.
        let everybodys = |role: &&Role| matches!(role.kind, RoleKind::Everyone | RoleKind::Guest);
        let left_out: Vec<RoleId> = space
            .roles
            .iter()
            .filter(everybodys)
            .map(|role| role.id)
            .filter(|id| !order.contains(id))
            .collect();
        order.extend(left_out);
        let admin = space.role_named("admin").map(|role| role.id);
        let place = |order: &[RoleId]| order.iter().position(|id| Some(*id) == admin);
        let before: Vec<RoleId> = space.roles.iter().map(|role| role.id).collect();
        if order.len() == before.len() && place(&order) != place(&before) && !self.owns(cx) {
            return Err(plain(text::ROLE_RANK));
        }
        self.command(
            asked.clone(),
            Command::ReorderRoles { space: space.id, roles: order },
            |session, asked, answer, cx| match answer {
                Ok(_) => {
                    let Ok(space) = session.community(cx) else { return };
                    let names: Vec<&str> = space.roles.iter().map(|role| role.name.as_str()).collect();
                    session.reply(&asked, json!({"roles": names}), cx);
                }
                Err(Refusal::Invalid) => session.refuse(&asked, &plain(text::NO_ORDER), cx),
                Err(why) => session.refused(&asked, why, Deed::Admin(Admin::Role), cx),
            },
            cx,
        );
        Ok(())
    }

    /// `self_role_add` and `self_role_remove`
    fn choose_role(
        &mut self,
        role: &str,
        on: bool,
        asked: &Asked,
        cx: &mut Context<'_>,
    ) -> Result<(), Wrong> {
        let space = self.community(cx)?;
        let role = named(&space, role)?;
        let name = role.name.clone();
        self.command(
            asked.clone(),
            Command::ChooseRole { space: space.id, role: role.id, on },
            move |session, asked, answer, cx| match answer {
                Ok(_) => {
                    let roles = session.own_roles(cx);
                    session.reply(&asked, json!({"role": name, "success": true, "roles": roles}), cx);
                }
                Err(why) => session.refused(&asked, why, Deed::Admin(Admin::ChooseRole(on)), cx),
            },
            cx,
        );
        Ok(())
    }

    /// `self_roles_list`
    fn offered(&mut self, asked: &Asked, cx: &mut Context<'_>) -> Result<(), Wrong> {
        let space = self.community(cx)?;
        let account = self.account().ok_or(plain(text::SIGN_IN))?;
        let held = cx.state.directory.member(space.id, account).map(|member| member.roles.clone());
        let roles = places::offered(&space, &held.unwrap_or_default());
        self.reply(asked, json!({"roles": roles}), cx);
        Ok(())
    }

    fn own_roles(&self, cx: &Context<'_>) -> Vec<String> {
        let Some((view, id)) = view(&self.shared, cx).zip(self.account()) else { return Vec::new() };
        let parts = view.directory.account(id).zip(view.directory.member(view.space.id, id));
        parts
            .map(|(account, member)| crate::encode::people::roles(&view, account, member))
            .unwrap_or_default()
    }

    /// Checks that a role stands below the one who asks; the two highest ones are for owners only.
    pub(super) fn outranks_role(&self, space: &Space, role: &Role, cx: &Context<'_>) -> Result<(), Wrong> {
        let Some(me) = &self.me else { return Err(plain(text::SIGN_IN)) };
        let directory = &cx.state.directory;
        let top = role.kind == RoleKind::Owner || role.name.eq_ignore_ascii_case("admin");
        let below = role.rank < policy::rank(directory, space, me.account);
        if policy::is_owner(directory, space, me.account) || (below && !top) {
            Ok(())
        } else {
            Err(plain(text::ROLE_RANK))
        }
    }

    /// Checks that the one who asks holds every permission that they would give; names the first that they lack.
    pub(super) fn holds(&self, wanted: Permissions, cx: &Context<'_>) -> Result<(), Wrong> {
        let lacking = wanted.without(self.held(cx));
        match permissions::names(lacking).first() {
            Some(name) => Err(Wrong::Permission(name)),
            None if lacking == Permissions::NONE => Ok(()),
            None => Err(plain(text::ROLE_RANK)),
        }
    }

    fn role_settings(
        &self,
        space: &Space,
        form: &Form,
        role: Option<&Role>,
        cx: &Context<'_>,
    ) -> Result<RoleSettings, Wrong> {
        let before = role.map_or(Permissions::NONE, |role| role.permissions);
        let wanted = form.permissions.map(|named| named | permissions::unnamed(before));
        if let Some(wanted) = wanted {
            self.holds(wanted.without(before), cx)?;
        }
        let given = role.map(|role| role.name.as_str()).filter(|name| is_one_of(&GIVEN, name));
        if let Some(name) = given
            && form.self_assignable == Some(true)
        {
            return Err(Wrong::Said(format!("Role '{name}' cannot be made self-assignable")));
        }
        let mention = form.mention.as_ref().map(|rule| mention_rule(space, rule)).transpose()?;
        Ok(RoleSettings {
            name: form.name.clone(),
            description: form.description.clone(),
            color: form.color.clone(),
            hoisted: form.hoisted,
            category: form.category.clone(),
            alone: None,
            self_assignable: form.self_assignable,
            mention,
            permissions: wanted,
            rank: None,
        })
    }
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn is_system(role: &Role) -> bool {
    role.kind != RoleKind::Plain || is_one_of(&SYSTEM, &role.name)
}

fn mention_rule(space: &Space, rule: &Mention) -> Result<MentionRule, Wrong> {
    match rule {
        Mention::Nobody => Ok(MentionRule::Nobody),
        Mention::Anybody => Ok(MentionRule::Anybody),
        Mention::Roles(names) => {
            names.iter().map(|name| existing(space, name)).collect::<Result<_, _>>().map(MentionRule::Roles)
        }
    }
}

/// A role by id or name.
fn find<'a>(space: &'a Space, which: &str) -> Option<&'a Role> {
    space.roles.iter().find(|role| role.id.to_string() == which).or_else(|| space.role_named(which))
}

/// The role that a command is about.
fn named<'a>(space: &'a Space, which: &str) -> Result<&'a Role, Wrong> {
    find(space, which).ok_or(plain(text::NO_ROLE))
}

/// A role that a list names.
pub(super) fn existing(space: &Space, which: &str) -> Result<RoleId, Wrong> {
    let missing = || Wrong::Said(format!("Role '{which}' does not exist"));
    find(space, which).map(|role| role.id).ok_or_else(missing)
}

/// The sentence for a refusal about a role of that name.
pub(super) fn role_wrong(why: Refusal, name: &str) -> Wrong {
    if why == Refusal::Invalid {
        return Wrong::Said(format!("Role '{name}' cannot be made self-assignable"));
    }
    plain(refusal(why, Deed::Admin(Admin::Role)))
}
