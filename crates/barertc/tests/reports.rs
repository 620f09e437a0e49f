//! What the website is told in a report (barertc.md 5.15, 7.13).

mod common;

use commonroom_barertc::Config;
use commonroom_core::Reply;
use commonroom_core::audit::AuditAction;
use commonroom_core::query::{AuditFilter, Found, Query};
use commonroom_testkit::World;
use commonroom_testkit::stage::Stage;
use serde_json::{Value, json};
use std::sync::Arc;

fn world(settings: Value) -> World {
    common::world(&serde_json::from_value(settings).expect("settings"))
}

fn enter(world: &mut World, name: &str) {
    world.open(name, "barertc", "/ws", &[]).expect("opens");
    world.send(name, &format!(r#"{{"action":"login","username":"{name}"}}"#));
}

/// The reports so far.
fn told(world: &World) -> Vec<Value> {
    let posts = world.asked().iter().filter_map(|asked| asked.post.as_ref());
    posts.map(|post| serde_json::from_str(&post.body).expect("JSON")).collect()
}

#[test]
fn a_report_about_a_conversation_quotes_it() {
    let mut world =
        world(json!({ "report_webhook": "https://site.example/hook", "api_key": "key of the site" }));
    enter(&mut world, "ann");
    enter(&mut world, "bob");
    world.send("bob", r#"{"action":"message","channel":"@ann","message":"you <b>fool</b>"}"#);
    world.send(
        "ann",
        r#"{"action":"report","channel":"@bob","username":"bob","timestamp":"1 pm","reason":"rude","message":"you","comment":"see"}"#,
    );
    let told = told(&world);
    assert_eq!(
        (told.len(), &told[0]["Action"], &told[0]["APIKey"]),
        (1, &json!("report"), &json!("key of the site"))
    );
    let report = &told[0]["Report"];
    assert_eq!(report["FromUsername"], "ann");
    assert_eq!((&report["AboutUsername"], &report["Channel"]), (&json!("bob"), &json!("@bob")));
    assert_eq!(
        (&report["Timestamp"], &report["Reason"], &report["Comment"]),
        (&json!("1 pm"), &json!("rude"), &json!("see"))
    );
    let message = report["Message"].as_str().expect("text");
    assert!(message.starts_with("you\n\nRecent message context:\n\n2026-11-21T12:00:"), "{message}");
    assert!(message.ends_with("[bob] you <b>fool</b>\n"), "{message}");
}

#[test]
fn nobody_reports_a_conversation_of_others() {
    let mut world = world(json!({ "report_webhook": "https://site.example/hook" }));
    for name in ["ann", "bob", "eve"] {
        enter(&mut world, name);
    }
    world.send("bob", r#"{"action":"message","channel":"@ann","message":"a secret"}"#);
    world.send("eve", r#"{"action":"report","channel":"@bob","username":"bob","message":"x"}"#);
    assert_eq!(told(&world)[0]["Report"]["Message"], "x");
}

#[test]
fn fields_are_cut_and_a_filter_reports_by_itself() {
    let filter = json!({ "enabled": true, "public_channels": true, "keyword_phrases": ["darn"], "report_message": true });
    let mut world =
        world(json!({ "report_webhook": "https://site.example/hook", "message_filters": [filter] }));
    enter(&mut world, "ann");
    let long = "ä".repeat(9_000);
    world.send(
        "ann",
        &format!(r#"{{"action":"report","channel":"lobby","username":"bob","message":"{long}"}}"#),
    );
    world.send("ann", r#"{"action":"message","channel":"lobby","message":"hello"}"#);
    world.send("ann", r#"{"action":"message","channel":"lobby","message":"darn"}"#);
    let told = told(&world);
    assert!(told[0]["Report"]["Message"].as_str().is_some_and(|text| text.len() <= 8 << 10));
    let by_itself = &told[1]["Report"];
    assert_eq!(
        (&by_itself["FromUsername"], &by_itself["AboutUsername"]),
        (&json!("ChatServer"), &json!("ann"))
    );
    assert_eq!(by_itself["Reason"], "Server Side Message Filter");
    assert!(by_itself["Timestamp"].as_str().is_some_and(|time| time.starts_with("Sat, 21 Nov 2026 12:00:")));
    assert!(by_itself["Message"].as_str().is_some_and(|text| text.contains("[ann] hello\n")));
    let config = Config::default();
    assert!(config.report_webhook.is_empty(), "nobody is told unless the operator wants it");
}

#[test]
fn a_report_is_kept_for_those_who_look_after_the_community() {
    let mut world = world(json!({}));
    for name in ["ann", "bob"] {
        enter(&mut world, name);
    }
    world.send(
        "ann",
        r#"{"action":"report","channel":"lobby","username":"BOB","reason":"rude","message":"x"}"#,
    );
    world.send("ann", r#"{"action":"report","channel":"lobby","username":"nobody","reason":"rude"}"#);
    let space = world.state().directory.default_space().expect("a space").id;
    let query = Query::Audit { space, filter: AuditFilter::default(), skip: 0, limit: 10 };
    let Ok(Reply::Found(Found::Audit { entries, .. })) = world.query(&query) else { panic!("entries") };
    let kept: Vec<_> =
        entries.iter().filter(|entry| entry.action == AuditAction::UserReport).map(Arc::as_ref).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!((kept[0].by_name.as_str(), kept[0].target_name.as_deref()), ("ann", Some("bob")));
    let detail = |name: &str| kept[0].details.get(name).map(String::as_str);
    assert_eq!((detail("reason"), detail("message"), detail("comment")), (Some("rude"), Some("x"), None));
}
