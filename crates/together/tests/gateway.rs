//! together.md 2.3, 2.4: sizes, rates and numbers of gateway connections; nothing lost around READY.

mod common;

use common::{Person, all, call, must, next, open, register, server, unlimited, world};
use commonroom_testkit::stage::Received;
use commonroom_testkit::{Stage as _, World};
use serde_json::{Value, json};

const HEARTBEAT: &str = r#"{"op":"HEARTBEAT"}"#;

fn closed(world: &mut World, name: &str) -> Option<u16> {
    while let Some(received) = world.receive(name) {
        if let Received::Close(code) = received {
            return Some(code);
        }
    }
    None
}

fn ann() -> (World, Person) {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    (world, ann)
}

#[test]
fn frames_have_a_size() {
    let (mut world, ann) = ann();
    let filler = |bytes: usize| format!(r#"{{"op":"HEARTBEAT","x":"{}"}}"#, "x".repeat(bytes - 26));
    open(&mut world, "ann", &ann);
    assert_eq!(filler(16_384).len(), 16_384 + r#"{"op":"HEARTBEAT","x":""}"#.len() - 26);
    world.send("ann", &filler(16_000));
    assert_eq!(next(&mut world, "ann"), Some(json!({"op": "HEARTBEAT_ACK"})));
    let signal = |bytes: usize| {
        let head = format!(r#"{{"op":"VOICE_SIGNAL","d":{{"to_user_id":"{}","type":"offer","sdp":""#, ann.id);
        format!("{head}{}\"}}}}", "x".repeat(bytes - head.len() - 3))
    };
    world.send("ann", &signal(65_536));
    assert_eq!(next(&mut world, "ann"), None);
    world.send("ann", &filler(16_500));
    assert_eq!(closed(&mut world, "ann"), Some(1009));
    open(&mut world, "other", &ann);
    world.send("other", &"x".repeat(20_000));
    assert_eq!(closed(&mut world, "other"), Some(1009));
}

#[test]
fn twenty_frames_a_second_are_heard_and_a_flood_ends_the_connection() {
    let (mut world, ann) = ann();
    open(&mut world, "ann", &ann);
    for _ in 0..25 {
        world.send("ann", HEARTBEAT);
    }
    assert_eq!(all(&mut world, "ann").len(), 20);
    world.wait(1_000);
    all(&mut world, "ann");
    world.send("ann", HEARTBEAT);
    assert_eq!(all(&mut world, "ann").len(), 1);
    for _ in 0..19 + 195 {
        world.send("ann", HEARTBEAT);
    }
    assert_eq!(all(&mut world, "ann").len(), 19, "still open after 200 dropped");
    world.send("ann", HEARTBEAT);
    assert_eq!(closed(&mut world, "ann"), Some(1008));
}

#[test]
fn signals_come_in_bursts() {
    let (mut world, ann) = ann();
    let bob = register(&mut world, "bob");
    let (server, _, voice) = server(&mut world, &ann);
    common::join(&mut world, &bob, &server);
    open(&mut world, "ann", &ann);
    open(&mut world, "bob", &bob);
    for who in [&ann, &bob] {
        must(&mut world, 201, who, "POST", &format!("/channels/{voice}/voice"), &Value::Null);
    }
    all(&mut world, "bob");
    let signal =
        json!({"op": "VOICE_SIGNAL", "d": {"to_user_id": bob.id, "signal": {"candidate": "c"}}}).to_string();
    for _ in 0..70 {
        world.send("ann", &signal);
    }
    assert_eq!(all(&mut world, "bob").len(), 60);
    let large = json!({"op": "VOICE_SIGNAL", "d": {"to_user_id": bob.id, "type": "offer", "sdp": "s".repeat(60_000)}});
    world.wait(1_000);
    all(&mut world, "bob");
    world.send("ann", &large.to_string());
    let got = next(&mut world, "bob").expect("a large offer arrives");
    assert_eq!(got["d"]["signal"]["sdp"], large["d"]["sdp"]);
    assert_eq!(got["d"]["sdp"], large["d"]["sdp"]);
}

#[test]
fn twenty_connections_are_kept_and_the_oldest_makes_room() {
    let (mut world, ann) = ann();
    for number in 0..20 {
        open(&mut world, &format!("c{number}"), &ann);
        world.wait(1);
    }
    open(&mut world, "c20", &ann);
    assert_eq!(closed(&mut world, "c0"), Some(1000));
    for number in 1..=20 {
        let name = format!("c{number}");
        world.send(&name, HEARTBEAT);
        let acknowledged = all(&mut world, &name).iter().any(|frame| frame["op"] == "HEARTBEAT_ACK");
        assert!(acknowledged, "{name}");
    }
}

#[test]
fn the_idle_time_is_a_setting() {
    let mut world = world(&json!({"gateway": {"idle_seconds": 3, "ping_seconds": 60}}));
    let ann = register(&mut world, "ann");
    open(&mut world, "ann", &ann);
    world.wait(2_999);
    assert_eq!(closed(&mut world, "ann"), None);
    world.wait(1);
    assert_eq!(closed(&mut world, "ann"), Some(1000));
}

#[test]
fn access_tokens_end_when_set() {
    let mut world = world(&json!({"tokens": {"access_seconds": 2}, "gateway": {"reconnect_grace": false}}));
    let ann = register(&mut world, "ann");
    open(&mut world, "ann", &ann);
    world.wait(1_900);
    assert_eq!(call(&mut world, Some(&ann), "GET", "/users/@me", &Value::Null).0, 200);
    world.wait(200);
    assert_eq!(call(&mut world, Some(&ann), "GET", "/users/@me", &Value::Null).0, 401);
    // With the grace off the rule holds literally, for one that has been open too.
    world.open("again", "together", &format!("/ws?token={}", ann.token), &[]).expect("accepted");
    world.wait(1_000);
    assert_eq!(closed(&mut world, "again"), Some(4001));
    world.send("ann", HEARTBEAT);
    assert_eq!(next(&mut world, "ann"), Some(json!({"op": "HEARTBEAT_ACK"})), "an open connection stays");
}

#[test]
fn ten_sign_ins_are_kept_and_the_oldest_ends() {
    let (mut world, ann) = ann();
    open(&mut world, "first", &ann);
    let body = json!({"username": "ann", "password": "secret-password"});
    let mut people = Vec::new();
    for _ in 0..10 {
        world.wait(1);
        let (status, answer) = call(&mut world, None, "POST", "/auth/login", &body);
        assert_eq!(status, 200);
        people.push(common::person(&answer));
    }
    assert_eq!(call(&mut world, Some(&ann), "GET", "/users/@me", &Value::Null).0, 401);
    assert!(closed(&mut world, "first").is_some());
    for person in &people {
        must(&mut world, 200, person, "GET", "/users/@me", &Value::Null);
    }
}

#[test]
fn a_new_password_ends_every_sign_in_and_connection() {
    use commonroom_core::{AccountId, Actor, Command};
    let (mut world, ann) = ann();
    open(&mut world, "ann", &ann);
    let account = AccountId(ann.id.parse().expect("an id"));
    let command = Command::SetPassword { account, password: "other".to_owned() };
    world.command(Actor::System, command).expect("the password is changed");
    assert_eq!(closed(&mut world, "ann"), Some(4001));
    assert_eq!(call(&mut world, Some(&ann), "GET", "/users/@me", &Value::Null).0, 401);
    let body = json!({"refresh_token": ann.refresh});
    assert_eq!(call(&mut world, None, "POST", "/auth/refresh", &body).0, 401);
}

#[test]
fn a_retired_account_is_out_and_its_words_have_no_author() {
    use commonroom_core::{AccountId, Actor, Command};
    let (mut world, ann) = ann();
    let bob = register(&mut world, "bob");
    let (server, text, _) = server(&mut world, &ann);
    common::join(&mut world, &bob, &server);
    let path = format!("/channels/{text}/messages");
    must(&mut world, 201, &bob, "POST", &path, &json!({"content": "mine"}));
    let dm = must(&mut world, 201, &ann, "POST", "/dm-channels", &json!({"user_id": bob.id}));
    open(&mut world, "ann", &ann);
    open(&mut world, "bob", &bob);
    all(&mut world, "ann");
    let account = AccountId(bob.id.parse().expect("an id"));
    world.command(Actor::System, Command::Retire { account }).expect("bob is retired");
    assert_eq!(closed(&mut world, "bob"), Some(4001));
    assert_eq!(call(&mut world, Some(&bob), "GET", "/users/@me", &Value::Null).0, 401);
    let events = all(&mut world, "ann");
    let left = json!({"op": "DISPATCH", "t": "MEMBER_LEAVE", "d": {"server_id": server, "user_id": bob.id}});
    assert!(events.contains(&left), "{events:?}");
    let history = must(&mut world, 200, &ann, "GET", &path, &Value::Null);
    assert_eq!((&history[0]["content"], &history[0]["author_id"]), (&json!("mine"), &Value::Null));
    assert_eq!(call(&mut world, Some(&ann), "GET", &format!("/users/{}", bob.id), &Value::Null).0, 404);
    // The conversation is kept with the one who was there.
    let kept = must(&mut world, 200, &ann, "GET", "/dm-channels", &Value::Null);
    assert_eq!((&kept[0]["id"], &kept[0]["recipient"]["status"]), (&dm["id"], &json!("offline")));
}

#[test]
fn a_connection_comes_back_after_a_restart_although_its_token_has_ended() {
    let store = || commonroom_store_sqlite::SqliteStore::memory("together-restart").expect("a store opens");
    let _kept = store();
    let start = |seed| {
        let config: commonroom_together::Config =
            serde_json::from_value(json!({"tokens": {"access_seconds": 2}})).expect("settings are known");
        common::mounted(World::with(Box::new(store()), Default::default(), seed), config)
    };
    let mut world = start(1);
    let (ann, bob) = (register(&mut world, "ann"), register(&mut world, "bob"));
    open(&mut world, "ann", &ann);
    drop(world);
    let mut world = start(2);
    world.wait(10_000);
    open(&mut world, "ann", &ann);
    assert_eq!(call(&mut world, Some(&ann), "GET", "/users/@me", &Value::Null).0, 401);
    // Who had no connection before gets none.
    world.open("bob", "together", &format!("/ws?token={}", bob.token), &[]).expect("accepted");
    world.wait(1_000);
    assert_eq!(closed(&mut world, "bob"), Some(4001));
}
