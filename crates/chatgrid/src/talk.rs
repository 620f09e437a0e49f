//! Messages as lines of chat (chatgrid.md 6.11, crossing.md C3): there is one chat line, spoken aloud, and no edit,
//! reply or private packet.

use crate::encode::{Out, Scene};
use crate::limits;
use crate::plain;
use crate::wire::Frame;
use crate::world;
use commonroom_core::channel::{Channel, Home};
use commonroom_core::event::Event;
use commonroom_core::fallback::{self, Extra, Link, Speaker};
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::message::{Message, MessageKind, excerpt};
use std::borrow::Cow;

/// True for the channel that is the grid's one chat line.
pub fn is_chat_line(scene: Scene<'_>, channel: ChannelId) -> bool {
    scene.space.default_channel == Some(channel)
}

/// True when somebody is to hear what an author writes in a channel: the chat line, or a conversation of the two.
pub fn hears(scene: Scene<'_>, channel: ChannelId, author: AccountId, reader: AccountId) -> bool {
    if is_chat_line(scene, channel) {
        return true;
    }
    let known = scene.state.directory.channel(channel);
    known.is_some_and(|channel| {
        let partner = channel.partner(author);
        partner.is_some() && (reader == author || partner == Some(reader))
    })
}

/// The beginning of a line about a private message.
pub fn privately(channel: Option<&Channel>) -> &'static str {
    match channel.map(|channel| channel.home) {
        Some(Home::Conversation(..)) => "(private) ",
        Some(Home::Space(_) | Home::Thread { .. }) | None => "",
    }
}

/// A new message; what somebody writes privately tells themselves to whom (`own`).
pub fn posted(scene: Scene<'_>, event: &Event, message: &Message, own: bool, out: Out<'_>) {
    let speaker = fallback::speaker(&scene.state.directory, message);
    let name = match &speaker {
        Speaker::Account(account) => scene.name(*account),
        Speaker::Named(name) => name.clone(),
        Speaker::Server => Cow::Borrowed(""),
    };
    let name = &*name;
    let text = spoken(scene, event, message);
    let mut parts = plain::parts(&text);
    let prefix = verbatim_prefix(scene, message, name, own);
    if let (Some(prefix), Some(first)) = (&prefix, parts.first_mut()) {
        first.insert_str(0, prefix);
    }
    let id = sender(scene, event, message.author);
    let system =
        speaker == Speaker::Server || (message.kind == MessageKind::System && message.persona.is_none());
    for part in &parts {
        let by = (!system).then_some((&*id, name));
        let frame = Frame::ChatMessage {
            message: part,
            sender_id: by.map(|by| by.0),
            sender_nickname: by.map(|by| by.1),
            system,
            action: !system && prefix.is_some(),
        };
        out(&frame.json());
    }
    for extra in fallback::extras(message) {
        out(&Frame::line(&carried(scene, message, name, extra)));
    }
}

/// One line about something that a message carries: it is spoken, so it is short.
fn carried(scene: Scene<'_>, message: &Message, name: &str, extra: Extra<'_>) -> String {
    let channel = scene.state.directory.channel(message.channel);
    let privately = privately(channel.map(|channel| &**channel));
    let joint = if extra.sentence { " " } else { ": " };
    let by = if name.is_empty() { String::new() } else { format!("{name}{joint}") };
    let mut told = vec![words(&extra.head).into_owned()];
    told.extend(extra.lines.iter().take(1).map(|line| words(line).into_owned()));
    let mut told = told.join(" ");
    for line in extra.lines.iter().skip(1) {
        told.push_str("; ");
        told.push_str(&words(line));
    }
    let link = extra.link.filter(|link| matches!(link, Link::Web(_)) || !scene.config.base.is_empty());
    let link = link.map_or_else(String::new, |link| format!(" {}", link.address(&scene.config.base)));
    let room = limits::CHAT_CHARS.saturating_sub(privately.len() + link.chars().count());
    format!("{privately}{}{link}", excerpt(&format!("{by}{told}"), room))
}

/// What a line begins with that clients show as it is, instead of the name and a colon: `Ann waves`,
/// `Ann, to Bob: yes`, `(private) Ann: psst`, and for who wrote it `(private) Ann, to Bob: psst`.
fn verbatim_prefix(scene: Scene<'_>, message: &Message, name: &str, own: bool) -> Option<String> {
    let channel = scene.state.directory.channel(message.channel);
    let privately = privately(channel.map(|channel| &**channel));
    let partner = channel.and_then(|channel| channel.partner(message.author)).filter(|_| own);
    let to = partner.or(message.reply_to.map(|reply| reply.author)).map(|to| scene.name(to));
    let prefix = match (message.kind, to) {
        (MessageKind::Action, _) => format!("{privately}{name} "),
        (MessageKind::Said, Some(to)) => format!("{privately}{name}, to {to}: "),
        (MessageKind::Said, None) if !privately.is_empty() => format!("{privately}{name}: "),
        (MessageKind::Said | MessageKind::System, _) => return None,
    };
    Some(prefix)
}

/// The words of a message: what was typed on the grid as it was typed, Markdown from elsewhere without its marks.
fn spoken<'a>(scene: Scene<'_>, event: &Event, message: &'a Message) -> Cow<'a, str> {
    let typed_here = event.origin.is_some_and(|origin| {
        let asker = scene.state.live.session(origin.session);
        asker.is_none_or(|session| world::on_grid(session, scene.id()))
    });
    if typed_here { Cow::Borrowed(&message.text) } else { words(&message.text) }
}

/// A text from elsewhere as words.
pub fn words(text: &str) -> Cow<'_, str> {
    let words = plain::plain(text);
    if words.contains(|c: char| c.is_control() && c != '\n') {
        return Cow::Owned(plain::without_controls(&words));
    }
    words
}

/// Who a line is from, as clients know them: the connection that said it, another one of theirs, or their parked self.
fn sender(scene: Scene<'_>, event: &Event, author: AccountId) -> String {
    let asker = event.origin.and_then(|origin| scene.state.live.session(origin.session));
    if let Some(session) =
        asker.filter(|session| world::on_grid(session, scene.id()) && session.account == author)
    {
        return session.id.to_string();
    }
    let other = world::grid_sessions(scene.state, scene.id(), author).find(|session| session.ready);
    other.map_or_else(|| author.to_string(), |session| session.id.to_string())
}
