//! What has happened, as frames, and every text that people read. Bodies of `message` and `error` are HTML: whatever
//! comes from elsewhere is rendered or escaped here (barertc.md 13 D4).

use crate::config::Config;
use crate::limits;
use crate::markup::{self, escape};
use crate::token::Rules;
use crate::wire::{
    Bare, EchoFrame, MeFrame, MessageFrame, Notice, OpenFrame, PingFrame, ReactFrame, RelayFrame,
    TakebackFrame, Word,
};
use crate::world;
use commonroom_core::Refusal;
use commonroom_core::env::Timestamp;
use commonroom_core::event::Event;
use commonroom_core::fallback::{self, Speaker};
use commonroom_core::ids::AccountId;
use commonroom_core::message::{Message, MessageKind};
use commonroom_hub::session::State;
use serde::Serialize;
use serde_json::value::RawValue;

/// Who speaks for the server.
pub const SERVER: &str = "ChatServer";

fn json<T: Serialize>(frame: &T) -> String {
    serde_json::to_string(frame).unwrap_or_default()
}

/// `disconnect`: do not come back by yourself.
pub fn disconnect() -> String {
    json(&Bare { action: "disconnect" })
}

/// `cut`: turn your camera off.
pub fn cut() -> String {
    json(&Bare { action: "cut" })
}

/// `me`
pub fn me(username: &str, video: u32) -> String {
    json(&MeFrame { action: "me", username, video })
}

/// `ping`, for token users with a fresh token.
pub fn ping(token: Option<&str>, rules: Option<Rules>) -> String {
    json(&PingFrame { action: "ping", jwt: token, rules })
}

/// A notice of the server; `html` is safe HTML.
pub fn error(html: &str) -> String {
    json(&Notice { action: "error", channel: None, username: SERVER, message: html })
}

/// A welcome message of a channel.
pub fn welcome(channel: &str, markdown: &str, config: &Config) -> String {
    let html = markup::render(markdown, config.remote_images);
    json(&Notice { action: "error", channel: Some(channel), username: SERVER, message: &html })
}

/// What became of somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Presence {
    /// Came.
    Joined = 1,
    /// Went.
    Exited,
    /// Was sent out.
    Kicked,
    /// Is kept out.
    Banned,
}

impl Presence {
    /// The texts that clients look for (barertc.md 6.5).
    pub fn text(self) -> &'static str {
        match self {
            Self::Joined => "has joined the room!",
            Self::Exited => "has exited the room!",
            Self::Kicked => "has been kicked from the room!",
            Self::Banned => "has been banned!",
        }
    }
}

/// `presence`
pub fn presence(username: &str, what: Presence) -> String {
    json(&Notice { action: "presence", channel: None, username, message: what.text() })
}

/// `takeback`
pub fn takeback(number: i64) -> String {
    json(&TakebackFrame { action: "takeback", number })
}

/// `react`; without a name for a nudge.
pub fn react(username: &str, number: i64, emoji: &str) -> String {
    json(&ReactFrame { action: "react", username, number, message: emoji })
}

/// `ring` to the broadcaster or `open` to the viewer.
pub fn open(action: &'static str, username: &str, secret: &str) -> String {
    json(&OpenFrame { action, username, secret })
}

/// A part of a WebRTC negotiation, its payload unchanged.
pub fn relay(word: &str, username: &str, body: &str) -> Option<String> {
    let raw: Option<&RawValue> = if body.is_empty() { None } else { serde_json::from_str(body).ok() };
    let bare = |action| RelayFrame { action, username, description: None, candidate: None };
    let frame = match word {
        "sdp" => RelayFrame { description: raw, ..bare("sdp") },
        "candidate" => RelayFrame { candidate: raw, ..bare("candidate") },
        "watch" => bare("watch"),
        "unwatch" => bare("unwatch"),
        _ => return None,
    };
    Some(json(&frame))
}

/// The wire's own word.
pub fn word(word: Word) -> &'static str {
    match word {
        Word::Candidate => "candidate",
        Word::Sdp => "sdp",
        Word::Watch => "watch",
        Word::Unwatch => "unwatch",
    }
}

/// `echo`: what was said before somebody came.
pub fn echo(messages: &[Box<RawValue>]) -> String {
    json(&EchoFrame { action: "echo", messages })
}

/// How a message is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edition {
    /// As it was posted.
    First,
    /// In place of what it was.
    Again,
    /// As a line that tells of the change (crossing.md C3).
    Line,
}

/// How an edit is shown: in place while it is the newest and young, else as a line.
pub fn edition(event: &Event, message: &Message, newest: bool) -> Edition {
    let young = event.at <= message.created_at.plus_seconds(limits::REPLACE_SECONDS);
    if newest && young { Edition::Again } else { Edition::Line }
}

/// A quoted message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quote {
    /// Whose.
    pub author: AccountId,
    /// A line of it; empty when it is not known.
    pub line: String,
}

/// What `message` frames are made of.
#[derive(Clone, Copy, Debug)]
pub struct Saying<'a> {
    /// The message.
    pub message: &'a Message,
    /// The channel's id, or `@` and a name.
    pub channel: &'a str,
    /// What it answers.
    pub quote: Option<&'a Quote>,
    /// How it is shown.
    pub edition: Edition,
    /// When it was posted, for old messages.
    pub posted: Option<Timestamp>,
}

/// `message`; `None` when nothing of it may be shown.
pub fn message(saying: Saying<'_>, state: &State, config: &Config) -> Option<String> {
    let speaker = fallback::speaker(&state.directory, saying.message);
    let name = match &speaker {
        Speaker::Account(account) => world::name(state, *account),
        Speaker::Server => SERVER,
        Speaker::Named(name) => name,
    };
    let body = body(saying, name, state, config);
    let frame = MessageFrame {
        action: "message",
        channel: saying.channel,
        username: name,
        message: &body,
        number: saying.message.number,
        timestamp: saying.posted.map(Timestamp::rfc3339),
    };
    (!body.is_empty()).then(|| json(&frame))
}

/// A message that nobody but its author sees.
pub fn unsent(channel: &str, username: &str, text: &str, number: i64, config: &Config) -> String {
    let body = markup::render(text, config.remote_images);
    json(&MessageFrame { action: "message", channel, username, message: &body, number, timestamp: None })
}

fn body(saying: Saying<'_>, name: &str, state: &State, config: &Config) -> String {
    let message = saying.message;
    let author = escape(name);
    let said = match message.kind {
        MessageKind::Action => format!("<p><em>{author} {}</em></p>", escape(&message.text)),
        MessageKind::Said | MessageKind::System => markup::render(&message.text, config.remote_images),
    };
    let carried = if saying.edition == Edition::Line { String::new() } else { carried(message, config) };
    if said.is_empty() && carried.is_empty() {
        return said;
    }
    let said = match (said.is_empty(), carried.is_empty()) {
        (_, true) => said,
        (true, false) => carried,
        (false, false) => format!("{said}\n{carried}"),
    };
    let quoted = saying.quote.map_or_else(String::new, |quote| {
        let name = escape(world::name(state, quote.author));
        let line = escape(&quote.line);
        format!("<blockquote><p><strong>@{name}</strong> {line}</p></blockquote>\n")
    });
    match saying.edition {
        Edition::First => quoted + &said,
        Edition::Again => format!("{quoted}{said}\n<p><small>(edited)</small></p>"),
        Edition::Line => match said.strip_prefix("<p>") {
            Some(rest) => format!("<p><em>{author} edited:</em> {rest}"),
            None => format!("<p><em>{author} edited:</em></p>\n{said}"),
        },
    }
}

/// What a message carries besides its text, as paragraphs: everything escaped, pictures of this server shown.
fn carried(message: &Message, config: &Config) -> String {
    let mut html = String::new();
    for extra in fallback::extras(message) {
        let head = escape(&extra.head);
        let address = extra.link.map(|link| escape(&link.address(&config.base)));
        let head = match &address {
            Some(address) => format!("<a href=\"{address}\" rel=\"nofollow noopener\">{head}</a>"),
            None => head,
        };
        let lines = extra.lines.iter().map(|line| format!("<br>{}", escape(line)));
        let picture = extra.link.and_then(|link| link.picture().map(|file| escape(&file.name))).zip(address);
        let picture = picture.map(|(name, address)| format!("<br><img src=\"{address}\" alt=\"{name}\">"));
        let block: String = lines.chain(picture).collect();
        let joint = if html.is_empty() { "" } else { "\n" };
        if html.len() + head.len() + block.len() > limits::HTML_BYTES {
            break;
        }
        html = format!("{html}{joint}<p>{head}{block}</p>");
    }
    html
}

/// Why the core says no, in words.
pub fn refusal(refusal: Refusal) -> String {
    match refusal {
        Refusal::NoSuchChannel | Refusal::MayNotView | Refusal::WrongChannelKind => {
            "That channel does not exist."
        }
        Refusal::NoSuchMessage | Refusal::NoSuchReplyTarget => "That message does not exist.",
        Refusal::NoSuchAccount | Refusal::NoSuchLogin => "There is nobody of that name.",
        Refusal::MayNotSend => "You may not write in that channel.",
        Refusal::NotAllowed | Refusal::Owner => "You do not have permission to do that.",
        Refusal::NotAuthor => "That is not your message to take back.",
        Refusal::Banned => "You are currently banned from entering the chat room.",
        Refusal::Disabled => "Your account has been disabled.",
        Refusal::Locked => "Nobody may write in there any more.",
        Refusal::BlockedWord => "That holds a word that is not welcome here, so it has not been sent.",
        Refusal::MayNotShare => "You may not share files in that channel.",
        Refusal::TimedOut { .. } => {
            "A chat operator has silenced you for a while, so your message has not been sent."
        }
        Refusal::TooLong => "That is too long, so it has not been sent.",
        Refusal::Empty => "There is nothing to send.",
        Refusal::TooMany => "That was too fast. Please wait a moment.",
        Refusal::Full => "There is no room for more of that.",
        Refusal::Busy => "The chat server is busy. Please try again in a moment.",
        Refusal::NameTaken => "That username belongs to somebody else in this chat room.",
        Refusal::BadName => "That username can not be used in this chat room.",
        Refusal::NoSuchSpace
        | Refusal::NoSuchRole
        | Refusal::NoSuchItem
        | Refusal::NoSuchFile
        | Refusal::NoSuchEmoji
        | Refusal::NoSuchWebhook
        | Refusal::NoSuchInvite
        | Refusal::InviteOver
        | Refusal::InviteUsedUp
        | Refusal::NoSuchOption
        | Refusal::PollOver
        | Refusal::Unreachable
        | Refusal::Blocked
        | Refusal::EmailTaken
        | Refusal::BadCredentials
        | Refusal::RegistrationClosed
        | Refusal::InviteRequired
        | Refusal::Invalid
        | Refusal::Already
        | Refusal::Fault => "That did not work.",
    }
    .to_owned()
}

/// What is left of a ban, for its text (barertc.md 5.1).
pub fn banned(until: Option<Timestamp>, now: Timestamp) -> String {
    let rest = match until {
        Some(until) => format!("Your ban expires in: {}", duration(until, now)),
        None => "Your ban does not expire.".to_owned(),
    };
    error(&format!(
        "You are currently banned from entering the chat room. Chat room bans are temporary and usually last for 24 \
         hours.<br><br>{rest}"
    ))
}

/// Hours, minutes and seconds.
fn duration(until: Timestamp, now: Timestamp) -> String {
    let seconds = (until.0 - now.0 + 999_999).div_euclid(1_000_000).max(1);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// Hours without needless digits.
pub fn hours(hours: f64) -> String {
    format!("{} hours", (hours * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_handed_on_unchanged() {
        let body = r#""{\"b\":1,\u0022a\":\"\ud800\"}""#;
        assert_eq!(
            relay("sdp", "ann", body).as_deref(),
            Some(r#"{"action":"sdp","username":"ann","description":"{\"b\":1,\u0022a\":\"\ud800\"}"}"#)
        );
        assert_eq!(relay("watch", "ann", "").as_deref(), Some(r#"{"action":"watch","username":"ann"}"#));
        assert_eq!(relay("look", "ann", ""), None);
    }

    #[test]
    fn durations_are_short() {
        let at = |seconds: i64| duration(Timestamp(0).plus_seconds(seconds), Timestamp(0));
        assert_eq!([at(3_600), at(59), at(61), at(-5)], ["1h0m0s", "59s", "1m1s", "1s"]);
        assert_eq!([hours(24.0), hours(0.5)], ["24 hours", "0.5 hours"]);
    }
}
