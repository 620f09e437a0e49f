//! A message that reaches nobody is numbered like any other (barertc.md 5.2): who is blocked cannot tell by its number.

mod common;

use commonroom_barertc::Config;
use commonroom_testkit::World;
use commonroom_testkit::stage::{Received, Stage};
use serde_json::{Value, json};

fn world() -> World {
    common::world(&Config {
        jwt_secret: common::SECRET.to_owned(),
        dm_history: true,
        rate_limits: false,
        ..Config::default()
    })
}

/// {"sub":"ann"}
const ANN: &str =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.b7Sj__jGPHN-0dJrbE0U4kO9vB9OmXg_VKIQLX75NzU";

/// {"sub":"bob"}
const BOB: &str =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJib2IifQ.beXER4oLwD1uHl01WV8j7PSng9cLDJFIzuQYoiuClnQ";

fn enter(world: &mut World, name: &str, jwt: &str) {
    world.open(name, "barertc", "/ws", &[]).expect("opens");
    world.send(name, &json!({"action": "login", "username": name, "jwt": jwt}).to_string());
}

/// The number under which somebody is shown what they just said.
fn say(world: &mut World, name: &str, channel: &str) -> i64 {
    while world.receive(name).is_some() {}
    world.send(name, &json!({"action": "message", "channel": channel, "message": "hi"}).to_string());
    let Some(Received::Text(text)) = world.receive(name) else { panic!("no echo for {name}") };
    let frame: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&frame["action"], &frame["username"]), (&json!("message"), &json!(name)), "{frame}");
    frame["msgID"].as_i64().expect("a number")
}

#[test]
fn its_number_is_the_next_one() {
    let mut world = world();
    for name in ["ann", "bob"] {
        enter(&mut world, name, "");
    }
    let first = say(&mut world, "ann", "@bob");
    world.send("bob", r#"{"action":"block","username":"ann"}"#);
    let numbers = ["@bob", "@nobody", "lobby", "@bob", "@bob"].map(|channel| say(&mut world, "ann", channel));
    assert_eq!(numbers, [first + 1, first + 2, first + 3, first + 4, first + 5]);
}

#[test]
fn history_is_read_from_such_a_number_on() {
    let mut world = world();
    enter(&mut world, "ann", ANN);
    enter(&mut world, "bob", BOB);
    let mut sent: Vec<i64> = (0..45).map(|_| say(&mut world, "ann", "@bob")).collect();
    world.close("bob");
    let unsent = say(&mut world, "ann", "@bob");
    enter(&mut world, "bob", BOB);
    sent.reverse();
    // More than one look into the store finds.
    for later in [3, 450] {
        for _ in 0..later {
            assert!(say(&mut world, "ann", "@bob") > unsent);
        }
        assert_eq!(page(&mut world, unsent), (sent[..20].to_vec(), 25));
        assert_eq!(page(&mut world, sent[19]), (sent[20..40].to_vec(), 5));
    }
}

/// The numbers of a page of ann's history with bob, and how many are older.
fn page(world: &mut World, before: i64) -> (Vec<i64>, i64) {
    let body = json!({"JWTToken": ANN, "Username": "bob", "BeforeID": before}).to_string();
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let answer = world.http("barertc", "POST", "/api/message/history", &headers, body.as_bytes());
    let answer: Value = serde_json::from_slice(&answer.expect("an answer").body).expect("JSON");
    let messages = answer["Messages"].as_array().expect("a list");
    let numbers = messages.iter().filter_map(|message| message["msgID"].as_i64()).collect();
    (numbers, answer["Remaining"].as_i64().expect("a number"))
}

#[test]
fn a_long_history_is_cleared_at_once() {
    let mut world = world();
    enter(&mut world, "ann", ANN);
    enter(&mut world, "bob", BOB);
    for _ in 0..450 {
        say(&mut world, "ann", "@bob");
    }
    let body = json!({"JWTToken": ANN}).to_string();
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let answer = world.http("barertc", "POST", "/api/message/clear", &headers, body.as_bytes());
    let answer: Value = serde_json::from_slice(&answer.expect("an answer").body).expect("JSON");
    assert_eq!(answer, json!({"OK": true, "MessagesErased": 450}));
    assert_eq!(page(&mut world, 0), (Vec::new(), 0));
}
