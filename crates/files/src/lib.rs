//! Kept files as HTTP answers (originchats.md 7.5, checks.md C2): read in pieces, in ranges when asked for, with headers
//! that keep a browser from running what somebody shared.

mod keep;
mod range;

pub use keep::{Ready, keep, ready};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use commonroom_hub::Gateway;
use commonroom_hub::blobs::Shelf;
use commonroom_hub::limits::PIECE_BYTES;
use futures_util::stream;
use range::Range;
use std::io;

/// How a file is given out.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Its MIME type.
    pub mime: String,
    /// The whole `Content-Disposition`, or none for a picture that is part of a page.
    pub disposition: Option<String>,
    /// `Cache-Control`.
    pub cache: &'static str,
}

/// Answers `GET` and `HEAD` for a blob; nothing when it is not kept.
pub async fn serve(
    gateway: &Gateway,
    shelf: Shelf,
    hash: &str,
    serving: &Serving,
    (method, headers): (&Method, &HeaderMap),
) -> Option<Response> {
    let first = gateway.blobs().piece(shelf, hash, 0, 0).await.ok()??;
    let tag = format!("\"{hash}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        return Some(with_headers(StatusCode::NOT_MODIFIED.into_response(), serving, &tag));
    }
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let mut response = match range::wanted(asked, first.total) {
        Range::All => body(gateway, shelf, hash, (0, first.total), method, StatusCode::OK),
        Range::Part(from, to) => {
            let mut part = body(gateway, shelf, hash, (from, to), method, StatusCode::PARTIAL_CONTENT);
            set(&mut part, header::CONTENT_RANGE, &format!("bytes {from}-{}/{}", to - 1, first.total));
            part
        }
        Range::Outside => {
            let mut refused = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            set(&mut refused, header::CONTENT_RANGE, &format!("bytes */{}", first.total));
            return Some(refused);
        }
    };
    set(&mut response, header::ACCEPT_RANGES, "bytes");
    Some(with_headers(response, serving, &tag))
}

fn body(
    gateway: &Gateway,
    shelf: Shelf,
    hash: &str,
    (from, to): (u64, u64),
    method: &Method,
    status: StatusCode,
) -> Response {
    let content = if *method == Method::HEAD {
        Body::empty()
    } else {
        Body::from_stream(pieces(gateway.clone(), shelf, hash.to_owned(), from, to))
    };
    let mut response = (status, content).into_response();
    set(&mut response, header::CONTENT_LENGTH, &(to - from).to_string());
    response
}

fn pieces(
    gateway: Gateway,
    shelf: Shelf,
    hash: String,
    from: u64,
    to: u64,
) -> impl stream::Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some(from), move |at| {
        let (gateway, hash) = (gateway.clone(), hash.clone());
        async move {
            let at = at.filter(|at| *at < to)?;
            let read = gateway.blobs().piece(shelf, &hash, at, PIECE_BYTES.min(to - at)).await;
            match read {
                Ok(Some(piece)) if !piece.bytes.is_empty() => {
                    let next = at + piece.bytes.len() as u64;
                    Some((Ok(piece.bytes), Some(next)))
                }
                // Taken away meanwhile: the client sees a body that ends early, and not one that looks whole.
                Ok(_) => Some((Err(io::ErrorKind::UnexpectedEof.into()), None)),
                Err(error) => Some((Err(error), None)),
            }
        }
    })
}

fn with_headers(mut response: Response, serving: &Serving, tag: &str) -> Response {
    set(&mut response, header::CONTENT_TYPE, &serving.mime);
    set(&mut response, header::ETAG, tag);
    set(&mut response, header::CACHE_CONTROL, serving.cache);
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(&mut response, header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    set(&mut response, HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    if let Some(disposition) = &serving.disposition {
        set(&mut response, header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// Sets a header; a value that is none is left out.
fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
