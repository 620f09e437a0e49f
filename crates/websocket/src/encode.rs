//! Frames that the server sends: unmasked and never fragmented (RFC 6455 sections 5.1 and 5.2).

use bytes::{BufMut, Bytes};

use crate::message::{MAX_CONTROL_PAYLOAD, Opcode, is_sendable_close_code};

/// The longest header of a server frame, in bytes.
pub const MAX_SERVER_HEADER: usize = 10;

/// The longest reason of a close frame, in bytes: a control payload less the code (RFC 6455 section 5.5).
pub const MAX_CLOSE_REASON: usize = MAX_CONTROL_PAYLOAD - 2;

/// The size in bytes of an unmasked frame, header and payload, for a payload of `payload` bytes.
#[must_use]
pub const fn frame_len(payload: usize) -> usize {
    header_len(payload) + payload
}

const fn header_len(payload: usize) -> usize {
    match payload {
        0..=125 => 2,
        126..=0xFFFF => 4,
        _ => 10,
    }
}

/// Writes FIN, opcode, the mask bit and the length in its shortest form.
pub(crate) fn put_header(out: &mut impl BufMut, fin: bool, opcode: Opcode, masked: bool, len: usize) {
    let mask_bit = if masked { 0x80 } else { 0 };
    out.put_u8(opcode as u8 | if fin { 0x80 } else { 0 });
    match header_len(len) {
        2 => out.put_u8(mask_bit | len as u8),
        4 => {
            out.put_u8(mask_bit | 126);
            out.put_u16(len as u16);
        }
        _ => {
            out.put_u8(mask_bit | 127);
            out.put_u64(len as u64);
        }
    }
}

/// A control payload cut to what the RFC allows; other payloads as they are.
pub(crate) fn cut(opcode: Opcode, payload: &[u8]) -> &[u8] {
    if opcode.is_control() { &payload[..payload.len().min(MAX_CONTROL_PAYLOAD)] } else { payload }
}

/// Appends one final (FIN) frame with `payload` to `out`, a `Vec<u8>` or a `BytesMut`.
///
/// The payload of a control frame is cut at [`MAX_CONTROL_PAYLOAD`] bytes. That a text payload is UTF-8, and
/// that a close payload begins with a code, is the caller's part.
pub fn frame_into(out: &mut impl BufMut, opcode: Opcode, payload: &[u8]) {
    let payload = cut(opcode, payload);
    put_header(out, true, opcode, false, payload.len());
    out.put_slice(payload);
}

/// One whole frame, in a buffer of exactly its size.
fn frame(opcode: Opcode, payload: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(frame_len(cut(opcode, payload).len()));
    frame_into(&mut out, opcode, payload);
    Bytes::from(out)
}

/// A text message in one frame, header included (RFC 6455 section 5.6). `payload` must be UTF-8, for instance
/// serialized JSON; it is not checked again.
#[must_use]
pub fn text(payload: &[u8]) -> Bytes {
    frame(Opcode::Text, payload)
}

/// A binary message in one frame, header included (RFC 6455 section 5.6).
#[must_use]
pub fn binary(payload: &[u8]) -> Bytes {
    frame(Opcode::Binary, payload)
}

/// A ping frame (RFC 6455 section 5.5.2); `payload` is cut at [`MAX_CONTROL_PAYLOAD`] bytes.
#[must_use]
pub fn ping(payload: &[u8]) -> Bytes {
    frame(Opcode::Ping, payload)
}

/// A pong frame (RFC 6455 section 5.5.3); `payload` is cut at [`MAX_CONTROL_PAYLOAD`] bytes.
#[must_use]
pub fn pong(payload: &[u8]) -> Bytes {
    frame(Opcode::Pong, payload)
}

/// A close frame (RFC 6455 section 5.5.1).
///
/// `reason` is cut at [`MAX_CLOSE_REASON`] bytes, on a character boundary. A `code` that may not be sent
/// ([`is_sendable_close_code`] is false) gives [`close_empty`], which the peer sees as 1005, "no code".
#[must_use]
pub fn close(code: u16, reason: &str) -> Bytes {
    if !is_sendable_close_code(code) {
        return close_empty();
    }
    frame(Opcode::Close, &close_payload(code, reason))
}

/// A close frame without code and reason (RFC 6455 section 5.5.1), which answers one of the same kind.
#[must_use]
pub const fn close_empty() -> Bytes {
    Bytes::from_static(&[0x88, 0x00])
}

/// The payload of a close frame: the code in network order, then the reason.
pub(crate) fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    let reason = &reason[..reason.floor_char_boundary(MAX_CLOSE_REASON)];
    let mut payload = Vec::with_capacity(2 + reason.len());
    payload.put_u16(code);
    payload.put_slice(reason.as_bytes());
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_5_7_examples() {
        assert_eq!(text(b"Hello"), &[0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f][..]);
        assert_eq!(ping(b"Hello"), &[0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f][..]);
        assert_eq!(binary(&[7; 256])[..4], [0x82, 0x7E, 0x01, 0x00]);
        assert_eq!(binary(&[7; 65536])[..10], [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn section_5_2_the_length_takes_its_shortest_form() {
        for (len, header) in [(0, 2), (125, 2), (126, 4), (65535, 4), (65536, 10)] {
            let frame = binary(&vec![1; len]);
            assert_eq!(frame.len(), header + len);
            assert_eq!(frame.len(), frame_len(len));
            assert!(header <= MAX_SERVER_HEADER);
            assert_eq!(frame[1] & 0x80, 0, "section 5.1: a server does not mask");
        }
    }

    #[test]
    fn section_5_5_control_payloads_are_cut_at_125_bytes() {
        let long = [b'x'; 200];
        assert_eq!(ping(&long).len(), 127);
        assert_eq!(pong(&long)[..2], [0x8A, 125]);
        let mut out = Vec::new();
        frame_into(&mut out, Opcode::Pong, &long);
        assert_eq!(out, pong(&long));
    }

    #[test]
    fn section_5_5_1_close_holds_the_code_in_network_order_and_the_reason() {
        assert_eq!(close(1000, "bye"), &[0x88, 5, 0x03, 0xE8, b'b', b'y', b'e'][..]);
        assert_eq!(close_empty(), &[0x88, 0][..]);
    }

    #[test]
    fn section_5_5_1_the_reason_is_cut_on_a_character_boundary() {
        assert_eq!(close(1000, &"a".repeat(123)).len(), 2 + 125);
        assert_eq!(close(1000, &"a".repeat(124)).len(), 2 + 125);
        let euros = close(1000, &"€".repeat(60)); // 3 bytes each: 41 fit in 123
        assert_eq!(euros[4..], *"€".repeat(41).as_bytes());
        let shifted = close(1000, &format!("a{}", "€".repeat(60)));
        assert_eq!(shifted[4..], *format!("a{}", "€".repeat(40)).as_bytes());
    }

    #[test]
    fn section_7_4_codes_that_may_not_be_sent_are_left_out() {
        for code in [0, 999, 1005, 1006, 1015, 2000, 5000] {
            assert_eq!(close(code, "x"), close_empty());
        }
    }

    #[test]
    fn frame_into_appends() {
        let mut out = bytes::BytesMut::from(&b"before"[..]);
        frame_into(&mut out, Opcode::Text, b"x");
        assert_eq!(out, &b"before\x81\x01x"[..]);
    }
}
