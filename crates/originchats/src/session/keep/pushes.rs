//! Browsers that are told while nobody is connected (originchats.md 5.17).

use super::OriginSession;
use crate::session::plain;
use crate::session::requests::Asked;
use crate::wire;
use crate::wording::Deed;
use commonroom_core::command::Command;
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;
use serde_json::json;

impl OriginSession {
    /// `push_get_vapid`
    pub(super) fn push_key(&mut self, asked: &Asked, cx: &mut Context<'_>) {
        match &self.shared.push_key {
            Some(key) => {
                let frame = wire::frame("push_vapid", json!({"key": key}), asked.listener.as_deref());
                self.requests.say(frame, cx);
            }
            None => self.refuse(asked, &plain("VAPID keys not configured on this server"), cx),
        }
    }

    /// `push_subscribe`
    pub(super) fn subscribe(
        &mut self,
        endpoint: String,
        p256dh: String,
        auth: String,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let command = Command::SubscribePush { endpoint, p256dh, auth };
        self.command(
            asked,
            command,
            |session, asked, answer, cx| {
                session.push_done("push_subscribed", &asked, answer, cx);
            },
            cx,
        );
    }

    /// `push_unsubscribe`
    pub(super) fn unsubscribe(&mut self, endpoint: String, asked: Asked, cx: &mut Context<'_>) {
        let Some(account) = self.account() else { return };
        let command = Command::UnsubscribePush { account, endpoint };
        self.command(
            asked,
            command,
            |session, asked, answer, cx| {
                session.push_done("push_unsubscribed", &asked, answer, cx);
            },
            cx,
        );
    }

    fn push_done(&mut self, cmd: &str, asked: &Asked, answer: Answer, cx: &mut Context<'_>) {
        match answer {
            Ok(_) => {
                let frame = wire::frame(cmd, json!({"success": true}), asked.listener.as_deref());
                self.requests.say(frame, cx);
            }
            Err(why) => self.refused(asked, why, Deed::Other, cx),
        }
    }
}
