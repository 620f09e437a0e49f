//! The page behind the link that the app shares, `/invite/<code>`, where no app is served that would show it
//! (together.md 7.16).

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;

/// Characters of a code that a page is made for.
const CODE_CHARS: usize = 64;
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// `/invite/<code>`: says the code. Whether it is good is told to who signs in.
pub fn page() -> Router {
    Router::new().route("/invite/{code}", get(show))
}

async fn show(Path(code): Path<String>) -> Response {
    let plain =
        (1..=CODE_CHARS).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !plain {
        return StatusCode::NOT_FOUND.into_response();
    }
    (HEADERS, Html(include_str!("../assets/invite.html").replace("{{code}}", &code))).into_response()
}
