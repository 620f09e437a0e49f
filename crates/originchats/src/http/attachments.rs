//! Shared files on their way out (originchats.md 7.5). Their ids are random: who was told one may load the file for as
//! long as it is there.

use super::{Problem, Site, problem};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use commonroom_core::Reply;
use commonroom_core::file::File;
use commonroom_core::ids::FileId;
use commonroom_core::query::{Found, Query};
use commonroom_files::Serving;
use commonroom_hub::blobs::Shelf;
use commonroom_hub::request::Request;
use commonroom_media::{Kind, filename, serving};
use std::sync::Arc;

/// How long a file may be taken for still there.
const CACHE: &str = "public, max-age=3600";

/// `GET /attachments/<id>`
pub(super) async fn attachment(
    State(site): State<Site>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    if !site.shared.config.attachments.enabled {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "Attachments are disabled").into_response();
    }
    let file = match id.parse::<FileId>() {
        Ok(id) => known(&site, id).await,
        Err(_) => Ok(None),
    };
    let file = match file {
        Ok(Some(file)) => file,
        Ok(None) => {
            return problem(StatusCode::NOT_FOUND, "Attachment not found or expired").into_response();
        }
        Err(failed) => return failed.into_response(),
    };
    let serving = Serving {
        disposition: Some(filename::content_disposition(&file.name, is_shown(&file.mime))),
        mime: file.mime.clone(),
        cache: CACHE,
    };
    let request = (&method, &headers);
    let served = commonroom_files::serve(&site.gateway, Shelf::Files, &file.hash, &serving, request).await;
    served.unwrap_or_else(|| problem(StatusCode::NOT_FOUND, "Attachment file not found").into_response())
}

/// The file, while it lasts and its channel is there.
async fn known(site: &Site, id: FileId) -> Result<Option<Arc<File>>, Problem> {
    match site.gateway.request(Request::Query(Query::File { file: id })).await {
        Ok(Reply::Found(Found::File(found))) => {
            let (now, state) = (site.gateway.now(), site.gateway.state());
            Ok(found.map(|(file, _)| file).filter(|file| {
                let space = site.shared.space(&state).map(|space| space.id);
                let channel = state.directory.channel(file.channel);
                file.expires_at.is_none_or(|end| end > now)
                    && channel.is_some_and(|channel| space.is_some() && channel.space() == space)
            }))
        }
        Ok(_) | Err(_) => {
            Err(problem(StatusCode::SERVICE_UNAVAILABLE, "The server is busy, please try again"))
        }
    }
}

/// True for what a browser may show in place; its content was held against this type when it came.
fn is_shown(mime: &str) -> bool {
    let of_type = |kind: &Kind| serving::of(*kind, mime).mime == mime && kind.mime() != Kind::Unknown.mime();
    Kind::ALL.iter().filter(|kind| of_type(kind)).any(|kind| kind.is_inline_safe())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_sound_film_and_documents_are_shown_and_nothing_else() {
        for shown in ["image/png", "image/webp", "video/mp4", "audio/webm", "audio/mpeg", "application/pdf"] {
            assert!(is_shown(shown), "{shown}");
        }
        for kept in ["image/svg+xml", "text/html", "application/octet-stream", "application/zip", ""] {
            assert!(!is_shown(kept), "{kept}");
        }
    }
}
