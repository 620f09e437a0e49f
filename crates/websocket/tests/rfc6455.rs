//! One test for each rule of RFC 6455 that a server's decoder has to enforce, named after its section.

use commonroom_websocket::{Decoder, Message, Opcode, Step, Violation, client, encode};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const LIMIT: usize = 200_000;

fn raw(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    client::frame_into(&mut out, fin, opcode, KEY, payload);
    out
}

fn join(frames: &[Vec<u8>]) -> Vec<u8> {
    frames.concat()
}

/// All messages as debug text and how reading ended, with the input cut into pieces of `piece` bytes.
fn read_in_pieces(wire: &[u8], piece: usize) -> (Vec<String>, Option<Violation>) {
    let mut wire = wire.to_vec();
    let mut decoder = Decoder::new(LIMIT);
    let mut messages = Vec::new();
    for input in wire.chunks_mut(piece) {
        let mut at = 0;
        loop {
            match decoder.read(&mut input[at..]) {
                Ok(Step { consumed, message }) => {
                    at += consumed;
                    let Some(message) = message else { break };
                    messages.push(format!("{message:?}"));
                }
                Err(violation) => return (messages, Some(violation)),
            }
        }
        assert_eq!(at, input.len(), "no message: everything is consumed");
    }
    (messages, None)
}

/// The same outcome in one piece and in the smallest pieces.
fn outcome(wire: &[u8]) -> (Vec<String>, Option<Violation>) {
    let whole = read_in_pieces(wire, wire.len().max(1));
    for piece in [1, 2, 3, 7] {
        assert_eq!(read_in_pieces(wire, piece), whole, "pieces of {piece}");
    }
    whole
}

fn refused(wire: &[u8], violation: Violation, code: u16) {
    let (messages, end) = outcome(wire);
    assert_eq!(messages, [""; 0]);
    assert_eq!(end, Some(violation));
    assert_eq!(violation.close_code(), code);
    assert!(encode::close(code, violation.reason()).len() > 4);
}

fn accepted(wire: &[u8], expected: &[Message<'_>]) {
    let expected: Vec<String> = expected.iter().map(|message| format!("{message:?}")).collect();
    assert_eq!(outcome(wire), (expected, None));
}

#[test]
fn section_5_7_examples_of_masked_and_fragmented_text() {
    accepted(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], &[Message::Text("Hello")]);
    accepted(
        &join(&[raw(false, Opcode::Text, b"Hel"), raw(true, Opcode::Continuation, b"lo")]),
        &[Message::Text("Hello")],
    );
    accepted(&raw(true, Opcode::Ping, b"Hello"), &[Message::Ping(b"Hello")]);
}

#[test]
fn section_5_1_client_frames_must_be_masked() {
    refused(&encode::text(b"Hello"), Violation::Unmasked, 1002);
    refused(&[0x89, 0x00], Violation::Unmasked, 1002);
}

#[test]
fn section_5_2_reserved_bits_must_be_zero() {
    for bit in [0x40, 0x20, 0x10, 0x70] {
        let mut wire = raw(true, Opcode::Text, b"x");
        wire[0] |= bit;
        refused(&wire, Violation::ReservedBits, 1002);
    }
}

#[test]
fn section_5_2_reserved_opcodes_are_refused() {
    for opcode in [3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF] {
        let mut wire = raw(true, Opcode::Continuation, b"x");
        wire[0] |= opcode;
        refused(&wire, Violation::UnknownOpcode, 1002);
    }
}

#[test]
fn section_5_2_the_length_must_be_in_its_shortest_form() {
    for len in [0, 1, 125] {
        refused(&[0x82, 0x80 | 126, 0, len, 1, 2, 3, 4], Violation::NonMinimalLength, 1002);
    }
    for len in [[0, 0, 0], [0, 0, 125], [0, 0, 126], [0, 0xFF, 0xFF]] {
        let [a, b, c] = len;
        refused(&[0x82, 0xFF, 0, 0, 0, 0, 0, a, b, c, 1, 2, 3, 4], Violation::NonMinimalLength, 1002);
    }
}

#[test]
fn section_5_2_every_length_form_is_read() {
    for len in [0, 1, 125, 126, 127, 65535, 65536, 70_000] {
        let payload = vec![0xAB; len];
        accepted(&raw(true, Opcode::Binary, &payload), &[Message::Binary(&payload)]);
    }
}

#[test]
fn section_5_2_the_highest_bit_of_a_length_must_be_zero() {
    refused(&[0x82, 0xFF, 0x80, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4], Violation::LengthHighBit, 1002);
}

#[test]
fn section_5_4_a_continuation_needs_a_message() {
    refused(&raw(true, Opcode::Continuation, b"x"), Violation::UnexpectedContinuation, 1002);
    refused(&raw(false, Opcode::Continuation, b"x"), Violation::UnexpectedContinuation, 1002);
    let wire = join(&[raw(true, Opcode::Text, b"done"), raw(true, Opcode::Continuation, b"x")]);
    let (messages, end) = outcome(&wire);
    assert_eq!(messages, ["Text(\"done\")"]);
    assert_eq!(end, Some(Violation::UnexpectedContinuation));
}

#[test]
fn section_5_4_a_fragmented_message_ends_before_the_next_begins() {
    for opcode in [Opcode::Text, Opcode::Binary] {
        for fin in [false, true] {
            let wire = join(&[raw(false, Opcode::Text, b"a"), raw(fin, opcode, b"b")]);
            refused(&wire, Violation::ExpectedContinuation, 1002);
        }
    }
}

#[test]
fn section_5_4_control_frames_may_come_between_fragments() {
    let wire = join(&[
        raw(false, Opcode::Text, b"a"),
        raw(true, Opcode::Ping, b"1"),
        raw(false, Opcode::Continuation, b""),
        raw(true, Opcode::Pong, b""),
        raw(true, Opcode::Continuation, b"b"),
        raw(true, Opcode::Binary, b"c"),
    ]);
    let expected = [Message::Ping(b"1"), Message::Pong(b""), Message::Text("ab"), Message::Binary(b"c")];
    accepted(&wire, &expected);
}

#[test]
fn section_5_4_empty_messages_and_empty_fragments_are_messages() {
    accepted(&raw(true, Opcode::Text, b""), &[Message::Text("")]);
    accepted(&raw(true, Opcode::Binary, b""), &[Message::Binary(b"")]);
    let wire = join(&[raw(false, Opcode::Text, b""), raw(true, Opcode::Continuation, b"")]);
    accepted(&wire, &[Message::Text("")]);
}

#[test]
fn section_5_5_control_frames_may_not_be_fragmented() {
    for opcode in [Opcode::Ping, Opcode::Pong, Opcode::Close] {
        refused(&raw(false, opcode, b""), Violation::FragmentedControl, 1002);
    }
}

#[test]
fn section_5_5_control_frames_have_at_most_125_bytes() {
    let payload = [b'x'; 126];
    accepted(&raw(true, Opcode::Ping, &payload[..125]), &[Message::Ping(&payload[..125])]);
    for opcode in [Opcode::Ping, Opcode::Pong, Opcode::Close] {
        refused(&raw(true, opcode, &payload), Violation::LongControl, 1002);
    }
    refused(&[0x89, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4], Violation::LongControl, 1002);
}

#[test]
fn section_5_5_1_close_has_no_payload_or_a_code_and_a_reason() {
    accepted(&raw(true, Opcode::Close, b""), &[Message::Close { code: None, reason: "" }]);
    accepted(&client::close(1000, "", KEY), &[Message::Close { code: Some(1000), reason: "" }]);
    accepted(&client::close(4321, "ß", KEY), &[Message::Close { code: Some(4321), reason: "ß" }]);
}

#[test]
fn section_5_5_1_close_of_one_byte_is_refused() {
    refused(&raw(true, Opcode::Close, b"\x03"), Violation::ShortClose, 1002);
}

#[test]
fn section_5_5_1_nothing_is_read_after_close() {
    let mut wire = client::close(1000, "", KEY).to_vec();
    wire.extend_from_slice(&client::text(b"late", KEY));
    wire.extend_from_slice(&[0xFF; 40]);
    accepted(&wire, &[Message::Close { code: Some(1000), reason: "" }]);
}

#[test]
fn section_7_4_close_codes_that_may_not_be_sent_are_refused() {
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
        refused(&client::close(code, "x", KEY), Violation::BadCloseCode, 1002);
    }
}

#[test]
fn section_8_1_text_and_close_reasons_must_be_utf8() {
    for bad in [&b"a\xFF"[..], b"\xC0\x80", b"\xED\xA0\x80", b"\xE2\x82"] {
        refused(&raw(true, Opcode::Text, bad), Violation::InvalidUtf8, 1007);
        let reason = [b"\x03\xE8", bad].concat();
        refused(&raw(true, Opcode::Close, &reason), Violation::InvalidUtf8, 1007);
        accepted(&raw(true, Opcode::Binary, bad), &[Message::Binary(bad)]);
        let (last, first) = bad.split_last().expect("not empty");
        let wire = join(&[raw(false, Opcode::Text, first), raw(true, Opcode::Continuation, &[*last])]);
        refused(&wire, Violation::InvalidUtf8, 1007);
    }
}

#[test]
fn section_8_1_a_character_may_be_cut_between_fragments() {
    let smile = "😀".as_bytes();
    for cut in 0..=smile.len() {
        let wire = join(&[
            raw(false, Opcode::Text, &smile[..cut]),
            raw(true, Opcode::Ping, b""),
            raw(true, Opcode::Continuation, &smile[cut..]),
        ]);
        accepted(&wire, &[Message::Ping(b""), Message::Text("😀")]);
    }
}

#[test]
fn section_8_1_bad_text_is_refused_before_its_frame_or_message_ends() {
    let mut decoder = Decoder::new(LIMIT);
    let mut unfinished = raw(true, Opcode::Text, &[b"ab\xFF".as_slice(), &[b'c'; 1000]].concat());
    assert_eq!(decoder.read(&mut unfinished[..20]), Err(Violation::InvalidUtf8));

    let mut decoder = Decoder::new(LIMIT);
    let mut fragment = raw(false, Opcode::Text, b"ab\xFF");
    assert_eq!(decoder.read(&mut fragment), Err(Violation::InvalidUtf8));
}

#[test]
fn section_7_1_7_a_failed_connection_stays_failed() {
    let mut decoder = Decoder::new(LIMIT);
    assert_eq!(decoder.read(&mut [0xFF]), Err(Violation::ReservedBits));
    let mut valid = client::text(b"x", KEY).to_vec();
    assert_eq!(decoder.read(&mut valid), Err(Violation::ReservedBits));
    decoder.keep(&valid);
    assert_eq!(decoder.read(&mut []), Err(Violation::ReservedBits));
    assert_eq!(decoder.held_bytes(), 0);
}

#[test]
fn messages_before_a_violation_are_given_first() {
    let mut wire = client::text(b"first", KEY).to_vec();
    wire.extend_from_slice(&encode::text(b"unmasked"));
    assert_eq!(outcome(&wire), (vec!["Text(\"first\")".to_owned()], Some(Violation::Unmasked)));
}
