//! The routes of this protocol (originchats.md 7). What it does not know is said in JSON; pages and the client's files
//! are the server's.

use crate::Shared;
use crate::config::Config;
use crate::encode::{people, places};
use crate::permissions;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use commonroom_hub::Gateway;
use commonroom_hub::session::Setup;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Clone)]
struct Site {
    shared: Arc<Shared>,
    gateway: Gateway,
}

/// The routes for one mount of this protocol.
pub fn router(config: Config, setup: Setup, gateway: Gateway) -> Router {
    let site = Site { shared: Arc::new(Shared::new(config, &setup)), gateway };
    Router::new()
        .route("/info", get(info))
        // Places of this protocol in which there is nothing yet: never a page, whatever the server serves elsewhere.
        .route("/emojis/{*rest}", any(not_found))
        .route("/server-assets/{*rest}", any(not_found))
        .route("/attachments/{*rest}", any(not_found))
        .route("/webhooks", any(not_found))
        .route("/webhooks/{*rest}", any(not_found))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .layer(middleware::from_fn(open_to_all))
        .with_state(site)
}

/// `GET /info`: what discovery pages and invitations show.
async fn info(State(site): State<Site>) -> Response {
    let state = site.gateway.state();
    let config = &site.shared.config;
    let Some(view) = site.shared.view(&state) else { return not_found().await };
    let mut server: Value = places::server(config, view.space);
    server["owner"] = json!({"name": config.owner.name});
    let (directory, space) = (view.directory, view.space);
    let is_member = |account| directory.member(space.id, account).is_some();
    let online = view
        .live
        .online()
        .filter(|id| is_member(*id))
        .filter(|id| directory.account(*id).is_some_and(|account| !people::is_hidden(account)))
        .count();
    let channels =
        directory.channels_of(space.id).filter(|channel| permissions::is_public(space, channel)).count();
    Json(json!({
        "server": server,
        "stats": {
            "total_users": directory.members(space.id).count(),
            "connected_users": view.live.sessions().filter(|session| is_member(session.account)).count(),
            "online_users": online,
            "total_channels": channels,
            "total_roles": space.roles.len(),
        },
    }))
    .into_response()
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"error": "Not found"}))).into_response()
}

/// Pages of any origin may read every answer: clients are served from elsewhere, and no answer depends on a cookie.
async fn open_to_all(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    allow(response.headers_mut());
    response
}

fn allow(headers: &mut HeaderMap) {
    let values = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type, Authorization, Range"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "Content-Length, Content-Type, Cache-Control"),
    ];
    for (name, value) in values {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
