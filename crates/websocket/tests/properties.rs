//! Properties that hold for every input: how the bytes are cut into reads never matters, nothing panics, and
//! what one side encodes the other decodes.

use commonroom_websocket::client::{self, ClientDecoder};
use commonroom_websocket::{Decoder, Message, Opcode, Step, Violation, apply_mask, encode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

const LIMIT: usize = 3000;

/// A message with a payload of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owned {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>, String),
}

impl From<Message<'_>> for Owned {
    fn from(message: Message<'_>) -> Self {
        match message {
            Message::Text(text) => Self::Text(text.to_owned()),
            Message::Binary(bytes) => Self::Binary(bytes.to_vec()),
            Message::Ping(bytes) => Self::Ping(bytes.to_vec()),
            Message::Pong(bytes) => Self::Pong(bytes.to_vec()),
            Message::Close { code, reason } => Self::Close(code, reason.to_owned()),
        }
    }
}

/// One message with the choices a client has in sending it.
#[derive(Clone, Debug)]
struct Sent {
    message: Owned,
    key: [u8; 4],
    cuts: Vec<Index>,
    /// A ping after the first fragment.
    ping: Option<Vec<u8>>,
}

fn message() -> impl Strategy<Value = Owned> {
    prop_oneof![
        4 => "\\PC{0,60}".prop_map(Owned::Text),
        1 => vec(any::<char>(), 0..700).prop_map(|text| Owned::Text(text.into_iter().collect())),
        4 => vec(any::<u8>(), 0..300).prop_map(Owned::Binary),
        1 => vec(any::<u8>(), 126..LIMIT).prop_map(Owned::Binary),
        1 => vec(any::<u8>(), 0..=125).prop_map(Owned::Ping),
        1 => vec(any::<u8>(), 0..=125).prop_map(Owned::Pong),
    ]
}

fn sent() -> impl Strategy<Value = Sent> {
    let cuts = prop_oneof![2 => Just(Vec::new()), 1 => vec(any::<Index>(), 1..6)];
    let ping = proptest::option::weighted(0.3, vec(any::<u8>(), 0..20));
    (message(), any::<[u8; 4]>(), cuts, ping).prop_map(|(message, key, cuts, ping)| Sent {
        message,
        key,
        cuts,
        ping,
    })
}

/// Appends the frames of `sent`, and the messages that must come out of them.
fn send(sent: &Sent, wire: &mut Vec<u8>, expected: &mut Vec<Owned>) {
    let (opcode, payload) = match &sent.message {
        Owned::Text(text) => (Opcode::Text, text.as_bytes()),
        Owned::Binary(bytes) => (Opcode::Binary, bytes.as_slice()),
        Owned::Ping(bytes) => (Opcode::Ping, bytes.as_slice()),
        Owned::Pong(bytes) => (Opcode::Pong, bytes.as_slice()),
        Owned::Close(..) => panic!("the strategy sends no close"),
    };
    let mut cuts: Vec<usize> = sent.cuts.iter().map(|cut| cut.index(payload.len() + 1)).collect();
    if opcode.is_control() {
        cuts.clear();
    }
    cuts.sort_unstable();
    cuts.push(payload.len());
    let mut start = 0;
    for (i, &end) in cuts.iter().enumerate() {
        let fin = i + 1 == cuts.len();
        let opcode = if i == 0 { opcode } else { Opcode::Continuation };
        client::frame_into(wire, fin, opcode, sent.key, &payload[start..end]);
        if let (0, false, Some(ping)) = (i, fin, &sent.ping) {
            client::frame_into(wire, true, Opcode::Ping, sent.key, ping);
            expected.push(Owned::Ping(ping.clone()));
        }
        start = end;
    }
    expected.push(sent.message.clone());
}

/// Reads `wire` in pieces through one scratch buffer, as a shard does; `budget` is the number of messages
/// after which it keeps the rest and comes back later.
fn read_all(wire: &[u8], cuts: &[Index], budget: usize) -> (Vec<Owned>, Option<Violation>) {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(wire.len() + 1)).collect();
    cuts.sort_unstable();
    cuts.push(wire.len());
    let mut decoder = Decoder::new(LIMIT);
    let mut messages = Vec::new();
    let mut start = 0;
    for end in cuts {
        let mut scratch = wire[start..end].to_vec();
        start = end;
        let mut input = scratch.as_mut_slice();
        loop {
            let stop = messages.len() + budget;
            let mut at = 0;
            let ended = loop {
                match decoder.read(&mut input[at..]) {
                    Ok(Step { consumed, message }) => {
                        at += consumed;
                        let Some(message) = message else { break true };
                        messages.push(Owned::from(message));
                    }
                    Err(violation) => return (messages, Some(violation)),
                }
                if messages.len() == stop {
                    break false;
                }
            };
            if ended {
                assert_eq!(at, input.len(), "no message: everything is consumed");
                assert!(!decoder.has_kept());
                break;
            }
            decoder.keep(&input[at..]);
            input.fill(0xEE); // the scratch buffer serves other connections
            input = &mut [];
        }
    }
    if !decoder.is_mid_message() {
        assert_eq!(decoder.held_bytes(), 0);
    }
    (messages, None)
}

proptest! {
    #[test]
    fn any_cut_of_any_valid_frames_gives_the_same_messages(
        sents in vec(sent(), 0..8),
        close in proptest::option::of((1000_u16..=1003, "\\PC{0,30}")),
        cuts in vec(any::<Index>(), 0..12),
        budget in 1_usize..5,
    ) {
        let mut wire = Vec::new();
        let mut expected = Vec::new();
        for sent in &sents {
            send(sent, &mut wire, &mut expected);
        }
        if let Some((code, reason)) = &close {
            wire.extend_from_slice(&client::close(*code, reason, [1, 2, 3, 4]));
            expected.push(Owned::Close(Some(*code), reason.clone()));
        }
        prop_assert_eq!(read_all(&wire, &[], usize::MAX), (expected.clone(), None));
        prop_assert_eq!(read_all(&wire, &cuts, budget), (expected, None));
    }

    #[test]
    fn random_bytes_never_panic_and_no_cut_changes_the_outcome(
        wire in vec(any::<u8>(), 0..200),
        cuts in vec(any::<Index>(), 0..8),
        budget in 1_usize..4,
    ) {
        prop_assert_eq!(read_all(&wire, &cuts, budget), read_all(&wire, &[], usize::MAX));
        let mut copy = wire;
        let _ = ClientDecoder::new(LIMIT).read(&mut copy);
    }

    #[test]
    fn damaged_frames_never_panic_and_no_cut_changes_the_outcome(
        sents in vec(sent(), 1..5),
        damage in vec((any::<Index>(), any::<u8>()), 1..4),
        cuts in vec(any::<Index>(), 0..8),
        budget in 1_usize..4,
    ) {
        let mut wire = Vec::new();
        for sent in &sents {
            send(sent, &mut wire, &mut Vec::new());
        }
        for (place, byte) in damage {
            let place = place.index(wire.len());
            wire[place] ^= byte;
        }
        prop_assert_eq!(read_all(&wire, &cuts, budget), read_all(&wire, &[], usize::MAX));
    }

    #[test]
    fn no_message_is_longer_than_the_limit(
        fragments in vec(vec(any::<u8>(), 0..400), 1..8),
        limit in 0_usize..1000,
        cut in any::<Index>(),
    ) {
        let mut wire = Vec::new();
        for (i, fragment) in fragments.iter().enumerate() {
            let opcode = if i == 0 { Opcode::Binary } else { Opcode::Continuation };
            client::frame_into(&mut wire, i + 1 == fragments.len(), opcode, [5, 6, 7, 8], fragment);
        }
        let cut = cut.index(wire.len());
        let (first, second) = wire.split_at_mut(cut);
        let mut decoder = Decoder::new(limit);
        let begun = decoder.read(first).map(|step| assert_eq!(step.message, None));
        prop_assert!(decoder.held_bytes() <= 2 * limit + 300);
        let total = fragments.concat();
        match begun.and_then(|()| decoder.read(second)) {
            Ok(step) => {
                prop_assert!(total.len() <= limit);
                prop_assert_eq!(step.message, Some(Message::Binary(&total)));
            }
            Err(violation) => {
                prop_assert!(total.len() > limit);
                prop_assert_eq!(violation, Violation::TooBig);
            }
        }
    }

    #[test]
    fn text_is_accepted_exactly_if_it_is_utf8(
        bytes in vec(prop_oneof![any::<u8>(), Just(0xE2), Just(0x82), Just(0xAC), Just(0xF0), Just(0x9F)], 0..12),
        cuts in vec(any::<Index>(), 0..4),
    ) {
        let wire = client::text(&bytes, [0xA0, 0xB1, 0xC2, 0xD3]);
        let expected = match std::str::from_utf8(&bytes) {
            Ok(text) => (vec![Owned::Text(text.to_owned())], None),
            Err(_) => (vec![], Some(Violation::InvalidUtf8)),
        };
        prop_assert_eq!(read_all(&wire, &cuts, 1), expected);
    }

    #[test]
    fn server_frames_round_trip(message in message(), code in 3000_u16..5000, reason in "\\PC{0,200}") {
        let mut wire = match &message {
            Owned::Text(text) => encode::text(text.as_bytes()),
            Owned::Binary(bytes) => encode::binary(bytes),
            Owned::Ping(bytes) => encode::ping(bytes),
            Owned::Pong(bytes) => encode::pong(bytes),
            Owned::Close(..) => panic!("the strategy sends no close"),
        }
        .to_vec();
        let first = wire.len();
        wire.extend_from_slice(&encode::close(code, &reason));
        prop_assert!(wire.len() <= first + 127);
        let mut decoder = ClientDecoder::new(LIMIT);
        let step = decoder.read(&mut wire).expect("a valid frame");
        prop_assert_eq!(step.consumed, first);
        prop_assert_eq!(step.message.map(Owned::from), Some(message));
        let step = decoder.read(&mut wire[first..]).expect("a valid close");
        let Some(Message::Close { code: Some(got), reason: cut }) = step.message else {
            panic!("no close: {step:?}");
        };
        prop_assert_eq!(got, code);
        prop_assert!(reason.starts_with(cut));
        prop_assert!(cut.len() == reason.len() || cut.len() > encode::MAX_CLOSE_REASON - 4);
    }

    #[test]
    fn masking_twice_gives_the_same_bytes(data in vec(any::<u8>(), 0..100), key in any::<[u8; 4]>()) {
        let mut masked = data.clone();
        apply_mask(&mut masked, key);
        let expected: Vec<u8> = data.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        prop_assert_eq!(&masked, &expected);
        apply_mask(&mut masked, key);
        prop_assert_eq!(masked, data);
    }
}
