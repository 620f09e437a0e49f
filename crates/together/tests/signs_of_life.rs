//! together.md 2.3 to 2.5: pongs keep a connection, and who presents too many bad tokens is refused before the upgrade.

mod common;

use common::{Person, must, register, server, unlimited};
use commonroom_core::Reply;
use commonroom_core::env::{Env, Timestamp};
use commonroom_core::event::{AccountChange, Event, EventBody, Stream};
use commonroom_core::ids::{AccountId, SessionId};
use commonroom_core::query::Found;
use commonroom_hub::request::{Request, ReturnTo};
use commonroom_hub::session::{Happening, Opening};
use commonroom_hub::shard::Batch;
use commonroom_hub::{Adapter, Shard};
use commonroom_testkit::World;
use commonroom_testkit::world::START;
use commonroom_together::Config;
use serde_json::json;
use std::sync::Arc;

fn adapter(world: &World, settings: &serde_json::Value) -> Arc<dyn Adapter> {
    let config: Config = serde_json::from_value(settings.clone()).expect("settings are known");
    commonroom_together::adapter(config, world.setup())
}

fn opening(token: &str, number: u128, now: Timestamp) -> Opening {
    Opening {
        id: SessionId(uuid::Uuid::from_u128(number)),
        address: [10, 0, 0, 1].into(),
        target: format!("/ws?token={token}"),
        headers: Vec::new(),
        secure: false,
        now,
    }
}

/// Everything written to a connection until now.
fn written(shard: &mut Shard, slot: u32) -> Vec<u8> {
    let outbox = shard.outbox(slot).expect("a connection");
    let mut bytes = Vec::new();
    while !outbox.is_empty() {
        let mut slices = [std::io::IoSlice::new(&[]); 16];
        let used = outbox.slices(&mut slices);
        let count: usize = slices[..used].iter().map(|slice| slice.len()).sum();
        slices[..used].iter().for_each(|slice| bytes.extend_from_slice(slice));
        outbox.advance(count, START);
    }
    bytes
}

/// Opens a connection and answers what it asks for before `READY`.
fn ready(shard: &mut Shard, token: &str) -> u32 {
    let slot = shard.open(0, &opening(token, 1, START));
    answer(shard);
    assert!(String::from_utf8_lossy(&written(shard, slot)).contains("READY"));
    slot
}

/// Answers what is asked for before `READY`: nothing is unread.
fn answer(shard: &mut Shard) {
    for ticket in shard.take_tickets() {
        if let (Request::Query(_), ReturnTo::Session { origin, command, .. }) =
            (&ticket.request, &ticket.return_to)
        {
            shard.answer(*origin, *command, Ok(Reply::Found(Found::Unreads(Vec::new()))), START);
        }
    }
}

/// What has been said since, as a shard is told.
fn said(world: &mut World, who: &Person, channel: &str, text: &str) -> Batch {
    let before = world.told().len();
    let path = format!("/channels/{channel}/messages");
    must(world, 201, who, "POST", &path, &json!({"content": text}));
    let happenings = world.told()[before..].iter().cloned().map(Happening::Event).collect();
    Batch { happenings, state: world.state() }
}

/// A close frame with that code.
fn close(bytes: &[u8]) -> Option<u16> {
    (bytes.first() == Some(&0x88)).then(|| u16::from_be_bytes([bytes[2], bytes[3]]))
}

#[test]
fn a_shutdown_is_told_with_1001() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let adapter = adapter(&world, &json!({}));
    let mut shard = Shard::new(0, vec![adapter], world.state(), Env::seeded(START, [1; 32]));
    let slot = ready(&mut shard, &ann.token);
    shard.going_away();
    assert_eq!(close(&written(&mut shard, slot)), Some(1001));
}

#[test]
fn what_happens_while_ready_is_made_follows_it() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let (_, channel, _) = server(&mut world, &ann);
    let adapter = adapter(&world, &json!({}));
    let mut shard = Shard::new(0, vec![adapter], world.state(), Env::seeded(START, [1; 32]));
    let slot = shard.open(0, &opening(&ann.token, 1, START));
    let batch = said(&mut world, &ann, &channel, "between");
    shard.batch(&batch, START);
    assert!(written(&mut shard, slot).is_empty(), "nothing comes before READY");
    answer(&mut shard);
    let text = String::from_utf8_lossy(&written(&mut shard, slot)).into_owned();
    let (ready, message) = (text.find("\"READY\""), text.find("MESSAGE_CREATE"));
    assert!(ready.is_some() && message.is_some() && ready < message, "{text}");
    assert_eq!(text.matches("between").count(), 1, "told once");
}

#[test]
fn a_reader_that_does_not_keep_up_is_closed_with_1013() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let (_, channel, _) = server(&mut world, &ann);
    let adapter = adapter(&world, &json!({}));
    let mut shard = Shard::new(0, vec![adapter], world.state(), Env::seeded(START, [1; 32]));
    let slot = ready(&mut shard, &ann.token);
    for _ in 0..400 {
        let batch = said(&mut world, &ann, &channel, &"x".repeat(4_000));
        shard.batch(&batch, START);
    }
    assert!(shard.outbox(slot).is_some_and(|outbox| outbox.is_too_slow(START)));
    shard.cut(slot);
    assert_eq!(close(&written(&mut shard, slot)), Some(1013), "all that waited is dropped");
}

#[test]
fn a_switched_off_account_is_out_and_stays_out() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let adapter = adapter(&world, &json!({}));
    let mut shard = Shard::new(0, vec![adapter], world.state(), Env::seeded(START, [1; 32]));
    let slot = ready(&mut shard, &ann.token);
    let mut state = world.state();
    let id = AccountId(ann.id.parse().expect("an id"));
    let mut account = (**state.directory.account(id).expect("ann")).clone();
    account.disabled = true;
    let event = Event {
        stream: Stream::Instance,
        seq: state.directory.head(Stream::Instance) + 1,
        at: START,
        by: None,
        origin: None,
        body: EventBody::Account { account: Arc::new(account), change: AccountChange::Access },
    };
    Arc::make_mut(&mut state.directory).apply(&event);
    let batch = Batch { happenings: vec![Happening::Event(Arc::new(event))], state };
    shard.batch(&batch, START);
    assert_eq!(close(&written(&mut shard, slot)), Some(4001));
    let again = shard.open(0, &opening(&ann.token, 2, START));
    shard.tick(START.plus_seconds(1));
    assert_eq!(close(&written(&mut shard, again)), Some(4001));
}

#[test]
fn a_silent_connection_is_pinged_and_its_pongs_keep_it() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let adapter = adapter(&world, &json!({"gateway": {"ping_seconds": 30, "idle_seconds": 100}}));
    let mut shard = Shard::new(0, vec![adapter], world.state(), Env::seeded(START, [1; 32]));
    let slot = ready(&mut shard, &ann.token);
    let mut pings = 0;
    for second in 1..=290 {
        let now = START.plus_seconds(second);
        shard.tick(now);
        let bytes = written(&mut shard, slot);
        // A ping is a control frame of opcode 9.
        if bytes.first() == Some(&0x89) {
            pings += 1;
            if second < 190 {
                shard.pong(slot, now);
            }
        }
        let silent_since = 180;
        assert_eq!(shard.is_closing(slot), second >= silent_since + 100, "second {second}");
    }
    assert_eq!(pings, 9, "one every thirty seconds until the end");
}

#[test]
fn an_address_with_many_bad_tokens_is_refused_before_the_upgrade() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let adapter = adapter(&world, &json!({}));
    let mut shard = Shard::new(0, vec![adapter.clone()], world.state(), Env::seeded(START, [1; 32]));
    for number in 1..=20 {
        assert_eq!(adapter.refuse(&opening("zzz", number, START)), None, "{number}");
        shard.open(0, &opening("zzz", number, START));
    }
    assert_eq!(adapter.refuse(&opening("zzz", 21, START)), Some(401));
    assert_eq!(adapter.refuse(&opening(&ann.token, 22, START)), None, "a good token is let in");
    let elsewhere = Opening { address: [10, 0, 0, 2].into(), ..opening("zzz", 23, START) };
    assert_eq!(adapter.refuse(&elsewhere), None);
    assert_eq!(adapter.refuse(&opening("zzz", 24, START.plus_seconds(61))), None, "forgotten after a minute");
}
