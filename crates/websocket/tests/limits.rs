//! Section 10.4 of RFC 6455: what a peer can make a decoder hold or do is limited.

use commonroom_websocket::{
    Decoder, MAX_EMPTY_FRAGMENTS, MAX_FRAGMENTS, Message, Opcode, Step, Violation, client,
};

const KEY: [u8; 4] = [9, 8, 7, 6];

fn raw(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    client::frame_into(&mut out, fin, opcode, KEY, payload);
    out
}

/// Reads a piece that must hold no whole message.
fn feed(decoder: &mut Decoder, wire: &[u8]) -> Result<(), Violation> {
    let mut wire = wire.to_vec();
    let consumed = wire.len();
    let step = decoder.read(&mut wire)?;
    assert_eq!(step, Step { consumed, message: None });
    Ok(())
}

#[test]
fn the_limit_itself_is_allowed_and_one_byte_more_is_not() {
    for opcode in [Opcode::Text, Opcode::Binary] {
        let mut fits = raw(true, opcode, &[b'x'; 100]);
        assert!(Decoder::new(100).read(&mut fits).expect("fits").message.is_some());
        let mut over = raw(true, opcode, &[b'x'; 101]);
        assert_eq!(Decoder::new(100).read(&mut over), Err(Violation::TooBig));
    }
    assert_eq!(Violation::TooBig.close_code(), 1009);
    assert_eq!(Violation::TooManyFragments.close_code(), 1009);
}

#[test]
fn an_announced_length_over_the_limit_is_refused_from_the_header() {
    let header = &raw(true, Opcode::Binary, &[0; 70_000])[..14];
    assert_eq!(feed(&mut Decoder::new(69_999), header), Err(Violation::TooBig));
    let mut decoder = Decoder::new(70_000);
    assert_eq!(feed(&mut decoder, header), Ok(()));
    let huge = [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4];
    assert_eq!(feed(&mut Decoder::new(70_000), &huge), Err(Violation::TooBig));
}

#[test]
fn the_limit_counts_all_fragments_together_and_refuses_from_the_header() {
    let mut decoder = Decoder::new(100);
    feed(&mut decoder, &raw(false, Opcode::Text, &[b'x'; 60])).expect("60 of 100");
    let next = raw(true, Opcode::Continuation, &[b'x'; 41]);
    assert_eq!(feed(&mut decoder, &next[..6]), Err(Violation::TooBig));
    assert_eq!(decoder.held_bytes(), 0, "a failed decoder holds nothing");

    let mut decoder = Decoder::new(100);
    feed(&mut decoder, &raw(false, Opcode::Text, &[b'x'; 60])).expect("60 of 100");
    let mut next = raw(true, Opcode::Continuation, &[b'x'; 40]);
    let expected = "x".repeat(100);
    assert_eq!(decoder.read(&mut next).expect("100 of 100").message, Some(Message::Text(&expected)));
}

#[test]
fn an_announced_length_near_the_largest_number_reserves_nothing() {
    let mut decoder = Decoder::new(usize::MAX);
    feed(&mut decoder, &raw(false, Opcode::Binary, b"x")).expect("a first fragment");
    let half = [0x00, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4];
    assert_eq!(feed(&mut decoder, &half), Ok(()), "2^63 bytes fit the limit of this test");
    assert!(decoder.held_bytes() < 1000, "and reserve nothing: {}", decoder.held_bytes());
}

#[test]
fn a_new_limit_holds_from_the_next_header_on() {
    let mut decoder = Decoder::new(10);
    let mut wire = raw(true, Opcode::Binary, &[1; 20]);
    decoder.set_max_message(20);
    assert_eq!(decoder.max_message(), 20);
    assert!(decoder.read(&mut wire.clone()).expect("20 of 20").message.is_some());

    assert_eq!(feed(&mut decoder, &wire[..10]), Ok(()));
    decoder.set_max_message(5);
    let step = decoder.read(&mut wire[10..]).expect("its header was accepted");
    assert_eq!(step.message, Some(Message::Binary(&[1; 20])));
    let mut next = raw(true, Opcode::Binary, &[1; 6]);
    assert_eq!(decoder.read(&mut next), Err(Violation::TooBig));
}

#[test]
fn endless_fragments_of_one_byte_are_cut() {
    let mut decoder = Decoder::new(10_000_000);
    feed(&mut decoder, &raw(false, Opcode::Binary, b"x")).expect("the first");
    let next = raw(false, Opcode::Continuation, b"x");
    for _ in 1..MAX_FRAGMENTS {
        feed(&mut decoder, &next).expect("within the limit");
    }
    assert!(decoder.held_bytes() < 3 * MAX_FRAGMENTS as usize);
    assert_eq!(feed(&mut decoder, &next), Err(Violation::TooManyFragments));
}

#[test]
fn the_last_allowed_fragment_ends_the_message() {
    let mut decoder = Decoder::new(10_000_000);
    feed(&mut decoder, &raw(false, Opcode::Text, b"x")).expect("the first");
    for _ in 2..MAX_FRAGMENTS {
        feed(&mut decoder, &raw(false, Opcode::Continuation, b"x")).expect("within the limit");
    }
    let mut last = raw(true, Opcode::Continuation, b"x");
    let expected = "x".repeat(MAX_FRAGMENTS as usize);
    assert_eq!(decoder.read(&mut last).expect("at the limit").message, Some(Message::Text(&expected)));
}

#[test]
fn endless_empty_fragments_are_cut_also_with_pings_between_them() {
    let mut decoder = Decoder::new(100);
    feed(&mut decoder, &raw(false, Opcode::Text, b"")).expect("the first");
    let next = raw(false, Opcode::Continuation, b"");
    for _ in 1..MAX_EMPTY_FRAGMENTS {
        feed(&mut decoder, &next).expect("within the limit");
        let mut ping = raw(true, Opcode::Ping, b"");
        assert_eq!(decoder.read(&mut ping).expect("a ping").message, Some(Message::Ping(b"")));
    }
    assert_eq!(feed(&mut decoder, &next), Err(Violation::TooManyFragments));
}

#[test]
fn fragments_are_counted_for_each_message_anew() {
    let mut decoder = Decoder::new(100);
    for _ in 0..4 {
        feed(&mut decoder, &raw(false, Opcode::Text, b"")).expect("the first");
        for _ in 1..MAX_EMPTY_FRAGMENTS {
            feed(&mut decoder, &raw(false, Opcode::Continuation, b"")).expect("within the limit");
        }
        let mut last = raw(true, Opcode::Continuation, b"");
        assert_eq!(decoder.read(&mut last).expect("the end").message, Some(Message::Text("")));
    }
}

#[test]
fn an_idle_decoder_is_small_and_holds_nothing() {
    assert!(size_of::<Decoder>() <= 64, "{}", size_of::<Decoder>());
    let mut decoder = Decoder::new(1_000_000);
    assert_eq!(decoder.held_bytes(), 0);
    // Text in two pieces, in two fragments, a control frame in pieces: all go through the box.
    let wires = [
        raw(true, Opcode::Text, &[b'x'; 5000]),
        [raw(false, Opcode::Binary, &[1; 3000]), raw(true, Opcode::Continuation, b"x")].concat(),
        raw(true, Opcode::Ping, b"ping"),
    ];
    for wire in wires {
        for cut in [1, 3, 7] {
            let mut wire = wire.clone();
            assert!(!decoder.is_mid_message());
            feed(&mut decoder, &wire[..cut]).expect("a part");
            assert!(decoder.is_mid_message());
            assert!(decoder.held_bytes() > 0);
            let step = decoder.read(&mut wire[cut..]).expect("the rest");
            assert!(step.message.is_some());
            assert!(!decoder.is_mid_message());
            assert_eq!(decoder.read(&mut []), Ok(Step { consumed: 0, message: None }));
            assert_eq!(decoder.held_bytes(), 0, "freed, not just cleared");
        }
    }
}

#[test]
fn a_control_frame_in_pieces_is_freed_also_inside_a_fragmented_message() {
    let mut decoder = Decoder::new(100);
    feed(&mut decoder, &raw(false, Opcode::Text, b"x")).expect("a fragment");
    let before = decoder.held_bytes();
    let mut ping = raw(true, Opcode::Ping, &[1; 100]);
    feed(&mut decoder, &ping[..50]).expect("a part");
    assert!(decoder.held_bytes() > before);
    let step = decoder.read(&mut ping[50..]).expect("the rest");
    assert_eq!(step.message, Some(Message::Ping(&[1; 100])));
    assert_eq!(decoder.read(&mut []), Ok(Step { consumed: 0, message: None }));
    assert_eq!(decoder.held_bytes(), before);
}

#[test]
fn a_whole_frame_in_the_input_is_given_from_the_input() {
    let mut decoder = Decoder::new(100_000);
    let mut wire = raw(true, Opcode::Text, &[b'x'; 50_000]);
    let range = wire.as_ptr_range();
    let step = decoder.read(&mut wire).expect("valid");
    let Some(Message::Text(text)) = step.message else { panic!("{step:?}") };
    assert!(range.contains(&text.as_ptr()));
    assert_eq!(decoder.held_bytes(), 0);
}

#[test]
fn memory_follows_what_came_and_not_what_was_announced() {
    let mut decoder = Decoder::new(1 << 30);
    let wire = raw(true, Opcode::Binary, &vec![7; 1 << 20]);
    let mut fed = 0;
    for piece in wire.chunks(1000).take(500) {
        feed(&mut decoder, piece).expect("a part");
        fed += piece.len();
        assert!(decoder.held_bytes() <= 2 * fed + 500, "{} after {fed}", decoder.held_bytes());
    }
}

#[test]
fn kept_bytes_come_first_and_are_freed() {
    let mut decoder = Decoder::new(100);
    let wire: Vec<u8> = (0..5_u8).flat_map(|n| raw(true, Opcode::Binary, &[n])).collect();
    let mut scratch = wire.clone();
    let consumed = decoder.read(&mut scratch).expect("valid").consumed;
    decoder.keep(&scratch[consumed..wire.len() - 3]);
    scratch.fill(0xFF);
    assert!(decoder.has_kept());
    for n in 1..4 {
        let step = decoder.read(&mut []).expect("kept");
        assert_eq!(step, Step { consumed: 0, message: Some(Message::Binary(&[n])) });
    }
    assert_eq!(decoder.read(&mut []), Ok(Step { consumed: 0, message: None }));
    assert!(!decoder.has_kept());
    assert!(decoder.is_mid_message());
    let mut last = wire[wire.len() - 3..].to_vec();
    let step = decoder.read(&mut last).expect("the end");
    assert_eq!(step, Step { consumed: 3, message: Some(Message::Binary(&[4])) });
    decoder.keep(&[]);
    assert_eq!(decoder.held_bytes(), 0);
}

#[test]
fn keeping_more_while_some_is_kept_appends() {
    let mut decoder = Decoder::new(100);
    let frames: Vec<Vec<u8>> = (0..4_u8).map(|n| raw(true, Opcode::Binary, &[n])).collect();
    decoder.keep(&frames[..2].concat());
    let mut input = frames[2..].concat();
    let step = decoder.read(&mut input).expect("kept");
    assert_eq!(step, Step { consumed: 0, message: Some(Message::Binary(&[0])) });
    decoder.keep(&input);
    for n in 1..4 {
        assert_eq!(decoder.read(&mut []).expect("kept").message, Some(Message::Binary(&[n])));
    }
}
