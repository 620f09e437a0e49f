//! Plays every transcript of this folder, each in a world of its own, with one adapter on two listeners; and asks for
//! an id, which is no JSON.

use commonroom_peerjs::{adapter, router};
use commonroom_testkit::stage::Stage as _;
use commonroom_testkit::{World, play_file, transcripts};

fn world() -> World {
    let mut world = World::new();
    let adapter = adapter();
    for listener in ["main", "originchats"] {
        let gateway = world.gateway();
        world.mount(listener, adapter.clone(), router(gateway));
    }
    world
}

#[test]
fn every_transcript_holds() {
    let files = transcripts(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire"), 12);
    let mut broken = Vec::new();
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a readable transcript");
        assert!(text.starts_with("# peerjs.md "), "{}: begins with what it rests on", file.display());
        if let Err(why) = play_file(&mut world(), file) {
            broken.push(why);
        }
    }
    assert!(broken.is_empty(), "{} of {} transcripts:\n{}", broken.len(), files.len(), broken.join("\n"));
}

#[test]
fn every_id_is_new_unguessable_and_for_any_page() {
    let mut world = world();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let response =
            world.http("main", "GET", "/peerjs/id?ts=1&version=1.5.5", &[], b"").expect("an answer");
        assert_eq!(response.status, 200);
        let header = |name: &str| {
            response.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        };
        assert_eq!(header("access-control-allow-origin"), Some("*"));
        assert_eq!(header("cache-control"), Some("no-store"));
        assert!(header("content-type").is_some_and(|kind| kind.starts_with("text/plain")));
        let id = String::from_utf8(response.body).expect("text");
        assert!(id.len() >= 32 && id.len() <= commonroom_peerjs::limits::ID_CHARS, "{id}");
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn too_many_messages_end_a_peer_and_free_its_id() {
    let mut world = world();
    world.open("ann", "main", "/peerjs?key=peerjs&id=ann&token=ta", &[]).expect("open");
    let frames = commonroom_peerjs::limits::FRAMES_BURST;
    for _ in 0..frames {
        world.send("ann", r#"{"type":"HEARTBEAT"}"#);
    }
    let open = commonroom_testkit::stage::Received::Text(r#"{"type":"OPEN"}"#.to_owned());
    assert_eq!(world.receive("ann"), Some(open.clone()));
    assert_eq!(world.receive("ann"), None);
    world.send("ann", r#"{"type":"HEARTBEAT"}"#);
    assert_eq!(world.receive("ann"), Some(commonroom_testkit::stage::Received::Close(1008)));
    world.open("eve", "main", "/peerjs?key=peerjs&id=ann&token=te", &[]).expect("open");
    assert_eq!(world.receive("eve"), Some(open));
}

#[test]
fn too_many_bytes_end_a_peer() {
    let mut world = world();
    world.open("ann", "main", "/peerjs?key=peerjs&id=ann&token=ta", &[]).expect("open");
    world.open("ben", "main", "/peerjs?key=peerjs&id=ben&token=tb", &[]).expect("open");
    let empty = r#"{"type":"OFFER","dst":"ben","payload":""}"#;
    let payload = "x".repeat(commonroom_peerjs::limits::FRAME_BYTES - empty.len());
    let frame = format!(r#"{{"type":"OFFER","dst":"ben","payload":"{payload}"}}"#);
    world.receive("ben");
    let mut sent = 0;
    let most = commonroom_peerjs::limits::BYTES_BURST;
    while sent + frame.len() as i64 <= most {
        world.send("ann", &frame);
        sent += frame.len() as i64;
        // The largest frame of a peer reaches the other whole.
        let Some(commonroom_testkit::stage::Received::Text(text)) = world.receive("ben") else {
            panic!("nothing arrived after {sent} bytes")
        };
        assert!(text.contains(&payload));
    }
    world.receive("ann");
    world.send("ann", &frame);
    assert_eq!(world.receive("ann"), Some(commonroom_testkit::stage::Received::Close(1008)));
    assert_eq!(world.receive("ben"), None);
}
