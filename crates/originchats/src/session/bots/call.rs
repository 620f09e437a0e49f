//! Using a slash command: who may, what it takes, and to whom it goes (originchats.md 5.13).

use super::answer::Carried;
use crate::decode::bots::Call;
use crate::encode::{people, slash};
use crate::session::requests::Asked;
use crate::session::{OriginSession, plain, view};
use crate::slash::{self as definitions, BuiltIn, Definition};
use crate::wording::{Deed, Wrong, refusal, text};
use commonroom_core::account::Protocol;
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::command::Actor;
use commonroom_core::{Permissions, Refusal, policy};
use commonroom_hub::live::{self, LiveCommand, LiveSession, Scope, Signal, SignalKind, SignalTarget};
use commonroom_hub::request::Request;
use commonroom_hub::session::Context;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Who carries a command out.
enum Handler {
    /// This server.
    Own(BuiltIn),
    /// A connection.
    Bot(Arc<LiveSession>),
}

impl OriginSession {
    /// `slash_call`
    pub(super) fn call(&mut self, call: Call, asked: Asked, cx: &mut Context<'_>) {
        if let Err(slow) = self.check_rate(cx) {
            return self.slow(&asked, slow, cx);
        }
        let checked = self.callable(&call, cx).and_then(|channel| {
            let (handler, definition) = self.handler(&call.command, cx)?;
            self.check_roles(&definition, cx)?;
            definitions::check(&definition, &call.args).map_err(Wrong::Misfit)?;
            Ok((channel, handler, definition))
        });
        match checked {
            Ok((channel, Handler::Own(built_in), _)) => {
                self.run_built_in(built_in, &call.args, &channel, asked, cx);
            }
            Ok((channel, Handler::Bot(bot), definition)) => {
                self.hand_on((&definition.name, call.args), &channel, &bot, asked, cx);
            }
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// The channel of a call, in which the caller may see, write and use commands.
    fn callable(&self, call: &Call, cx: &Context<'_>) -> Result<Arc<Channel>, Wrong> {
        let Some(account) = self.account() else { return Err(plain(text::SIGN_IN)) };
        let channel = self.writable(&call.place, cx)?;
        let directory = &cx.state.directory;
        policy::may_post(directory, &channel, Actor::Account(account), cx.now).map_err(|why| {
            let hidden = why == Refusal::MayNotView;
            plain(if hidden { text::MAY_NOT_SEND } else { refusal(why, Deed::Post) })
        })?;
        if channel.kind != ChannelKind::Text {
            return Err(plain("Cannot send messages in this channel type"));
        }
        if !policy::permissions_in(directory, &channel, account).has(Permissions::SLASH_COMMANDS) {
            return Err(Wrong::Permission("use_slash_commands"));
        }
        Ok(channel)
    }

    fn handler(&self, command: &str, cx: &Context<'_>) -> Result<(Handler, Definition), Wrong> {
        if let Some(built_in) = BuiltIn::named(command) {
            return Ok((Handler::Own(built_in), built_in.definition()));
        }
        let unknown = || Wrong::UnknownSlash(command.chars().take(crate::limits::SLASH_NAME_CHARS).collect());
        let (session, offered) = cx.state.live.offered(command).ok_or_else(unknown)?;
        let definition = slash::definition(offered).ok_or_else(unknown)?;
        let space = self.me.as_ref().map(|me| Scope::Space(me.space));
        let bot = cx.state.live.session(session).filter(|bot| Some(bot.scope) == space);
        Ok((Handler::Bot(bot.ok_or_else(unknown)?.clone()), definition))
    }

    /// An owner cannot be restricted (originchats.md 8).
    fn check_roles(&self, definition: &Definition, cx: &Context<'_>) -> Result<(), Wrong> {
        let Some((view, me)) = view(&self.shared, cx).zip(self.me.as_ref()) else { return Ok(()) };
        if policy::is_owner(view.directory, view.space, me.account) {
            return Ok(());
        }
        let known = view.directory.account(me.account).zip(view.directory.member(me.space, me.account));
        let roles = known.map(|(account, member)| people::roles(&view, account, member)).unwrap_or_default();
        let holds = |names: &[String]| names.iter().any(|name| roles.contains(name));
        if let Some(allowed) = definition.allowed.as_deref().filter(|allowed| !allowed.is_empty())
            && !holds(allowed)
        {
            return Err(Wrong::Role(allowed.to_vec()));
        }
        if definition.denied.as_deref().is_some_and(holds) {
            return Err(plain("Access denied: forbidden roles"));
        }
        Ok(())
    }

    /// True when a command is one that this person may use.
    pub(super) fn may_use(&self, definition: &Definition, cx: &Context<'_>) -> bool {
        self.check_roles(definition, cx).is_ok()
    }

    /// Hands a call to the connection that registered the command, and to nobody else; the caller gets the same frame.
    fn hand_on(
        &mut self,
        (command, args): (&str, Map<String, Value>),
        channel: &Channel,
        bot: &LiveSession,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let Some(account) = self.account() else { return };
        let (directory, live) = (&cx.state.directory, &cx.state.live);
        // A bot learns nothing of a channel that it may not see.
        if live::blocked(directory, live, account, bot.account)
            || !policy::may_view(directory, channel, bot.account)
        {
            return self.refuse(&asked, &Wrong::Unanswered(command.to_owned()), cx);
        }
        let carried = Carried { command: command.to_owned(), args, channel: channel.id };
        let signal = Signal {
            from: cx.id,
            sender: account,
            protocol: Protocol::OriginChats,
            to: SignalTarget::Session(bot.id),
            kind: SignalKind::Other,
            word: super::answer::CALL,
            body: serde_json::to_string(&carried).expect("a call is plain data"),
        };
        let bot = bot.account;
        let then = move |session: &mut Self, asked: Asked, _, cx: &mut Context<'_>| {
            let Some(view) = view(&session.shared, cx) else { return };
            let Some((name, _)) = slash::place(&view, carried.channel) else { return };
            let call = (carried.command.as_str(), &carried.args, name.as_str());
            let frame = slash::call(&view, call, (bot, account), asked.listener.as_deref());
            session.requests.say(frame, cx);
        };
        self.request(asked, Request::Live(LiveCommand::Signal(Box::new(signal))), then, cx);
    }
}
