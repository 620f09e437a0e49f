//! The first page: what runs here, how to connect each of the four clients, and who is there now.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use commonroom_core::account::Protocol;
use commonroom_hub::Gateway;
use serde::Serialize;
use std::collections::BTreeSet;

/// What the first page says about one protocol.
#[derive(Clone, Debug, Serialize)]
pub struct Door {
    /// The protocol's name.
    pub name: &'static str,
    /// The address of its own listener, or of its mount.
    pub address: String,
}

/// The counts that the page keeps fresh.
#[derive(Debug, Serialize)]
struct Status {
    version: &'static str,
    people_online: usize,
    accounts: usize,
    spaces: usize,
    channels: usize,
    connections: Connections,
    doors: Vec<Door>,
}

#[derive(Debug, Default, Serialize)]
struct Connections {
    originchats: usize,
    chatgrid: usize,
    barertc: usize,
    together: usize,
}

#[derive(Clone)]
struct Page {
    gateway: Gateway,
    doors: Vec<Door>,
}

/// `/` and `/commonroom/status.json`.
pub fn routes(gateway: Gateway, doors: Vec<Door>) -> Router {
    Router::new()
        .route("/", get(first_page))
        .route("/commonroom/status.json", get(status))
        .with_state(Page { gateway, doors })
}

async fn first_page() -> Response {
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'";
    let mut response = Html(include_str!("../assets/first_page.html")).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn status(State(page): State<Page>) -> axum::Json<Status> {
    let state = page.gateway.state();
    let mut connections = Connections::default();
    let mut people = BTreeSet::new();
    for session in state.live.sessions() {
        people.insert(session.account);
        match session.protocol {
            Protocol::OriginChats => connections.originchats += 1,
            Protocol::ChatGrid => connections.chatgrid += 1,
            Protocol::BareRtc => connections.barertc += 1,
            Protocol::Together => connections.together += 1,
        }
    }
    let accounts = state.directory.accounts().filter(|account| !account.retired).count();
    let channels = state.directory.spaces().map(|space| space.channels.len()).sum();
    axum::Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        people_online: people.len(),
        accounts,
        spaces: state.directory.spaces().count(),
        channels,
        connections,
        doors: page.doors,
    })
}
