//! What a sender saw accepted survives: kill -9 under load, and a polite end within its time.

use commonroom_testkit::binary::Binary;
use commonroom_testkit::stage::{Received, Response, Stage};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Kills in one run.
const KILLS: usize = 5;
/// Messages accepted before each kill.
const MESSAGES: usize = 40;

fn start(name: &str) -> (Binary, PathBuf) {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let settings =
        "[originchats]\nrate_limiting.enabled = false\n[together]\nrate_limit.exempt = [\"127.0.0.0/8\"]\n";
    let binary = Binary::start(Path::new(env!("CARGO_BIN_EXE_commonroom")), &data, settings);
    (binary.unwrap_or_else(|error| panic!("{error}")), data)
}

fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or(Value::Null)
}

struct Person {
    token: String,
    channel: String,
}

fn call(
    binary: &mut Binary,
    person: &Person,
    method: &str,
    path: &str,
    body: &str,
) -> Result<Response, String> {
    let headers = [
        ("authorization".to_owned(), format!("Bearer {}", person.token)),
        ("content-type".to_owned(), "application/json".to_owned()),
    ];
    binary.http("together", method, path, &headers, body.as_bytes())
}

fn sign_in(binary: &mut Binary, path: &str) -> Person {
    let body = r#"{"username":"tom","password":"password1"}"#;
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let answer = binary.http("together", "POST", path, &headers, body.as_bytes()).expect("an answer");
    let token = json(&answer)["access_token"].as_str().expect("a token").to_owned();
    let mut person = Person { token, channel: String::new() };
    let servers = json(&call(binary, &person, "GET", "/api/servers", "").expect("servers"));
    let server = servers[0]["id"].as_str().expect("main").to_owned();
    let channels = json(
        &call(binary, &person, "GET", &format!("/api/servers/{server}/channels"), "").expect("channels"),
    );
    person.channel = channels[0]["id"].as_str().expect("general").to_owned();
    person
}

/// The newest hundred texts of the default channel, oldest first.
fn history(binary: &mut Binary, person: &Person) -> Vec<String> {
    let path = format!("/api/channels/{}/messages?limit=100", person.channel);
    let listed = json(&call(binary, person, "GET", &path, "").expect("a history"));
    let mut texts: Vec<String> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|message| message["content"].as_str().expect("a text").to_owned())
        .collect();
    texts.reverse();
    texts
}

#[test]
fn accepted_messages_survive_kills_in_order() {
    let (mut binary, data) = start("kill");
    let mut person = sign_in(&mut binary, "/api/auth/register");
    binary.open("oc", "originchats", "/", &[]).expect("it opens");
    binary.send("oc", r#"{"cmd":"register","username":"oscar","password":"password1"}"#);
    let mut accepted: Vec<String> = Vec::new();
    for kill in 0..KILLS {
        for index in 0..MESSAGES {
            let text = format!("{kill} {index}");
            // The last ones are under way when the server dies.
            if index % 2 == 0 {
                let path = format!("/api/channels/{}/messages", person.channel);
                let body = format!(r#"{{"content":"{text}"}}"#);
                let answer = call(&mut binary, &person, "POST", &path, &body).expect("an answer");
                assert_eq!(answer.status, 201);
                accepted.push(text);
            } else {
                binary.send(
                    "oc",
                    &format!(r#"{{"cmd":"message_new","channel":"general","content":"{text}"}}"#),
                );
                wait_for(&mut binary, &text);
                accepted.push(text);
            }
        }
        binary.send("oc", r#"{"cmd":"message_new","channel":"general","content":"perhaps"}"#);
        binary.kill_and_restart().unwrap_or_else(|error| panic!("{error}"));
        person = sign_in(&mut binary, "/api/auth/login");
        let kept: Vec<String> =
            history(&mut binary, &person).into_iter().filter(|text| text != "perhaps").collect();
        let wanted = &accepted[accepted.len().saturating_sub(kept.len())..];
        assert_eq!(kept, wanted, "after kill {kill}");
        assert!(kept.len() >= accepted.len().min(90), "only {} of {} came back", kept.len(), accepted.len());
        binary.open("oc", "originchats", "/", &[]).expect("it opens");
        binary.send("oc", r#"{"cmd":"login","username":"oscar","password":"password1"}"#);
    }
    drop(binary);
    std::fs::remove_dir_all(data).expect("the place can go");
}

fn wait_for(binary: &mut Binary, text: &str) {
    loop {
        match binary.receive("oc") {
            Some(Received::Text(frame)) => {
                let frame: Value = serde_json::from_str(&frame).expect("JSON");
                if frame["cmd"] == "message_new" && frame["message"]["content"] == text {
                    return;
                }
            }
            other => panic!("waiting for {text}: {other:?}"),
        }
    }
}

#[test]
fn a_polite_end_says_goodbye_to_everybody() {
    let (mut binary, data) = start("term");
    binary.open("oc", "originchats", "/", &[]).expect("it opens");
    binary.open("cg", "chatgrid", "/ws", &[]).expect("it opens");
    binary.open("br", "barertc", "/ws", &[]).expect("it opens");
    assert!(matches!(binary.receive("oc"), Some(Received::Text(_))), "the handshake");
    assert!(matches!(binary.receive("cg"), Some(Received::Text(_))), "auth_required");
    assert!(binary.terminate(Duration::from_secs(10)), "it did not end in time");
    for (name, code) in [("oc", 1001), ("cg", 1012), ("br", 1012)] {
        assert_eq!(binary.receive(name), Some(Received::Close(code)), "{name}");
    }
    std::fs::remove_dir_all(data).expect("the place can go");
}

#[test]
fn a_together_client_is_told_of_a_restart_and_comes_back() {
    let (mut binary, data) = start("together");
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let body = br#"{"username":"ann","password":"password1"}"#;
    let signed_in = binary.http("together", "POST", "/api/auth/register", &headers, body).expect("an answer");
    let target = format!("/ws?token={}", json(&signed_in)["access_token"].as_str().expect("a token"));
    let ready = |binary: &mut Binary, name: &str| match binary.receive(name) {
        Some(Received::Text(text)) => text.contains("READY"),
        Some(Received::Binary(_) | Received::Close(_)) | None => false,
    };
    binary.open("before", "together", &target, &[]).expect("it opens");
    assert!(ready(&mut binary, "before"));
    assert!(binary.terminate(Duration::from_secs(10)), "it did not end in time");
    assert_eq!(binary.receive("before"), Some(Received::Close(1001)));
    binary.kill_and_restart().unwrap_or_else(|error| panic!("{error}"));
    binary.open("after", "together", &target, &[]).expect("it opens");
    assert!(ready(&mut binary, "after"));
    drop(binary);
    std::fs::remove_dir_all(data).expect("the place can go");
}

#[test]
fn an_owner_can_be_made_while_the_server_runs_and_while_it_does_not() {
    let (mut binary, data) = start("owner");
    binary.owner("olga", "password1").unwrap_or_else(|error| panic!("{error}"));
    let login = |binary: &mut Binary, name: &str| {
        let headers = [("content-type".to_owned(), "application/json".to_owned())];
        let body = format!(r#"{{"username":"{name}","password":"password1"}}"#);
        json(
            &binary
                .http("together", "POST", "/api/auth/login", &headers, body.as_bytes())
                .expect("an answer"),
        )
    };
    assert_eq!(login(&mut binary, "olga")["user"]["is_admin"], true);
    assert!(binary.terminate(Duration::from_secs(10)));
    binary.owner("otto", "password1").unwrap_or_else(|error| panic!("{error}"));
    binary.kill_and_restart().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(login(&mut binary, "otto")["user"]["is_admin"], true);
    drop(binary);
    std::fs::remove_dir_all(data).expect("the place can go");
}

#[test]
fn what_was_carried_at_a_polite_end_lies_where_its_carrier_stood() {
    let (mut binary, data) = start("carried");
    let frame = |binary: &mut Binary, kind: &str| loop {
        match binary.receive("cg") {
            Some(Received::Text(text)) => {
                let frame: Value = serde_json::from_str(&text).expect("JSON");
                if frame["type"] == kind {
                    return frame;
                }
            }
            other => panic!("waiting for {kind}: {other:?}"),
        }
    };
    binary.open("cg", "chatgrid", "/ws", &[]).expect("it opens");
    binary.send("cg", r#"{"type":"auth_register","username":"cara","password":"password1"}"#);
    frame(&mut binary, "welcome");
    binary.send("cg", r#"{"type":"item_add","itemType":"dice"}"#);
    let dice = frame(&mut binary, "item_action_result")["itemId"].as_str().expect("an id").to_owned();
    binary.send("cg", &format!(r#"{{"type":"item_pickup","itemId":"{dice}"}}"#));
    assert_eq!(frame(&mut binary, "item_action_result")["ok"], true);
    binary.send("cg", r#"{"type":"teleport_complete","x":3,"y":4}"#);
    frame(&mut binary, "item_upsert");
    assert!(binary.terminate(Duration::from_secs(10)), "it did not end in time");
    binary.kill_and_restart().unwrap_or_else(|error| panic!("{error}"));
    binary.open("cg", "chatgrid", "/ws", &[]).expect("it opens");
    binary.send("cg", r#"{"type":"auth_login","username":"cara","password":"password1"}"#);
    let welcome = frame(&mut binary, "welcome");
    let item = &welcome["items"][0];
    assert_eq!((&item["x"], &item["y"], item.get("carrierId")), (&3.into(), &4.into(), None));
    drop(binary);
    std::fs::remove_dir_all(data).expect("the place can go");
}
