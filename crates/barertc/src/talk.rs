//! Saying something, taking it back, reacting to it (barertc.md 5.2, 5.8, 5.9).

use crate::Shared;
use crate::encode;
use crate::here::{Here, Pending};
use crate::limits;
use crate::markup::{self, escape};
use crate::operator;
use crate::quirks::{self, words};
use crate::session::tags;
use crate::shown;
use crate::stances::poke;
use crate::wire::Say;
use crate::world;
use commonroom_core::channel::Home;
use commonroom_core::command::{Actor, Command, NewMessage};
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::message::Message;
use commonroom_core::permission::Permissions;
use commonroom_core::policy;
use commonroom_core::query::{Found, Query};
use commonroom_core::{Refusal, Reply};
use commonroom_hub::live;
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::{Context, State};
use std::sync::Arc;

const NOT_YOURS: &str = "That is not your message to take back.";
const NO_CHANNEL: &str = "That channel does not exist.";

impl Here {
    pub(crate) fn message(&mut self, say: &Say, shared: &Shared, cx: &mut Context<'_>) {
        if operator::is_command(&say.message) {
            return self.command(&say.message, cx);
        }
        if say.message.chars().count() > limits::MESSAGE_CHARS {
            let text =
                format!("Your message is longer than {} characters and was not sent.", limits::MESSAGE_CHARS);
            return cx.send(&encode::error(&text));
        }
        let target = match say.channel.strip_prefix('@') {
            Some(name) => Err(name),
            None => match world::channel(cx.state, &shared.config, self.space, &say.channel) {
                Some(channel) if self.channel_id(channel.id, shared, cx.state).is_some() => Ok(channel.id),
                _ => return cx.send(&encode::error(NO_CHANNEL)),
            },
        };
        if shared.config.rate_limits && !self.rates.messages.take(cx.now) {
            return self.complain(cx);
        }
        if shows_nothing(&say.message, shared) {
            return;
        }
        match target {
            Ok(channel) => cx.command(tags::POST, self.account(), post(channel, &say.message)),
            Err(name) => self.direct(name, &say.message, shared, cx),
        }
    }

    /// Says once in a while that somebody writes too fast.
    fn complain(&mut self, cx: &mut Context<'_>) {
        let due =
            self.rates.complained.is_none_or(|last| last.plus_seconds(limits::COMPLAINT_SECONDS) <= cx.now);
        if due {
            self.rates.complained = Some(cx.now);
            cx.send(&encode::error("You are writing too fast, so your message has not been sent."));
        }
    }

    pub(crate) fn posted(&mut self, answer: Answer, cx: &mut Context<'_>) {
        if let Err(refusal) = answer {
            cx.send(&encode::error(&encode::refusal(refusal)));
        }
    }

    fn direct(&mut self, name: &str, text: &str, shared: &Shared, cx: &mut Context<'_>) {
        let (state, me) = (cx.state, self.account());
        let known = state.directory.account_named(name).map(|account| account.id);
        let Some(to) = known.filter(|to| *to == me || state.directory.member(self.space, *to).is_some())
        else {
            self.keep_unsent(name, text, shared, cx);
            return self.not_online(name, cx);
        };
        let shown = world::name(state, to).to_owned();
        let operator = world::is_operator(state, self.space, me);
        if world::blocked(state, me, to) {
            return self.keep_unsent(&shown, text, shared, cx);
        }
        if to != me && !world::is_present(state, self.space, to) {
            self.keep_unsent(&shown, text, shared, cx);
            return self.not_online(&shown, cx);
        }
        if world::mutes(state, me, to) && !operator {
            self.keep_unsent(&shown, text, shared, cx);
            let text = format!("You have muted {} and so your message has not been sent.", escape(&shown));
            return cx.send(&encode::error(&text));
        }
        self.pending = Some(Pending::Direct { to, text: text.to_owned() });
        match state.directory.conversation(me, to) {
            Some(channel) => cx.command(tags::DIRECT, me, post(channel.id, text)),
            None => cx.command(tags::CONVERSATION, me, Command::OpenConversation { with: to }),
        }
    }

    fn not_online(&self, name: &str, cx: &mut Context<'_>) {
        let name = escape(name);
        cx.send(&encode::error(&format!(
            "Could not deliver your message: @{name} appears not to be online."
        )));
    }

    /// The author sees the message although it goes nowhere.
    fn keep_unsent(&mut self, name: &str, text: &str, shared: &Shared, cx: &mut Context<'_>) {
        let number = quirks::unsent_number(cx.now);
        if self.unsent.len() >= limits::UNSENT_MESSAGES {
            self.unsent.pop_front();
        }
        self.unsent.push_back(number);
        let channel = format!("@{name}");
        cx.send(&encode::unsent(&channel, &self.username, text, number, &shared.config));
    }

    pub(crate) fn conversation(&mut self, answer: Answer, shared: &Shared, cx: &mut Context<'_>) {
        let Some(Pending::Direct { to, text }) = self.take_pending() else { return };
        match answer {
            Ok(Reply::Channel { channel, .. }) => {
                cx.command(tags::DIRECT, self.account(), post(channel, &text));
                self.pending = Some(Pending::Direct { to, text });
            }
            Ok(_) | Err(_) => {
                let name = world::name(cx.state, to).to_owned();
                self.keep_unsent(&name, &text, shared, cx);
                self.not_online(&name, cx);
            }
        }
    }

    pub(crate) fn sent_direct(&mut self, answer: Answer, shared: &Shared, cx: &mut Context<'_>) {
        let Some(Pending::Direct { to, text }) = self.take_pending() else { return };
        match answer {
            Err(Refusal::Blocked) => {
                let name = world::name(cx.state, to).to_owned();
                self.keep_unsent(&name, &text, shared, cx);
            }
            Ok(_) => {}
            Err(refusal) => cx.send(&encode::error(&encode::refusal(refusal))),
        }
    }

    pub(crate) fn takeback(&mut self, number: i64, shared: &Shared, cx: &mut Context<'_>) {
        if shared.config.rate_limits && !self.rates.acts.take(cx.now) {
            return;
        }
        if let Some(at) = self.unsent.iter().position(|known| *known == number) {
            self.unsent.remove(at);
            return cx.send(&encode::takeback(number));
        }
        if !(1..quirks::UNSENT_NUMBERS).contains(&number) {
            return cx.send(&encode::error(NOT_YOURS));
        }
        self.pending = Some(Pending::Takeback(number));
        cx.run(tags::TAKEBACK_FIND, Request::Query(Query::MessageNumbered { number }));
    }

    pub(crate) fn takeback_found(&mut self, answer: Answer, shared: &Shared, cx: &mut Context<'_>) {
        self.take_pending();
        let me = self.account();
        let message = found(answer).filter(|message| self.may_see(message, shared, cx.state));
        let operator = world::is_operator(cx.state, self.space, me);
        let Some(message) = message.filter(|message| message.author == me || operator) else {
            return cx.send(&encode::error(NOT_YOURS));
        };
        let held =
            cx.state.directory.channel(message.channel).map_or(Permissions::NONE, |channel| {
                policy::permissions_in(&cx.state.directory, channel, me)
            });
        let own_right = message.author == me || held.has(Permissions::MANAGE_MESSAGES);
        let actor = if own_right { Actor::Account(me) } else { Actor::System };
        cx.run(tags::TAKEBACK, Request::Command(actor, Command::DeleteMessage { message: message.id }));
    }

    pub(crate) fn taken_back(&mut self, answer: Answer, cx: &mut Context<'_>) {
        if answer.is_err() {
            cx.send(&encode::error(NOT_YOURS));
        }
    }

    pub(crate) fn react(&mut self, number: i64, emoji: String, shared: &Shared, cx: &mut Context<'_>) {
        if shared.config.rate_limits && !self.rates.acts.take(cx.now) {
            return;
        }
        if number == quirks::NUDGE {
            return self.nudge(&emoji, cx);
        }
        if number <= 0 || emoji.is_empty() || emoji.len() > limits::REACTION_BYTES {
            return;
        }
        self.pending = Some(Pending::React { number, emoji });
        cx.run(tags::REACT_FIND, Request::Query(Query::MessageNumbered { number }));
    }

    /// Asks somebody to mark their camera explicit: only they are told, and not by whom.
    fn nudge(&self, name: &str, cx: &mut Context<'_>) {
        let state = cx.state;
        let target = state.directory.account_named(name).map(|account| account.id);
        if let Some(target) = target
            && target != self.account()
            && !live::hidden_from(&state.directory, &state.live, target, self.account())
            && let Some(session) = world::session_of(state, target)
        {
            cx.live(poke(session, words::NUDGE, String::new()));
        }
    }

    pub(crate) fn react_found(&mut self, answer: Answer, shared: &Shared, cx: &mut Context<'_>) {
        let Some(Pending::React { emoji, .. }) = self.take_pending() else { return };
        let me = self.account();
        let Some(message) = found(answer).filter(|message| self.may_see(message, shared, cx.state)) else {
            return;
        };
        if live::hidden_from(&cx.state.directory, &cx.state.live, me, message.author) {
            return;
        }
        let given =
            message.reactions.iter().any(|reaction| reaction.emoji == emoji && reaction.by.contains(&me));
        cx.command(tags::REACT, me, Command::React { message: message.id, emoji, on: !given });
    }

    /// True when a message is shown to this person.
    fn may_see(&self, message: &Message, shared: &Shared, state: &State) -> bool {
        let Some(channel) = state.directory.channel(message.channel) else { return false };
        let shown = match channel.home {
            Home::Conversation(one, other) => one == self.account() || other == self.account(),
            // Threads are not among this protocol's channels.
            Home::Thread { .. } => false,
            Home::Space(_) => self.channel_id(channel.id, shared, state).is_some(),
        };
        shown && !message.deleted && policy::may_view(&state.directory, channel, self.account())
    }
}

fn post(channel: ChannelId, text: &str) -> Command {
    Command::PostMessage(NewMessage { ping: false, ..NewMessage::said(channel, text) })
}

fn found(answer: Answer) -> Option<Arc<Message>> {
    match answer {
        Ok(Reply::Found(Found::Message(message))) => message,
        Ok(_) | Err(_) => None,
    }
}

/// True when nothing of a text would be shown. Rendered only where markup could be all there is.
fn shows_nothing(text: &str, shared: &Shared) -> bool {
    text.trim().is_empty()
        || ((text.contains('<') || text.contains("]:"))
            && markup::render(text, shared.config.remote_images).is_empty())
}
