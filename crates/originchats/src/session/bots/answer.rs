//! Calls that reach a bot, and its answers: each to a call that was delivered to this very connection
//! (originchats.md 5.13).

use crate::decode::bots::Response;
use crate::encode::{people, slash};
use crate::limits;
use crate::session::requests::Asked;
use crate::session::{OriginSession, plain, view};
use crate::wording::{Deed, Wrong};
use commonroom_core::account::Protocol;
use commonroom_core::channel::Channel;
use commonroom_core::command::{Command, NewMessage};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId, MessageId};
use commonroom_core::message::{Interaction, Message};
use commonroom_core::{Refusal, policy};
use commonroom_hub::live::{LiveCommand, Signal, SignalKind, SignalTarget};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The word of a signal that carries a call to a bot.
pub(super) const CALL: &str = "slash_call";
/// The word of a signal that carries a frame to who called.
const ANSWER: &str = "slash_response";

/// A call on its way to a bot.
#[derive(Serialize, Deserialize)]
pub(super) struct Carried {
    pub(super) command: String,
    pub(super) args: Map<String, Value>,
    pub(super) channel: ChannelId,
}

/// A call that was delivered to this connection and not answered.
#[derive(Clone, Debug)]
pub(in crate::session) struct Pending {
    command: String,
    invoker: AccountId,
    channel: ChannelId,
    until: Timestamp,
}

impl OriginSession {
    /// A call for this bot, or a bot's answer that only this person sees.
    pub(super) fn signalled(&mut self, signal: &Signal, cx: &mut Context<'_>) {
        match signal.word {
            ANSWER => cx.send(&signal.body),
            CALL => {
                if let Ok(carried) = serde_json::from_str(&signal.body) {
                    self.called(carried, signal.sender, cx);
                }
            }
            _ => {}
        }
    }

    fn called(&mut self, carried: Carried, invoker: AccountId, cx: &mut Context<'_>) {
        let Some(view) = view(&self.shared, cx) else { return };
        let Some(me) = &mut self.me else { return };
        let Some((name, _)) = slash::place(&view, carried.channel) else { return };
        me.calls.retain(|call| call.until > cx.now);
        if me.calls.len() >= limits::SLASH_PENDING {
            me.calls.pop_front();
        }
        let call = (carried.command.as_str(), &carried.args, name.as_str());
        let frame = slash::call(&view, call, (me.account, invoker), None);
        me.calls.push_back(Pending {
            command: carried.command,
            invoker,
            channel: carried.channel,
            until: cx.now.plus_seconds(limits::SLASH_ANSWER_SECONDS),
        });
        cx.send(&frame);
    }

    /// `slash_response`
    pub(super) fn respond(&mut self, response: Response, asked: Asked, cx: &mut Context<'_>) {
        let checked = self.writable(&response.place, cx).and_then(|channel| {
            self.check_length(&response.content)?;
            Ok((self.answered_call(&response, &channel, cx)?, channel))
        });
        let (at, channel) = match checked {
            Ok(found) => found,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        let Some(call) = self.me.as_mut().and_then(|me| me.calls.remove(at)) else { return };
        if response.ephemeral || self.is_ephemeral(&call.command, cx) {
            return self.whisper(response, &call, &channel, asked, cx);
        }
        let interaction = Interaction { command: call.command.clone(), by: call.invoker };
        let new = NewMessage {
            embeds: response.embeds,
            interaction: Some(Box::new(interaction)),
            ..NewMessage::said(channel.id, response.content)
        };
        let then = |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| {
            // The message itself is the answer.
            if let Err(why) = answer {
                session.refused(&asked, why, Deed::Post, cx);
            }
        };
        self.command(asked, Command::PostMessage(new), then, cx);
    }

    /// The place of the call that a response answers: the oldest that fits.
    fn answered_call(
        &self,
        response: &Response,
        channel: &Channel,
        cx: &Context<'_>,
    ) -> Result<usize, Wrong> {
        let directory = &cx.state.directory;
        let invoker = match &response.invoker {
            None => None,
            Some(user) => {
                let account = people::find(directory, user).map(|account| account.id);
                Some(account.ok_or(plain(crate::wording::text::NO_USER))?)
            }
        };
        let fits = |call: &Pending| {
            call.until > cx.now
                && call.channel == channel.id
                && invoker.is_none_or(|invoker| invoker == call.invoker)
                && response.command.as_ref().is_none_or(|command| *command == call.command)
        };
        let found = self.me.as_ref().and_then(|me| me.calls.iter().position(fits));
        found.ok_or(match &response.command {
            Some(_) => plain("No pending slash command call to respond to"),
            None => plain("Command parameter is required for slash responses"),
        })
    }

    fn is_ephemeral(&self, command: &str, cx: &Context<'_>) -> bool {
        let offered = cx.state.live.offered(command).filter(|(session, _)| *session == cx.id);
        offered.and_then(|(_, offered)| slash::definition(offered)).is_some_and(|known| known.ephemeral)
    }

    /// An answer for the caller's connections only; it is not kept.
    fn whisper(
        &mut self,
        response: Response,
        call: &Pending,
        channel: &Channel,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let Some(bot) = self.account() else { return };
        let id = MessageId(cx.env.uuid());
        let Some(view) = view(&self.shared, cx) else { return };
        let (directory, caller) = (view.directory, call.invoker);
        // What may not be said in the open may not be whispered.
        let may = policy::may_post(directory, channel, commonroom_core::command::Actor::Account(bot), cx.now);
        let may = may.and_then(|()| {
            if policy::may_view(directory, channel, caller) { Ok(()) } else { Err(Refusal::MayNotSend) }
        });
        if let Err(why) = may {
            return self.refused(&asked, why, Deed::Post, cx);
        }
        let message = Message {
            embeds: response.embeds,
            interaction: Some(Box::new(Interaction { command: call.command.clone(), by: caller })),
            ..Message::said((id, 0, 0), channel.id, bot, response.content, cx.now)
        };
        let body = slash::ephemeral(&view, &message, None);
        if body.len() > commonroom_hub::limits::SIGNAL_BYTES {
            return self.refuse(&asked, &plain("Slash response is too long"), cx);
        }
        let signal = Signal {
            from: cx.id,
            sender: bot,
            protocol: Protocol::OriginChats,
            to: SignalTarget::Account(caller),
            kind: SignalKind::Other,
            word: ANSWER,
            body,
        };
        let command = call.command.clone();
        let then = move |session: &mut Self, asked: Asked, _, cx: &mut Context<'_>| {
            session.reply(&asked, json!({"command": command, "ephemeral": true}), cx);
        };
        self.request(asked, Request::Live(LiveCommand::Signal(Box::new(signal))), then, cx);
    }
}
