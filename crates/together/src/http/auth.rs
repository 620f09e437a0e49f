//! Registering, signing in, refreshing, signing out (together.md 3).

use super::body::{Body, Maybe};
use super::caller::{self, Visitor};
use super::servers::mark_read;
use super::{App, Outcome, Problem, done, files, json, ok};
use crate::encode::{View, person};
use crate::limits;
use crate::token::{self, Access, Refresh};
use crate::wire::entity::AuthResponse;
use crate::wire::request::{self, given_text};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use commonroom_core::account::{LoginKind, Protocol};
use commonroom_core::command::{Actor, Command, Registration};
use commonroom_core::engine;
use commonroom_core::ids::{AccountId, LoginId};
use commonroom_core::secret::TokenHash;
use commonroom_core::{Refusal, Reply};
use commonroom_hub::gateway::Peer;
use commonroom_hub::request::{PasswordWork, Request};
use commonroom_hub::throttle::Throttling;
use serde::Serialize;

#[derive(Serialize)]
struct Mode {
    registration_mode: &'static str,
}

/// GET /instance/registration-mode
pub async fn registration_mode(State(app): State<App>) -> Outcome {
    let registration_mode = match app.config.registration {
        None | Some(engine::Registration::Open) => "open",
        Some(engine::Registration::Invite) => "invite_only",
        Some(engine::Registration::Closed) => "closed",
    };
    ok(&Mode { registration_mode })
}

/// POST /auth/register
pub async fn register(
    State(app): State<App>,
    visitor: Visitor,
    Body(wanted): Body<request::Register>,
) -> Outcome {
    if app.config.registration == Some(engine::Registration::Closed) {
        return Err(Refusal::RegistrationClosed.into());
    }
    check_credentials(&wanted)?;
    let registration = Registration {
        username: wanted.username,
        display_name: None,
        email: wanted.email,
        password: wanted.password,
        invite: invite(&app, wanted.invite_code)?,
        via: Protocol::Together,
    };
    let work = PasswordWork::Register {
        registration,
        address: visitor.peer.address,
        // The rate of `/auth` bounds registrations.
        throttling: None,
    };
    let account = match app.gateway.request(Request::Password(work)).await {
        Ok(Reply::Account(account)) => account,
        Ok(_) => return Err(Refusal::Fault.into()),
        Err(Refusal::NameTaken) => {
            return Err(Problem::new(StatusCode::CONFLICT, "Username already taken"));
        }
        Err(Refusal::Invalid) => return Err(Problem::bad("The e-mail address is not valid")),
        Err(Refusal::NoSuchInvite | Refusal::InviteOver | Refusal::InviteUsedUp) => return Err(no_invite()),
        Err(other) => return Err(other.into()),
    };
    let spaces: Vec<_> = app.state().directory.spaces_of(account).map(|space| space.id).collect();
    for space in spaces {
        mark_read(&app, account, space).await;
    }
    signed_in(&app, visitor.peer, StatusCode::CREATED, &begin(&app, account).await?)
}

/// POST /auth/login
pub async fn login(State(app): State<App>, visitor: Visitor, Body(wanted): Body<request::Login>) -> Outcome {
    if wanted.username.is_empty() || wanted.password.is_empty() {
        return Err(Problem::bad("Username and password are required"));
    }
    let too_long = wanted.password.chars().count() > limits::PASSWORD_CHARS.1
        || wanted.username.chars().count() > commonroom_core::limits::USERNAME_CHARS;
    let state = app.state();
    let account = if too_long { None } else { state.directory.account_named(&wanted.username) };
    let work = PasswordWork::Login {
        account: account.map(|account| account.id),
        name: wanted.username.chars().take(commonroom_core::limits::USERNAME_CHARS).collect(),
        password: wanted.password.chars().take(limits::PASSWORD_CHARS.1).collect(),
        address: visitor.peer.address,
        throttling: throttling(&app, visitor.peer),
    };
    let Reply::Account(account) = app.gateway.request(Request::Password(work)).await? else {
        return Err(Refusal::Fault.into());
    };
    signed_in(&app, visitor.peer, StatusCode::OK, &begin(&app, account).await?)
}

/// POST /auth/refresh
pub async fn refresh(
    State(app): State<App>,
    visitor: Visitor,
    Body(wanted): Body<request::Refresh>,
) -> Outcome {
    let presented = wanted.refresh_token;
    if presented.is_empty() {
        return Err(Problem::bad("A refresh token is required"));
    }
    let refused = || Problem::unauthorized("Invalid or expired refresh token");
    if presented.len() > limits::TOKEN_BYTES {
        return Err(refused());
    }
    let signer = app.gateway.signer();
    let state = app.state();
    let now = app.gateway.now();
    let (login, renew) = match token::look_up(&state.directory, signer, &presented, now) {
        Refresh::Current(login) => (login, true),
        Refresh::Repeated(login) => (login, false),
        Refresh::Stolen(login) => {
            // Already ended by another request is as good.
            let _ = app.gateway.command(Actor::System, Command::EndLogin { login: login.id }).await;
            return Err(refused());
        }
        Refresh::Unknown => return Err(refused()),
    };
    if state.directory.account(login.account).is_none_or(|account| account.disabled || account.retired) {
        return Err(Refusal::Disabled.into());
    }
    let next = token::successor(signer, &presented);
    if renew {
        let command = Command::RenewLogin {
            login: login.id,
            token: TokenHash::of(&next),
            expires_at: now.plus_seconds(i64::from(app.config.tokens.refresh_seconds)),
            grace_until: now.plus_seconds(limits::DOUBLE_SUBMIT_SECONDS),
        };
        app.gateway
            .command(Actor::Account(login.account), command)
            .await
            .map_err(|refusal| Problem::unless(refusal, Refusal::NoSuchLogin, refused()))?;
    }
    signed_in(&app, visitor.peer, StatusCode::OK, &response(&app, login.account, login.id, next)?)
}

/// POST /auth/logout
pub async fn logout(
    State(app): State<App>,
    _: Visitor,
    headers: HeaderMap,
    Maybe(wanted): Maybe<request::Logout>,
) -> Outcome {
    let (account, login) = match wanted.refresh_token {
        Some(presented) if presented.len() <= limits::TOKEN_BYTES => {
            let state = app.state();
            match token::look_up(&state.directory, app.gateway.signer(), &presented, app.gateway.now()) {
                Refresh::Current(login) | Refresh::Repeated(login) | Refresh::Stolen(login) => {
                    (login.account, login.id)
                }
                Refresh::Unknown => return Err(Problem::unauthorized("Invalid or expired refresh token")),
            }
        }
        Some(_) => return Err(Problem::unauthorized("Invalid or expired refresh token")),
        None => {
            let access = caller::access(&app, &headers)?;
            (access.account, access.login)
        }
    };
    app.command(account, Command::EndLogin { login }).await?;
    done()
}

/// The answer to a sign-in, with the cookies for shared files.
fn signed_in(app: &App, peer: Peer, status: StatusCode, answer: &AuthResponse) -> Outcome {
    let access = Access::read(app.gateway.signer(), &answer.access_token);
    Ok(files::with_cookies(app, peer, access, json(status, answer)?))
}

/// A new sign-in of an account.
async fn begin(app: &App, account: AccountId) -> Result<AuthResponse, Problem> {
    let refresh = app.gateway.token();
    let command = Command::BeginLogin {
        kind: LoginKind::Refresh,
        token: TokenHash::of(&refresh),
        expires_at: app.gateway.now().plus_seconds(i64::from(app.config.tokens.refresh_seconds)),
    };
    let Reply::Login(login) = app.command(account, command).await? else { return Err(Refusal::Fault.into()) };
    response(app, account, login, refresh)
}

fn response(
    app: &App,
    id: AccountId,
    login: LoginId,
    refresh_token: String,
) -> Result<AuthResponse, Problem> {
    let expires_at = app.gateway.now().plus_seconds(i64::from(app.config.tokens.access_seconds));
    let access_token = Access { account: id, login, expires_at }.sign(app.gateway.signer());
    let state = app.state();
    let account = state.directory.account(id).ok_or(Refusal::NoSuchAccount)?;
    Ok(AuthResponse { access_token, refresh_token, user: person::user(View::of(&state, id), account) })
}

/// The invitation to register by: the core uses it up together with making the account (13 #16). Where anybody may
/// register, none is asked for and none is used.
fn invite(app: &App, code: Option<String>) -> Result<Option<String>, Problem> {
    if app.config.registration != Some(engine::Registration::Invite) {
        return Ok(None);
    }
    let code = given_text(code).ok_or(Problem::bad("An invite code is required"))?;
    let (state, now) = (app.state(), app.gateway.now());
    let known = state.directory.invite_with(&code);
    // Hashing costs: nobody makes this server do it with a made-up code.
    if known.is_none_or(|known| known.is_over(now) || known.is_used_up()) {
        return Err(no_invite());
    }
    Ok(Some(code))
}

fn no_invite() -> Problem {
    Problem::bad("This invite is not valid or has expired")
}

fn check_credentials(wanted: &request::Register) -> Result<(), Problem> {
    let (fewest, most) = limits::USERNAME_CHARS;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !(fewest..=most).contains(&wanted.username.len()) || !wanted.username.chars().all(plain) {
        return Err(Problem::bad("A username has 2 to 32 letters, digits and underscores"));
    }
    let (fewest, most) = limits::PASSWORD_CHARS;
    if !(fewest..=most).contains(&wanted.password.chars().count()) {
        return Err(Problem::bad("A password has 8 to 128 characters"));
    }
    Ok(())
}

fn throttling(app: &App, peer: Peer) -> Option<Throttling> {
    let limits = &app.config.rate_limit;
    (!limits.is_exempt(peer.address)).then_some(Throttling {
        per_address: limits::LOGIN_FAILURES_PER_ADDRESS,
        per_name: limits.login_failures_per_minute,
        seconds: 60,
    })
}
