//! Forgotten passwords: an administrator hands a token over, which sets a new one once (together.md 3.3).

use super::body::Body;
use super::caller::{Caller, Visitor};
use super::{App, Outcome, Problem, ok};
use crate::limits;
use crate::wire::request;
use axum::extract::State;
use commonroom_core::Refusal;
use commonroom_core::command::{AccessCommand, Actor, Command};
use commonroom_core::secret::TokenHash;
use commonroom_hub::request::{PasswordWork, Request};
use serde::Serialize;

#[derive(Serialize)]
struct Issued {
    message: &'static str,
    token: String,
    expires_in_seconds: i64,
    note: &'static str,
}

#[derive(Serialize)]
struct Done {
    message: &'static str,
}

/// POST /auth/forgot-password
pub async fn forgot(
    State(app): State<App>,
    caller: Caller,
    Body(wanted): Body<request::ForgotPassword>,
) -> Outcome {
    let state = app.state();
    if state.directory.account(caller.account).is_none_or(|account| !account.admin) {
        return Err(Problem::forbidden("Only an administrator may do this"));
    }
    let address = wanted.email.trim().to_lowercase();
    let plausible = address.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    if !plausible {
        return Err(Problem::bad("The e-mail address is not valid"));
    }
    let account = state.directory.account_with_email(&address).ok_or(Refusal::NoSuchAccount)?.id;
    let token = app.gateway.token();
    let until = app.gateway.now().plus_seconds(limits::RESET_SECONDS);
    let code = TokenHash::of(&token);
    app.command(caller.account, Command::Access(AccessCommand::IssueReset { account, code, until })).await?;
    ok(&Issued {
        message: "A password reset token was made",
        token,
        expires_in_seconds: limits::RESET_SECONDS,
        note: "Hand it to its owner over a way that you trust: it is good once, for an hour",
    })
}

/// POST /auth/reset-password
pub async fn reset(
    State(app): State<App>,
    _: Visitor,
    Body(wanted): Body<request::ResetPassword>,
) -> Outcome {
    let (fewest, most) = limits::PASSWORD_CHARS;
    if !(fewest..=most).contains(&wanted.new_password.chars().count()) {
        return Err(Problem::bad("A password has 8 to 128 characters"));
    }
    let refused = || Problem::unauthorized("Invalid or expired reset token");
    let code = TokenHash::of(&wanted.token);
    let (state, now) = (app.state(), app.gateway.now());
    let known = state.directory.account_resetting(code).and_then(|account| account.reset);
    // Hashing costs: nobody makes this server do it with a made-up token.
    if wanted.token.len() > limits::TOKEN_BYTES || known.is_none_or(|(_, until)| until <= now) {
        return Err(refused());
    }
    let command = Command::Access(AccessCommand::ResetPassword { code, password: wanted.new_password });
    let work = PasswordWork::Change { actor: Actor::System, command };
    let answer = app.gateway.request(Request::Password(work)).await;
    answer.map_err(|refusal| Problem::unless(refusal, Refusal::NoSuchLogin, refused()))?;
    ok(&Done { message: "The password was reset" })
}
