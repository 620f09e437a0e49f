//! Saying something, taking it back, reacting to it (barertc.md 5.2, 5.8, 5.9).

use crate::Shared;
use crate::encode;
use crate::here::{Here, Pending};
use crate::limits;
use crate::markup;
use crate::operator;
use crate::quirks::{self, words};
use crate::session::tags;
use crate::stances::poke;
use crate::wire::Say;
use crate::world;
use commonroom_core::Reply;
use commonroom_core::channel::Home;
use commonroom_core::command::{Actor, Command};
use commonroom_core::file::Kept;
use commonroom_core::ids::ChannelId;
use commonroom_core::message::Message;
use commonroom_core::permission::Permissions;
use commonroom_core::policy;
use commonroom_core::query::{Found, Query};
use commonroom_hub::live;
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::{Context, State};
use std::sync::Arc;

const NOT_YOURS: &str = "That is not your message to take back.";
pub(crate) const NO_CHANNEL: &str = "That channel does not exist.";

/// Where something is said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// In a public channel.
    Channel(ChannelId),
    /// To somebody of that name, who may not exist.
    Direct(String),
}

/// What is said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    /// Words.
    Text(String),
    /// A picture under a name.
    Picture(Kept, String),
}

impl Here {
    pub(crate) fn message(&mut self, say: &Say, shared: &Shared, cx: &mut Context<'_>) {
        if operator::is_command(&say.message) {
            return self.command(&say.message, shared, cx);
        }
        if say.message.chars().count() > limits::MESSAGE_CHARS {
            let text =
                format!("Your message is longer than {} characters and was not sent.", limits::MESSAGE_CHARS);
            return cx.send(&encode::error(&text));
        }
        let Some(place) = self.place(&say.channel, shared, cx.state) else {
            return cx.send(&encode::error(NO_CHANNEL));
        };
        if shared.config.rate_limits && !self.rates.messages.take(cx.now) {
            return self.complain(cx);
        }
        if shows_nothing(&say.message, shared) {
            return;
        }
        if let Place::Direct(name) = &place
            && self.spreads_links(name, &say.message, shared, cx)
        {
            return;
        }
        if let Some(text) = self.filtered(&place, &say.message, shared, cx) {
            self.say(place, Said::Text(text), shared, cx);
        }
    }

    /// The place that a channel's id of the wire names, if it is shown to this person.
    pub(crate) fn place(&self, channel: &str, shared: &Shared, state: &State) -> Option<Place> {
        if let Some(name) = channel.strip_prefix('@') {
            return Some(Place::Direct(name.to_owned()));
        }
        let channel = world::channel(state, &shared.config, self.space, channel)?;
        self.channel_id(channel.id, shared, state).map(|_| Place::Channel(channel.id))
    }

    /// Says something where it was found that it may be said.
    pub(crate) fn say(&mut self, place: Place, said: Said, shared: &Shared, cx: &mut Context<'_>) {
        match place {
            Place::Channel(channel) => self.put(channel, None, said, shared, cx),
            Place::Direct(name) => self.direct(&name, said, shared, cx),
        }
    }

    /// Says once in a while that somebody writes too fast.
    pub(crate) fn complain(&mut self, cx: &mut Context<'_>) {
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

    pub(crate) fn takeback(&mut self, number: i64, shared: &Shared, cx: &mut Context<'_>) {
        if shared.config.rate_limits && !self.rates.acts.take(cx.now) {
            return;
        }
        if let Some(at) = self.unsent.iter().position(|known| *known == number) {
            self.unsent.remove(at);
            return cx.send(&encode::takeback(number));
        }
        if number <= 0 {
            return cx.send(&encode::error(NOT_YOURS));
        }
        self.pending = Some(Pending::Takeback(number));
        cx.run(tags::TAKEBACK_FIND, Request::Query(Query::MessageNumbered { number }));
    }

    pub(crate) fn takeback_found(&mut self, answer: Answer, shared: &Shared, cx: &mut Context<'_>) {
        self.take_pending();
        let me = self.account();
        let operator = world::is_operator(cx.state, self.space, me);
        let message = found(answer).filter(|message| {
            let own = message.author == me && self.may_see(message, shared, cx.state);
            own || (operator && self.may_moderate(message, shared, cx.state))
        });
        let Some(message) = message else { return cx.send(&encode::error(NOT_YOURS)) };
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
        if number <= 0 || !is_emoji(&emoji) {
            return;
        }
        if self.unsent.contains(&number) {
            // Nobody else has that message; its author must not see that.
            return cx.send(&encode::react(&self.username, number, &emoji));
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

    /// True for a message that operators of this room may take back: in its channels, and between its people.
    fn may_moderate(&self, message: &Message, shared: &Shared, state: &State) -> bool {
        let Some(channel) = state.directory.channel(message.channel) else { return false };
        let here = |account| state.directory.member(self.space, account).is_some();
        let shown = match channel.home {
            Home::Conversation(one, other) => here(one) && here(other),
            Home::Thread { .. } => false,
            Home::Space(_) => world::shown(state, &shared.config, self.space, channel.id).is_some(),
        };
        shown && !message.deleted
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

/// True for what may be a reaction: clients put it into their page.
fn is_emoji(text: &str) -> bool {
    (1..=limits::REACTION_BYTES).contains(&text.len())
        && !text.contains(|c: char| c.is_control() || c.is_whitespace() || "<>&\"'`".contains(c))
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
