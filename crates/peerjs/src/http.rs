//! The one route of this protocol (peerjs.md 1).

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use commonroom_hub::Gateway;

/// The route for every listener that takes this protocol's sockets.
pub fn router(gateway: Gateway) -> Router {
    Router::new().route("/peerjs/id", get(id).options(preflight)).with_state(gateway)
}

/// `GET /peerjs/id`: an id that nobody has and nobody guesses, as text.
async fn id(State(gateway): State<Gateway>) -> impl IntoResponse {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
    ];
    (headers, gateway.token())
}

async fn preflight() -> impl IntoResponse {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
    ];
    (StatusCode::NO_CONTENT, headers)
}
