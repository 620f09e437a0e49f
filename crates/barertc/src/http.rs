//! The routes of this protocol: the page, two plain pages, polling and `/api` (barertc.md 7, 11.1).

mod about;
mod call;
mod link;
mod mail;
mod poll;
mod website;

use crate::Shared;
use crate::blocklists;
use crate::limits;
use crate::links;
use crate::orders::Order;
use crate::page::{self, Visitor};
use crate::settings::Settings;
use crate::token;
use crate::world;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Extension, FromRef, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use call::CALLS;
use commonroom_hub::Gateway;
use commonroom_hub::gateway::Peer;
use commonroom_hub::live::LiveSession;
use commonroom_hub::session::Setup;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// What every request is answered from.
#[derive(Clone)]
struct Office {
    settings: Arc<Settings>,
    gateway: Gateway,
    template: Option<Arc<str>>,
    cache_hash: Arc<str>,
}

/// The same at the moment of one request.
struct Desk {
    shared: Arc<Shared>,
    gateway: Gateway,
    /// The built client's page.
    template: Option<Arc<str>>,
    /// Changes with every start, so that browsers fetch changed files.
    cache_hash: Arc<str>,
}

impl FromRef<Office> for Desk {
    fn from_ref(office: &Office) -> Self {
        Self {
            shared: office.settings.now(),
            gateway: office.gateway.clone(),
            template: office.template.clone(),
            cache_hash: office.cache_hash.clone(),
        }
    }
}

/// The routes. Static files of the client come after them and are the server's.
pub(crate) fn router(settings: Arc<Settings>, setup: &Setup, gateway: Gateway) -> Router {
    let shared = settings.now();
    let directory = &shared.config.client_dir;
    let template = if directory.is_empty() {
        None
    } else {
        std::fs::read_to_string(Path::new(directory).join("index.html")).ok().map(Arc::from)
    };
    let cache_hash = setup.run.simple().to_string()[..12].into();
    let shared_files = links::routes(shared.links.clone(), gateway.clone());
    let office = Office { settings, gateway, template, cache_hash };
    let mut router = Router::new()
        .route("/", get(page_by_query).post(page_by_form))
        .route("/about", get(about))
        .route("/logout", get(logout))
        .route("/link", get(link_by_query).post(link_by_form))
        .route("/poll", any(|State(desk), request| poll::poll(desk, request)))
        .route("/api/statistics", any(statistics))
        .route("/api/{*rest}", any(unknown));
    for (path, call) in CALLS {
        let serve = move |State(desk), request| call::serve(call, desk, request);
        router = router.route(path, any(serve));
    }
    router.layer(DefaultBodyLimit::disable()).with_state(office).merge(shared_files)
}

impl Desk {
    /// Gives a session an order and waits until it was told.
    async fn order(&self, session: &LiveSession, order: Order) -> Result<(), call::Failure> {
        self.gateway.live(order.to(session)).await.map(|_| ()).map_err(|_| call::busy())
    }
}

async fn link_by_query(State(desk): State<Desk>, RawQuery(query): RawQuery) -> Response {
    link::ask(&desk, &field(query.as_deref().unwrap_or(""), "jwt"))
}

async fn link_by_form(State(desk): State<Desk>, Extension(peer): Extension<Peer>, body: Bytes) -> Response {
    link::agree(&desk, peer, body).await
}

async fn page_by_query(State(desk): State<Desk>, RawQuery(query): RawQuery) -> Response {
    chat_page(&desk, &field(query.as_deref().unwrap_or(""), "jwt"))
}

async fn page_by_form(State(desk): State<Desk>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    if body.len() > limits::FORM_BYTES {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let posted = field(&String::from_utf8_lossy(&body), "jwt");
    let token = if posted.is_empty() { field(query.as_deref().unwrap_or(""), "jwt") } else { posted };
    chat_page(&desk, &token)
}

fn chat_page(desk: &Desk, token: &str) -> Response {
    let config = &desk.shared.config;
    let mut visitor = Visitor { now: desk.gateway.now(), ..Visitor::default() };
    if !token.is_empty() && config.accepts_tokens() {
        match token::read(&config.jwt_secret, token, desk.gateway.now()) {
            Ok(claims) => visitor = Visitor { token: token.to_owned(), claims: Some(claims), ..visitor },
            Err(reason) => {
                let text = format!("Error parsing your JWT token: {reason}");
                return private((StatusCode::FORBIDDEN, text).into_response());
            }
        }
    }
    if visitor.claims.is_none() && !config.admits_guests() {
        let landing = &config.jwt.landing_page_url;
        return private(if landing.is_empty() {
            (StatusCode::FORBIDDEN, "Authentication denied. Please go back and try again.").into_response()
        } else {
            // 302, as clients and websites know it.
            let mut response = Redirect::to(landing).into_response();
            *response.status_mut() = StatusCode::FOUND;
            response
        });
    }
    let html = match &desk.template {
        Some(template) => {
            let name = visitor.claims.as_ref().map(|claims| claims.sub.clone()).unwrap_or_default();
            visitor.blocklist = blocklists::of(&name, &desk.gateway.state(), desk.gateway.now());
            page::fill(template, config, &visitor, &desk.cache_hash)
        }
        None => page::without_client(config),
    };
    private(Html(html).into_response())
}

/// Pages that may hold a token are kept by nobody, and no other server is told their address.
fn private(mut response: Response) -> Response {
    let fixed: [(HeaderName, &'static str); 3] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn about(State(desk): State<Desk>) -> Response {
    private(Html(page::about(&desk.shared.config)).into_response())
}

async fn logout(State(desk): State<Desk>) -> Response {
    private(Html(page::logout(&desk.shared.config)).into_response())
}

/// Who is here and how many cameras are on, for the website. Nobody hidden is counted.
async fn statistics(State(desk): State<Desk>, method: Method, headers: HeaderMap) -> Response {
    let config = &desk.shared.config;
    let state = desk.gateway.state();
    let mut response = if method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        let census =
            world::space(&state, config).map(|space| desk.shared.counter.census(&state, config, space.id));
        let (names, cameras, red) = census.as_ref().map(|census| census.statistics()).unwrap_or_default();
        Json(json!({
            "UserCount": names.len(),
            "Usernames": names,
            "Cameras": { "Blue": cameras - red, "Red": red },
        }))
        .into_response()
    };
    let origin = headers.get(header::ORIGIN);
    let known = origin.filter(|origin| {
        config.cors_hosts.iter().any(|host| host.trim_end_matches('/').as_bytes() == origin.as_bytes())
    });
    let answer = response.headers_mut();
    answer.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = known {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, OPTIONS"));
    }
    response
}

async fn unknown() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "OK": false, "Error": "Not found." }))).into_response()
}

/// A field of a query or form, decoded; empty when it is not there.
fn field(encoded: &str, name: &str) -> String {
    let mut fields = form_urlencoded::parse(encoded.as_bytes());
    fields.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded() {
        assert_eq!(field("a=1&jwt=x%2Ey+z&b", "jwt"), "x.y z");
        assert_eq!(field("j%77t=1", "jwt"), "1");
        assert_eq!(field("jwt=%zz%2", "jwt"), "%zz%2");
        assert_eq!(field("", "jwt"), "");
    }
}
