//! Files on their way in (originchats.md 7.4).

use super::body::{self, NotTaken};
use super::{Problem, Site, based, is_json, problem};
use crate::encode::message;
use crate::{limits, rotur};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use commonroom_core::account::ExternalId;
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::command::{Actor, Command, NewFile};
use commonroom_core::env::Timestamp;
use commonroom_core::file::Kept;
use commonroom_core::ids::AccountId;
use commonroom_core::{Permissions, Refusal, Reply, policy};
use commonroom_hub::blobs::Shelf;
use commonroom_hub::gateway::Peer;
use commonroom_hub::request::{Keep, Request, Safe};
use commonroom_media::{Trouble, data_uri, filename, serving, sniff};
use serde::Deserialize;
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;

/// What is sent. The file is borrowed from the body: it is the largest thing there is.
#[derive(Deserialize)]
struct Upload<'a> {
    #[serde(borrow)]
    file: Option<Text<'a>>,
    name: Option<String>,
    mime_type: Option<String>,
    channel: Option<String>,
    validator_key: Option<String>,
    validator: Option<String>,
    expires_in_days: Option<f64>,
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// `POST /attachments/upload`
pub(super) async fn upload(
    State(site): State<Site>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    taken(&site, peer, &headers, body).await.unwrap_or_else(IntoResponse::into_response)
}

async fn taken(site: &Site, peer: Peer, headers: &HeaderMap, body: Body) -> Result<Response, Problem> {
    let config = &site.shared.config.attachments;
    if !config.enabled {
        return Err(problem(StatusCode::SERVICE_UNAVAILABLE, "Attachments are disabled"));
    }
    if !is_json(headers) {
        return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json"));
    }
    let most = (config.max_size.saturating_mul(4) / 3).saturating_add(limits::UPLOAD_MORE_BYTES);
    let mut share = site.traffic.share();
    let body = body::read(body, headers, most, &mut share).await.map_err(|why| match why {
        NotTaken::TooLarge => too_large(config.max_size),
        NotTaken::NoRoom => problem(StatusCode::TOO_MANY_REQUESTS, "Too many uploads"),
        NotTaken::Broken => problem(StatusCode::BAD_REQUEST, "Invalid JSON body"),
    })?;
    let upload: Upload<'_> =
        serde_json::from_slice(&body).map_err(|_| problem(StatusCode::BAD_REQUEST, "Invalid JSON body"))?;
    let filled = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    let file = upload.file.as_ref().filter(|file| !file.0.is_empty());
    let (Some(file), true) =
        (file, filled(&upload.name) && filled(&upload.mime_type) && filled(&upload.channel))
    else {
        let wrong = "Missing required fields: file, name, mime_type, channel";
        return Err(problem(StatusCode::BAD_REQUEST, wrong));
    };
    let account = account(site, headers, &upload).await?;
    let channel = channel(site, account, upload.channel.as_deref().unwrap_or_default())?;
    in_time(site, peer, account)?;
    let asked_days = days(upload.expires_in_days)?;
    if !share.take(file.0.len() as u64 / 4 * 3) {
        return Err(problem(StatusCode::TOO_MANY_REQUESTS, "Too many uploads"));
    }
    let largest = usize::try_from(config.max_size).unwrap_or(usize::MAX);
    let found = data_uri::parse(&file.0, largest).map_err(|trouble| match trouble {
        Trouble::TooLarge { .. } => too_large(config.max_size),
        Trouble::NotBase64
        | Trouble::BadDataUri
        | Trouble::NotAPicture
        | Trouble::TooManyPixels
        | Trouble::TooManyFrames
        | Trouble::Damaged => problem(StatusCode::BAD_REQUEST, "Invalid file data"),
    })?;
    let (name, declared) = (upload.name.unwrap_or_default(), upload.mime_type.unwrap_or_default());
    // The text is no longer needed while the file is worked on.
    drop(upload.file);
    drop(body);
    let kept = keep(site, found.bytes, &declared).await?;
    let now = site.gateway.now();
    let new = NewFile {
        name: filename::safe(&name, limits::FILE_NAME_BYTES),
        expires_at: Some(expiry(kept.size, config.free_tier_max_expiration_days, asked_days, now)),
        mime: kept.mime,
        size: kept.size,
        hash: kept.hash,
        dimensions: kept.dimensions,
        channel: channel.id,
        // Nobody has a subscription that this server knows of.
        permanent: false,
        keep: usize::try_from(config.max_attachments_per_user).ok(),
    };
    let file = match site.gateway.command(Actor::Account(account), Command::AddFile(new)).await {
        Ok(Reply::File(file)) => file,
        other => return Err(refused(other.err().unwrap_or(Refusal::Fault))),
    };
    let state = site.gateway.state();
    let shared = based(&site.shared, headers, peer);
    let shown = shared.view(&state).map(|view| message::attachment(&view, &file));
    let answer = json!({"attachment": shown, "permanent": file.permanent});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Counts the upload against the account's minute.
fn in_time(site: &Site, peer: Peer, account: AccountId) -> Result<(), Problem> {
    let per_minute = site.shared.config.attachments.uploads_per_minute.min(limits::UPLOADS_PER_MINUTE_MAX);
    let limited = site.limits(peer.address);
    if limited && !site.traffic.upload(account, per_minute as usize, site.gateway.now()) {
        return Err(problem(StatusCode::TOO_MANY_REQUESTS, "Too many uploads"));
    }
    Ok(())
}

fn too_large(most: u64) -> Problem {
    problem(StatusCode::PAYLOAD_TOO_LARGE, format!("Request body too large (max {most} bytes)"))
}

/// Who uploads: by the token of a connection, or by a validator for the key of one's own connection. A validator that was
/// made for anything else is no proof here.
async fn account(site: &Site, headers: &HeaderMap, upload: &Upload<'_>) -> Result<AccountId, Problem> {
    let unknown = || problem(StatusCode::UNAUTHORIZED, "Invalid credentials");
    let (credentials, now) = (&site.shared.credentials, site.gateway.now());
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (key, validator) = (filled(&upload.validator_key), filled(&upload.validator));
    let by_token = bearer.into_iter().chain(validator.as_deref());
    let account = match by_token.filter_map(|token| credentials.of_token(token, now)).next() {
        Some(account) => account,
        None => {
            let (key, validator) = match (key, validator) {
                (Some(key), Some(validator)) => (key, validator),
                _ if bearer.is_some() => return Err(unknown()),
                (Some(_), None) | (None, Some(_) | None) => {
                    let wrong = "validator_key and validator are required for authentication";
                    return Err(problem(StatusCode::UNAUTHORIZED, wrong));
                }
            };
            let account = credentials.of_key(&key, now).ok_or_else(unknown)?;
            let vouched = vouched(site, &key, &validator).await?;
            let state = site.gateway.state();
            let known = state.directory.account(account).and_then(|account| account.external.clone());
            if vouched.is_none() || known != vouched {
                return Err(unknown());
            }
            account
        }
    };
    let state = site.gateway.state();
    let space = site.shared.space(&state).map(|space| space.id);
    let active =
        state.directory.account(account).is_some_and(|account| !account.disabled && !account.retired);
    let member = space.filter(|_| active).is_some_and(|space| {
        state.directory.member(space, account).is_some()
            && !policy::is_banned(&state.directory, space, account, now)
    });
    if member { Ok(account) } else { Err(problem(StatusCode::UNAUTHORIZED, "User not found")) }
}

/// Whom Rotur vouches for.
async fn vouched(site: &Site, key: &str, validator: &str) -> Result<Option<ExternalId>, Problem> {
    let Some(question) = rotur::question(&site.shared.config.rotur, key, validator) else { return Ok(None) };
    match site.gateway.request(Request::Outside(question)).await {
        Ok(Reply::Outside(answer)) => {
            Ok(rotur::identity(&answer).map(|identity| ExternalId::Rotur(identity.id)))
        }
        Ok(_) | Err(_) => Err(problem(StatusCode::BAD_GATEWAY, "Failed to validate credentials")),
    }
}

/// The channel that the file is for. In a thread, clients name its forum.
fn channel(site: &Site, account: AccountId, name: &str) -> Result<Arc<Channel>, Problem> {
    let state = site.gateway.state();
    let directory = &state.directory;
    let space = site.shared.space(&state).map(|space| space.id);
    let found = space.and_then(|space| directory.channel_named(space, name));
    let channel = found
        .filter(|channel| policy::may_view(directory, channel, account))
        .ok_or_else(|| problem(StatusCode::NOT_FOUND, "Channel does not exist"))?;
    let held = policy::permissions_in(directory, channel, account);
    let may = match channel.kind {
        ChannelKind::Text => held.has(Permissions::SEND),
        ChannelKind::Forum => held.has(Permissions::SEND) || held.has(Permissions::CREATE_THREAD),
        ChannelKind::Voice | ChannelKind::Separator => false,
    };
    if may { Ok(channel.clone()) } else { Err(refused(Refusal::MayNotSend)) }
}

fn refused(why: Refusal) -> Problem {
    let may_not = matches!(why, Refusal::MayNotSend | Refusal::TimedOut { .. } | Refusal::MayNotView);
    let (status, text) = if may_not {
        (StatusCode::FORBIDDEN, "You don't have permission to send in this channel")
    } else if why == Refusal::MayNotShare {
        (StatusCode::FORBIDDEN, "You don't have permission to attach files in this channel")
    } else if why == Refusal::Full {
        (StatusCode::FORBIDDEN, "No attachments may be kept on this server")
    } else if why == Refusal::NoSuchChannel {
        (StatusCode::NOT_FOUND, "Channel does not exist")
    } else if why == Refusal::Busy {
        (StatusCode::SERVICE_UNAVAILABLE, "The server is busy, please try again")
    } else {
        (StatusCode::INTERNAL_SERVER_ERROR, "Failed to save attachment")
    };
    problem(status, text)
}

/// Keeps the file under the type that its content has, if files of this type may be shared.
async fn keep(site: &Site, bytes: Vec<u8>, declared: &str) -> Result<Kept, Problem> {
    let config = &site.shared.config.attachments;
    let unsupported = |text: &'static str| problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, text);
    let kind = sniff::kind(&bytes);
    if bytes.is_empty() {
        return Err(problem(StatusCode::BAD_REQUEST, "Attachment is empty"));
    }
    if !serving::fits(declared, kind) {
        return Err(unsupported("File content does not match its type"));
    }
    let served = serving::of(kind, declared).mime;
    if !config.allows(kind.mime()) && !config.allows(served) {
        return Err(unsupported("File type is not allowed"));
    }
    let most = usize::try_from(config.max_size).unwrap_or(usize::MAX);
    let picture = kind.is_raster().then_some(Safe { side: limits::SHARED_SIDE, bytes: most });
    let keep = Keep { shelf: Shelf::Files, bytes: Bytes::from(bytes), picture };
    match site.gateway.request(Request::Keep(keep)).await {
        // A picture may have become one of another type.
        Ok(Reply::Kept(kept)) if picture.is_some() => Ok(kept),
        Ok(Reply::Kept(kept)) => Ok(Kept { mime: served.to_owned(), ..kept }),
        Err(Refusal::Invalid) => Err(problem(StatusCode::BAD_REQUEST, "Invalid image")),
        Err(Refusal::TooLong) => Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "Image has too many pixels")),
        Err(why) => Err(refused(why)),
        Ok(_) => Err(refused(Refusal::Fault)),
    }
}

/// The days wished for.
fn days(wished: Option<f64>) -> Result<Option<f64>, Problem> {
    match wished {
        Some(days) if !(days.is_finite() && days > 0.0) => {
            Err(problem(StatusCode::BAD_REQUEST, "expires_in_days must be a positive number"))
        }
        wished => Ok(wished),
    }
}

/// When a file goes: the larger the earlier, and not later than the operator or the uploader wants.
fn expiry(size: u64, most_days: u32, wished_days: Option<f64>, now: Timestamp) -> Timestamp {
    const DAY: i64 = 86_400;
    const MIB: u64 = 1 << 20;
    let weighed =
        |bytes: u64, per_mib: u64| i64::try_from(bytes.saturating_mul(per_mib) / MIB).unwrap_or(i64::MAX);
    let by_size = match size {
        0..=5_242_880 => 49 * DAY,
        // 2.1 days for each MiB below 25.
        5_242_881..=26_214_400 => 7 * DAY + weighed(25 * MIB - size, 181_440),
        // 0.08 days for each MiB above 25.
        26_214_401..104_857_600 => 7 * DAY - weighed(size - 25 * MIB, 6_912),
        104_857_600.. => DAY,
    };
    let seconds = by_size.min(i64::from(most_days) * DAY);
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and the smaller one counts")]
    let wished = wished_days.map_or(seconds, |days| (days * 86_400.0) as i64);
    now.plus_seconds(seconds.min(wished).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_files_go_earlier() {
        const MIB: u64 = 1 << 20;
        let days = |size, most, wished| expiry(size, most, wished, Timestamp(0)).0 as f64 / 86_400e6;
        assert_eq!(days(5 * MIB, 365, None), 49.0);
        assert_eq!(days(15 * MIB, 365, None), 28.0);
        assert_eq!(days(25 * MIB, 365, None), 7.0);
        assert_eq!(days(75 * MIB, 365, None), 3.0);
        assert_eq!(days(100 * MIB, 365, None), 1.0);
        assert_eq!(days(500 * MIB, 365, None), 1.0);
        assert_eq!(days(1, 7, None), 7.0);
        assert_eq!((days(1, 7, Some(0.5)), days(1, 7, Some(1e300))), (0.5, 7.0));
    }
}
