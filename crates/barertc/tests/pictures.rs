//! Pictures on their way through (barertc.md 5.3, 14.17): both forms of bytes, without metadata, small enough, loaded from
//! an address that cannot be guessed and only as long as the message is there; and other protocols' files.

mod common;

use bytes::Bytes;
use commonroom_barertc::Config;
use commonroom_barertc::config::Channel;
use commonroom_core::Reply;
use commonroom_core::command::{Actor, Command, NewFile, NewMessage};
use commonroom_hub::blobs::Shelf;
use commonroom_hub::request::{Keep, Request};
use commonroom_testkit::World;
use commonroom_testkit::stage::{Received, Response, Stage};
use serde_json::Value;

/// 2 by 1 pixels, and the words "secret place".
const SMALL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAFXRFWHRMb2NhdGlvbgBzZWNyZXQgcGxhY2VtNlGkAAAADUlEQVR42mM4wcUFRAAHhwG5L5k4OwAAAABJRU5ErkJggg==";
/// 1600 by 10 pixels.
const WIDE: &str = "iVBORw0KGgoAAAANSUhEUgAABkAAAAAKCAIAAABjfQXAAAAAXElEQVR42u3YMQ0AAAzDsN7lD2qwBmM7LBlBzmRaAAAAAHgrEgAAAABgYAEAAACAgQUAAACAgQUAAAAABhYAAAAAGFgAAAAAGFgAAAAAYGABAAAAYGABAAAAwJ0FW1G5HDKB6aMAAAAASUVORK5CYII=";
/// 1 by 1 pixel, and the comment "secret".
const GIF: &str = "R0lGODlhAQABAIAAAAAAAP///yH+BnNlY3JldAAsAAAAAAEAAQAAAgJEAQA7";

fn world() -> World {
    let lobby = Channel {
        id: "lobby".to_owned(),
        permit_photos: true,
        echo_messages_on_join: 10,
        ..Channel::default()
    };
    common::world(&Config { channels: vec![lobby], rate_limits: false, ..Config::default() })
}

fn enter(world: &mut World, name: &str) {
    world.open(name, "barertc", "/ws", &[]).expect("opens");
    world.send(name, &format!(r#"{{"action":"login","username":"{name}"}}"#));
    world.wait(1_000);
    messages(world, name);
}

/// The messages that somebody has received meanwhile.
fn messages(world: &mut World, name: &str) -> Vec<Value> {
    let mut found = Vec::new();
    while let Some(received) = world.overhear(name) {
        if let Received::Text(text) = received {
            let frame: Value = serde_json::from_str(&text).expect("JSON");
            if frame["action"] == "message" || frame["action"] == "error" {
                found.push(frame);
            }
        }
    }
    found
}

fn share(world: &mut World, name: &str, bytes: &str) -> Value {
    world
        .send("ann", &format!(r#"{{"action":"file","channel":"lobby","message":"{name}","bytes":{bytes}}}"#));
    messages(world, "ann").pop().expect("an answer")
}

fn path(message: &Value) -> String {
    let html = message["message"].as_str().expect("HTML");
    html.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a picture").to_owned()
}

fn load(world: &mut World, path: &str) -> Response {
    world.http("barertc", "GET", path, &[], b"").expect("an answer")
}

#[test]
fn both_forms_are_the_same_picture_without_its_secrets() {
    let mut world = world();
    enter(&mut world, "ann");
    let numbers: Vec<u8> = {
        use serde::Deserialize as _;
        let text = serde_json::Value::String(SMALL.to_owned());
        match commonroom_barertc::wire::Content::deserialize(text).expect("base64") {
            commonroom_barertc::wire::Content::Whole(bytes) => bytes,
            other @ (commonroom_barertc::wire::Content::TooLarge
            | commonroom_barertc::wire::Content::Wrong) => {
                panic!("{other:?}")
            }
        }
    };
    assert!(contains(&numbers, b"secret place"));
    let one = share(&mut world, "cat.PNG", &serde_json::to_string(&numbers).expect("numbers"));
    let other = share(&mut world, "cat.png", &format!("\"{SMALL}\""));
    for message in [&one, &other] {
        let expected = format!(
            "<img src=\"{}\" width=\"2\" height=\"1\" onclick=\"setModalImage(this.src)\" style=\"cursor: pointer\">",
            path(message)
        );
        assert_eq!(message["message"], expected);
        assert!(message["msgID"].as_i64().is_some_and(|number| number > 0));
    }
    let (one, other) = (load(&mut world, &path(&one)), load(&mut world, &path(&other)));
    assert_eq!((one.status, &one.body), (200, &other.body));
    assert!(one.body.starts_with(b"\x89PNG") && !contains(&one.body, b"secret"));
    let header = |name: &str| one.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
    assert_eq!(header("content-type"), Some("image/png"));
    assert_eq!(header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn a_wide_picture_becomes_smaller_and_its_preview_smaller_still() {
    let mut world = world();
    enter(&mut world, "ann");
    let shared = share(&mut world, "wide.png", &format!("\"{WIDE}\""));
    assert!(shared["message"].as_str().is_some_and(|html| html.contains(" width=\"360\" height=\"2\" ")));
    let body = load(&mut world, &path(&shared)).body;
    assert_eq!(&body[16..24], &[0, 0, 5, 0, 0, 0, 0, 8], "1280 by 8 pixels");
}

#[test]
fn a_gif_stays_one_and_loses_its_comment() {
    let mut world = world();
    enter(&mut world, "ann");
    let shared = share(&mut world, "dot.gif", &format!("\"{GIF}\""));
    let body = load(&mut world, &path(&shared)).body;
    assert!(body.starts_with(b"GIF89a") && !contains(&body, b"secret"));
}

#[test]
fn what_was_taken_back_is_not_given_out_any_more_and_nothing_is_guessed() {
    let mut world = world();
    enter(&mut world, "ann");
    let shared = share(&mut world, "cat.png", &format!("\"{SMALL}\""));
    let path = path(&shared);
    assert_eq!(load(&mut world, &path).status, 200);
    assert_eq!(load(&mut world, &format!("{path}x")).status, 404);
    assert_eq!(load(&mut world, "/shared/x").status, 404);
    world.send("ann", &format!(r#"{{"action":"takeback","msgID":{}}}"#, shared["msgID"]));
    assert_eq!(load(&mut world, &path).status, 404);
}

#[test]
fn who_joins_later_sees_it_too() {
    let mut world = world();
    enter(&mut world, "ann");
    let shared = share(&mut world, "cat.png", &format!("\"{SMALL}\""));
    world.open("bob", "barertc", "/ws", &[]).expect("opens");
    world.send("bob", r#"{"action":"login","username":"bob"}"#);
    let mut echoed = None;
    while let Some(received) = world.overhear("bob") {
        if let Received::Text(text) = received
            && text.contains(r#""action":"echo""#)
        {
            echoed = serde_json::from_str::<Value>(&text).ok();
        }
    }
    let echoed = echoed.expect("what was said before");
    assert_eq!(echoed["messages"][0]["message"], shared["message"]);
    assert!(
        echoed["messages"][0]["timestamp"]
            .as_str()
            .is_some_and(|time| time.starts_with("2026-11-21T12:00:01"))
    );
}

#[test]
fn files_of_other_protocols_are_pictures_to_click_on_or_links() {
    let mut world = world();
    enter(&mut world, "ann");
    let tom = world.member("tom");
    let space = world.state().directory.default_space().expect("a space").clone();
    let channel = space.default_channel.expect("a channel");
    let mut files = Vec::new();
    for (name, mime) in [("a\"b.png", "image/png"), ("<script>.html", "text/html")] {
        let keep = Keep { shelf: Shelf::Files, bytes: Bytes::from_static(b"<b>hello</b>"), picture: None };
        let gateway = world.gateway();
        let kept = world.complete(async move { gateway.request(Request::Keep(keep)).await });
        let Ok(Reply::Kept(kept)) = kept else { panic!("{kept:?}") };
        let new = NewFile {
            name: name.to_owned(),
            mime: mime.to_owned(),
            size: kept.size,
            hash: kept.hash,
            dimensions: None,
            channel,
            expires_at: None,
            permanent: false,
            keep: None,
        };
        let added = world.command(Actor::Account(tom), Command::AddFile(new));
        let Ok(Reply::File(file)) = added else { panic!("{added:?}") };
        files.push(file.id);
    }
    let said = Command::PostMessage(NewMessage { files, ..NewMessage::said(channel, "look") });
    world.command(Actor::Account(tom), said).expect("posted");
    let shown = messages(&mut world, "ann").pop().expect("a message");
    let html = shown["message"].as_str().expect("HTML").to_owned();
    assert!(html.starts_with("<p>look</p>\n<img src=\"/shared/"), "{html}");
    assert!(
        html.contains(">shared &lt;script&gt;.html, text/html, 12 bytes</a></p>")
            && !html.contains("<script"),
        "{html}"
    );
    let link =
        html.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link").to_owned();
    let page = load(&mut world, &link);
    let header = |name: &str| page.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
    assert_eq!(header("content-type"), Some("application/octet-stream"));
    assert!(header("content-disposition").is_some_and(|value| value.starts_with("attachment")));
}

#[test]
fn a_large_frame_is_for_who_has_signed_in() {
    let mut world = world();
    world.open("eve", "barertc", "/ws", &[]).expect("opens");
    let padding = " ".repeat(300 << 10);
    world.send(
        "eve",
        &format!(r#"{{"action":"file","channel":"lobby","message":"a.png",{padding}"bytes":[1]}}"#),
    );
    assert_eq!(messages(&mut world, "eve"), Vec::<Value>::new());
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
