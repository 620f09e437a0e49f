//! Who holds which roles (originchats.md 5.8, 8).

use super::super::requests::Asked;
use super::super::{OriginSession, plain, view};
use super::roles::existing;
use crate::decode::admin::roles::Deal;
use crate::encode::people;
use crate::wording::{Admin, Deed, Wrong, text};
use commonroom_core::command::Command;
use commonroom_core::ids::{AccountId, RoleId};
use commonroom_core::space::{RoleKind, Space};
use commonroom_core::{Permissions, Refusal, policy};
use commonroom_hub::session::Context;
use serde_json::json;

impl OriginSession {
    /// `user_roles_set`, `user_roles_add` and `user_roles_remove`
    pub(super) fn deal(
        &mut self,
        deal: Deal,
        user: &str,
        names: &[String],
        asked: &Asked,
        cx: &mut Context<'_>,
    ) -> Result<(), Wrong> {
        self.needs(&[Permissions::MANAGE_MEMBERS], "manage_users", cx)?;
        let (target, member) = self.someone(user, cx)?;
        let space = self.community(cx)?;
        let named: Vec<RoleId> = names.iter().map(|name| existing(&space, name)).collect::<Result<_, _>>()?;
        if policy::is_owner(&cx.state.directory, &space, target.id) && !self.owns(cx) {
            return Err(plain(text::ROLE_RANK));
        }
        let kind_of = |id: &RoleId| space.role(*id).map(|role| role.kind);
        let founder = space.owner == Some(target.id);
        // Everybody holds some roles without being given them, and so does who founded the community.
        let given = |id: &RoleId| match kind_of(id) {
            Some(RoleKind::Plain) => true,
            Some(RoleKind::Owner) => !founder || member.roles.contains(id),
            Some(RoleKind::Everyone | RoleKind::Guest) | None => false,
        };
        let held = member.roles.clone();
        let wanted: Vec<RoleId> = match deal {
            Deal::Set => named.iter().copied().filter(given).collect(),
            Deal::Add => {
                let new = named.iter().copied().filter(given).filter(|id| !held.contains(id));
                new.chain(held.iter().copied()).collect()
            }
            Deal::Remove => {
                if named.iter().any(|id| kind_of(id) == Some(RoleKind::Everyone)) {
                    return Err(plain("Cannot remove all roles from a user"));
                }
                held.iter().copied().filter(|id| !named.contains(id)).collect()
            }
        };
        let names_owner = named.iter().any(|id| kind_of(id) == Some(RoleKind::Owner));
        if founder && names_owner != (deal != Deal::Remove) && deal != Deal::Add {
            return Err(plain(text::LAST_OWNER_ROLE));
        }
        self.may_deal(&space, &held, &wanted, cx)?;
        let (id, command) =
            (target.id, Command::SetRoles { space: space.id, account: target.id, roles: wanted });
        self.command(
            asked.clone(),
            command,
            move |session, asked, answer, cx| match answer {
                Ok(_) => session.dealt(deal, id, &asked, cx),
                Err(Refusal::Invalid) => session.refuse(&asked, &plain(text::ROLE_RANK), cx),
                Err(why) => session.refused(&asked, why, Deed::Admin(Admin::Role), cx),
            },
            cx,
        );
        Ok(())
    }

    /// Checks every role that would be given or taken.
    fn may_deal(
        &self,
        space: &Space,
        held: &[RoleId],
        wanted: &[RoleId],
        cx: &Context<'_>,
    ) -> Result<(), Wrong> {
        let touched = held.iter().chain(wanted).filter(|id| held.contains(id) != wanted.contains(id));
        for role in touched.filter_map(|id| space.role(*id)) {
            self.outranks_role(space, role, cx)?;
            self.holds(role.permissions, cx)?;
        }
        Ok(())
    }

    fn dealt(&mut self, deal: Deal, id: AccountId, asked: &Asked, cx: &mut Context<'_>) {
        let Some(view) = view(&self.shared, cx) else { return };
        let parts = view.directory.account(id).zip(view.directory.member(view.space.id, id));
        let Some((account, member)) = parts else {
            return self.refuse(asked, &plain(text::NO_USER), cx);
        };
        let (user, roles) = (people::username(view.directory, id), people::roles(&view, account, member));
        let body = match deal {
            Deal::Set => {
                json!({"user": user, "roles": roles, "color": people::color(&view, &roles), "set": true})
            }
            Deal::Add => json!({"user": user, "roles": roles, "added": true}),
            Deal::Remove => json!({"user": user, "roles": roles, "removed": true}),
        };
        self.reply(asked, body, cx);
    }
}
