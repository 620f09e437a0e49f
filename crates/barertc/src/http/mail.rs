//! Direct messages read again (barertc.md 7.9 to 7.11). Whose they are is decided by the accounts of a conversation, never
//! by a likeness of names (13 D16).

use super::Desk;
use super::call::{Failure, Made, Outcome, busy, failure};
use crate::encode::{self, Edition, Saying};
use crate::limits;
use crate::token::Claims;
use crate::world;
use axum::http::StatusCode;
use commonroom_core::Reply;
use commonroom_core::account::{Account, ExternalId};
use commonroom_core::command::{Actor, Command, HouseCommand};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::message::Message;
use commonroom_core::name::NameKey;
use commonroom_core::query::{Found, Page, Query};
use commonroom_hub::live;
use commonroom_hub::request::Request;
use commonroom_hub::session::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
struct History {
    #[serde(default)]
    username: String,
    #[serde(default)]
    beforeid: i64,
}

pub(super) async fn history(desk: &Desk, made: &Made) -> Outcome {
    let claims = made.of_member(desk)?;
    let asked: History = made.fields()?;
    is_on(desk)?;
    let state = desk.gateway.state();
    let me = caller(desk, &state, &claims)?;
    let other = state.directory.account_named(asked.username.trim_start_matches('@'));
    let conversation = other.and_then(|other| state.directory.conversation(me.id, other.id));
    let Some(conversation) = conversation else { return Ok(json!({})) };
    let (messages, remaining) = page(desk, conversation.id, asked.beforeid).await?;
    let oldest = oldest(desk);
    let shown: Vec<Value> = messages
        .iter()
        .rev()
        .filter(|message| message.created_at >= oldest)
        .filter(|message| !live::hidden_from(&state.directory, &state.live, me.id, message.author))
        .filter_map(|message| entry(message, &asked.username, desk, &state))
        .collect();
    // What is older than what may be read again is not left to be read.
    let all_young = messages.iter().all(|message| message.created_at >= oldest);
    Ok(json!({ "Messages": shown, "Remaining": if all_young { remaining } else { 0 } }))
}

/// A page of a conversation, oldest first, and how many are older than it. No message needs to have the number: it may be
/// that of one that reached nobody.
async fn page(desk: &Desk, channel: ChannelId, before: i64) -> Result<(Vec<Arc<Message>>, u64), Failure> {
    let page = if before <= 0 { Page::Newest { skip: 0 } } else { Page::Below(before) };
    let found = find(desk, Query::History { channel, page, limit: limits::HISTORY_PAGE }).await?;
    if let Found::Messages { messages, start, .. } = found { Ok((messages, start)) } else { Err(busy()) }
}

fn entry(message: &Message, other: &str, desk: &Desk, state: &State) -> Option<Value> {
    let saying = Saying {
        message,
        channel: other,
        quote: None,
        edition: Edition::First,
        posted: Some(message.created_at),
    };
    let frame = encode::message(saying, state, &desk.shared)?;
    let frame: Value = serde_json::from_str(&frame).ok()?;
    Some(json!({
        "username": frame["username"],
        "message": frame["message"],
        "msgID": frame["msgID"],
        "timestamp": frame["timestamp"],
    }))
}

#[derive(Deserialize)]
struct Usernames {
    #[serde(default)]
    sort: String,
    #[serde(default)]
    page: u64,
}

pub(super) fn usernames(desk: &Desk, made: &Made) -> Outcome {
    let claims = made.of_member(desk)?;
    let asked: Usernames = made.fields()?;
    is_on(desk)?;
    let state = desk.gateway.state();
    let me = caller(desk, &state, &claims)?;
    let oldest = oldest(desk);
    let mut people: Vec<(Option<Timestamp>, &str)> = state
        .directory
        .conversations_of(me.id)
        .filter(|channel| channel.last_message_at.is_some_and(|at| at >= oldest))
        .filter_map(|channel| Some((channel.last_message_at, channel.partner(me.id)?)))
        .filter(|(_, other)| !world::blocked(&state, me.id, *other))
        .map(|(at, other)| (at, world::name(&state, other)))
        .filter(|(_, name)| !name.is_empty())
        .collect();
    match asked.sort.as_str() {
        "oldest" => people.sort(),
        "a-z" => people.sort_by_key(|(_, name)| name.to_lowercase()),
        "z-a" => people.sort_by_key(|(_, name)| std::cmp::Reverse(name.to_lowercase())),
        _ => people.sort_by(|one, other| other.cmp(one)),
    }
    let pages = people.len().div_ceil(limits::USERNAMES_PAGE);
    let skipped = usize::try_from(asked.page.max(1) - 1).unwrap_or(usize::MAX);
    let skipped = skipped.saturating_mul(limits::USERNAMES_PAGE);
    let names: Vec<&str> =
        people.iter().skip(skipped).take(limits::USERNAMES_PAGE).map(|(_, name)| *name).collect();
    Ok(json!({ "Usernames": names, "Count": people.len(), "Pages": pages }))
}

#[derive(Deserialize)]
struct Clear {
    #[serde(default)]
    username: String,
}

/// Takes back every direct message of somebody, on both sides: whoever looks at one sees it go.
pub(super) async fn clear(desk: &Desk, made: &Made) -> Outcome {
    let state = desk.gateway.state();
    let me = if made.has("apikey") {
        made.of_website(desk)?;
        let asked: Clear = made.fields()?;
        let known = state.directory.account_named(&asked.username).map(|account| account.id);
        known.ok_or_else(|| failure(StatusCode::NOT_FOUND, "There is nobody of that name."))?
    } else {
        let claims = made.of_member(desk)?;
        is_on(desk)?;
        account_of(&state, &claims).map(|account| account.id).ok_or_else(not_here)?
    };
    let conversations: Vec<ChannelId> =
        state.directory.conversations_of(me).map(|channel| channel.id).collect();
    let mut erased = 0;
    for channel in conversations {
        while erased < limits::CLEARED_MESSAGES {
            let gone = empty(desk, channel).await?;
            erased += gone;
            if gone == 0 {
                break;
            }
        }
    }
    Ok(json!({ "MessagesErased": erased }))
}

/// Takes the newest messages of a conversation back; how many.
async fn empty(desk: &Desk, channel: ChannelId) -> Result<u64, Failure> {
    match desk.gateway.command(Actor::System, Command::House(HouseCommand::Empty { channel })).await {
        Ok(Reply::Number(gone)) => Ok(u64::try_from(gone).unwrap_or(0)),
        Ok(_) | Err(_) => Err(busy()),
    }
}

fn is_on(desk: &Desk) -> Result<(), Failure> {
    if desk.shared.config.dm_history {
        Ok(())
    } else {
        Err(failure(StatusCode::INTERNAL_SERVER_ERROR, "database is not initialized"))
    }
}

/// The account that a token stands for.
fn account_of<'a>(state: &'a State, claims: &Claims) -> Option<&'a Arc<Account>> {
    let identity = ExternalId::Site(NameKey::of(&claims.sub).as_str().to_owned());
    state.directory.account_outside(&identity).filter(|account| !account.disabled)
}

/// Who calls: somebody who is here.
pub(super) fn caller<'a>(
    desk: &Desk,
    state: &'a State,
    claims: &Claims,
) -> Result<&'a Arc<Account>, Failure> {
    let space = world::space(state, &desk.shared.config).map(|space| space.id);
    account_of(state, claims)
        .filter(|account| is_here(state, account.id))
        .filter(|account| space.is_some_and(|space| state.directory.member(space, account.id).is_some()))
        .ok_or_else(not_here)
}

fn is_here(state: &State, account: AccountId) -> bool {
    world::session_of(state, account).is_some()
}

fn not_here() -> Failure {
    failure(StatusCode::BAD_REQUEST, "You are not logged into the chat room.")
}

/// The moment before which messages are not read again.
fn oldest(desk: &Desk) -> Timestamp {
    match desk.shared.config.dm_retention_days {
        0 => Timestamp(i64::MIN),
        days => desk.gateway.now().plus_seconds(-i64::from(days) * 86_400),
    }
}

async fn find(desk: &Desk, query: Query) -> Result<Found, Failure> {
    match desk.gateway.request(Request::Query(query)).await {
        Ok(Reply::Found(found)) => Ok(found),
        Ok(_) | Err(_) => Err(busy()),
    }
}
