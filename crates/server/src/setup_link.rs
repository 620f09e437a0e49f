//! The one-time link that makes the first owner: printed at start while there is none, good once.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use commonroom_core::command::{Actor, Command};
use commonroom_core::secret::TokenHash;
use commonroom_core::{Directory, Refusal};
use commonroom_hub::Gateway;
use commonroom_hub::request::{PasswordWork, Request};
use serde::Deserialize;
use std::sync::{Arc, Mutex, PoisonError};

/// Least characters of the owner's password.
const PASSWORD_CHARS: usize = 8;

/// The link's state: the hash of its token until it is used.
#[derive(Clone)]
pub struct SetupLink {
    token: Arc<Mutex<Option<TokenHash>>>,
    gateway: Gateway,
}

#[derive(Deserialize)]
struct Owner {
    username: String,
    password: String,
}

/// True while nobody owns the default space.
pub fn is_needed(directory: &Directory) -> bool {
    directory.default_space().is_none_or(|space| space.owner.is_none())
}

/// A link with a fresh token, if one is needed: its path, and the routes that serve it.
pub fn make(gateway: Gateway) -> (Option<String>, Router) {
    let needed = is_needed(&gateway.state().directory);
    let token = gateway.token();
    let link = SetupLink { token: Arc::new(Mutex::new(needed.then(|| TokenHash::of(&token)))), gateway };
    let routes = Router::new().route("/setup/{token}", get(page).post(submit)).with_state(link);
    (needed.then(|| format!("/setup/{token}")), routes)
}

impl SetupLink {
    fn is_good(&self, token: &str) -> bool {
        let kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        *kept == Some(TokenHash::of(token)) && is_needed(&self.gateway.state().directory)
    }
}

async fn page(State(link): State<SetupLink>, Path(token): Path<String>) -> Response {
    if link.is_good(&token) { form("") } else { used() }
}

async fn submit(
    State(link): State<SetupLink>,
    Path(token): Path<String>,
    Form(owner): Form<Owner>,
) -> Response {
    if !link.is_good(&token) {
        return used();
    }
    if owner.password.chars().count() < PASSWORD_CHARS {
        return form("The password needs at least 8 characters.");
    }
    // A stranger may have taken the name meanwhile: the link makes a new account, it promotes none.
    if link.gateway.state().directory.account_named(&owner.username).is_some() {
        return form("Somebody has that name already. Choose another.");
    }
    let command = Command::CreateOwner { username: owner.username, password: owner.password };
    let work = PasswordWork::Change { actor: Actor::System, command };
    match link.gateway.request(Request::Password(work)).await {
        Ok(_) => {
            link.token.lock().unwrap_or_else(PoisonError::into_inner).take();
            Html("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Commonroom</title><main><h1>Done</h1>\
                  <p>You own this community. <a href=\"/\">Go to the first page</a> and sign in with any client.</p></main></html>")
                .into_response()
        }
        Err(Refusal::BadName | Refusal::NameTaken) => {
            form("That may not be a name. Choose letters, digits, _ or -.")
        }
        Err(_) => form("That did not work. Try again."),
    }
}

fn form(problem: &str) -> Response {
    Html(include_str!("../assets/setup.html").replace("{{problem}}", problem)).into_response()
}

fn used() -> Response {
    (StatusCode::NOT_FOUND, Html("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Commonroom</title><main><h1>Not here</h1><p>This link was used or is not the newest one. Restart the server for a new one, or run <code>commonroom admin create-owner</code>.</p></main></html>")).into_response()
}
