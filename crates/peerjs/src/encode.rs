//! Frames for clients. The sentences are those that clients of this protocol know (peerjs.md 2).

use crate::decode::{Flaw, Kind};
use crate::registry::Refused;
use crate::wire::{Msg, Outbound};
use serde::Serialize;
use serde_json::value::RawValue;

/// The peer is registered.
pub const OPEN: &str = r#"{"type":"OPEN"}"#;

/// A message handed on, with the sender's id.
pub fn relayed(kind: Kind, src: &str, dst: &str, payload: Option<&RawValue>) -> String {
    frame(&Outbound { kind: kind.word(), src: Some(src), dst: Some(dst), payload })
}

/// What `dst` sent to `src` waited in vain.
pub fn expired(src: &str, dst: &str) -> String {
    frame(&Outbound::<()> { kind: "EXPIRE", src: Some(src), dst: Some(dst), payload: None })
}

/// The introduction is none.
pub fn flawed(flaw: Flaw) -> String {
    error(match flaw {
        Flaw::Missing => "No id, token, or key supplied to websocket server",
        Flaw::Key => "Invalid key provided",
        Flaw::Form => "Invalid id or token provided",
    })
}

/// The introduction is good but there is no place for it.
pub fn refused(refused: Refused) -> String {
    match refused {
        Refused::Taken => said("ID-TAKEN", "ID is taken"),
        Refused::Full => error("Server has reached its concurrent user limit"),
    }
}

fn error(msg: &'static str) -> String {
    said("ERROR", msg)
}

fn said(kind: &'static str, msg: &'static str) -> String {
    frame(&Outbound { kind, src: None, dst: None, payload: Some(Msg { msg }) })
}

fn frame(outbound: &impl Serialize) -> String {
    serde_json::to_string(outbound).expect("text, numbers and JSON as received can be written")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    #[test]
    fn the_largest_frame_still_fits_into_one_relayed_payload() {
        let id = "\\".repeat(limits::ID_CHARS);
        let empty = relayed(Kind::Candidate, &id, &id, None);
        assert!(empty.len() + r#","payload":"#.len() <= limits::ENVELOPE_BYTES);
        let wide = "\u{10ffff}".repeat(limits::ID_CHARS);
        assert!(relayed(Kind::Candidate, &wide, &wide, None).len() <= limits::ENVELOPE_BYTES);
    }
}
