//! Gateway frames to typed requests (together.md 5). No replies here.

use crate::limits;
use crate::signal::{self, Relay};
use crate::wire::{Envelope, PresenceIn, TypingIn};
use commonroom_core::ids::ChannelId;
use serde::Deserialize;

/// What a client asks for.
#[derive(Debug)]
pub enum Frame {
    /// It is alive.
    Heartbeat,
    /// Its user's presence.
    Presence(PresenceIn),
    /// Its user writes.
    Typing(ChannelId),
    /// A signal for another.
    Signal(Relay),
    /// A known opcode that asks for nothing, or whose payload is unusable: ignored (2.5).
    Nothing,
}

/// Why a frame ends the connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bad {
    /// No JSON envelope, or an unknown opcode: 4002.
    Format,
    /// Larger than its opcode may be: 1009.
    Size,
}

/// Reads a text frame.
///
/// # Errors
/// What ends the connection.
pub fn frame(text: &str) -> Result<Frame, Bad> {
    let large = text.len() > limits::FRAME_BYTES;
    // A list would be read as an envelope's fields in order.
    let envelope = serde_json::from_str::<Envelope<'_>>(text).ok().filter(|_| is_object(text));
    let Some(envelope) = envelope else {
        return Err(if large { Bad::Size } else { Bad::Format });
    };
    let d = envelope.d.map_or("null", |raw| raw.get());
    match &*envelope.op {
        "VOICE_SIGNAL" if text.len() > limits::SIGNAL_FRAME_BYTES => Err(Bad::Size),
        "VOICE_SIGNAL" => Ok(signal::accept(d).map_or(Frame::Nothing, Frame::Signal)),
        _ if large => Err(Bad::Size),
        "HEARTBEAT" => Ok(Frame::Heartbeat),
        "PRESENCE_UPDATE" => Ok(payload(d).map_or(Frame::Nothing, Frame::Presence)),
        "TYPING_START" => {
            Ok(payload(d)
                .map_or(Frame::Nothing, |typing: TypingIn| Frame::Typing(ChannelId(typing.channel_id))))
        }
        // Server opcodes sent by a client, and a load script's greeting (2.2).
        "DISPATCH" | "HEARTBEAT_ACK" | "IDENTIFY" => Ok(Frame::Nothing),
        _ => Err(Bad::Format),
    }
}

fn payload<'a, T: Deserialize<'a>>(d: &'a str) -> Option<T> {
    serde_json::from_str(d).ok().filter(|_| is_object(d))
}

/// True for the text of a JSON object among texts of JSON.
pub fn is_object(text: &str) -> bool {
    text.trim_ascii_start().starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_envelope_or_unknown_is_bad_format() {
        let deep = "[".repeat(16_000);
        for bad in [
            "not json",
            "",
            "null",
            "[]",
            "7",
            "\"HEARTBEAT\"",
            "{}",
            r#"["HEARTBEAT"]"#,
            r#"{"op":7}"#,
            r#"{"op":null}"#,
            r#"{"op":"BOGUS"}"#,
            r#"{"op":"heartbeat"}"#,
            r#"{"op":"\ud800"}"#,
            r#"{"op":"HEARTBEAT"} x"#,
            &deep,
        ] {
            assert!(matches!(frame(bad), Err(Bad::Format)), "{bad}");
        }
    }

    #[test]
    fn known_opcodes_never_fail_whatever_their_payload() {
        for op in ["PRESENCE_UPDATE", "TYPING_START", "VOICE_SIGNAL", "DISPATCH", "HEARTBEAT_ACK", "IDENTIFY"]
        {
            for d in [
                "7",
                "\"x\"",
                "[]",
                r#"{"status":7,"channel_id":7,"to_user_id":1e99}"#,
                r#"{"status":"\ud800"}"#,
            ] {
                let text = format!(r#"{{"op":"{op}","t":null,"d":{d}}}"#);
                assert!(matches!(frame(&text), Ok(Frame::Nothing)), "{text}");
            }
        }
        let nested = format!(r#"{{"op":"TYPING_START","d":{}{}}}"#, "[".repeat(7_000), "]".repeat(7_000));
        assert!(matches!(frame(&nested), Ok(Frame::Nothing)));
        for plain in [r#"{"op":"HEARTBEAT"}"#, r#"{"op":"HEARTBEAT","x":{"a":1},"t":null,"d":null}"#] {
            assert!(matches!(frame(plain), Ok(Frame::Heartbeat)));
        }
    }

    #[test]
    fn only_signals_may_be_large() {
        let filler = "x".repeat(limits::FRAME_BYTES);
        assert!(matches!(frame(&format!(r#"{{"op":"HEARTBEAT","x":"{filler}"}}"#)), Err(Bad::Size)));
        assert!(matches!(frame(&format!("nonsense{filler}")), Err(Bad::Size)));
        let to = uuid::Uuid::nil();
        let offer =
            format!(r#"{{"op":"VOICE_SIGNAL","d":{{"to_user_id":"{to}","type":"offer","sdp":"{filler}"}}}}"#);
        assert!(matches!(frame(&offer), Ok(Frame::Signal(_))));
    }

    #[test]
    fn an_absent_key_is_not_null() {
        let read = |d: &str| match frame(&format!(r#"{{"op":"PRESENCE_UPDATE","d":{d}}}"#)) {
            Ok(Frame::Presence(presence)) => (presence.status, presence.custom_status),
            other => panic!("{other:?}"),
        };
        assert_eq!(read("{}"), (None, None));
        assert_eq!(read(r#"{"status":"dnd","custom_status":null}"#), (Some("dnd".to_owned()), Some(None)));
    }
}
