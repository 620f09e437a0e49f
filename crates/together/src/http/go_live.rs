//! Showing one's screen to a whole call (together.md 7.10). The picture goes from browser to browser.

use super::body::Optional;
use super::caller::{Caller, Ids};
use super::{App, Outcome, Problem, created, done, find, ok, voice};
use crate::encode::voice as encode;
use crate::wire::request;
use axum::extract::State;
use commonroom_hub::live::LiveCommand;
use uuid::Uuid;

const DEFAULT_QUALITY: &str = "720p";

/// POST /channels/:cid/go-live
pub async fn start(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Optional(wanted): Optional<request::GoLive>,
) -> Outcome {
    let state = app.state();
    let channel = voice::voice_channel(&state, caller, id)?;
    let lines = encode::lines(wanted.quality.as_deref().unwrap_or(DEFAULT_QUALITY));
    let lines = lines.ok_or(Problem::bad("The quality is one of 480p, 720p, 1080p"))?;
    let not_in = || Problem::bad("You are not in this voice channel");
    voice::seat_of(&state, caller, &channel).map_err(|_| not_in())?;
    let command = LiveCommand::Broadcast { account: caller.account, channel: channel.id, lines: Some(lines) };
    app.gateway.live(command).await?;
    // Of two who begin at the same time the hub lets one: what has become of it says which.
    let state = app.state();
    match state.live.broadcaster(channel.id) {
        Some((seat, broadcast)) if seat.account == caller.account => {
            created(&encode::live(channel.id, seat, broadcast))
        }
        Some(_) => Err(Problem::bad("Somebody else is live in this channel")),
        None => Err(not_in()),
    }
}

/// DELETE /channels/:cid/go-live
pub async fn stop(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let channel = voice::voice_channel(&state, caller, id)?;
    let (seat, _) = state.live.broadcaster(channel.id).ok_or_else(nobody)?;
    if seat.account != caller.account {
        return Err(Problem::forbidden("You do not have permission to end the stream of somebody else"));
    }
    let command = LiveCommand::Broadcast { account: caller.account, channel: channel.id, lines: None };
    app.gateway.live(command).await?;
    done()
}

/// GET /channels/:cid/go-live
pub async fn one(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let channel = find::channel(&state, caller, id)?;
    let (seat, broadcast) = state.live.broadcaster(channel.id).ok_or_else(nobody)?;
    ok(&encode::live(channel.id, seat, broadcast))
}

fn nobody() -> Problem {
    Problem::not_found("Nobody is live in this channel")
}
