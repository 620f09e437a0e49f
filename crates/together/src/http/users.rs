//! Oneself and others (together.md 3.3).

use super::body::Body;
use super::caller::{CalledFrom, Caller, Ids};
use super::{App, Outcome, Problem, files, ok};
use crate::encode::{View, person};
use crate::limits as own;
use crate::presence;
use crate::token::Access;
use crate::wire::request::{self, given_text};
use axum::extract::State;
use commonroom_core::account::Status;
use commonroom_core::command::{Command, ProfileChange};
use commonroom_core::ids::AccountId;
use commonroom_core::{Refusal, limits};
use uuid::Uuid;

/// GET /users/@me
pub async fn me(State(app): State<App>, caller: Caller, CalledFrom(peer): CalledFrom) -> Outcome {
    let access = Access { account: caller.account, login: caller.login, expires_at: app.gateway.now() };
    Ok(files::with_cookies(&app, peer, Some(access), oneself(&app, caller)?))
}

fn oneself(app: &App, caller: Caller) -> Outcome {
    let state = app.state();
    let account = state.directory.account(caller.account).ok_or(Refusal::NoSuchAccount)?;
    ok(&person::user(View::of(&state, caller.account), account))
}

/// GET /users/:id
pub async fn profile(State(app): State<App>, caller: Caller, Ids(user): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let account =
        state.directory.account(AccountId(user)).filter(|account| !account.disabled && !account.retired);
    let account = account.ok_or(Refusal::NoSuchAccount)?;
    ok(&person::profile(View::of(&state, caller.account), account))
}

/// PATCH /users/@me
pub async fn change(State(app): State<App>, caller: Caller, Body(wanted): Body<request::Profile>) -> Outcome {
    // Everything is checked before anything changes.
    let profile = ProfileChange {
        avatar: wanted.avatar_url.clone().map(|url| url.map(web_address).transpose()).transpose()?,
        bio: short(wanted.bio.clone(), limits::BIO_CHARS)?,
        pronouns: short(wanted.pronouns.clone(), own::PRONOUNS_CHARS)?,
    };
    let status = wanted_status(&app, caller, &wanted)?;
    if profile != ProfileChange::default() {
        app.command(caller.account, Command::SetProfile(profile)).await?;
    }
    if let Some(status) = status {
        app.command(caller.account, Command::SetStatus(status)).await?;
    }
    oneself(&app, caller)
}

fn wanted_status(app: &App, caller: Caller, wanted: &request::Profile) -> Result<Option<Status>, Problem> {
    let text = short(wanted.custom_status.clone(), limits::STATUS_CHARS)?;
    let activity = short(wanted.activity.clone(), limits::STATUS_CHARS)?;
    if wanted.status.is_none() && text.is_none() && activity.is_none() {
        return Ok(None);
    }
    let state = app.state();
    let before = &state.directory.account(caller.account).ok_or(Refusal::NoSuchAccount)?.status;
    let kind = match wanted.status.as_deref() {
        Some(word) => presence::parse(word)
            .ok_or(Problem::bad("The status is one of online, away, idle, dnd, offline"))?,
        None => before.kind,
    };
    Ok(Some(presence::changed(before, kind, text, activity)))
}

fn short(text: Option<Option<String>>, chars: usize) -> Result<Option<Option<String>>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let text = given_text(text);
    match &text {
        Some(text) if text.chars().count() > chars => Err(Refusal::TooLong.into()),
        Some(text) if text.contains('\0') => Err(Refusal::Invalid.into()),
        Some(_) | None => Ok(Some(text)),
    }
}

/// An absolute http(s) address.
pub fn web_address(url: String) -> Result<String, Problem> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = !url.contains(|c: char| c.is_whitespace() || c.is_control());
    let host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    if host && plain && url.len() <= limits::URL_BYTES {
        Ok(url)
    } else {
        Err(Problem::bad("An address of a picture begins with http:// or https://"))
    }
}
