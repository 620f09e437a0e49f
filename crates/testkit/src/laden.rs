//! Messages that carry more than text, as people of one protocol post them, for tests of what the others show.

use crate::World;
use commonroom_core::Reply;
use commonroom_core::command::{Actor, Command, NewFile, NewMessage};
use commonroom_core::embed::{Embed, Field};
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::message::{MessageKind, Persona, PersonaSource};
use commonroom_core::poll::{Poll, PollOption};

/// A message without text that shares a file of somebody's.
///
/// # Panics
/// When the file is refused.
pub fn file(
    world: &mut World,
    by: AccountId,
    channel: ChannelId,
    (name, mime, size): (&str, &str, u64),
) -> NewMessage {
    let file = NewFile {
        name: name.to_owned(),
        mime: mime.to_owned(),
        size,
        hash: "0".repeat(64),
        dimensions: None,
        channel,
        expires_at: None,
        permanent: false,
        keep: None,
    };
    match world.command(Actor::Account(by), Command::AddFile(file)) {
        Ok(Reply::File(file)) => NewMessage { files: vec![file.id], ..NewMessage::said(channel, "") },
        other => panic!("no file: {other:?}"),
    }
}

/// A message with a card below it; its words try to be more than words.
pub fn card(channel: ChannelId) -> NewMessage {
    let embed = Embed {
        title: Some("A <b>title</b>".to_owned()),
        description: Some("what it is".to_owned()),
        url: Some("https://site.example/?a=1&b=2".to_owned()),
        fields: vec![Field { name: "size".to_owned(), value: "big".to_owned(), inline: false }],
        ..Embed::default()
    };
    NewMessage { embeds: vec![embed], ..NewMessage::said(channel, "look") }
}

/// A message without text that asks something.
pub fn question(channel: ChannelId) -> NewMessage {
    let option = |id: &str, text: &str| PollOption {
        id: id.to_owned(),
        text: text.to_owned(),
        emoji: None,
        by: Vec::new(),
    };
    let poll = Poll {
        question: "Lunch?".to_owned(),
        options: vec![option("0", "Pizza"), option("1", "Pasta")],
        multiple: false,
        expires_at: None,
        ended_at: None,
    };
    NewMessage { poll: Some(Box::new(poll)), ..NewMessage::said(channel, "") }
}

/// What a webhook of that name says; the system posts it.
pub fn webhook(channel: ChannelId, name: &str, text: &str) -> NewMessage {
    let source = PersonaSource::Service("test".to_owned());
    let persona = Persona { name: name.to_owned(), avatar: None, source };
    NewMessage { persona: Some(Box::new(persona)), ..NewMessage::said(channel, text) }
}

/// What the server says; the system posts it.
pub fn server(channel: ChannelId, text: &str) -> NewMessage {
    NewMessage { kind: MessageKind::System, ..NewMessage::said(channel, text) }
}
