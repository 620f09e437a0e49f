//! Emoji of a server's own (together.md 7.9).

use super::attachments::content;
use super::caller::{Caller, Ids};
use super::form::{self, Wanted};
use super::{App, Outcome, Problem, created, done, find, ok};
use crate::encode::{emoji, talk};
use crate::limits;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use commonroom_core::command::{Actor, Command};
use commonroom_core::file::Picture;
use commonroom_core::ids::SpaceId;
use commonroom_core::{Permissions, Refusal, Reply, policy};
use commonroom_files::Serving;
use commonroom_hub::blobs::Shelf;
use commonroom_media::Kind;
use uuid::Uuid;

/// A day: pages ask for emoji often.
const CACHE: &str = "public, max-age=86400";

/// GET /servers/:id/emojis
pub async fn list(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let space = find::server(&state, caller, id)?.id;
    let mut known: Vec<_> = state.directory.emoji_of(space).collect();
    known.sort_by_key(|emoji| (emoji.created_at, emoji.number));
    ok(&known.into_iter().map(|emoji| talk::custom(emoji)).collect::<Vec<_>>())
}

/// POST /servers/:id/emojis
pub async fn create(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>, request: Request) -> Outcome {
    let space = may_manage(&app, caller, id)?;
    if app.state().directory.emoji_of(space).count() >= limits::EMOJI_PER_SERVER {
        return Err(Problem::bad("This server has as many emoji as it may"));
    }
    let too_large = "The image of an emoji has at most 256 KiB";
    let part_bytes = limits::EMOJI_PICTURE_BYTES;
    let wanted = Wanted { fields: &["name", "image"], part_bytes, parts: 2, too_large };
    let form = form::read(&app, request, wanted).await?;
    let missing = || Problem::bad("The form needs a name and an image");
    let name = form.part("name").ok_or_else(missing)?;
    let image = form.part("image").ok_or_else(missing)?;
    let name = std::str::from_utf8(&name.bytes).ok().filter(|name| is_name(name));
    let name = name.ok_or(Problem::bad("The name of an emoji is 1 to 32 of a-z, 0-9, _ and -"))?.to_owned();
    let picture = content(&image.bytes, Kind::is_raster)?;
    if picture.bytes.len() > limits::EMOJI_PICTURE_BYTES {
        return Err(Problem::bad(too_large));
    }
    let size = picture.bytes.len() as u64;
    let kept = app.gateway.blobs().keep(Shelf::Pictures, picture.bytes).await;
    let picture = Picture {
        hash: kept.map_err(|_| Refusal::Fault)?,
        mime: picture.kind.mime().to_owned(),
        extension: picture.kind.extension().to_owned(),
        size,
    };
    let command = Command::AddEmoji { space, name, picture };
    let added = app.gateway.command(Actor::Account(caller.account), command).await;
    let added = added.map_err(|refusal| {
        let taken = Problem::bad("An emoji of this name exists already");
        Problem::unless(refusal, Refusal::NameTaken, taken)
    })?;
    let Reply::Emoji(number) = added else { return Err(Refusal::Fault.into()) };
    let state = app.state();
    created(&talk::custom(state.directory.emoji(space, number).ok_or(Refusal::NoSuchEmoji)?))
}

/// DELETE /servers/:id/emojis/:eid
pub async fn remove(State(app): State<App>, caller: Caller, Ids((server, id)): Ids<(Uuid, Uuid)>) -> Outcome {
    let space = may_manage(&app, caller, server)?;
    let number = emoji::of(&app.state().directory, space, id).ok_or(Refusal::NoSuchEmoji)?.number;
    app.command(caller.account, Command::RemoveEmoji { space, number }).await?;
    done()
}

/// GET /emojis/:eid: for anybody, because pages load it without a token.
pub async fn image(
    State(app): State<App>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let state = app.state();
    let id: Uuid = id.parse().map_err(|_| Refusal::NoSuchEmoji)?;
    let picture = &emoji::find(&state.directory, id).ok_or(Refusal::NoSuchEmoji)?.picture;
    let serving = Serving { mime: picture.mime.clone(), disposition: None, cache: CACHE };
    let response =
        commonroom_files::serve(&app.gateway, Shelf::Pictures, &picture.hash, &serving, (&method, &headers));
    response.await.ok_or_else(|| Refusal::NoSuchEmoji.into())
}

fn may_manage(app: &App, caller: Caller, server: Uuid) -> Result<SpaceId, Problem> {
    let state = app.state();
    let space = find::server(&state, caller, server)?.id;
    policy::need(&state.directory, space, Actor::Account(caller.account), Permissions::ADMINISTRATOR)?;
    Ok(space)
}

fn is_name(name: &str) -> bool {
    (1..=limits::EMOJI_NAME_CHARS).contains(&name.len())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}
