//! Leaving, keeping out and silencing (originchats.md 5.7, 5.9).

use super::requests::{Asked, Moderation, Waiting};
use super::{OriginSession, plain};
use crate::encode::people;
use crate::limits;
use crate::wording::{Deed, Wrong, text};
use commonroom_core::command::Command;
use commonroom_core::ids::AccountId;
use commonroom_core::{Permissions, Refusal, policy};
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;
use serde_json::json;

impl OriginSession {
    /// `user_leave`: the event that follows is the answer, and the end.
    pub(super) fn leave(&mut self, asked: Asked, cx: &mut Context<'_>) {
        let Some(me) = &self.me else { return };
        let (account, space) = (me.account, me.space);
        let tag = self.requests.begin(asked, Waiting::Leave);
        cx.command(tag, account, Command::LeaveSpace { space });
    }

    /// Leaving was refused.
    pub(super) fn left(&mut self, asked: &Asked, answer: Answer, cx: &mut Context<'_>) {
        if let Err(why) = answer {
            self.refused(asked, why, Deed::Other, cx);
        }
    }

    /// Checks that the one who asks may keep people out.
    fn may_ban(&self, cx: &Context<'_>) -> Result<(), Wrong> {
        self.needs(&[Permissions::BAN_MEMBERS, Permissions::MANAGE_MEMBERS], "manage_users", cx)
    }

    /// Checks that somebody is no owner: against those nobody acts, not even they themselves.
    fn no_owner(&self, target: AccountId, sentence: &'static str, cx: &Context<'_>) -> Result<(), Wrong> {
        let directory = &cx.state.directory;
        let space = self.me.as_ref().and_then(|me| directory.space(me.space));
        match space {
            Some(space) if policy::is_owner(directory, space, target) => Err(plain(sentence)),
            Some(_) | None => Ok(()),
        }
    }

    /// An account by name, member or not, gone or not: who is kept out is no member.
    fn anyone(&self, user: &str, cx: &Context<'_>) -> Result<(AccountId, String), Wrong> {
        let directory = &cx.state.directory;
        match people::find(directory, user) {
            Some(account) => Ok((account.id, people::username(directory, account.id))),
            None => Err(plain(text::NO_USER)),
        }
    }

    /// `user_ban`
    pub(super) fn ban(&mut self, user: &str, reason: Option<&str>, asked: Asked, cx: &mut Context<'_>) {
        let target = self.may_ban(cx).and_then(|()| self.anyone(user, cx));
        let target = target.and_then(|(target, name)| {
            self.no_owner(target, "Cannot ban the server owner", cx).map(|()| (target, name))
        });
        match (target, &self.me) {
            (Ok((target, name)), Some(me)) => {
                let (actor, space) = (me.account, me.space);
                let reason = reason.map(|reason| reason.chars().take(limits::REASON_CHARS).collect());
                let tag = self.requests.begin(asked, Waiting::Moderation(Moderation::Ban(name)));
                cx.command(tag, actor, Command::Ban { space, account: target, reason, until: None });
            }
            (Ok(_), None) => {}
            (Err(wrong), _) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// `user_unban`
    pub(super) fn unban(&mut self, user: &str, asked: Asked, cx: &mut Context<'_>) {
        let target = self.may_ban(cx).and_then(|()| self.anyone(user, cx));
        match (target, &self.me) {
            (Ok((target, name)), Some(me)) => {
                let (actor, space) = (me.account, me.space);
                let tag = self.requests.begin(asked, Waiting::Moderation(Moderation::Unban(name)));
                cx.command(tag, actor, Command::Unban { space, account: target });
            }
            (Ok(_), None) => {}
            (Err(wrong), _) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// `user_timeout`
    pub(super) fn timeout(&mut self, user: &str, seconds: i64, asked: Asked, cx: &mut Context<'_>) {
        let may = self.needs(&[Permissions::MUTE_MEMBERS, Permissions::MANAGE_MEMBERS], "manage_users", cx);
        let target = may
            .and_then(|()| self.someone(user, cx))
            .and_then(|found| self.no_owner(found.0.id, "Cannot mute the server owner", cx).map(|()| found));
        match (target, &self.me) {
            (Ok((target, _)), Some(me)) => {
                let (actor, space) = (me.account, me.space);
                let name = people::username(&cx.state.directory, target.id);
                let until = (seconds > 0).then(|| cx.now.plus_seconds(seconds));
                let deed = Moderation::Timeout(name, seconds);
                let tag = self.requests.begin(asked, Waiting::Moderation(deed));
                cx.command(tag, actor, Command::Timeout { space, account: target.id, until, reason: None });
            }
            (Ok(_), None) => {}
            (Err(wrong), _) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// It was done, or refused.
    pub(super) fn moderated(
        &mut self,
        asked: &Asked,
        deed: Moderation,
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        let (body, words) = match (deed, answer) {
            (Moderation::Ban(user), Ok(_)) => (json!({"user": user, "banned": true}), None),
            (Moderation::Unban(user), Ok(_)) => (json!({"user": user, "unbanned": true}), None),
            (Moderation::Unban(user), Err(Refusal::Already)) => {
                (json!({"user": user, "unbanned": false}), None)
            }
            (Moderation::Timeout(user, seconds), Ok(_)) => (json!({"user": user, "timeout": seconds}), None),
            (Moderation::Ban(_), Err(why)) => (json!(null), Some((why, Deed::Ban))),
            (Moderation::Timeout(..), Err(why)) => (json!(null), Some((why, Deed::Timeout))),
            (Moderation::Unban(_), Err(why)) => (json!(null), Some((why, Deed::Other))),
        };
        match words {
            Some((why, deed)) => self.refused(asked, why, deed, cx),
            None => self.reply(asked, body, cx),
        }
    }

    /// `users_banned_list`
    pub(super) fn banned_list(&mut self, asked: &Asked, cx: &mut Context<'_>) {
        if let Err(wrong) = self.may_ban(cx) {
            return self.refuse(asked, &wrong, cx);
        }
        let Some(me) = &self.me else { return };
        let directory = &cx.state.directory;
        let users: Vec<String> = directory
            .bans(me.space)
            .filter(|ban| policy::is_banned(directory, me.space, ban.account, cx.now))
            .map(|ban| people::username(directory, ban.account))
            .collect();
        self.reply(asked, json!({"users": users}), cx);
    }
}
