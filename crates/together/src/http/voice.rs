//! Calls: joining, leaving, switches, and where to find relays (together.md 7.10).

use super::body::Body;
use super::caller::{Caller, Ids};
use super::{App, Outcome, Problem, created, done, find, moderation, ok};
use crate::encode::{View, voice};
use crate::limits;
use crate::quirks;
use crate::wire::entity::{IceServer, IceServers};
use crate::wire::request;
use axum::extract::State;
use commonroom_core::Refusal;
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::command::{Command, Silence};
use commonroom_core::ids::{AccountId, SpaceId};
use commonroom_core::secret::turn_credential;
use commonroom_hub::live::{self, LiveCommand, Seat};
use commonroom_hub::session;
use std::sync::Arc;
use uuid::Uuid;

/// POST /channels/:cid/voice
pub async fn join(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let channel = voice_channel(&state, caller, id)?;
    if !live::may_call(&state.directory, &channel, caller.account) {
        return Err(Problem::forbidden("You do not have permission to join this voice channel"));
    }
    let seat = Seat {
        account: caller.account,
        session: None,
        login: Some(caller.login),
        peer_id: None,
        muted: false,
        deafened: false,
        video: false,
        screen: false,
        server_muted: false,
        server_deafened: false,
        broadcast: None,
        joined_at: app.gateway.now(),
    };
    app.gateway.live(LiveCommand::JoinCall { channel: channel.id, seat: Box::new(seat) }).await?;
    // The right to join may have gone on the way.
    let state = app.state();
    let seat = seat_of(&state, caller, &channel)?;
    created(&voice::seated(View::of(&state, caller.account), channel.id, &seat))
}

/// DELETE /channels/:cid/voice
pub async fn leave(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let channel = voice_channel(&state, caller, id)?;
    seat_of(&state, caller, &channel)?;
    let command =
        LiveCommand::LeaveCall { account: caller.account, channel: Some(channel.id), session: None };
    app.gateway.live(command).await?;
    done()
}

/// PATCH /channels/:cid/voice
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::VoiceChange>,
) -> Outcome {
    let state = app.state();
    let channel = voice_channel(&state, caller, id)?;
    let given = [wanted.self_mute, wanted.self_deaf, wanted.self_video, wanted.self_screen];
    if given.iter().all(Option::is_none) {
        return Err(Problem::bad(
            "At least one of self_mute, self_deaf, self_video, self_screen is required",
        ));
    }
    let mut seat = (*seat_of(&state, caller, &channel)?).clone();
    seat.muted = wanted.self_mute.unwrap_or(seat.muted);
    seat.deafened = wanted.self_deaf.unwrap_or(seat.deafened);
    seat.video = wanted.self_video.unwrap_or(seat.video);
    seat.screen = wanted.self_screen.unwrap_or(seat.screen);
    let command = LiveCommand::ChangeSeat {
        account: caller.account,
        muted: wanted.self_mute,
        deafened: wanted.self_deaf,
        video: wanted.self_video,
        screen: wanted.self_screen,
    };
    app.gateway.live(command).await?;
    ok(&voice::seated(View::of(&state, caller.account), channel.id, &seat))
}

/// GET /channels/:cid/voice
pub async fn list(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let channel = voice_channel(&state, caller, id)?;
    let settle_millis = app.config.voice.settle_millis;
    let wait = quirks::settling(&state, channel.id, caller.account, app.gateway.now(), settle_millis);
    if wait == 0 {
        return ok(&voice::call(View::of(&state, caller.account), channel.id));
    }
    app.gateway.pause(wait).await;
    let state = app.state();
    let channel = voice_channel(&state, caller, id)?;
    ok(&voice::call(View::of(&state, caller.account), channel.id))
}

/// PATCH /servers/:id/members/:uid/voice: a moderator's switches.
pub async fn silence(
    State(app): State<App>,
    caller: Caller,
    Ids((server, user)): Ids<(Uuid, Uuid)>,
    Body(wanted): Body<request::ServerVoiceChange>,
) -> Outcome {
    let (space, account) = (SpaceId(server), AccountId(user));
    find::server(&app.state(), caller, server)?;
    let (muted, deafened) = (wanted.server_mute, wanted.server_deaf);
    if muted.is_none() && deafened.is_none() {
        return Err(Problem::bad("At least one of server_mute, server_deaf is required"));
    }
    let silence = Silence { space, account, muted, deafened };
    moderation::act(&app, caller, Command::SilenceMember(silence)).await?;
    let state = app.state();
    let member = state.directory.member(space, account).ok_or(Refusal::NoSuchAccount)?;
    ok(&voice::of_member(View::of(&state, caller.account), member))
}

/// GET /ice-servers
pub async fn ice_servers(State(app): State<App>, caller: Caller) -> Outcome {
    let stun = app.config.stun.iter();
    let mut ice_servers: Vec<IceServer> =
        stun.map(|url| IceServer { urls: url.clone(), username: None, credential: None }).collect();
    let turn = &app.config.turn;
    let urls: Vec<&str> = turn.url.split(',').map(str::trim).filter(|url| !url.is_empty()).collect();
    if !urls.is_empty() {
        let expiry = app.gateway.now().seconds() + limits::TURN_SECONDS;
        let username = format!("{expiry}:{}", caller.account);
        let credential = turn_credential(&turn.secret, &username);
        ice_servers.extend(urls.into_iter().map(|url| IceServer {
            urls: url.to_owned(),
            username: Some(username.clone()),
            credential: Some(credential.clone()),
        }));
    }
    ok(&IceServers { ice_servers, ttl: limits::TURN_SECONDS })
}

/// A voice channel that the caller may view.
pub fn voice_channel(state: &session::State, caller: Caller, id: Uuid) -> Result<Arc<Channel>, Problem> {
    let channel = find::channel(state, caller, id)?;
    if channel.kind == ChannelKind::Voice {
        Ok(channel)
    } else {
        Err(Problem::bad("This is not a voice channel"))
    }
}

/// The caller's seat in a call.
pub fn seat_of(state: &session::State, caller: Caller, channel: &Channel) -> Result<Arc<Seat>, Problem> {
    let seat = state.live.seat(channel.id, caller.account).cloned();
    seat.ok_or(Problem::not_found("You are not in this voice channel"))
}
