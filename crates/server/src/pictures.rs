//! Pictures that belong to something: emoji, faces, a community's sign. Anybody may load them, from every listener.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use commonroom_files::Serving;
use commonroom_hub::Gateway;
use commonroom_hub::blobs::Shelf;

/// Kept for good: another picture has another address.
const CACHE: &str = "public, max-age=31536000, immutable";

/// `GET /pictures/<SHA-256>.<extension>`
pub fn routes(gateway: Gateway) -> Router {
    Router::new().route("/pictures/{file}", get(picture)).with_state(gateway)
}

async fn picture(
    State(gateway): State<Gateway>,
    Path(file): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let Some((hash, extension)) = file.split_once('.') else { return StatusCode::NOT_FOUND.into_response() };
    let mime = match extension {
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let serving = Serving { mime: mime.to_owned(), disposition: None, cache: CACHE };
    let served =
        commonroom_files::serve(&gateway, Shelf::Pictures, hash, &serving, (&method, &headers)).await;
    let mut response = served.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response());
    let anybody = axum::http::HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, anybody);
    response
}
