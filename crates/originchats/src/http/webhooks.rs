//! Messages from outside (originchats.md 7.6).

use super::body::{self, NotTaken};
use super::{Problem, Site, github, is_json, problem};
use crate::decode::{self, embed};
use crate::encode::keep;
use crate::limits;
use crate::wording::Wrong;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use commonroom_core::Refusal;
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Actor, Command, NewMessage};
use commonroom_core::embed::is_web;
use commonroom_core::message::{Persona, PersonaSource};
use commonroom_core::webhook::Webhook;
use commonroom_hub::gateway::Peer;
use serde_json::{Map, Value};
use std::sync::Arc;

/// `POST /webhooks?token=...` and any path below it.
pub(super) async fn post(
    State(site): State<Site>,
    Extension(peer): Extension<Peer>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match posted(&site, peer, &uri, &headers, body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refused) => refused.into_response(),
    }
}

async fn posted(site: &Site, peer: Peer, uri: &Uri, headers: &HeaderMap, body: Body) -> Result<(), Problem> {
    let webhook = webhook(site, uri)?;
    let wrong = |text: &str| problem(StatusCode::BAD_REQUEST, text.to_owned());
    if !is_json(headers) {
        return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json"));
    }
    if site.limits(peer.address) && !site.traffic.webhook(webhook.id, site.gateway.now()) {
        return Err(problem(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded"));
    }
    let mut share = site.traffic.share();
    let read = body::read(body, headers, limits::WEBHOOK_BYTES as u64, &mut share).await;
    let body = read.map_err(|why| match why {
        NotTaken::TooLarge => problem(StatusCode::PAYLOAD_TOO_LARGE, "Request body too large (max 10MB)"),
        NotTaken::NoRoom => problem(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded"),
        NotTaken::Broken => wrong("Invalid JSON body"),
    })?;
    let Ok(Value::Object(body)) = serde_json::from_slice(&body) else {
        return Err(wrong("Invalid JSON body"));
    };
    let event = headers.get("x-github-event").map(|event| event.to_str().unwrap_or_default());
    let new = match event {
        None => said(site, &webhook, &body).map_err(|why| wrong(&why.to_string()))?,
        Some("push") => match github::push(&webhook, &body) {
            Some(new) => new,
            None => return Err(wrong("No content provided")),
        },
        // Sent because somebody ticked too much over there.
        Some(_) => return Ok(()),
    };
    match site.gateway.command(Actor::System, Command::PostMessage(new)).await {
        Ok(_) => Ok(()),
        Err(Refusal::NoSuchChannel | Refusal::WrongChannelKind) => {
            Err(problem(StatusCode::NOT_FOUND, "Channel not found"))
        }
        Err(Refusal::Busy) => {
            Err(problem(StatusCode::SERVICE_UNAVAILABLE, "The server is busy, please try again"))
        }
        Err(Refusal::Fault) => Err(problem(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")),
        Err(Refusal::BlockedWord) => Err(wrong("Your message contains a blocked word")),
        Err(_) => Err(wrong("No content provided")),
    }
}

/// The webhook whose newest token stands in the address.
fn webhook(site: &Site, uri: &Uri) -> Result<Arc<Webhook>, Problem> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let token = pairs.filter_map(|pair| pair.strip_prefix("token=")).find(|token| !token.is_empty());
    let Some(token) = token else {
        return Err(problem(StatusCode::UNAUTHORIZED, "Webhook token required"));
    };
    let state = site.gateway.state();
    let space = site.shared.space(&state).map(|space| space.id);
    let found = keep::token_of(&site.shared.signer, token).and_then(|(id, generation)| {
        let webhook = state.directory.webhook(id)?;
        (webhook.generation == generation && Some(webhook.space) == space).then(|| webhook.clone())
    });
    let webhook = found.ok_or_else(|| problem(StatusCode::UNAUTHORIZED, "Invalid webhook token"))?;
    let channel = state.directory.channel(webhook.channel);
    if channel.is_some_and(|channel| channel.kind == ChannelKind::Text) {
        Ok(webhook)
    } else {
        Err(problem(StatusCode::NOT_FOUND, "Channel not found"))
    }
}

/// A message in the form that most services send.
fn said(site: &Site, webhook: &Webhook, body: &Map<String, Value>) -> Result<NewMessage, Wrong> {
    let text = |name: &'static str| match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(Wrong::Field(name, "a string")),
    };
    let content = [text("content")?, text("text")?, text("message")?];
    let content = content.into_iter().flatten().find(|content| !content.trim().is_empty());
    let content = decode::clean(content.unwrap_or_default())?;
    let embeds = embed::embeds(body.get("embeds"))?.unwrap_or_default();
    if content.is_empty() && embeds.is_empty() {
        return Err(Wrong::Plain("No content provided"));
    }
    let most = site.shared.config.post_content();
    if content.chars().count() > most {
        return Err(Wrong::MessageTooLong(most));
    }
    let name =
        text("username")?.map(str::trim).filter(|name| !name.is_empty() && !name.contains(char::is_control));
    let avatar = text("avatar_url")?.filter(|avatar| is_web(avatar)).map(str::to_owned);
    let persona = Persona {
        name: name.unwrap_or(&webhook.name).chars().take(limits::PERSONA_CHARS).collect(),
        avatar: avatar.or_else(|| webhook.avatar.clone()),
        source: PersonaSource::Webhook(webhook.id),
    };
    let persona = Some(Box::new(persona));
    Ok(NewMessage { embeds, persona, ..NewMessage::said(webhook.channel, content) })
}
