//! The client's side, for tests and load generators: masked frames, and a decoder of server frames.

use bytes::{BufMut, Bytes};

use crate::decode::{Decoder, Step};
use crate::encode::{close_payload, cut, put_header};
use crate::header::{MAX_HEADER, Peer};
use crate::mask::apply_mask;
use crate::message::{Opcode, Violation};

/// Appends one frame masked with `key` to `out` (RFC 6455 sections 5.1 to 5.3).
///
/// `fin` false and [`Opcode::Continuation`] make fragments. Nothing is checked or cut, so that tests can also
/// send what a client may not; only the length is always in its shortest form.
pub fn frame_into(out: &mut Vec<u8>, fin: bool, opcode: Opcode, key: [u8; 4], payload: &[u8]) {
    out.reserve(MAX_HEADER + payload.len());
    put_header(out, fin, opcode, true, payload.len());
    out.put_slice(&key);
    let start = out.len();
    out.put_slice(payload);
    apply_mask(&mut out[start..], key);
}

fn frame(opcode: Opcode, payload: &[u8], key: [u8; 4]) -> Bytes {
    let mut out = Vec::new();
    frame_into(&mut out, true, opcode, key, cut(opcode, payload));
    Bytes::from(out)
}

/// A text message in one frame masked with `key`; `payload` is not checked to be UTF-8.
#[must_use]
pub fn text(payload: &[u8], key: [u8; 4]) -> Bytes {
    frame(Opcode::Text, payload, key)
}

/// A binary message in one frame masked with `key`.
#[must_use]
pub fn binary(payload: &[u8], key: [u8; 4]) -> Bytes {
    frame(Opcode::Binary, payload, key)
}

/// A ping masked with `key`; `payload` is cut at 125 bytes.
#[must_use]
pub fn ping(payload: &[u8], key: [u8; 4]) -> Bytes {
    frame(Opcode::Ping, payload, key)
}

/// A pong masked with `key`; `payload` is cut at 125 bytes.
#[must_use]
pub fn pong(payload: &[u8], key: [u8; 4]) -> Bytes {
    frame(Opcode::Pong, payload, key)
}

/// A close frame masked with `key`; `reason` is cut at 123 bytes, `code` is sent whatever it is.
#[must_use]
pub fn close(code: u16, reason: &str, key: [u8; 4]) -> Bytes {
    frame(Opcode::Close, &close_payload(code, reason), key)
}

/// Decodes the frames that a server sends: [`Decoder`] for frames without a mask.
#[derive(Debug)]
pub struct ClientDecoder(Decoder);

impl ClientDecoder {
    /// A decoder for messages of at most `max_message` payload bytes.
    #[must_use]
    pub const fn new(max_message: usize) -> Self {
        Self(Decoder::of(Peer::Server, max_message))
    }

    /// Decodes up to the end of the next message, as [`Decoder::read`] does.
    ///
    /// # Errors
    ///
    /// A [`Violation`] as from [`Decoder::read`]; [`Violation::Masked`] for a frame with a mask.
    pub fn read<'m>(&'m mut self, input: &'m mut [u8]) -> Result<Step<'m>, Violation> {
        self.0.read(input)
    }

    /// Copies the rest of the input for later, as [`Decoder::keep`] does.
    pub fn keep(&mut self, rest: &[u8]) {
        self.0.keep(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;
    use crate::{close_code, encode};

    #[test]
    fn section_5_7_example_of_a_masked_hello() {
        let frame = text(b"Hello", [0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(frame, &[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58][..]);
    }

    #[test]
    fn what_the_server_encodes_the_client_decodes() {
        let long = "long ".repeat(20_000);
        let mut wire = encode::text("hé".as_bytes()).to_vec();
        wire.extend_from_slice(&encode::binary(long.as_bytes()));
        wire.extend_from_slice(&encode::ping(b"p"));
        wire.extend_from_slice(&encode::close(close_code::GOING_AWAY, "off"));
        let expected = [
            Message::Text("hé"),
            Message::Binary(long.as_bytes()),
            Message::Ping(b"p"),
            Message::Close { code: Some(1001), reason: "off" },
        ];
        let mut decoder = ClientDecoder::new(1 << 20);
        let mut at = 0;
        for message in expected {
            let step = decoder.read(&mut wire[at..]).expect("valid frames");
            assert_eq!(step.message, Some(message));
            at += step.consumed;
        }
        assert_eq!(at, wire.len());
    }

    #[test]
    fn section_5_1_a_client_refuses_masked_frames() {
        let mut wire = text(b"x", [1, 2, 3, 4]).to_vec();
        assert_eq!(ClientDecoder::new(10).read(&mut wire), Err(Violation::Masked));
    }
}
