//! originchats.md 13.3: whatever a client sends, it gets an answer, and its connection goes on.

use crate::support::Town;
use commonroom_testkit::Stage as _;
use commonroom_testkit::stage::Received;
use serde_json::{Value, json};

/// Fields that commands of this protocol take.
const FIELDS: [&str; 28] = [
    "channel",
    "thread_id",
    "id",
    "content",
    "emoji",
    "user",
    "status",
    "text",
    "start",
    "limit",
    "around",
    "bounds",
    "peer_id",
    "message_id",
    "timeout",
    "reason",
    "reply_to",
    "ping",
    "embeds",
    "attachments",
    "commands",
    "command",
    "args",
    "response",
    "invoker",
    "ephemeral",
    "name",
    "roles",
];

/// Everything that has arrived, as JSON.
fn heard(town: &mut Town, name: &str) -> Vec<Value> {
    let mut frames = Vec::new();
    while let Some(received) = town.world.receive(name) {
        match received {
            Received::Text(text) => frames.push(serde_json::from_str(&text).expect("JSON")),
            other @ (Received::Binary(_) | Received::Close(_)) => panic!("{other:?}"),
        }
    }
    frames
}

#[test]
fn every_command_answers_whatever_its_fields_are() {
    let capabilities: Vec<&str> = commonroom_originchats::decode::commands().collect();
    assert!(capabilities.len() > 30, "{capabilities:?}");
    let wrong =
        [json!(null), json!(7), json!(-1.5), json!(true), json!("\u{0}"), json!([[]]), json!({"a": {}})];
    for command in capabilities {
        // These end the connection, or stay unanswered when they come too often.
        if matches!(command, "user_leave" | "typing" | "auth" | "login" | "register") {
            continue;
        }
        let mut town = Town::new();
        town.enters("ann");
        for value in &wrong {
            let mut frame: serde_json::Map<String, Value> =
                FIELDS.iter().map(|field| ((*field).to_owned(), value.clone())).collect();
            frame.insert("cmd".to_owned(), json!(command));
            frame.insert("listener".to_owned(), json!("l"));
            town.world.send("ann", &Value::Object(frame).to_string());
            let answers = heard(&mut town, "ann");
            assert!(answers.iter().any(|frame| frame["listener"] == "l"), "{command} {value}: {answers:?}");
        }
        town.world.send("ann", r#"{"cmd":"ping","listener":"p"}"#);
        assert_eq!(
            heard(&mut town, "ann"),
            [json!({"cmd": "pong", "val": "pong", "listener": "p"})],
            "{command}"
        );
    }
}
