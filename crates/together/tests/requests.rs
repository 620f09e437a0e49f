//! together.md 7.0, 9 and 11.1: what holds for every request, and the sizes of what is written.

mod common;

use common::{all, call, header, json_of, must, open, raw, register, server, unlimited, world};
use commonroom_testkit::Stage as _;
use serde_json::{Value, json};

const NO: Value = Value::Null;

#[test]
fn both_prefixes_are_one_and_head_works_where_get_does() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let bearer = format!("Bearer {}", ann.token);
    for path in ["/users/@me", "/api/users/@me"] {
        let got = raw(&mut world, "GET", path, &[("authorization", &bearer)], b"");
        assert_eq!((got.status, json_of(&got)["id"].as_str()), (200, Some(ann.id.as_str())));
        let head = raw(&mut world, "HEAD", path, &[("authorization", &bearer)], b"");
        assert_eq!((head.status, head.body.len()), (200, 0));
    }
}

#[test]
fn the_scheme_is_any_case_and_other_credentials_are_refused() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    for (value, status) in [
        (format!("bearer {}", ann.token), 200),
        (format!("BEARER {}", ann.token), 200),
        (ann.token.clone(), 401),
        (format!("Basic {}", ann.token), 401),
        (format!("Bearer {}", ann.refresh), 401),
        ("Bearer ".to_owned(), 401),
        (format!("Bot {}", "0".repeat(64)), 401),
        (format!("Bearer {}", "x".repeat(10_000)), 401),
    ] {
        let got = raw(&mut world, "GET", "/users/@me", &[("authorization", &value)], b"");
        assert_eq!(got.status, status, "{value}");
    }
}

#[test]
fn every_answer_carries_the_protective_headers() {
    let mut world = unlimited();
    for (path, status) in [("/instance/registration-mode", 200), ("/users/@me", 401)] {
        let got = raw(&mut world, "GET", path, &[], b"");
        assert_eq!(got.status, status);
        assert_eq!(header(&got, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header(&got, "x-frame-options"), Some("DENY"));
        assert_eq!(header(&got, "referrer-policy"), Some("strict-origin-when-cross-origin"));
        assert_eq!(header(&got, "cache-control"), Some("no-store"));
        assert_eq!(header(&got, "content-type"), Some("application/json"));
        assert_eq!(header(&got, "strict-transport-security"), None);
        assert_eq!(header(&got, "access-control-allow-origin"), None);
    }
}

#[test]
fn pages_of_allowed_origins_may_call() {
    let mut world = world(&json!({"allowed_origins": ["https://app.example"]}));
    let asks = |method| [("origin", "https://app.example"), ("access-control-request-method", method)];
    let first = raw(&mut world, "OPTIONS", "/api/servers", &asks("PUT"), b"");
    assert_eq!(first.status, 204);
    assert_eq!(header(&first, "access-control-allow-origin"), Some("https://app.example"));
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        assert!(
            header(&first, "access-control-allow-methods").is_some_and(|methods| methods.contains(method))
        );
    }
    assert_eq!(header(&first, "access-control-allow-headers"), Some("authorization, content-type"));
    let call = raw(&mut world, "GET", "/api/users/@me", &[("origin", "https://app.example")], b"");
    assert_eq!(call.status, 401);
    assert_eq!(header(&call, "access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(header(&call, "access-control-expose-headers"), Some("content-disposition"));
    let other = raw(&mut world, "OPTIONS", "/api/servers", &[("origin", "https://evil.example")], b"");
    assert_eq!(header(&other, "access-control-allow-origin"), None);
    assert_eq!(header(&other, "vary"), Some("origin"));
}

#[test]
fn bodies_are_json_of_bounded_size_and_never_repeated() {
    let mut world = unlimited();
    let json_type = [("content-type", "application/json; charset=utf-8")];
    let login = "/auth/login";
    let secret = "the-plain-password";
    for (headers, body, status) in [
        (&json_type[..], "", 400),
        (&json_type[..], "{", 400),
        (&json_type[..], r#"{"username":"a\ud800","password":"x"}"#, 400),
        (&json_type[..], r#"{"username":{"x":"the-plain-password"},"password":"the-plain-password"}"#, 422),
        (&json_type[..], r#""the-plain-password""#, 422),
        (&json_type[..], "[]", 422),
        (&[][..], r#"{"username":"a","password":"the-plain-password"}"#, 415),
        (&[("content-type", "text/plain")][..], r#"{"username":"a","password":"the-plain-password"}"#, 415),
    ] {
        let got = raw(&mut world, "POST", login, headers, body.as_bytes());
        assert_eq!(got.status, status, "{body}");
        let text = json_of(&got)["error"].as_str().unwrap_or_default().to_owned();
        assert!(!text.is_empty() && !text.contains(secret), "{text}");
    }
    let short = json!({"username": "ann", "password": "pass-77"});
    let (status, answer) = call(&mut world, None, "POST", "/auth/register", &short);
    assert!(status == 400 && !answer.to_string().contains("pass-77"), "{answer}");
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    for body in [format!(r#"{{"x":{deep}}}"#), deep] {
        assert_eq!(raw(&mut world, "POST", login, &json_type, body.as_bytes()).status, 422);
    }
    let large = vec![b' '; (2 << 20) + 1];
    assert_eq!(raw(&mut world, "POST", login, &json_type, &large).status, 413);
    assert_eq!(
        raw(&mut world, "POST", login, &[json_type[0], ("content-length", "9999999999")], b"{}").status,
        413
    );
    let ann = register(&mut world, "ann");
    let bearer = format!("Bearer {}", ann.token);
    let kick = format!("/servers/{0}/members/{0}/kick", ann.id);
    assert_eq!(raw(&mut world, "POST", &kick, &[("authorization", &bearer)], &large).status, 413);
}

#[test]
fn a_message_has_up_to_4000_characters() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let (_, text, _) = server(&mut world, &ann);
    let path = format!("/channels/{text}/messages");
    for (content, status) in [
        ("é".repeat(4_000), 201),
        ("é".repeat(4_001), 400),
        ("\u{1f600}".repeat(4_000), 201),
        (String::new(), 400),
        (" \n\t ".to_owned(), 400),
        ("\u{200b}".to_owned(), 201),
        ("a\0b".to_owned(), 400),
    ] {
        let (found, answer) = call(&mut world, Some(&ann), "POST", &path, &json!({"content": content}));
        assert_eq!(found, status, "{} characters: {answer}", content.chars().count());
        assert!(status != 201 || answer["content"] == content.as_str(), "kept as typed");
    }
    for body in [json!({}), json!({"content": 7}), json!({"content": "x", "reply_to": "x"})] {
        assert_eq!(call(&mut world, Some(&ann), "POST", &path, &body).0, 422, "{body}");
    }
    let long_nonce = json!({"content": "x", "nonce": "n".repeat(65)});
    assert_eq!(call(&mut world, Some(&ann), "POST", &path, &long_nonce).0, 400);
    let missing = json!({"content": "x", "reply_to": ann.id});
    assert_eq!(call(&mut world, Some(&ann), "POST", &path, &missing).0, 404);
}

#[test]
fn ids_may_be_spelled_in_any_way() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let plain = ann.id.replace('-', "");
    for spelling in
        [ann.id.to_uppercase(), plain, format!("%7B{}%7D", ann.id), format!("urn:uuid:{}", ann.id)]
    {
        let found = must(&mut world, 200, &ann, "GET", &format!("/users/{spelling}"), &NO);
        assert_eq!(found["id"], ann.id.as_str());
    }
    let (status, answer) = call(&mut world, Some(&ann), "GET", "/servers/nonsense/members", &NO);
    assert!(status == 400 && answer["error"].is_string(), "{answer}");
}

#[test]
fn a_history_is_paged_to_its_end() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let (_, text, _) = server(&mut world, &ann);
    let path = format!("/channels/{text}/messages");
    for number in 0..130 {
        must(&mut world, 201, &ann, "POST", &path, &json!({"content": number.to_string()}));
    }
    let contents = |answer: &Value| -> Vec<String> {
        let list = answer.as_array().expect("a list");
        list.iter().map(|message| message["content"].as_str().expect("a text").to_owned()).collect()
    };
    let mut seen = Vec::new();
    let mut before = String::new();
    loop {
        let page = must(&mut world, 200, &ann, "GET", &format!("{path}?limit=50{before}"), &NO);
        let list = contents(&page);
        if list.is_empty() {
            break;
        }
        before = format!("&before={}", page[list.len() - 1]["id"].as_str().expect("an id"));
        seen.extend(list);
    }
    let expected: Vec<String> = (0..130).rev().map(|number| number.to_string()).collect();
    assert_eq!(seen, expected);
    assert_eq!(contents(&must(&mut world, 200, &ann, "GET", &path, &NO)).len(), 50);
    assert_eq!(contents(&must(&mut world, 200, &ann, "GET", &format!("{path}?limit=1000"), &NO)).len(), 100);
}

#[test]
fn relays_are_told_with_credentials_of_the_caller() {
    let mut world = world(
        &json!({"stun": ["stun:s.example"], "turn": {"url": "turn:t.example, turns:u.example", "secret": "key"}}),
    );
    let ann = register(&mut world, "ann");
    let told = must(&mut world, 200, &ann, "GET", "/ice-servers", &NO);
    assert_eq!(told["iceServers"][0], json!({"urls": "stun:s.example"}));
    let turn = &told["iceServers"][1];
    assert_eq!(turn["urls"], "turn:t.example");
    let second = &told["iceServers"][2];
    assert_eq!((&second["urls"], &second["username"]), (&json!("turns:u.example"), &turn["username"]));
    let (expiry, who) = turn["username"].as_str().and_then(|name| name.split_once(':')).expect("expiry:name");
    assert_eq!(who, ann.id);
    assert_eq!(expiry.parse::<i64>().ok(), told["ttl"].as_i64().map(|ttl| 1_795_262_400 + ttl));
    assert!(turn["credential"].as_str().is_some_and(|text| text.len() == 28));
    let mut plain = unlimited();
    let bob = register(&mut plain, "bob");
    assert_eq!(must(&mut plain, 200, &bob, "GET", "/ice-servers", &NO)["iceServers"], json!([]));
}

// 11.5, 11.6: the browser app offers its sound as soon as it has read who is there.
#[test]
fn a_newcomer_reads_who_is_in_the_call_when_the_microphone_may_be_open() {
    let mut world = unlimited();
    let (ann, bob) = (register(&mut world, "ann"), register(&mut world, "bob"));
    let (server, _, voice) = server(&mut world, &ann);
    common::join(&mut world, &bob, &server);
    let call = format!("/channels/{voice}/voice");
    must(&mut world, 201, &ann, "POST", &call, &NO);
    must(&mut world, 200, &ann, "GET", &call, &NO);
    assert_eq!(world.pauses(), [0; 0], "nobody to offer to");
    world.wait(300);
    must(&mut world, 200, &bob, "GET", &call, &NO);
    assert_eq!(world.pauses(), [0; 0], "a look from outside");
    must(&mut world, 201, &bob, "POST", &call, &NO);
    world.wait(400);
    let there = must(&mut world, 200, &bob, "GET", &call, &NO);
    assert_eq!(there.as_array().map(Vec::len), Some(2));
    assert_eq!(world.pauses(), [600]);
    world.wait(600);
    must(&mut world, 200, &bob, "GET", &call, &NO);
    assert_eq!(world.pauses(), [600]);
}

#[test]
fn registration_follows_the_mode() {
    use commonroom_core::engine::Registration;
    let body = json!({"username": "ann", "password": "secret-password"});
    let coded = json!({"username": "ann", "password": "secret-password", "invite_code": "abcdefgh"});
    for (mode, word, plain, with_code, text) in [
        (Registration::Closed, "closed", 403, 403, "closed"),
        (Registration::Invite, "invite_only", 400, 400, "invite"),
    ] {
        let config = commonroom_together::Config { registration: Some(mode), ..Default::default() };
        let mut world = common::with(config);
        let told = call(&mut world, None, "GET", "/instance/registration-mode", &NO);
        assert_eq!(told, (200, json!({"registration_mode": word})));
        for (body, status) in [(&body, plain), (&coded, with_code)] {
            let (found, answer) = call(&mut world, None, "POST", "/auth/register", body);
            assert_eq!(found, status);
            assert!(answer["error"].as_str().is_some_and(|error| error.contains(text)), "{answer}");
        }
    }
}

#[test]
fn opening_a_channel_of_fifty_messages_is_within_the_rates() {
    let mut world = world(&json!({}));
    let ann = register(&mut world, "ann");
    let (_, text, _) = server(&mut world, &ann);
    let path = format!("/channels/{text}/messages");
    let mut ids = Vec::new();
    for _ in 0..50 {
        ids.push(must(&mut world, 201, &ann, "POST", &path, &json!({"content": "x"}))["id"].clone());
    }
    must(&mut world, 204, &ann, "POST", &format!("/channels/{text}/ack"), &NO);
    must(&mut world, 200, &ann, "GET", &format!("{path}?limit=50"), &NO);
    for id in ids.iter().filter_map(Value::as_str) {
        must(&mut world, 200, &ann, "GET", &format!("/messages/{id}/attachments"), &NO);
        must(&mut world, 200, &ann, "GET", &format!("{path}/{id}/reactions"), &NO);
    }
}

#[test]
fn more_than_the_rate_is_429_with_a_time_to_wait() {
    let settings = json!({"rate_limit": {"reads_per_second": 2, "read_burst": 5, "writes_per_second": 1, "write_burst": 2}});
    let mut world = world(&settings);
    let (ann, bob) = (register(&mut world, "ann"), register(&mut world, "bob"));
    for _ in 0..5 {
        must(&mut world, 200, &ann, "GET", "/servers", &NO);
    }
    let bearer = format!("Bearer {}", ann.token);
    let over = raw(&mut world, "GET", "/servers", &[("authorization", &bearer)], b"");
    assert_eq!((over.status, header(&over, "retry-after")), (429, Some("1")));
    assert!(json_of(&over)["error"].is_string());
    must(&mut world, 200, &bob, "GET", "/servers", &NO);
    must(&mut world, 200, &ann, "PATCH", "/users/@me", &json!({}));
    assert_eq!(raw(&mut world, "GET", "/health", &[], b"").status, 200);
    world.wait(500);
    must(&mut world, 200, &ann, "GET", "/servers", &NO);
    must(&mut world, 429, &ann, "GET", "/servers", &NO);
}

#[test]
fn signing_in_has_a_rate_per_address_unless_exempt() {
    let body = json!({"username": "ann", "password": "secret-password"});
    let mut strict = world(&json!({}));
    let mut statuses = Vec::new();
    for _ in 0..21 {
        statuses.push(call(&mut strict, None, "POST", "/auth/login", &body).0);
    }
    // Ten failures on the name, then unseen; the address's burst is twenty.
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 11]);
    let mut exempt = unlimited();
    for number in 0..50 {
        register(&mut exempt, &format!("user{number}"));
    }
    for _ in 0..50 {
        assert_eq!(
            call(&mut exempt, None, "POST", "/auth/login", &json!({"username": "x", "password": "y"})).0,
            401
        );
    }
}

#[test]
fn what_a_stranger_asks_for_changes_nothing() {
    let mut world = unlimited();
    let (ann, cid) = (register(&mut world, "ann"), register(&mut world, "cid"));
    let (server, text, voice) = server(&mut world, &ann);
    open(&mut world, "ann", &ann);
    all(&mut world, "ann");
    for (method, path, body) in [
        ("POST", format!("/channels/{voice}/voice"), NO),
        ("POST", format!("/channels/{text}/messages"), json!({"content": "x"})),
        ("PUT", format!("/channels/{text}/overrides"), json!({"user_id": cid.id, "allow": 1, "deny": 0})),
        ("POST", format!("/servers/{server}/members/{}/kick", ann.id), NO),
        ("DELETE", format!("/servers/{server}/channels/{text}"), NO),
    ] {
        assert_eq!(call(&mut world, Some(&cid), method, &path, &body).0, 404, "{method} {path}");
    }
    assert_eq!(all(&mut world, "ann"), Vec::<Value>::new());
}

#[test]
fn a_rare_entry_of_the_audit_log_is_found_below_many_of_its_kind() {
    let mut world = unlimited();
    let (ann, bob) = (register(&mut world, "ann"), register(&mut world, "bob"));
    let (club, ..) = server(&mut world, &ann);
    common::join(&mut world, &bob, &club);
    let timeout = format!("/servers/{club}/members/{}/timeout", bob.id);
    let minutes = json!({"duration_minutes": 1});
    must(&mut world, 200, &ann, "POST", &timeout, &minutes);
    must(&mut world, 204, &ann, "DELETE", &timeout, &Value::Null);
    for _ in 0..1_000 {
        must(&mut world, 200, &ann, "POST", &timeout, &minutes);
    }
    let mut listed = |action: &str| {
        let path = format!("/servers/{club}/audit-logs?limit=100&action={action}");
        let entries = must(&mut world, 200, &ann, "GET", &path, &Value::Null);
        entries.as_array().expect("a list").clone()
    };
    assert_eq!(listed("member_timeout").len(), 100);
    let lifted = listed("member_timeout_remove");
    assert_eq!(lifted.len(), 1);
    assert_eq!(lifted[0]["action"], "member_timeout_remove");
}
