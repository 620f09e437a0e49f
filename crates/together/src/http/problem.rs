//! An answer that says no: `{"error":"..."}` (together.md 7.0).

use crate::encode::refusal;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use commonroom_core::Refusal;
use serde::Serialize;
use std::borrow::Cow;

/// Why a request was not carried out. The text is shown to people; it never repeats what they sent.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    text: Cow<'static, str>,
    retry_after: Option<i64>,
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
}

impl Problem {
    /// A problem with a status of its own.
    pub fn new(status: StatusCode, text: &'static str) -> Self {
        Self { status, text: Cow::Borrowed(text), retry_after: None }
    }

    /// 400.
    pub fn bad(text: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// 401.
    pub fn unauthorized(text: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, text)
    }

    /// 403.
    pub fn forbidden(text: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, text)
    }

    /// 404.
    pub fn not_found(text: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    /// A refusal, one of which has another meaning here.
    pub fn unless(reason: Refusal, known: Refusal, meaning: Self) -> Self {
        if reason == known { meaning } else { reason.into() }
    }

    /// 429 with the seconds until another try.
    pub fn too_many(seconds: i64) -> Self {
        let text = Cow::Borrowed("Too many requests, slow down");
        Self { status: StatusCode::TOO_MANY_REQUESTS, text, retry_after: Some(seconds) }
    }
}

impl From<Refusal> for Problem {
    fn from(reason: Refusal) -> Self {
        let (status, text) = refusal::refusal(reason);
        let retry_after = match status {
            StatusCode::TOO_MANY_REQUESTS => Some(60),
            StatusCode::SERVICE_UNAVAILABLE => Some(1),
            _ => None,
        };
        Self { status, text, retry_after }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/json")];
        let body = crate::wire::text(&Body { error: &self.text });
        let mut response = (self.status, kind, body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
