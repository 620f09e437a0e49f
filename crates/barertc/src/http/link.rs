//! The page on which the owner of an account lets the website's member of the same name sign in to it.
//!
//! A name that belongs to an account with a password is not given to whom the website calls so: they may be two people.
//! The token shows that the website's member asks, the password that the account's owner agrees; then the two are one.

use super::Desk;
use super::{field, page, private};
use crate::limits;
use crate::markup::escape;
use crate::token::{self, Claims};
use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use commonroom_core::Refusal;
use commonroom_core::account::{Account, AccountKind, ExternalId};
use commonroom_core::command::{AccessCommand, Actor, Command};
use commonroom_core::name::NameKey;
use commonroom_hub::gateway::Peer;
use commonroom_hub::request::{PasswordWork, Request};
use commonroom_hub::throttle::Throttling;
use std::sync::Arc;

/// Wrong passwords per address and per name, and the seconds in which they count.
const THROTTLING: Throttling = Throttling { per_address: 20, per_name: 5, seconds: 900 };

pub(super) fn ask(desk: &Desk, token: &str) -> Response {
    match who(desk, token) {
        Ok((claims, account)) => form(desk, token, &claims, &account, ""),
        Err(answer) => *answer,
    }
}

pub(super) async fn agree(desk: &Desk, peer: Peer, body: Bytes) -> Response {
    if body.len() > limits::FORM_BYTES {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let body = String::from_utf8_lossy(&body);
    let (token, password) = (field(&body, "jwt"), field(&body, "password"));
    let (claims, account) = match who(desk, &token) {
        Ok(known) => known,
        Err(answer) => return *answer,
    };
    let work = PasswordWork::Login {
        account: Some(account.id),
        name: account.username.clone(),
        password,
        address: peer.address,
        throttling: Some(THROTTLING),
    };
    let trouble = match desk.gateway.request(Request::Password(work)).await {
        Ok(_) => {
            let identity = ExternalId::Site(NameKey::of(&claims.sub).as_str().to_owned());
            let link = Command::Access(AccessCommand::LinkOutside { account: account.id, identity });
            match desk.gateway.command(Actor::System, link).await {
                Ok(_) => {
                    let text = "<h1>Done</h1><p>From now on you enter the chat as yourself.</p>";
                    return plain(desk, StatusCode::OK, text);
                }
                Err(_) => "That account belongs to somebody else already.",
            }
        }
        Err(Refusal::TooMany) => "Too many attempts. Please wait some minutes.",
        Err(_) => "That is not the password.",
    };
    form(desk, &token, &claims, &account, trouble)
}

/// The website's member and the account of that name, if there is something to agree on.
fn who(desk: &Desk, token: &str) -> Result<(Claims, Arc<Account>), Box<Response>> {
    let no = |text: &str| Box::new(plain(desk, StatusCode::FORBIDDEN, &format!("<p>{text}</p>")));
    let config = &desk.shared.config;
    let claims = token::read(&config.jwt_secret, token, desk.gateway.now())
        .map_err(|_| no("Please go back to the website and launch the chat room again."))?;
    let state = desk.gateway.state();
    let identity = ExternalId::Site(NameKey::of(&claims.sub).as_str().to_owned());
    if state.directory.account_outside(&identity).is_some() {
        return Err(no("There is nothing to do: you enter the chat as yourself."));
    }
    let account = state.directory.account_named(&claims.sub).cloned();
    let account = account.filter(|account| account.kind == AccountKind::Person && account.external.is_none());
    account.map(|account| (claims, account)).ok_or_else(|| no("There is no such account here."))
}

fn form(desk: &Desk, token: &str, claims: &Claims, account: &Account, trouble: &str) -> Response {
    let status = if trouble.is_empty() { StatusCode::OK } else { StatusCode::FORBIDDEN };
    let body = format!(
        "<h1>Is this you?</h1>\n<p>The website calls you <strong>{}</strong>. Here somebody has an account called \
         <strong>{}</strong>. If it is yours, enter its password: then everybody whom the website signs in as {} enters \
         as this account, reads its messages and has its rights.</p>\n<p><strong>{}</strong></p>\n\
         <form method=\"post\" action=\"link\"><input type=\"hidden\" name=\"jwt\" value=\"{}\">\n\
         <label>Password of the account here <input type=\"password\" name=\"password\" \
         autocomplete=\"current-password\"></label> <button>Yes, this is me</button></form>\n\
         <p>If it is not yours, ask the website for another name.</p>",
        escape(&claims.sub),
        escape(&account.username),
        escape(&claims.sub),
        escape(trouble),
        escape(token),
    );
    plain(desk, status, &body)
}

fn plain(desk: &Desk, status: StatusCode, body: &str) -> Response {
    let html = Html(page::plain(&desk.shared.config.title, body));
    let mut response = private((status, html).into_response());
    // Nobody puts this page into theirs and has its button pressed.
    let policy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
