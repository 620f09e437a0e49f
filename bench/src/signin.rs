//! Brings people in: each protocol's way from an open socket to somebody who hears the room.

use crate::conn::{Input, Kind};
use crate::server::Protocol;
use crate::swarm::{ConnId, Handler, Outgoing, Swarm};
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

/// The password of everybody.
pub const PASSWORD: &str = "correct-horse-1";
/// How long nobody may come in before the rest are given up.
const STALL: Duration = Duration::from_secs(30);

/// Somebody who is to come in.
#[derive(Clone, Debug)]
pub struct Person {
    /// Over which protocol.
    pub protocol: Protocol,
    /// Their name.
    pub name: String,
    /// How they show who they are.
    pub proof: Proof,
}

/// How somebody shows who they are.
#[derive(Clone, Debug)]
pub enum Proof {
    /// By making the account.
    Register,
    /// With the password.
    Login,
    /// With a token of an earlier sign-in.
    Token(String),
    /// Not at all.
    Guest,
}

/// Somebody who is in.
#[derive(Clone, Debug)]
pub struct Member {
    /// Their connection.
    pub conn: ConnId,
    /// A token to come in again with, when there is one.
    pub token: Option<String>,
}

/// What is to be done after a frame.
#[derive(Debug)]
enum Step {
    Wait,
    Say(String),
    Token(String),
    In(Option<&'static str>),
    Refused(String),
}

/// The fields that the protocols' first frames have, all protocols together.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Frame {
    cmd: Option<String>,
    val: Option<serde_json::Value>,
    #[serde(rename = "type")]
    kind: Option<String>,
    ok: Option<bool>,
    message: Option<serde_json::Value>,
    #[serde(rename = "sessionToken")]
    session_token: Option<String>,
    action: Option<String>,
    t: Option<String>,
}

impl Person {
    fn kind(&self, number: usize) -> Kind {
        let target = match (self.protocol, &self.proof) {
            (Protocol::OriginChats, _) => "/".to_owned(),
            (Protocol::Together, Proof::Token(token)) => format!("/ws?token={token}"),
            (Protocol::ChatGrid | Protocol::BareRtc | Protocol::Together, _) => "/ws".to_owned(),
        };
        let headers = match self.protocol {
            // Its limits per address have no switch: everybody comes from an address of their own.
            Protocol::ChatGrid => {
                let [_, b, c, d] = u32::try_from(number).unwrap_or(0).to_be_bytes();
                format!("x-forwarded-for: {}\r\n", Ipv4Addr::new(10, b, c, d))
            }
            Protocol::OriginChats | Protocol::BareRtc | Protocol::Together => String::new(),
        };
        Kind::WebSocket { target, headers }
    }

    fn opened(&self) -> Step {
        let name = &self.name;
        match (self.protocol, &self.proof) {
            (Protocol::OriginChats | Protocol::Together, _) => Step::Wait,
            (Protocol::BareRtc, _) => Step::Say(format!(r#"{{"action":"login","username":"{name}"}}"#)),
            (Protocol::ChatGrid, Proof::Token(token)) => {
                Step::Say(format!(r#"{{"type":"auth_resume","sessionToken":"{token}"}}"#))
            }
            (Protocol::ChatGrid, proof) => {
                let verb = if matches!(proof, Proof::Register) { "auth_register" } else { "auth_login" };
                Step::Say(format!(r#"{{"type":"{verb}","username":"{name}","password":"{PASSWORD}"}}"#))
            }
        }
    }

    fn heard(&self, text: &[u8]) -> Step {
        let Ok(frame) = serde_json::from_slice::<Frame>(text) else { return Step::Wait };
        let said =
            |value: &Option<serde_json::Value>| value.as_ref().map_or(String::new(), ToString::to_string);
        match self.protocol {
            Protocol::OriginChats => match frame.cmd.as_deref() {
                Some("handshake") => {
                    let verb = if matches!(self.proof, Proof::Register) { "register" } else { "login" };
                    let name = &self.name;
                    Step::Say(format!(r#"{{"cmd":"{verb}","username":"{name}","password":"{PASSWORD}"}}"#))
                }
                Some("ready") => Step::In(None),
                Some("auth_error" | "error" | "disconnect") => Step::Refused(said(&frame.val)),
                Some(_) | None => Step::Wait,
            },
            Protocol::ChatGrid => match (frame.kind.as_deref(), frame.ok) {
                (Some("auth_result"), Some(true)) => frame.session_token.map_or(Step::Wait, Step::Token),
                (Some("auth_result"), _) => Step::Refused(said(&frame.message)),
                (Some("welcome"), _) => Step::In(Some(r#"{"type":"welcome_ready"}"#)),
                (Some(_) | None, _) => Step::Wait,
            },
            Protocol::BareRtc => match frame.action.as_deref() {
                Some("me") => Step::In(None),
                Some("error" | "disconnect") => Step::Refused(said(&frame.message)),
                Some(_) | None => Step::Wait,
            },
            Protocol::Together if frame.t.as_deref() == Some("READY") => Step::In(None),
            Protocol::Together => Step::Wait,
        }
    }
}

struct SignIn {
    coming: HashMap<ConnId, (usize, Person, Option<String>)>,
    members: Vec<(usize, Member)>,
    trouble: Option<String>,
}

impl Handler for SignIn {
    fn input(&mut self, conn: ConnId, input: Input<'_>, _: Instant, out: &mut Outgoing) {
        let Some((_, person, token)) = self.coming.get_mut(&conn) else {
            if let Input::Closed(reason) = input {
                self.trouble.get_or_insert(format!("somebody who was in is out again: {reason}"));
            }
            return;
        };
        let step = match input {
            Input::Open => person.opened(),
            Input::Text(text) => person.heard(text),
            Input::Response(_) => Step::Wait,
            Input::Closed(reason) => Step::Refused(reason.to_owned()),
        };
        match step {
            Step::Wait => {}
            Step::Say(text) => out.text(conn, &text),
            Step::Token(text) => *token = Some(text),
            Step::Refused(why) => {
                let text = format!("{} was not let in over {}: {why}", person.name, person.protocol.name());
                self.trouble.get_or_insert(text);
            }
            Step::In(thanks) => {
                if let Some(text) = thanks {
                    out.text(conn, text);
                }
                if let Some((index, _, token)) = self.coming.remove(&conn) {
                    self.members.push((index, Member { conn, token }));
                }
            }
        }
    }
}

/// Signs people in, so many at once, and returns them in the order given.
///
/// # Errors
/// When somebody is refused, or nobody gets in for a long time.
pub fn sign_in(
    swarm: &mut Swarm,
    address: impl Fn(Protocol) -> SocketAddr,
    people: Vec<Person>,
    at_once: usize,
) -> Result<Vec<Member>> {
    let total = people.len();
    let mut sign_in = SignIn { coming: HashMap::new(), members: Vec::with_capacity(total), trouble: None };
    let mut people = people.into_iter().enumerate();
    let mut progress = (0, Instant::now());
    while sign_in.members.len() < total {
        while sign_in.coming.len() < at_once
            && let Some((index, person)) = people.next()
        {
            let conn = swarm.connect(address(person.protocol), &person.kind(swarm.size()))?;
            sign_in.coming.insert(conn, (index, person, None));
        }
        swarm.turn(Duration::from_millis(100), &mut sign_in)?;
        if let Some(trouble) = sign_in.trouble.take() {
            bail!("{trouble}");
        }
        if sign_in.members.len() > progress.0 {
            progress = (sign_in.members.len(), Instant::now());
        } else if progress.1.elapsed() > STALL {
            let who = sign_in.coming.values().next().map(|(_, person, _)| person.name.clone());
            bail!("{} of {total} are in, {} wait and nothing happens", progress.0, who.context("nobody")?);
        }
    }
    sign_in.members.sort_by_key(|(index, _)| *index);
    Ok(sign_in.members.into_iter().map(|(_, member)| member).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(protocol: Protocol, proof: Proof) -> Person {
        Person { protocol, name: "ann".to_owned(), proof }
    }

    #[test]
    fn originchats_answers_the_handshake() {
        let ann = person(Protocol::OriginChats, Proof::Register);
        let Step::Say(text) = ann.heard(br#"{"cmd":"handshake","val":{}}"#) else { panic!("silent") };
        assert!(text.contains(r#""cmd":"register""#));
        assert!(matches!(ann.heard(br#"{"cmd":"user_join","user":{}}"#), Step::Wait));
        assert!(matches!(ann.heard(br#"{"cmd":"ready","user":{}}"#), Step::In(None)));
        assert!(
            matches!(ann.heard(br#"{"cmd":"auth_error","val":"no"}"#), Step::Refused(why) if why == "\"no\"")
        );
    }

    #[test]
    fn chatgrid_keeps_its_token_and_says_when_it_is_ready() {
        let ann = person(Protocol::ChatGrid, Proof::Register);
        let result = br#"{"type":"auth_result","ok":true,"message":"","sessionToken":"k"}"#;
        assert!(matches!(ann.heard(result), Step::Token(token) if token == "k"));
        assert!(matches!(ann.heard(br#"{"type":"welcome","users":[]}"#), Step::In(Some(_))));
        let again = person(Protocol::ChatGrid, Proof::Token("k".to_owned()));
        assert!(matches!(again.opened(), Step::Say(text) if text.contains(r#""sessionToken":"k""#)));
    }

    #[test]
    fn together_comes_with_its_token() {
        let ann = person(Protocol::Together, Proof::Token("t".to_owned()));
        assert!(matches!(ann.kind(0), Kind::WebSocket { target, .. } if target == "/ws?token=t"));
        assert!(matches!(ann.heard(br#"{"op":"DISPATCH","t":"READY","d":{}}"#), Step::In(None)));
    }
}
