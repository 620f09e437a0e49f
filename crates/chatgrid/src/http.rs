//! The cookie helpers and the branding file (chatgrid.md 7.1 and 7.2); [`crate::media`] has the third route.

use crate::config::Config;
use crate::cookie;
use crate::limits;
use crate::media;
use crate::signin;
use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::any;
use commonroom_core::command::Actor;
use commonroom_core::ids::AccountId;
use commonroom_hub::Gateway;
use commonroom_hub::gateway::Peer;
use commonroom_hub::session::Setup;
use std::sync::Arc;

/// What the routes share.
pub(crate) struct Helpers {
    pub(crate) config: Config,
    pub(crate) setup: Setup,
    pub(crate) gateway: Gateway,
    pub(crate) load: media::Load,
}

/// Where the cookie helpers are.
const SESSION: &str = "auth/session/";

/// The HTTP routes of this protocol, at the root and under the configured base path.
pub fn router(config: Config, setup: Setup, gateway: Gateway) -> Router {
    let base = config.server.base_path.trim_end_matches('/').to_owned();
    let mut router = Router::new();
    for prefix in if base.is_empty() { vec![""] } else { vec!["", &base] } {
        router = router
            .route(&format!("{prefix}/auth/session/{{*endpoint}}"), any(session))
            .route(&format!("{prefix}/client_branding.json"), any(branding))
            .route(&format!("{prefix}/{}", media::PATH), any(media::relay))
            .route(&format!("{prefix}/ws"), any(upgrade_required));
    }
    router.with_state(Arc::new(Helpers { config, setup, gateway, load: media::Load::default() }))
}

fn reply(status: StatusCode, kind: &'static str, body: &str, cookie: Option<&str>) -> Response {
    let mut builder = Response::builder()
        .status(status)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::CONTENT_TYPE, kind);
    if let Some(cookie) = cookie {
        builder = builder.header(header::SET_COOKIE, cookie);
    }
    let fallback = |_| Response::new(Body::empty());
    builder.body(Body::from(body.to_owned())).unwrap_or_else(fallback)
}

pub(crate) fn text(status: StatusCode, body: &str) -> Response {
    reply(status, "text/plain; charset=utf-8", body, None)
}

/// What is no WebSocket handshake has come to the wrong path (2.7).
async fn upgrade_required() -> Response {
    let mut response = text(StatusCode::UPGRADE_REQUIRED, "upgrade required");
    response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    response
}

async fn branding(State(helpers): State<Arc<Helpers>>, method: Method) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
    }
    let server = &helpers.config.server;
    let body = serde_json::json!({"gridName": server.grid_name, "welcomeMessage": server.welcome_message});
    reply(StatusCode::OK, "application/json", &body.to_string(), None)
}

/// The checks in their order: path, method, client header, origin, then the endpoint's own.
async fn session(
    State(helpers): State<Arc<Helpers>>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Response {
    let Some((_, endpoint)) = uri.path().rsplit_once(SESSION) else {
        return text(StatusCode::NOT_FOUND, "not found");
    };
    if !matches!(endpoint, "set" | "clear" | "check") {
        return text(StatusCode::NOT_FOUND, "not found");
    }
    // A HEAD request must not change anything (defect 23).
    if request.method() != Method::GET && request.method() != Method::POST {
        return text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
    }
    let headers = request.headers();
    if value(headers, "x-chgrid-auth-client") != Some("1") {
        return text(StatusCode::BAD_REQUEST, "missing client header");
    }
    if !from_own_page(&helpers, headers) {
        return text(StatusCode::FORBIDDEN, "origin not allowed");
    }
    let base = base_of(&helpers, &uri, SESSION);
    let secure = request.extensions().get::<Peer>().is_some_and(|peer| peer.secure);
    match endpoint {
        "set" => set(&helpers, headers, &base, secure).await,
        "clear" => reply(
            StatusCode::OK,
            "text/plain; charset=utf-8",
            "cleared",
            Some(&cookie::forget(&base, secure)),
        ),
        _ => check(&helpers, headers, &base).await,
    }
}

pub(crate) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The base path under which a request came: what stands before an endpoint, or the configured one at the root.
pub(crate) fn base_of(helpers: &Helpers, uri: &Uri, endpoint: &str) -> String {
    match uri.path().rsplit_once(endpoint).map_or("/", |(prefix, _)| prefix) {
        "/" => helpers.config.server.base_path.clone(),
        mounted => mounted.to_owned(),
    }
}

/// The account whose session cookie comes with a request.
pub(crate) fn may_resume(helpers: &Helpers, headers: &HeaderMap, base: &str) -> Option<AccountId> {
    let directory = helpers.gateway.state().directory;
    let now = helpers.gateway.now();
    let tokens = cookie::tokens(value(headers, "cookie").unwrap_or_default(), base);
    tokens
        .into_iter()
        .find_map(|token| signin::login_of(&directory, token, now).map(|(_, account)| account.id))
}

/// Browsers send no `Origin` with a GET request to the page's own origin, so that other signs count as well.
pub(crate) fn from_own_page(helpers: &Helpers, headers: &HeaderMap) -> bool {
    let host = value(headers, "host");
    let is_own = |found: &str| signin::is_own(&helpers.config, &helpers.setup, found, host);
    match headers.get("origin") {
        Some(origin) => origin.to_str().is_ok_and(is_own),
        None => {
            value(headers, "sec-fetch-site") == Some("same-origin")
                || value(headers, "referer").is_some_and(is_own)
        }
    }
}

/// Extends a token for another fortnight; false when it is not good.
async fn extend(helpers: &Helpers, token: &str) -> bool {
    if token.len() > limits::TOKEN_CHARS {
        return false;
    }
    let directory = helpers.gateway.state().directory;
    let now = helpers.gateway.now();
    let Some((login, account)) = signin::login_of(&directory, token, now) else { return false };
    let command = signin::extension(login, now);
    helpers.gateway.command(Actor::Account(account.id), command).await.is_ok()
}

async fn set(helpers: &Helpers, headers: &HeaderMap, base: &str, secure: bool) -> Response {
    let bearer = value(headers, "authorization").and_then(|value| value.split_once(' '));
    let token =
        bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        return text(StatusCode::BAD_REQUEST, "missing bearer token");
    };
    if !extend(helpers, token).await {
        return text(StatusCode::UNAUTHORIZED, "invalid session");
    }
    reply(StatusCode::OK, "text/plain; charset=utf-8", "ok", Some(&cookie::keep(base, token, secure)))
}

async fn check(helpers: &Helpers, headers: &HeaderMap, base: &str) -> Response {
    let tokens = cookie::tokens(value(headers, "cookie").unwrap_or_default(), base);
    if tokens.is_empty() {
        return text(StatusCode::UNAUTHORIZED, "missing session");
    }
    for token in tokens {
        if extend(helpers, token).await {
            return text(StatusCode::NO_CONTENT, "");
        }
    }
    text(StatusCode::UNAUTHORIZED, "invalid session")
}
