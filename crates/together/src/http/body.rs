//! Request bodies: 415, 413, 400 and 422 as in together.md 7.0, never repeating what was sent.

use super::{App, Problem};
use crate::limits;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// A JSON body.
pub struct Body<T>(pub T);

/// A body that may be missing or unusable: then it is the default.
pub struct Maybe<T>(pub T);

/// A JSON body that may be missing: then it is the default.
pub struct Optional<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        must_be_json(is_json(request.headers()))?;
        Ok(Self(read(&bytes(request).await?)?))
    }
}

impl<T: DeserializeOwned + Default> FromRequest<App> for Optional<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let json = is_json(request.headers());
        let bytes = bytes(request).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        must_be_json(json)?;
        Ok(Self(read(&bytes)?))
    }
}

impl<T: DeserializeOwned + Default> FromRequest<App> for Maybe<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let bytes = bytes(request).await?;
        Ok(Self(serde_json::from_slice(&bytes).unwrap_or_default()))
    }
}

/// A JSON object; its fields never in the answer.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let unfit = || {
        let text = "The request body has missing, unknown or wrong fields";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, text)
    };
    // A list would be read as the fields in order.
    let object = bytes.trim_ascii_start().starts_with(b"{");
    let read = serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        Category::Data => unfit(),
        Category::Syntax | Category::Eof | Category::Io => Problem::bad("The request body is not valid JSON"),
    })?;
    if object { Ok(read) } else { Err(unfit()) }
}

async fn bytes(request: Request) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large");
    let told = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if told.and_then(|value| value.parse::<usize>().ok()).is_some_and(|told| told > limits::BODY_BYTES) {
        return Err(too_large());
    }
    axum::body::to_bytes(request.into_body(), limits::BODY_BYTES).await.map_err(|_| too_large())
}

fn must_be_json(is: bool) -> Result<(), Problem> {
    let text = "The request body must be application/json";
    if is { Ok(()) } else { Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)) }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}
