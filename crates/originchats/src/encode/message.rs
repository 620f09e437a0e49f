//! Messages, whoever wrote them over whichever protocol.

use super::spot::Spot;
use super::{View, embed, people, poll, seconds};
use crate::wire::{self, Ordered};
use commonroom_core::Permissions;
use commonroom_core::file::File;
use commonroom_core::ids::AccountId;
use commonroom_core::message::{Message, MessageKind, Persona, PersonaSource};
use commonroom_core::policy;
use serde::Serialize;
use serde_json::{Value, json};

/// A message as everybody sees it.
pub fn message(view: &View<'_>, message: &Message) -> wire::Message {
    shape(view, message, None)
}

/// A message as one person sees it: of a poll, with what they chose.
pub fn seen_by(view: &View<'_>, message: &Message, viewer: AccountId) -> wire::Message {
    shape(view, message, Some(viewer))
}

/// A message out of its place: with the channel and thread it is in.
pub fn found(view: &View<'_>, message: &Message, viewer: AccountId) -> wire::Message {
    let mut shape = seen_by(view, message, viewer);
    if let Some(spot) = Spot::of(view.directory, message.channel) {
        shape.channel = Some(spot.channel.to_owned());
        shape.thread_id = spot.thread_id();
    }
    shape
}

/// The cards of a message.
pub fn embeds(view: &View<'_>, message: &Message, viewer: Option<AccountId>) -> Vec<Value> {
    let poll = message.poll.as_deref().map(|poll| poll::embed(view, message, poll, viewer));
    message.embeds.iter().map(embed::embed).chain(poll).collect()
}

fn shape(view: &View<'_>, message: &Message, viewer: Option<AccountId>) -> wire::Message {
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
        pinned: message.pin.is_some(),
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
        embeds: embeds(view, message, viewer),
        webhook: message.persona.as_deref().map(webhook),
        channel: None,
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

/// Who is told.
fn pings(view: &View<'_>, message: &Message) -> wire::Pings {
    let replied = message.reply_to.filter(|to| to.ping);
    wire::Pings {
        users: message.mentions.iter().map(|id| people::username(view.directory, *id)).collect(),
        roles: pinged_roles(view, message),
        replies: replied.map(|to| people::username(view.directory, to.author)).into_iter().collect(),
    }
}

fn pinged_roles(view: &View<'_>, message: &Message) -> Vec<String> {
    let named = message.mention_roles.iter().filter_map(|id| view.space.role(*id));
    let everyone = pings_everyone(view, message).then(|| view.space.everyone()).flatten();
    named.chain(everyone).map(|role| role.name.clone()).collect()
}

/// True when a message pings everybody: other protocols let anybody do so, this one only who may (originchats.md 9).
pub fn pings_everyone(view: &View<'_>, message: &Message) -> bool {
    let may = || {
        let held = policy::permissions_in_space(view.directory, view.space.id, message.author);
        held.has(Permissions::MENTION_EVERYONE)
    };
    message.mention_everyone && may()
}

#[derive(Serialize)]
struct New<'a> {
    message: wire::Message,
    channel: &'a str,
    thread_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    poll_id: Option<String>,
    global: bool,
}

/// `message_new`
pub fn new(view: &View<'_>, posted: &Message, spot: Spot<'_>, listener: Option<&str>) -> String {
    let poll_id = posted.poll.is_some().then(|| posted.id.to_string());
    let (channel, thread_id) = (spot.channel, spot.thread_id());
    let body = New { message: message(view, posted), channel, thread_id, poll_id, global: true };
    wire::frame("message_new", body, listener)
}

#[derive(Serialize)]
struct Edited<'a> {
    id: String,
    content: String,
    message: wire::Message,
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_id: Option<String>,
    global: bool,
}

/// `message_edit`, for everybody or for one viewer.
pub fn edited(
    view: &View<'_>,
    now: &Message,
    spot: Spot<'_>,
    viewer: Option<AccountId>,
    listener: Option<&str>,
) -> String {
    let message = shape(view, now, viewer);
    let (id, content) = (message.id.clone(), message.content.clone());
    let (channel, thread_id) = (spot.channel, spot.thread_id());
    wire::frame("message_edit", Edited { id, content, message, channel, thread_id, global: true }, listener)
}

/// `message_delete`
pub fn deleted(gone: &Message, spot: Spot<'_>, listener: Option<&str>) -> String {
    let body = spot.on(json!({"id": gone.id.to_string(), "global": true}));
    wire::frame("message_delete", body, listener)
}

/// `message_pin` or `message_unpin`
pub fn pinned(message: &Message, spot: Spot<'_>, listener: Option<&str>) -> String {
    let on = message.pin.is_some();
    let body = spot.on(json!({"id": message.id.to_string(), "pinned": on, "global": true}));
    wire::frame(if on { "message_pin" } else { "message_unpin" }, body, listener)
}

/// `message_react_add` or `message_react_remove`
pub fn reacted(
    view: &View<'_>,
    (message, emoji, by, on): (&Message, &str, AccountId, bool),
    spot: Spot<'_>,
    listener: Option<&str>,
) -> String {
    let cmd = if on { "message_react_add" } else { "message_react_remove" };
    let body = spot.on(json!({
        "id": message.id.to_string(),
        "emoji": emoji,
        "from": people::username(view.directory, by),
        "global": true,
    }));
    wire::frame(cmd, body, listener)
}
