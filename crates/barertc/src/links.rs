//! Where clients load what was shared: addresses of this listener that cannot be guessed (crossing.md C3). An address is
//! good for as long as its message has the file; the sender of what reached nobody has one of their own.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use commonroom_core::Reply;
use commonroom_core::file::{File, Kept};
use commonroom_core::ids::FileId;
use commonroom_core::query::{Found, Query};
use commonroom_core::secret::Signer;
use commonroom_files::Serving;
use commonroom_hub::Gateway;
use commonroom_hub::blobs::Shelf;
use commonroom_hub::request::Request;
use commonroom_media::filename;

/// What the signatures are for.
const PURPOSE: &str = "barertc-shared";
/// The browser that has it may keep it; nobody else.
const CACHE: &str = "private, max-age=86400, immutable";

/// What an address leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Target {
    /// A file that a message shares.
    File(FileId),
    /// Content that no message shares: its hash and MIME type.
    Content(String, String),
}

/// Makes and reads such addresses.
#[derive(Clone, Debug)]
pub struct Links(Signer);

impl Links {
    /// With the instance's key.
    pub fn new(signer: Signer) -> Self {
        Self(signer)
    }

    /// The path of a file that a message shares.
    pub fn file(&self, file: &File) -> String {
        self.path(&format!("file {}", file.id))
    }

    /// The path of a picture that reached nobody, for its sender.
    pub fn content(&self, kept: &Kept) -> String {
        self.path(&format!("content {} {}", kept.hash, kept.mime))
    }

    fn path(&self, payload: &str) -> String {
        format!("/shared/{}", self.0.sign(PURPOSE, payload))
    }

    fn read(&self, token: &str) -> Option<Target> {
        let payload = self.0.verify(PURPOSE, token)?;
        let (kind, rest) = payload.split_once(' ')?;
        match kind {
            "file" => rest.parse().ok().map(Target::File),
            "content" => {
                let (hash, mime) = rest.split_once(' ')?;
                Some(Target::Content(hash.to_owned(), mime.to_owned()))
            }
            _other => None,
        }
    }
}

/// `GET /shared/<signed>`
pub(crate) fn routes(links: Links, gateway: Gateway) -> Router {
    Router::new().route("/shared/{token}", get(give)).with_state((links, gateway))
}

async fn give(
    State((links, gateway)): State<(Links, Gateway)>,
    Path(token): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let found = match links.read(&token) {
        Some(Target::File(file)) => of_file(&gateway, file).await,
        Some(Target::Content(hash, mime)) => Some((hash, Serving { mime, disposition: None, cache: CACHE })),
        None => None,
    };
    let served = match &found {
        Some((hash, serving)) => {
            commonroom_files::serve(&gateway, Shelf::Files, hash, serving, (&method, &headers)).await
        }
        None => None,
    };
    served.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

/// A file that is shared still: a message that was taken back takes its files along.
async fn of_file(gateway: &Gateway, file: FileId) -> Option<(String, Serving)> {
    let answer = gateway.request(Request::Query(Query::File { file })).await;
    let Ok(Reply::Found(Found::File(Some((file, Some(_)))))) = answer else { return None };
    if file.expires_at.is_some_and(|end| end <= gateway.now()) {
        return None;
    }
    let is_picture = is_picture(&file);
    let mime = if is_picture { file.mime.clone() } else { "application/octet-stream".to_owned() };
    let disposition = (!is_picture).then(|| filename::content_disposition(&file.name, false));
    Some((file.hash.clone(), Serving { mime, disposition, cache: CACHE }))
}

/// True for what browsers show as a picture and nothing else.
pub fn is_picture(file: &File) -> bool {
    matches!(file.mime.as_str(), "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_where_it_was_made_for() {
        let links = Links::new(Signer::new([7; 32]));
        let kept = Kept {
            hash: "00".repeat(32),
            mime: "image/png".to_owned(),
            extension: "png".to_owned(),
            size: 1,
            dimensions: None,
        };
        let path = links.content(&kept);
        let token = path.strip_prefix("/shared/").expect("a path");
        assert_eq!(links.read(token), Some(Target::Content(kept.hash, kept.mime)));
        assert_eq!(Links::new(Signer::new([8; 32])).read(token), None);
        assert_eq!(links.read("file.x"), None);
    }
}
