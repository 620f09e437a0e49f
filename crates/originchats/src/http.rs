//! The routes of this protocol (originchats.md 7). What it does not know is said in JSON; pages and the client's files
//! are the server's.

mod assets;
mod attachments;
mod body;
mod github;
mod info;
mod traffic;
mod uploads;
mod webhooks;

use crate::config::Config;
use crate::{Shared, bases};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use commonroom_hub::Gateway;
use commonroom_hub::gateway::Peer;
use commonroom_hub::session::Setup;
use serde_json::json;
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use traffic::Traffic;

#[derive(Clone)]
struct Site {
    shared: Arc<Shared>,
    gateway: Gateway,
    traffic: Arc<Traffic>,
}

impl Site {
    /// True when rates count for this client.
    fn limits(&self, address: IpAddr) -> bool {
        let rates = &self.shared.config.rate_limiting;
        rates.enabled && !rates.exempts(address)
    }
}

/// The routes for one mount of this protocol.
pub fn router(config: Config, setup: Setup, gateway: Gateway) -> Router {
    let has_client = !config.client_dir.is_empty();
    let site = Site { shared: Arc::new(Shared::new(config, &setup)), gateway, traffic: setup.commons.of() };
    let router = Router::new()
        .route("/info", get(info::info))
        .route("/emojis/{*file}", get(assets::emoji))
        .route("/server-assets/{*sign}", get(assets::sign))
        .route("/attachments/upload", post(uploads::upload))
        .route("/attachments/{*id}", get(attachments::attachment))
        .route("/webhooks", post(webhooks::post))
        .route("/webhooks/{*rest}", post(webhooks::post));
    // A client brings its own page.
    let router = if has_client { router } else { router.route("/index.html", get(info::landing)) };
    router
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .layer(middleware::from_fn(open_to_all))
        .with_state(site)
}

/// Settings with the base under which this request came.
fn based<'a>(shared: &'a Shared, headers: &HeaderMap, peer: Peer) -> Cow<'a, Shared> {
    if shared.has_base() {
        return Cow::Borrowed(shared);
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match bases::of_request(host, peer.secure) {
        Some(base) => Cow::Owned(shared.with_base(base)),
        None => Cow::Borrowed(shared),
    }
}

/// Why a request is not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Problem {
    status: StatusCode,
    text: Cow<'static, str>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"error": self.text}))).into_response()
    }
}

fn problem(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Problem {
    Problem { status, text: text.into() }
}

async fn not_found() -> Response {
    problem(StatusCode::NOT_FOUND, "Not found").into_response()
}

/// True for a body that says it is JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
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
