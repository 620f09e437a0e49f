//! Giving members other names, and deleting their accounts (originchats.md 5.7).

use super::super::requests::Asked;
use super::super::{OriginSession, plain};
use crate::decode::admin::people::{Ask, Names};
use crate::encode::people;
use crate::limits;
use crate::wording::{Admin, Deed, Wrong, text};
use commonroom_core::account::Account;
use commonroom_core::command::Command;
use commonroom_core::ids::{AccountId, RoleId};
use commonroom_core::space::{RoleKind, Space};
use commonroom_core::{Permissions, policy};
use commonroom_hub::session::Context;
use serde_json::json;
use std::sync::Arc;

impl OriginSession {
    pub(super) fn about_members(
        &mut self,
        ask: Ask,
        asked: &Asked,
        cx: &mut Context<'_>,
    ) -> Result<(), Wrong> {
        match ask {
            Ask::Update(user, names) => self.update_member(&user, names, asked, cx),
            Ask::Delete(user) => self.delete_member(&user, asked, cx),
        }
    }

    /// `user_update`: first the nickname, then the username.
    fn update_member(
        &mut self,
        user: &str,
        names: Names,
        asked: &Asked,
        cx: &mut Context<'_>,
    ) -> Result<(), Wrong> {
        let own = people::find(&cx.state.directory, user).map(|account| account.id) == self.account();
        let manages = self.held(cx).has(Permissions::MANAGE_MEMBERS);
        match &names {
            _ if manages => {}
            Names { username: None, .. } if own => {
                self.needs(&[Permissions::CHANGE_NICKNAME], "change_nickname", cx)?;
            }
            Names { username: None, .. } => {
                self.needs(&[Permissions::MANAGE_NICKNAMES], "manage_users", cx)?;
            }
            Names { username: Some(_), .. } => return Err(Wrong::Permission("manage_users")),
        }
        let (account, _) = self.someone(user, cx)?;
        let username = names.username.as_deref().map(username).transpose()?;
        if let Some(wanted) = &username {
            let holder = cx.state.directory.account_named(wanted);
            if holder.is_some_and(|holder| holder.id != account.id) {
                return Err(plain(text::NAME_TAKEN));
            }
        }
        let (before, id) = (people::username(&cx.state.directory, account.id), account.id);
        match names.nickname {
            Some(nickname) => {
                let command = Command::SetNickname { space: self.here()?, account: id, nickname };
                self.command(
                    asked.clone(),
                    command,
                    move |session, asked, answer, cx| match answer {
                        Ok(_) => session.rename(id, username, before, asked, cx),
                        Err(why) => session.refused(&asked, why, Deed::Admin(Admin::Nickname), cx),
                    },
                    cx,
                );
            }
            None => self.rename(id, username, before, asked.clone(), cx),
        }
        Ok(())
    }

    fn rename(
        &mut self,
        id: AccountId,
        username: Option<String>,
        before: String,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let Some(username) = username else { return self.renamed(id, &before, &asked, cx) };
        self.command(
            asked,
            Command::Rename { account: id, username },
            move |session, asked, answer, cx| match answer {
                Ok(_) => session.renamed(id, &before, &asked, cx),
                Err(why) => session.refused(&asked, why, Deed::Admin(Admin::Account), cx),
            },
            cx,
        );
    }

    fn renamed(&mut self, id: AccountId, before: &str, asked: &Asked, cx: &mut Context<'_>) {
        let directory = &cx.state.directory;
        let nickname = self.me.as_ref().and_then(|me| directory.member(me.space, id)?.nickname.clone());
        let username = people::username(directory, id);
        self.reply(asked, json!({"user": before, "username": username, "nickname": nickname}), cx);
    }

    /// `user_delete`: the account goes, what it wrote stays.
    fn delete_member(&mut self, user: &str, asked: &Asked, cx: &mut Context<'_>) -> Result<(), Wrong> {
        self.needs_owner(cx)?;
        let (account, member) = self.someone(user, cx)?;
        let space = self.community(cx)?;
        let directory = &cx.state.directory;
        if !policy::is_owner(directory, &space, account.id) {
            self.retire(&account, asked.clone(), cx);
            return Ok(());
        }
        let owners = directory
            .members(space.id)
            .filter(|one| policy::is_owner(directory, &space, one.account))
            .count();
        if owners <= 1 || space.owner == Some(account.id) {
            return Err(plain("Cannot delete the last owner"));
        }
        // An owner is first made an ordinary member: nobody acts against an owner.
        let ordinary = |id: &RoleId| !is_owners(&space, *id);
        let roles = member.roles.iter().copied().filter(ordinary).collect();
        self.command(
            asked.clone(),
            Command::SetRoles { space: space.id, account: account.id, roles },
            move |session, asked, answer, cx| match answer {
                Ok(_) => session.retire(&account, asked, cx),
                Err(why) => session.refused(&asked, why, Deed::Admin(Admin::Account), cx),
            },
            cx,
        );
        Ok(())
    }

    fn retire(&mut self, account: &Arc<Account>, asked: Asked, cx: &mut Context<'_>) {
        let user = people::username(&cx.state.directory, account.id);
        self.command(
            asked,
            Command::Retire { account: account.id },
            move |session, asked, answer, cx| match answer {
                Ok(_) => session.reply(&asked, json!({"user": user, "deleted": true}), cx),
                Err(why) => session.refused(&asked, why, Deed::Admin(Admin::Account), cx),
            },
            cx,
        );
    }
}

fn is_owners(space: &Space, role: RoleId) -> bool {
    space.role(role).is_some_and(|role| role.kind == RoleKind::Owner)
}

/// A username as `register` takes it (originchats.md 3.3), with or without what stands before it on the wire.
fn username(raw: &str) -> Result<String, Wrong> {
    let name = match raw.get(..people::LOCAL.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(people::LOCAL) => &raw[people::LOCAL.len()..],
        _ => raw,
    };
    let name = name.to_lowercase();
    if !(limits::USERNAME_CHARS_MIN..=limits::USERNAME_CHARS_MAX).contains(&name.chars().count()) {
        return Err(plain(text::USERNAME_LENGTH));
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return Err(plain(text::USERNAME_LETTERS));
    }
    Ok(name)
}
