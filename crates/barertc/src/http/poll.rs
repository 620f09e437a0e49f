//! The protocol over HTTP polling (barertc.md 2.5): every request says one thing and takes what waits, on a line whose
//! session cannot tell.
//!
//! The session id that a client is given is the line's id under the signature of this server: nobody can make one, nobody
//! else is told it, and it alone decides whose line it is (13 D3). The name that comes with it decides nothing.

use super::Desk;
use super::call::posted_json;
use crate::encode;
use crate::limits;
use crate::world;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use commonroom_core::account::Protocol;
use commonroom_core::ids::SessionId;
use commonroom_hub::gateway::Peer;
use commonroom_hub::line::Taken;
use commonroom_hub::session::Opening;
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::net::{IpAddr, Ipv4Addr};
use uuid::Uuid;

/// What the signature is for.
const PURPOSE: &str = "barertc poll";
const EXPIRED: &str = "Your authentication has expired, please log back into the chat again.";
const BOTH: &str = "Authentication error: SessionID and Username both required.";

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    session_id: Option<String>,
    #[serde(borrow, default)]
    msg: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Answered<'a> {
    username: &'a str,
    session_id: &'a str,
    messages: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, default)]
    action: std::borrow::Cow<'a, str>,
    #[serde(borrow, default)]
    username: std::borrow::Cow<'a, str>,
}

pub(super) async fn poll(desk: Desk, request: Request) -> Response {
    if let Err((status, text)) = posted_json(&request) {
        return refused(status, &[encode::error(text)]);
    }
    let address = request.extensions().get::<Peer>().copied();
    let peer = address.unwrap_or(Peer { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), secure: false });
    let body = match body(&desk, request.into_body()).await {
        Ok(body) => body,
        Err(status) => {
            return refused(status, &[encode::error("That was too large and has not been processed.")]);
        }
    };
    let asked: Asked<'_> = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(error) => {
            let text = crate::markup::escape(&error.to_string());
            return refused(StatusCode::BAD_REQUEST, &[encode::error(&text)]);
        }
    };
    let (name, id) = (asked.username.unwrap_or_default(), asked.session_id.unwrap_or_default());
    let said = asked.msg.map_or("", RawValue::get);
    match (name.is_empty(), id.is_empty()) {
        (true, true) => log_in(&desk, peer, said).await,
        (false, false) => carry_on(&desk, &name, &id, said).await,
        (true, false) | (false, true) => refused(StatusCode::BAD_REQUEST, &[encode::error(BOTH)]),
    }
}

/// Opens a line for somebody who signs in on it. Where that fails nothing is left of it.
async fn log_in(desk: &Desk, peer: Peer, said: &str) -> Response {
    let login = serde_json::from_str::<Frame<'_>>(said).is_ok_and(|frame| frame.action == "login");
    if !login {
        return refused(StatusCode::BAD_REQUEST, &[encode::error("Not logged in.")]);
    }
    let line = SessionId(new_id(desk));
    let opening = Opening {
        id: line,
        address: peer.address,
        target: "/poll".to_owned(),
        headers: Vec::new(),
        secure: peer.secure,
        now: desk.gateway.now(),
    };
    desk.gateway.open_line(Protocol::BareRtc, opening, limits::POLL_SECONDS);
    let taken = desk.gateway.exchange(line, said.to_owned()).await.unwrap_or_default();
    let frames = frames(&taken);
    let name = frames.iter().filter_map(|frame| serde_json::from_str::<Frame<'_>>(frame).ok());
    let name = name.filter(|frame| frame.action == "me").map(|frame| frame.username.into_owned()).next_back();
    match name {
        Some(name) if !closed(&taken) => {
            let id = desk.gateway.signer().sign(PURPOSE, &line.to_string());
            answer(StatusCode::OK, &name, &id, &frames)
        }
        Some(_) | None => {
            desk.gateway.hang_up(line);
            answer(StatusCode::OK, "", "", &frames)
        }
    }
}

async fn carry_on(desk: &Desk, name: &str, id: &str, said: &str) -> Response {
    let taken = match line(desk, id) {
        Some(line) if said.is_empty() || said == "null" => desk.gateway.take(line).await,
        Some(line) => desk.gateway.exchange(line, said.to_owned()).await,
        None => None,
    };
    let Some(taken) = taken else {
        return refused(StatusCode::BAD_REQUEST, &[encode::error(EXPIRED), encode::disconnect()]);
    };
    // Who was renamed meanwhile learns it.
    let state = desk.gateway.state();
    let session = line(desk, id).and_then(|line| state.live.session(line));
    let shown = session.map_or(name, |session| world::name(&state, session.account));
    answer(StatusCode::OK, shown, id, &frames(&taken))
}

/// The line that a session id stands for.
fn line(desk: &Desk, id: &str) -> Option<SessionId> {
    let payload = desk.gateway.signer().verify(PURPOSE, id)?;
    Uuid::parse_str(&payload).ok().map(SessionId)
}

fn new_id(desk: &Desk) -> Uuid {
    let digits = desk.gateway.token();
    let number = u128::from_str_radix(&digits[..32], 16).expect("a token is hexadecimal");
    uuid::Builder::from_random_bytes(number.to_be_bytes()).into_uuid()
}

/// The frames in order; of the who lists only the newest, which says all that the others said.
fn frames(taken: &[Taken]) -> Vec<&str> {
    let all: Vec<&str> = taken
        .iter()
        .filter_map(|taken| match taken {
            Taken::Text(text) => Some(text.as_str()),
            Taken::Closed(_) => None,
        })
        .collect();
    let is_list = |frame: &str| frame.starts_with(r#"{"action":"who""#);
    let last = all.iter().rposition(|frame| is_list(frame));
    let kept = all.iter().enumerate().filter(|(at, frame)| !is_list(frame) || Some(*at) == last);
    kept.map(|(_, frame)| *frame).collect()
}

fn closed(taken: &[Taken]) -> bool {
    taken.iter().any(|taken| matches!(taken, Taken::Closed(_)))
}

fn refused(status: StatusCode, frames: &[String]) -> Response {
    let frames: Vec<&str> = frames.iter().map(String::as_str).collect();
    answer(status, "", "", &frames)
}

fn answer(status: StatusCode, username: &str, session_id: &str, frames: &[&str]) -> Response {
    let messages = frames.iter().filter_map(|frame| serde_json::from_str::<&RawValue>(frame).ok()).collect();
    let body = serde_json::to_string(&Answered { username, session_id, messages }).unwrap_or_default();
    super::private((status, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The body. One that is as large as only a picture can be is read to its end only when a line is named at its
/// beginning, where clients name it.
async fn body(desk: &Desk, body: Body) -> Result<Bytes, StatusCode> {
    let mut stream = body.into_data_stream();
    let mut read = Vec::new();
    let mut most = limits::FRAME_BYTES;
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| StatusCode::BAD_REQUEST)?;
        if read.len() + piece.len() > most {
            if most == limits::FRAME_BYTES && names_a_line(desk, &read) {
                most = limits::FILE_FRAME_BYTES;
            }
            if read.len() + piece.len() > most {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
        }
        read.extend_from_slice(&piece);
    }
    Ok(Bytes::from(read))
}

fn names_a_line(desk: &Desk, beginning: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(&beginning[..beginning.len().min(limits::TOKEN_BYTES)]);
    let after = beginning.split_once(r#""session_id":"#).map_or("", |(_, after)| after);
    let id = after.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
    id.and_then(|id| line(desk, id)).is_some()
}
