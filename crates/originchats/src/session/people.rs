//! People, roles, presence, and the community itself (originchats.md 5.2, 5.3, 5.7, 5.8, 5.18).

use super::admin::BANNED;
use super::me::WaitingStatus;
use super::requests::{Asked, Waiting};
use super::{OriginSession, plain, view};
use crate::encode::{self, people, places};
use crate::limits;
use crate::wire;
use crate::wording::{Deed, Wrong, text};
use commonroom_core::account::{Account, Status, StatusKind};
use commonroom_core::command::Command;
use commonroom_core::policy;
use commonroom_core::space::Member;
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;
use serde_json::json;
use std::sync::Arc;

impl OriginSession {
    /// `ping`
    pub(super) fn pong(&mut self, asked: &Asked, cx: &mut Context<'_>) {
        let frame = wire::frame("pong", json!({"val": "pong"}), asked.listener.as_deref());
        self.requests.say(frame, cx);
    }

    /// `channels_get`
    pub(super) fn channels(&mut self, asked: &Asked, cx: &mut Context<'_>) {
        let Some((view, account)) = view(&self.shared, cx).zip(self.account()) else { return };
        let frame = encode::channels_get(&view, account, asked.listener.as_deref());
        if let Some(me) = &mut self.me {
            me.listed = super::me::listed(&view, account);
        }
        self.requests.say(frame, cx);
    }

    /// `users_list`
    pub(super) fn users(&mut self, asked: &Asked, cx: &mut Context<'_>) {
        let Some((view, account)) = view(&self.shared, cx).zip(self.account()) else { return };
        let users = people::users(&view, account);
        self.reply(asked, json!({"users": users}), cx);
    }

    /// `users_online`
    pub(super) fn online(&mut self, asked: &Asked, cx: &mut Context<'_>) {
        let Some((view, account)) = view(&self.shared, cx).zip(self.account()) else { return };
        let users = people::online(&view, account);
        self.reply(asked, json!({"users": users}), cx);
    }

    /// `roles_list`
    pub(super) fn roles(&mut self, asked: &Asked, cx: &mut Context<'_>) {
        let Some(view) = view(&self.shared, cx) else { return };
        let frame = encode::roles_list(view.space, asked.listener.as_deref());
        self.requests.say(frame, cx);
    }

    /// `server_info`
    pub(super) fn server(&mut self, asked: &Asked, cx: &mut Context<'_>) {
        let Some(view) = view(&self.shared, cx) else { return };
        let body = places::server(&self.shared.config, view.space);
        self.reply(asked, body, cx);
    }

    /// `user_roles_get`
    pub(super) fn roles_of(&mut self, user: &str, asked: &Asked, cx: &mut Context<'_>) {
        match self.someone(user, cx) {
            Ok((account, member)) => {
                let Some(view) = view(&self.shared, cx) else { return };
                let frame =
                    encode::user_roles_get(&view, &account, &member, false, asked.listener.as_deref());
                self.requests.say(frame, cx);
            }
            Err(wrong) => match self.kept_out(user, cx) {
                // Who is kept out holds that one role (originchats.md 5.9).
                Some(name) => self.reply(asked, json!({"user": name, "roles": [BANNED], "color": null}), cx),
                None => self.refuse(asked, &wrong, cx),
            },
        }
    }

    /// The username of somebody who is kept out.
    fn kept_out(&self, user: &str, cx: &Context<'_>) -> Option<String> {
        let directory = &cx.state.directory;
        let space = self.me.as_ref()?.space;
        let account = people::find(directory, user)?.id;
        policy::is_banned(directory, space, account, cx.now).then(|| people::username(directory, account))
    }

    /// `status_get`
    pub(super) fn status_of(&mut self, user: &str, asked: &Asked, cx: &mut Context<'_>) {
        match self.someone(user, cx) {
            Ok((account, _)) => {
                let Some(view) = view(&self.shared, cx) else { return };
                let listener = asked.listener.as_deref();
                let frame = encode::status_get(&view, &account, self.account(), false, listener);
                self.requests.say(frame, cx);
            }
            Err(wrong) => self.refuse(asked, &wrong, cx),
        }
    }

    /// The member whom a client means.
    pub(super) fn someone(&self, user: &str, cx: &Context<'_>) -> Result<(Arc<Account>, Arc<Member>), Wrong> {
        let found = people::find(&cx.state.directory, user).cloned();
        let member = |account: &Account| {
            let space = self.me.as_ref()?.space;
            cx.state.directory.member(space, account.id).cloned()
        };
        found.and_then(|account| member(&account).map(|member| (account, member))).ok_or(plain(text::NO_USER))
    }

    /// `status_set`: others are told of at most one change in two seconds, so a faster one waits for its turn.
    pub(super) fn set_status(
        &mut self,
        word: &str,
        text: Option<String>,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let (kind, word) = match word {
            "online" => (StatusKind::Online, "online"),
            "idle" => (StatusKind::Idle, "idle"),
            "dnd" => (StatusKind::Dnd, "dnd"),
            "offline" => (StatusKind::Invisible, "offline"),
            "invisible" => (StatusKind::Invisible, "invisible"),
            _ => {
                let text = "Invalid status. Must be one of: online, idle, dnd, offline, invisible";
                return self.refuse(&asked, &plain(text), cx);
            }
        };
        if text.as_ref().is_some_and(|text| text.chars().count() > limits::STATUS_CHARS) {
            return self.refuse(&asked, &Wrong::FieldTooLong("text", limits::STATUS_CHARS), cx);
        }
        let Some(me) = &mut self.me else { return };
        let before = cx.state.directory.account(me.account).map(|account| account.status.clone());
        let before = before.unwrap_or_default();
        let words = text.map_or(before.text, |text| (!text.is_empty()).then_some(text));
        let shown = wire::Status { status: word, text: words.clone().unwrap_or_default() };
        let status = Status { kind, text: words, activity: before.activity };
        let turn =
            me.status_at.map(|at| at.plus_seconds(limits::STATUS_SECONDS)).filter(|turn| *turn > cx.now);
        let next = WaitingStatus { asked, status, shown };
        match (turn, me.waiting_status.take()) {
            (None, _) => self.put_status(next, cx),
            (Some(turn), overtaken) => {
                me.waiting_status = Some((turn, next));
                self.schedule(cx);
                if let Some((_, overtaken)) = overtaken {
                    // It was taken, and then replaced before anybody was told.
                    self.reply(&overtaken.asked, json!({"status": overtaken.shown}), cx);
                }
            }
        }
    }

    /// Carries out the status whose turn has come.
    pub(super) fn set_waiting_status(&mut self, cx: &mut Context<'_>) {
        let Some(me) = &mut self.me else { return };
        match me.waiting_status.take() {
            Some((turn, waiting)) if turn <= cx.now => self.put_status(waiting, cx),
            later => me.waiting_status = later,
        }
    }

    fn put_status(&mut self, next: WaitingStatus, cx: &mut Context<'_>) {
        let Some(account) = self.account() else { return };
        let tag = self.requests.begin(next.asked, Waiting::Status(next.shown));
        cx.command(tag, account, Command::SetStatus(next.status));
    }

    /// The status is stored, and others were told.
    pub(super) fn status_is_set(
        &mut self,
        asked: &Asked,
        status: &wire::Status,
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        match answer {
            Ok(_) => self.reply(asked, json!({"status": status}), cx),
            Err(why) => self.refused(asked, why, Deed::Other, cx),
        }
    }
}
