//! Slash commands, the bots that answer them, and rates (originchats.md 5.13, 5.18).

mod answer;
mod built_in;
mod call;

use super::requests::Asked;
use super::{OriginSession, me, plain, view};
use crate::decode::bots::Ask;
use crate::encode::{people, seconds, slash};
use crate::rates::millis_between;
use crate::slash::Definition;
use crate::wording::{Deed, Wrong, text};
use commonroom_core::command::Command;
use commonroom_core::ids::AccountId;
use commonroom_core::{Permissions, policy};
use commonroom_hub::live::{LiveCommand, LiveEvent, Offered};
use commonroom_hub::request::Request;
use commonroom_hub::session::Context;
use serde_json::json;

pub(super) use answer::Pending;

impl OriginSession {
    /// Carries out a request of `decode::bots`.
    pub(super) fn slash(&mut self, ask: Ask, asked: Asked, cx: &mut Context<'_>) {
        match ask {
            Ask::List => {
                let Some(view) = view(&self.shared, cx) else { return };
                let commands = slash::all(&view);
                self.reply(&asked, json!({"commands": commands}), cx);
            }
            Ask::Register(commands) => self.register_commands(commands, asked, cx),
            Ask::Call(call) => self.call(call, asked, cx),
            Ask::Respond(response) => self.respond(*response, asked, cx),
            Ask::Standing(user) => self.standing(user.as_deref(), &asked, cx),
            Ask::Reset(user) => self.reset_rate(&user, asked, cx),
        }
    }

    /// What happens live and is for this connection only.
    pub(super) fn tell_live(&mut self, event: &LiveEvent, cx: &mut Context<'_>) {
        match event {
            LiveEvent::Signal { signal, .. } => self.signalled(signal, cx),
            LiveEvent::Displaced { .. } => self.displaced(cx),
            LiveEvent::Attached { .. }
            | LiveEvent::Ready { .. }
            | LiveEvent::Changed { .. }
            | LiveEvent::Detached { .. }
            | LiveEvent::Online { .. }
            | LiveEvent::Offline { .. }
            | LiveEvent::Moved { .. }
            | LiveEvent::Carried { .. }
            | LiveEvent::Typing { .. }
            | LiveEvent::CallJoined { .. }
            | LiveEvent::CallChanged { .. }
            | LiveEvent::CallLeft { .. }
            | LiveEvent::BroadcastBegun { .. }
            | LiveEvent::BroadcastEnded { .. }
            | LiveEvent::Offered { .. }
            | LiveEvent::Withdrawn { .. }
            | LiveEvent::Relayed { .. }
            | LiveEvent::Effect { .. } => {}
        }
    }

    /// `slash_register`: replaces what this connection registered before.
    fn register_commands(&mut self, commands: Vec<Definition>, asked: Asked, cx: &mut Context<'_>) {
        if let Err(wrong) = self.may_register(&commands, cx) {
            return self.refuse(&asked, &wrong, cx);
        }
        let offered = |definition: Definition| {
            let body = serde_json::to_string(&definition).expect("a definition is plain data");
            Offered { name: definition.name, body }
        };
        let commands = commands.into_iter().map(offered).collect();
        let offer = LiveCommand::Offer { session: cx.id, commands };
        let then = |session: &mut Self, asked: Asked, _, cx: &mut Context<'_>| {
            let count = cx.state.live.offers().filter(|(offering, _)| *offering == cx.id).count();
            session.reply(&asked, json!({"val": format!("{count} commands registered successfully")}), cx);
        };
        self.request(asked, Request::Live(offer), then, cx);
    }

    fn may_register(&self, commands: &[Definition], cx: &Context<'_>) -> Result<(), Wrong> {
        if let Some((name, needed)) = self.shared.config.slash.permission()
            && !self.held(cx).has(needed)
        {
            return Err(Wrong::Permission(name));
        }
        let live = &cx.state.live;
        let own = |session| live.session(session).is_some_and(|other| Some(other.account) == self.account());
        if live.offers().any(|(session, _)| session != cx.id && own(session)) {
            return Err(plain("You already have slash commands registered from another session"));
        }
        let anothers = |name: &str| live.offered(name).is_some_and(|(session, _)| session != cx.id);
        match commands.iter().find(|command| anothers(&command.name)) {
            Some(taken) => {
                Err(Wrong::CommandSchema(format!("command '{}' is registered by another user", taken.name)))
            }
            None => Ok(()),
        }
    }

    /// `rate_limit_status`
    fn standing(&mut self, user: Option<&str>, asked: &Asked, cx: &mut Context<'_>) {
        let Some(own) = self.account() else { return };
        let target = match user {
            None => Ok(own),
            Some(user) => self.someone(user, cx).map(|(account, _)| account.id),
        };
        let owner = || {
            let (directory, space) = (&cx.state.directory, self.shared.space(cx.state));
            space.is_some_and(|space| policy::is_owner(directory, space, own))
        };
        let target = match target {
            Ok(target) if target == own || owner() => target,
            // Whether there is such a person is not said to who may not ask.
            Ok(_) | Err(_) if user.is_some() && !owner() => {
                return self.refuse(
                    asked,
                    &plain("Access denied: can only check your own rate limit status"),
                    cx,
                );
            }
            Ok(target) => target,
            Err(wrong) => return self.refuse(asked, &wrong, cx),
        };
        if !self.shared.config.rate_limiting.enabled {
            return self.refuse(asked, &plain("Rate limiter not available or disabled"), cx);
        }
        self.say_standing(target, asked, cx);
    }

    fn say_standing(&mut self, target: AccountId, asked: &Asked, cx: &mut Context<'_>) {
        let rule = me::message_rule(&self.shared.config);
        let standing = self.shared.rates.standing(target, cx.now);
        let millis = |until| until > cx.now && millis_between(cx.now, until) > 0;
        let wait = standing.waits_until(rule, cx.now).filter(|until| millis(*until));
        let tenths = |until| millis_between(cx.now, until) / 100;
        #[expect(clippy::cast_precision_loss, reason = "a silence is far below 2^53 tenths of a second")]
        let cooldown = standing.cooldown_until.map_or(0.0, |until| tenths(until) as f64 / 10.0);
        let window = standing.first.map_or(cx.now, |first| first.plus_seconds(crate::limits::MINUTE_SECONDS));
        let status = json!({
            "messages_this_minute": standing.minute,
            "messages_per_minute_limit": rule.per_minute,
            "recent_messages": standing.burst,
            "burst_limit": rule.burst,
            "cooldown_remaining": cooldown,
            "remaining": if wait.is_some() { 0 } else { rule.per_minute.saturating_sub(standing.minute) },
            "limit": rule.per_minute,
            "reset_time": seconds(wait.unwrap_or(window)),
            "is_rate_limited": wait.is_some(),
            "wait_time": wait.map_or(0, |until| millis_between(cx.now, until)),
        });
        let user = people::username(&cx.state.directory, target);
        self.reply(asked, json!({"user": user, "status": status}), cx);
    }

    /// `rate_limit_reset`: a timeout is lifted with it (originchats.md 13.6).
    fn reset_rate(&mut self, user: &str, asked: Asked, cx: &mut Context<'_>) {
        if !self.held(cx).has(Permissions::MANAGE_SPACE) {
            return self.refuse(&asked, &Wrong::Permission("manage_server"), cx);
        }
        let (target, member) = match self.someone(user, cx) {
            Ok((account, member)) => (account.id, member),
            Err(_) => return self.refuse(&asked, &plain(text::NO_USER), cx),
        };
        let silenced = member.timeout_until.is_some_and(|until| until > cx.now);
        if !silenced || Some(target) == self.account() {
            return self.forget_rate(target, &asked, cx);
        }
        let lift = Command::Timeout { space: member.space, account: target, until: None, reason: None };
        let then = move |session: &mut Self, asked: Asked, answer: _, cx: &mut Context<'_>| match answer {
            Ok(_) => session.forget_rate(target, &asked, cx),
            Err(why) => session.refused(&asked, why, Deed::Timeout, cx),
        };
        self.command(asked, lift, then, cx);
    }

    fn forget_rate(&mut self, target: AccountId, asked: &Asked, cx: &mut Context<'_>) {
        self.shared.rates.reset(target);
        let user = people::username(&cx.state.directory, target);
        self.reply(asked, json!({"user": user, "val": format!("Rate limit reset for user {user}")}), cx);
    }
}
