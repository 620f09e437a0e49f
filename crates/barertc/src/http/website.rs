//! Calls of the website, with the key (barertc.md 7.2 to 7.7).

use super::Desk;
use super::call::{Failure, Made, Outcome, failure};
use crate::blocklists;
use crate::limits;
use crate::orders::Order;
use crate::token;
use crate::world;
use axum::http::StatusCode;
use commonroom_core::Refusal;
use commonroom_core::account::ExternalId;
use commonroom_core::command::{AccessCommand, Actor, Command};
use commonroom_core::ids::AccountId;
use commonroom_core::name::{self, NameKey};
use commonroom_hub::live::LiveSession;
use commonroom_hub::request::Request;
use commonroom_hub::session::State;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
struct Authenticate {
    #[serde(default)]
    claims: Map<String, Value>,
}

pub(super) fn authenticate(desk: &Desk, made: &Made) -> Outcome {
    made.of_website(desk)?;
    let asked: Authenticate = made.fields()?;
    let config = &desk.shared.config;
    if !config.accepts_tokens() {
        return Err(failure(StatusCode::BAD_REQUEST, "JWT authentication is not available."));
    }
    let signed = token::issue(&config.jwt_secret, asked.claims, desk.gateway.now());
    signed
        .map(|token| json!({ "JWT": token }))
        .map_err(|error| failure(StatusCode::BAD_REQUEST, error.to_string()))
}

#[derive(Deserialize)]
struct Blocklist {
    #[serde(default)]
    username: String,
    #[serde(default)]
    blocklist: Option<Vec<String>>,
}

pub(super) async fn blocklist(desk: &Desk, made: &Made) -> Outcome {
    made.of_website(desk)?;
    let asked: Blocklist = made.fields()?;
    if NameKey::of(&asked.username).as_str().is_empty() {
        return Err(failure(StatusCode::BAD_REQUEST, "Username is required."));
    }
    let names = usable(asked.blocklist.unwrap_or_default());
    let keep = blocklists::keep(&asked.username, &names, desk.gateway.now());
    if let Err(refusal) = desk.gateway.command(Actor::System, keep).await {
        let too_long = refusal == Refusal::TooLong;
        return Err(if too_long {
            failure(StatusCode::BAD_REQUEST, "That is too long.")
        } else {
            super::call::busy()
        });
    }
    if let Some(session) = online(&desk.gateway.state(), &asked.username) {
        for part in names.chunks(Order::NAMES) {
            desk.order(&session, Order::Avoid(part.to_vec())).await?;
        }
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
struct BlockNow {
    #[serde(default)]
    usernames: Vec<String>,
}

pub(super) async fn block_now(desk: &Desk, made: &Made) -> Outcome {
    made.of_website(desk)?;
    let asked: BlockNow = made.fields()?;
    let mut names = usable(asked.usernames);
    names.truncate(Order::NAMES);
    let state = desk.gateway.state();
    for (at, name) in names.iter().enumerate() {
        let Some(session) = online(&state, name) else { continue };
        let others = names.iter().enumerate().filter(|(other, _)| *other != at);
        let others: Vec<String> = others.map(|(_, name)| name.clone()).collect();
        desk.order(&session, Order::Block(others)).await?;
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
struct DisconnectNow {
    #[serde(default)]
    usernames: Vec<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    kick: bool,
}

/// Without `Kick` only connections of this protocol are ended; with it somebody is sent out, however they came.
pub(super) async fn disconnect_now(desk: &Desk, made: &Made) -> Outcome {
    made.of_website(desk)?;
    let asked: DisconnectNow = made.fields()?;
    if asked.message.len() > Order::HTML_BYTES {
        return Err(failure(StatusCode::BAD_REQUEST, "That message is too long."));
    }
    let config = &desk.shared.config;
    let mut removed = 0;
    for name in &asked.usernames {
        let state = desk.gateway.state();
        let session = online(&state, name);
        if !asked.kick {
            if let Some(session) = session {
                desk.order(&session, Order::Leave(asked.message.clone())).await?;
                removed += 1;
            }
            continue;
        }
        let account = state.directory.account_named(name).map(|account| account.id);
        let here = world::space(&state, config).zip(account);
        let Some((space, account)) = here.filter(|(space, account)| {
            state.live.is_online(*account) && state.directory.member(space.id, *account).is_some()
        }) else {
            continue;
        };
        if let Some(session) = session.filter(|_| !asked.message.is_empty()) {
            desk.order(&session, Order::Hear(asked.message.clone())).await?;
        }
        let kick = Command::Kick { space: space.id, account, reason: None };
        if desk.gateway.command(Actor::System, kick).await.is_ok() {
            removed += 1;
        }
    }
    Ok(json!({ "Removed": removed }))
}

#[derive(Deserialize)]
struct AmendJwt {
    #[serde(default)]
    username: String,
    #[serde(default)]
    jwttoken: String,
}

pub(super) async fn amend_jwt(desk: &Desk, made: &Made) -> Outcome {
    made.of_website(desk)?;
    let asked: AmendJwt = made.fields()?;
    let config = &desk.shared.config;
    let claims = token::read(&config.jwt_secret, &asked.jwttoken, desk.gateway.now())
        .map_err(|_| failure(StatusCode::UNAUTHORIZED, "Invalid JWT token."))?;
    let state = desk.gateway.state();
    let session = online(&state, &asked.username).filter(|session| by_site(&state, session.account));
    let Some(session) = session else {
        return Err(failure(StatusCode::NOT_FOUND, format!("{} is not online", asked.username)));
    };
    let known = state.directory.account(session.account).map(|account| account.key.clone());
    if known != Some(NameKey::of(&claims.sub)) {
        rename(desk, session.account, &claims.sub).await?;
    }
    desk.order(&session, Order::Amend(asked.jwttoken)).await?;
    Ok(json!({}))
}

/// The account is called as the site calls it from now on, and is found by that name.
async fn rename(desk: &Desk, account: AccountId, wanted: &str) -> Result<(), Failure> {
    let taken = |_| failure(StatusCode::CONFLICT, "That username is not free.");
    let username = name::username(wanted).map_err(taken)?;
    let identity = ExternalId::Site(NameKey::of(&username).as_str().to_owned());
    if desk.gateway.state().directory.account_outside(&identity).is_some() {
        return Err(taken(Refusal::NameTaken));
    }
    let rename = Command::Rename { account, username };
    desk.gateway.command(Actor::System, rename).await.map_err(taken)?;
    let link = Command::Access(AccessCommand::LinkOutside { account, identity });
    desk.gateway.command(Actor::System, link).await.map(|_| ()).map_err(taken)
}

pub(super) async fn shutdown(desk: &Desk, made: &Made) -> Outcome {
    made.of_website(desk)?;
    if !desk.shared.config.api_shutdown {
        return Err(failure(StatusCode::FORBIDDEN, "This is not allowed by the configuration."));
    }
    let state = desk.gateway.state();
    let notice = "The chat server is going down for a reboot NOW!";
    for session in state.live.sessions().filter(|session| world::is_own(session)) {
        desk.order(session, Order::Hear(notice.to_owned())).await?;
    }
    match desk.gateway.request(Request::Restart { seconds: limits::LAST_WORDS_SECONDS }).await {
        Ok(_) | Err(commonroom_core::Refusal::Already) => Ok(json!({})),
        Err(_) => Err(super::call::busy()),
    }
}

/// Names that somebody may have.
fn usable(names: Vec<String>) -> Vec<String> {
    names.into_iter().filter(|name| name.len() <= Order::NAME_BYTES).take(limits::NAMES).collect()
}

fn online(state: &State, name: &str) -> Option<Arc<LiveSession>> {
    let account = state.directory.account_named(name)?;
    world::session_of(state, account.id).cloned()
}

fn by_site(state: &State, account: AccountId) -> bool {
    let external = state.directory.account(account).and_then(|known| known.external.as_ref());
    matches!(external, Some(ExternalId::Site(_)))
}
