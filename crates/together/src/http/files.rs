//! Shared files given out, to who may read the message at that moment (together.md 7.8, 11.6).

use super::caller::{Caller, Ids, Loader};
use super::{App, Problem, find};
use crate::encode::file;
use crate::token::{Access, FilePass};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::Response;
use commonroom_core::ids::MessageId;
use commonroom_core::query::{Found, Query};
use commonroom_core::{Refusal, Reply};
use commonroom_files::Serving;
use commonroom_hub::blobs::Shelf;
use commonroom_hub::gateway::Peer;
use commonroom_hub::request::Request;
use commonroom_media::{Kind, filename, serving};
use uuid::Uuid;

/// Asked for again at every use, so that access ends when it ends.
const CACHE: &str = "private, no-cache";
/// The cookie for pictures in pages, which cannot carry a token.
const COOKIE: &str = "together_files";
/// Where it goes.
const PATHS: [&str; 2] = ["/api/files", "/files"];

/// GET /files/:mid/:stored_name
pub async fn file(
    State(app): State<App>,
    Loader(caller): Loader,
    Ids((message, stored)): Ids<(Uuid, String)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = file::named(&stored).ok_or(Refusal::NoSuchFile)?;
    let Reply::Found(Found::File(found)) =
        app.gateway.request(Request::Query(Query::File { file: id })).await?
    else {
        return Err(Refusal::Fault.into());
    };
    let (file, shared) = found.ok_or(Refusal::NoSuchFile)?;
    let over = file.expires_at.is_some_and(|end| end <= app.gateway.now());
    if over || shared != Some(MessageId(message)) || file::stored_name(&file) != stored {
        return Err(Refusal::NoSuchFile.into());
    }
    let (_, known) = find::message(&app, caller, message).await?;
    if known.deleted {
        return Err(Refusal::NoSuchFile.into());
    }
    let kind = Kind::ALL.into_iter().find(|kind| kind.mime() == file.mime).unwrap_or(Kind::Unknown);
    let served = serving::of(kind, &file.mime);
    let inline = served.inline && (kind.is_raster() || kind.is_audio_or_video());
    let serving = Serving {
        mime: served.mime.to_owned(),
        disposition: Some(filename::content_disposition(&file.name, inline)),
        cache: CACHE,
    };
    let response =
        commonroom_files::serve(&app.gateway, Shelf::Files, &file.hash, &serving, (&method, &headers)).await;
    response.ok_or_else(|| Refusal::NoSuchFile.into())
}

/// Gives an answer to a sign-in the cookies with which its browser loads files.
pub fn with_cookies(app: &App, peer: Peer, access: Option<Access>, mut response: Response) -> Response {
    let Some(access) = access else { return response };
    let pass = FilePass { account: access.account, login: access.login }.sign(app.gateway.signer());
    let seconds = app.config.tokens.refresh_seconds;
    let secure = if peer.secure { "; Secure" } else { "" };
    for path in PATHS {
        let cookie =
            format!("{COOKIE}={pass}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The sign-in that a cookie stands for.
pub fn cookie_caller(app: &App, headers: &HeaderMap) -> Option<Caller> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut passes = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
        .filter_map(|pass| FilePass::read(app.gateway.signer(), pass));
    let state = app.state();
    passes.find_map(|pass| {
        let access = Access { account: pass.account, login: pass.login, expires_at: app.gateway.now() };
        let alive = access.account(&state.directory, app.gateway.now()).is_ok();
        alive.then_some(Caller { account: pass.account, login: pass.login })
    })
}
