//! Sizes, crowds and nonsense (barertc.md 2.2, 2.7, 9, 14.25).

mod common;

use commonroom_barertc::{Config, decode, markup};
use commonroom_testkit::World;
use commonroom_testkit::stage::{Received, Stage};
use proptest::prelude::*;
use serde_json::Value;

fn enter(world: &mut World, name: &str) {
    world.open(name, "barertc", "/ws", &[]).expect("a connection");
    world.send(name, &format!(r#"{{"action":"login","username":"{name}"}}"#));
}

fn frames(world: &mut World, name: &str) -> Vec<Value> {
    let mut frames = Vec::new();
    while let Some(received) = world.receive(name) {
        match received {
            Received::Text(text) => frames.push(serde_json::from_str(&text).expect("JSON")),
            other @ (Received::Binary(_) | Received::Close(_)) => panic!("{name} got {other:?}"),
        }
    }
    frames
}

#[test]
fn a_crowd_that_comes_at_once_ends_with_one_complete_list() {
    const PEOPLE: usize = 100;
    let mut world = common::world(&Config::default());
    let names: Vec<String> = (0..PEOPLE).map(|number| format!("p{number:03}")).collect();
    for name in &names {
        enter(&mut world, name);
        world.wait(20);
    }
    world.wait(1_000);
    for name in &names {
        let frames = frames(&mut world, name);
        let lists: Vec<&Value> = frames.iter().filter(|frame| frame["action"] == "who").collect();
        // 2 seconds of coming, one list in 250 ms.
        assert!(lists.len() <= 12, "{name} got {} lists", lists.len());
        let last: Vec<&str> = lists
            .last()
            .and_then(|list| list["whoList"].as_array())
            .expect("a list")
            .iter()
            .filter_map(|entry| entry["username"].as_str())
            .collect();
        assert_eq!(last, names, "{name}");
    }
}

#[test]
fn only_files_may_be_large() {
    let mut world = common::world(&Config::default());
    enter(&mut world, "ann");
    frames(&mut world, "ann");
    let padding = " ".repeat(300 << 10);
    world.send("ann", &format!(r#"{{"action":"message","channel":"lobby","message":"hi",{padding}"x":1}}"#));
    let answer = frames(&mut world, "ann");
    assert_eq!(answer[0]["message"], "That was too large and has not been processed.");
    world.send(
        "ann",
        &format!(r#"{{"action":"file","channel":"lobby","message":"a.png",{padding}"bytes":[1]}}"#),
    );
    let answer = frames(&mut world, "ann");
    assert_eq!(answer[0]["message"], "Photo sharing in this channel is not available.");
}

#[test]
fn binary_frames_are_ignored() {
    let mut world = common::world(&Config::default());
    enter(&mut world, "ann");
    frames(&mut world, "ann");
    world.send_binary("ann", br#"{"action":"dance"}"#);
    assert_eq!(frames(&mut world, "ann"), Vec::<Value>::new());
}

#[test]
fn a_restart_does_not_send_people_away_for_good() {
    let world = World::new();
    let adapter = commonroom_barertc::adapter(Config::default(), world.setup());
    assert_eq!(adapter.going_away().0, 1012);
    assert_eq!(adapter.too_slow(), (1008, "connection too slow to keep up with messages"));
    assert_eq!(adapter.first_limit(), 256 << 10);
}

#[test]
fn a_guest_is_no_more_after_leaving() {
    let mut world = common::world(&Config::default());
    enter(&mut world, "ann");
    assert!(world.state().directory.account_named("ann").is_some());
    world.close("ann");
    assert!(world.state().directory.account_named("ann").is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_frame_breaks_anything(frames in proptest::collection::vec(frame(), 1..20)) {
        let mut world = common::world(&Config { rate_limits: false, ..Config::default() });
        enter(&mut world, "bob");
        world.open("ann", "barertc", "/ws", &[]).expect("a connection");
        for frame in &frames {
            world.send("ann", frame);
        }
        world.wait(1_000);
        world.close("ann");
        world.send("bob", r#"{"action":"message","channel":"lobby","message":"still here"}"#);
        let last = self::frames(&mut world, "bob");
        prop_assert!(last.iter().any(|frame| frame["message"] == "<p>still here</p>"));
    }

    #[test]
    fn nonsense_is_read_without_panic(text in "\\PC*") {
        let _ = decode::decode(&text);
        let _ = decode::decode(&format!("{{\"action\":\"message\",\"message\":\"{text}\"}}"));
    }

    #[test]
    fn rendered_text_has_no_way_to_run(text in markup_text()) {
        for images in [false, true] {
            let html = markup::render(&text, images).to_lowercase();
            for (tag, values) in tags(&html) {
                let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default();
                prop_assert!(!FORBIDDEN.contains(&name), "{text} became {html}");
                prop_assert!(images || name != "img", "{text} became {html}");
                let attributes: Vec<&str> = tag.split(' ').skip(1).collect();
                prop_assert_eq!(attributes.len(), values.len(), "{} became {}", text, html);
                for (attribute, value) in attributes.into_iter().zip(values) {
                    prop_assert!(ATTRIBUTES.contains(&attribute), "{attribute}: {text} became {html}");
                    let followed = ["href=", "src="].contains(&attribute);
                    let harmless = scheme(&value).is_none_or(|scheme| SCHEMES.contains(&&*scheme));
                    prop_assert!(!followed || harmless, "{text} became {html}");
                }
            }
        }
    }
}

const ATTRIBUTES: [&str; 10] =
    ["href=", "title=", "start=", "align=", "colspan=", "rowspan=", "open=", "rel=", "src=", "alt="];
const FORBIDDEN: [&str; 11] =
    ["script", "iframe", "style", "form", "input", "svg", "math", "object", "noscript", "button", "meta"];
/// What an address may lead to. Other attributes are words to read and lead nowhere.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// What stands before the first colon of an address, as browsers look for it: blanks and control characters do not count.
fn scheme(address: &str) -> Option<String> {
    let seen: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let (scheme, _) = seen.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then(|| scheme.to_owned())
}

/// The tags of HTML: what is not quoted in them, and what is.
fn tags(html: &str) -> Vec<(String, Vec<String>)> {
    let mut tags = Vec::new();
    let mut open: Option<(String, Vec<String>)> = None;
    let mut quoted = false;
    for c in html.chars() {
        match (&mut open, c) {
            (None, '<') => open = Some(Default::default()),
            (None, _) => {}
            (Some((_, values)), '"') => {
                quoted = !quoted;
                if quoted {
                    values.push(String::new());
                }
            }
            (Some((_, values)), other) if quoted => values.last_mut().expect("a value was begun").push(other),
            (Some(_), '>') => tags.extend(open.take()),
            (Some((tag, _)), other) => tag.push(other),
        }
    }
    tags
}

/// Frames that are nearly right.
fn frame() -> impl Strategy<Value = String> {
    let action = prop::sample::select(vec![
        "login",
        "message",
        "file",
        "me",
        "open",
        "sdp",
        "candidate",
        "watch",
        "unwatch",
        "takeback",
        "react",
        "mute",
        "unmute",
        "block",
        "blocklist",
        "boot",
        "unboot",
        "video-invite",
        "report",
        "typing",
        "ping",
        "dance",
        "",
    ]);
    let value = prop::sample::select(vec![
        "\"bob\"",
        "\"ann\"",
        "\"@bob\"",
        "\"lobby\"",
        "\"\"",
        "\"/kick bob\"",
        "\"<b>\"",
        "\"\\ud800\"",
        "\"\\u0000\"",
        "1",
        "-451",
        "0",
        "-1",
        "1e400",
        "4503599627370497",
        "null",
        "true",
        "[]",
        "[\"bob\",\"\"]",
        "[1]",
        "{\"a\":1}",
    ]);
    let field = prop::sample::select(vec![
        "username",
        "message",
        "channel",
        "msgID",
        "usernames",
        "video",
        "status",
        "dnd",
        "jwt",
        "description",
        "candidate",
        "bytes",
    ]);
    (action, proptest::collection::btree_map(field, value, 0..5)).prop_map(|(action, fields)| {
        let fields: String = fields.iter().map(|(field, value)| format!(",\"{field}\":{value}")).collect();
        format!("{{\"action\":\"{action}\"{fields}}}")
    })
}

/// Text made of what markup is made of.
fn markup_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<",
        ">",
        "script",
        "<script>",
        "</script>",
        "<img src=x onerror=f()>",
        "<a href=",
        "\"javascript:f()\"",
        "[x](",
        "javascript:f()",
        ")",
        "![y](https://a.example/p.png)",
        "`",
        "```",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "**",
        "_",
        "&lt;",
        "&#106;",
        "<svg onload=f()>",
        "<math>",
        "<style>",
        "<p id=a class=b style=c>",
        "<iframe src=x>",
        "|",
        "--",
        "https://a.example/\"onclick=f()",
        "text",
        " ",
        "<!--",
        "-->",
        "<details open ontoggle=f()>",
        "<form>",
        "<input>",
        "&",
        "\\",
        "<noscript><p title=\"</noscript><img src=x onerror=f()>\">",
    ]);
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}
