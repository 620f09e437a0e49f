//! Messages, whoever wrote them over whichever protocol.

use super::{View, people, seconds};
use crate::wire::{self, Ordered};
use commonroom_core::Permissions;
use commonroom_core::file::File;
use commonroom_core::ids::AccountId;
use commonroom_core::message::{Message, MessageKind, Persona, PersonaSource};
use commonroom_core::policy;
use commonroom_core::space::Space;
use serde::Serialize;
use serde_json::{Value, json};

/// A message.
pub fn message(view: &View<'_>, message: &Message) -> wire::Message {
    let name = |id: AccountId| people::username(view.directory, id);
    let reactions = message.reactions.iter();
    wire::Message {
        id: message.id.to_string(),
        user: match message.kind {
            MessageKind::Said | MessageKind::Action => name(message.author),
            MessageKind::System => wire::SERVER_USER.to_owned(),
        },
        content: content(message),
        timestamp: seconds(message.created_at),
        kind: "message",
        pinned: false,
        interaction: message
            .interaction
            .as_deref()
            .map(|used| json!({"command": used.command, "username": name(used.by)})),
        edited: message.edited_at.is_some().then_some(true),
        reply_to: message.reply_to.map(|to| wire::ReplyTo { id: to.id.to_string(), user: name(to.author) }),
        ping: message.reply_to.is_some_and(|to| !to.ping).then_some(false),
        reactions: Ordered(
            reactions
                .map(|reaction| (reaction.emoji.clone(), reaction.by.iter().map(|id| name(*id)).collect()))
                .collect(),
        ),
        pings: pings(view, message),
        attachments: message.files.iter().map(|file| attachment(view, file)).collect(),
        embeds: Vec::new(),
        webhook: message.persona.as_deref().map(webhook),
        thread_id: None,
        position: None,
    }
}

/// A shared file.
pub fn attachment(view: &View<'_>, file: &File) -> wire::Attachment {
    wire::Attachment {
        id: file.id.to_string(),
        name: file.name.clone(),
        mime_type: file.mime.clone(),
        size: file.size,
        url: format!("{}/attachments/{}", view.base.unwrap_or_default(), file.id),
        expires_at: file.expires_at.map(seconds),
        permanent: file.permanent,
        width: file.dimensions.map(|(width, _)| width),
        height: file.dimensions.map(|(_, height)| height),
    }
}

/// Who speaks through a webhook (originchats.md 7.6).
fn webhook(persona: &Persona) -> Value {
    let id = match &persona.source {
        PersonaSource::Webhook(id) => id.to_string(),
        PersonaSource::Service(word) => word.clone(),
    };
    json!({"id": id, "name": persona.name, "avatar": persona.avatar})
}

/// The text; what somebody did is in italics, as clients of this protocol write it (crossing.md).
fn content(message: &Message) -> String {
    match message.kind {
        MessageKind::Said | MessageKind::System => message.text.clone(),
        MessageKind::Action => format!("*{}*", message.text.trim()),
    }
}

/// Who is told. Derived from the text and the directory, so that history and live frames agree.
fn pings(view: &View<'_>, message: &Message) -> wire::Pings {
    let replied = message.reply_to.filter(|to| to.ping);
    wire::Pings {
        users: message.mentions.iter().map(|id| people::username(view.directory, *id)).collect(),
        roles: pinged_roles(view, message),
        replies: replied.map(|to| people::username(view.directory, to.author)).into_iter().collect(),
    }
}

fn pinged_roles(view: &View<'_>, message: &Message) -> Vec<String> {
    let mut named: Vec<String> =
        mentioned_roles(view.space, &message.text).map(|role| role.name.clone()).collect();
    if message.mention_everyone {
        named.extend(view.space.everyone().map(|role| role.name.clone()));
    }
    let may = || {
        let held = policy::permissions_in_space(view.directory, view.space.id, message.author);
        held.has(Permissions::MENTION_EVERYONE)
    };
    if named.is_empty() || may() { named } else { Vec::new() }
}

/// The roles that a text mentions as `@&name`, outside code, each once.
pub fn mentioned_roles<'a>(
    space: &'a Space,
    text: &str,
) -> impl Iterator<Item = &'a commonroom_core::space::Role> {
    let mut found: Vec<&commonroom_core::space::Role> = Vec::new();
    if text.contains("@&") {
        for part in text.split('`').step_by(2) {
            for (at, _) in part.match_indices("@&") {
                let rest = &part[at + 2..];
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                if let Some(role) = space.role_named(&rest[..end])
                    && !found.iter().any(|other| other.id == role.id)
                {
                    found.push(role);
                }
            }
        }
    }
    found.into_iter()
}

#[derive(Serialize)]
struct New<'a> {
    message: wire::Message,
    channel: &'a str,
    thread_id: Option<&'a str>,
    global: bool,
}

/// `message_new`
pub fn new(view: &View<'_>, posted: &Message, channel: &str, listener: Option<&str>) -> String {
    let body = New { message: message(view, posted), channel, thread_id: None, global: true };
    wire::frame("message_new", body, listener)
}

#[derive(Serialize)]
struct Edited<'a> {
    id: String,
    content: String,
    message: wire::Message,
    channel: &'a str,
    global: bool,
}

/// `message_edit`
pub fn edited(view: &View<'_>, now: &Message, channel: &str, listener: Option<&str>) -> String {
    let message = message(view, now);
    let (id, content) = (message.id.clone(), message.content.clone());
    wire::frame("message_edit", Edited { id, content, message, channel, global: true }, listener)
}

/// `message_delete`
pub fn deleted(gone: &Message, channel: &str, listener: Option<&str>) -> String {
    let body = json!({"id": gone.id.to_string(), "channel": channel, "global": true});
    wire::frame("message_delete", body, listener)
}

/// `message_react_add` or `message_react_remove`
pub fn reacted(
    view: &View<'_>,
    (message, emoji, by, on): (&Message, &str, AccountId, bool),
    channel: &str,
    listener: Option<&str>,
) -> String {
    let cmd = if on { "message_react_add" } else { "message_react_remove" };
    let body = json!({
        "id": message.id.to_string(),
        "emoji": emoji,
        "channel": channel,
        "from": people::username(view.directory, by),
        "global": true,
    });
    wire::frame(cmd, body, listener)
}
