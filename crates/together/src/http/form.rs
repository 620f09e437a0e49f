//! Forms with files (`multipart/form-data`, together.md 7.8, 7.9), read as they arrive: never more in memory than a
//! form may hold, nor than all forms together may.

use super::{App, Problem};
use crate::limits;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest as _, Request};
use axum::http::{StatusCode, header};
use bytes::{Bytes, BytesMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A part of a form.
pub struct Part {
    /// The field it fills.
    pub name: String,
    /// The name of the file it holds.
    pub filename: Option<String>,
    /// What it holds.
    pub bytes: Bytes,
}

/// A form as far as it was asked for.
pub struct Form {
    /// Its parts in their order.
    pub parts: Vec<Part>,
    /// Gives the memory back when the form is dropped.
    held: Held,
}

/// What a form may hold.
#[derive(Clone, Copy)]
pub struct Wanted {
    /// Fields that are read; all others are passed over.
    pub fields: &'static [&'static str],
    /// Bytes of one part.
    pub part_bytes: usize,
    /// Parts that are read.
    pub parts: usize,
    /// Said when a part is larger.
    pub too_large: &'static str,
}

/// Bytes that are held by forms at this moment.
#[derive(Clone, Default)]
pub struct Memory(Arc<AtomicUsize>);

struct Held {
    memory: Memory,
    bytes: usize,
}

impl Held {
    fn more(&mut self, bytes: usize) -> Result<(), Problem> {
        let before = self.memory.0.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        if before + bytes > limits::UPLOADS_BYTES {
            Err(commonroom_core::Refusal::Busy.into())
        } else {
            Ok(())
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.memory.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Form {
    /// The first part that fills a field.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// Reads a form to its end, also where it is refused, so that the client reads the answer. How long the body may be at
/// most is said by the route.
pub async fn read(app: &App, request: Request, wanted: Wanted) -> Result<Form, Problem> {
    let told = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if told.and_then(|value| value.parse::<usize>().ok()).is_some_and(|told| told > limits::UPLOAD_BYTES) {
        return Err(too_large());
    }
    let multipart = Multipart::from_request(request, &()).await;
    let mut multipart =
        multipart.map_err(|_| Problem::bad("The request body must be multipart/form-data"))?;
    let mut form = Form { parts: Vec::new(), held: Held { memory: app.forms.clone(), bytes: 0 } };
    let mut trouble = None;
    let mut seen = 0;
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        seen += 1;
        if seen > limits::FORM_PARTS {
            return Err(Problem::bad("The form has too many parts"));
        }
        let name = field.name().unwrap_or_default().to_owned();
        if trouble.is_some() || !wanted.fields.contains(&name.as_str()) {
            continue;
        }
        if form.parts.len() >= wanted.parts {
            trouble = Some(Problem::bad("The form has too many files"));
            continue;
        }
        let filename = field.file_name().map(str::to_owned);
        match content(field, wanted, &mut form.held).await? {
            Ok(bytes) => form.parts.push(Part { name, filename, bytes }),
            Err(problem) => trouble = Some(problem),
        }
    }
    trouble.map_or(Ok(form), Err)
}

/// The content of a part. The outer error ends the reading, the inner one is said at the end.
async fn content(
    mut field: Field<'_>,
    wanted: Wanted,
    held: &mut Held,
) -> Result<Result<Bytes, Problem>, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > wanted.part_bytes {
            return Ok(Err(Problem::bad(wanted.too_large)));
        }
        if let Err(busy) = held.more(chunk.len()) {
            return Ok(Err(busy));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Ok(bytes.freeze()))
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large")
}

fn broken(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large()
    } else {
        Problem::bad("The form is damaged")
    }
}
