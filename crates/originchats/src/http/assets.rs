//! Pictures by their names in this protocol: emoji and the signs of the server (originchats.md 7.2, 7.3).

use super::{Site, problem};
use crate::encode::{keep, places};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use commonroom_core::file::picture_hash;
use commonroom_files::Serving;
use commonroom_hub::blobs::Shelf;
use commonroom_media::Kind;

/// How long a picture may be taken for the same: another one may get its name.
const CACHE: &str = "public, max-age=3600";

/// `GET /emojis/<file name or number>`
pub(super) async fn emoji(
    State(site): State<Site>,
    Path(file): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let found = {
        let state = site.gateway.state();
        let number = file.split('.').next().and_then(|number| number.parse::<i64>().ok());
        let space = site.shared.space(&state);
        let emoji = space.zip(number).and_then(|(space, number)| state.directory.emoji(space.id, number));
        emoji.filter(|emoji| file == emoji.number.to_string() || file == keep::file_name(emoji)).cloned()
    };
    let served = match found {
        Some(emoji) => {
            let picture = &emoji.picture;
            picture_of(&site, &picture.hash, &picture.mime, (&method, &headers)).await
        }
        None => None,
    };
    served.unwrap_or_else(|| (StatusCode::NOT_FOUND, "Emoji not found").into_response())
}

/// `GET /server-assets/icon` and `/server-assets/banner`, as far as they are kept here.
pub(super) async fn sign(
    State(site): State<Site>,
    Path(sign): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let address = {
        let state = site.gateway.state();
        let server = site.shared.space(&state).map(|space| places::server(&site.shared.config, space));
        let known = matches!(sign.as_str(), "icon" | "banner");
        server.filter(|_| known).and_then(|server| Some(server[&sign].as_str()?.to_owned()))
    };
    let kept = address.as_deref().filter(|address| address.starts_with('/')).and_then(|address| {
        let kind = address.rsplit_once('.').and_then(|(_, extension)| of_extension(extension))?;
        Some((picture_hash(address)?, kind.mime()))
    });
    let served = match kept {
        Some((hash, mime)) => picture_of(&site, hash, mime, (&method, &headers)).await,
        None => None,
    };
    served.unwrap_or_else(|| problem(StatusCode::NOT_FOUND, "Server asset not found").into_response())
}

async fn picture_of(site: &Site, hash: &str, mime: &str, request: (&Method, &HeaderMap)) -> Option<Response> {
    let serving = Serving { mime: mime.to_owned(), disposition: None, cache: CACHE };
    commonroom_files::serve(&site.gateway, Shelf::Pictures, hash, &serving, request).await
}

fn of_extension(extension: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.is_raster() && kind.extension() == extension)
}
