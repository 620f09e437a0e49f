//! together.md 7.8, 7.9, 11.6, 14.26, 14.29: files and custom emoji, and the burst of a channel that is opened.

mod common;

use common::form::{PNG, Part, form, send};
use common::{Person, all, call, header, join, json_of, must, open, raw, register, server, unlimited, world};
use commonroom_testkit::World;
use commonroom_testkit::stage::Response;
use serde_json::{Value, json};

const NO: Value = Value::Null;
fn post(world: &mut World, who: &Person, channel: &str) -> String {
    let path = format!("/channels/{channel}/messages");
    let said = must(world, 201, who, "POST", &path, &json!({"content": "\u{200b}"}));
    said["id"].as_str().expect("an id").to_owned()
}

fn get(world: &mut World, path: &str, headers: &[(&str, &str)]) -> Response {
    raw(world, "GET", path, headers, b"")
}

struct Town {
    world: World,
    ann: Person,
    bob: Person,
    out: Person,
    server: String,
    channel: String,
}

fn town() -> Town {
    let mut world = unlimited();
    let (ann, bob, out) =
        (register(&mut world, "ann"), register(&mut world, "bob"), register(&mut world, "out"));
    let (server, channel, _) = server(&mut world, &ann);
    join(&mut world, &bob, &server);
    Town { world, ann, bob, out, server, channel }
}

#[test]
fn a_picture_and_a_text_are_shared_and_loaded_by_members() {
    let Town { mut world, ann, bob, out, channel, .. } = town();
    open(&mut world, "bob", &bob);
    let message = post(&mut world, &ann, &channel);
    all(&mut world, "bob");
    let path = format!("/messages/{message}/attachments");
    let parts: [Part<'_>; 3] = [
        ("other", None, b"ignored"),
        ("files", Some("d\u{e9}j\u{e0} vu.png"), PNG),
        ("files", Some("../a.html"), b"plain words"),
    ];
    let shared = send(&mut world, &ann, &path, &parts);
    assert_eq!(shared.status, 201, "{}", String::from_utf8_lossy(&shared.body));
    let listed = json_of(&shared);
    let list = listed.as_array().expect("a list");
    assert_eq!(list.len(), 2);
    assert_eq!(
        (&list[0]["filename"], &list[0]["mime_type"]),
        (&json!("d\u{e9}j\u{e0} vu.png"), &json!("image/png"))
    );
    assert_eq!(
        (&list[0]["width"], &list[0]["height"], &list[0]["message_id"]),
        (&json!(1), &json!(1), &json!(message))
    );
    assert_eq!((&list[1]["filename"], &list[1]["mime_type"]), (&json!("a.html"), &json!("text/plain")));
    assert_eq!((&list[1]["width"], &list[1]["file_size"]), (&NO, &json!(11)));
    let told = all(&mut world, "bob");
    assert_eq!((told.len(), &told[0]["t"]), (1, &json!("MESSAGE_UPDATE")));
    assert_eq!((&told[0]["d"]["attachments"], &told[0]["d"]["edited_at"]), (&listed, &NO));
    assert_eq!(must(&mut world, 200, &bob, "GET", &path, &NO), listed);
    assert_eq!(call(&mut world, Some(&out), "GET", &path, &NO).0, 404);

    let url = list[0]["url"].as_str().expect("a url").to_owned();
    let stored = url.rsplit('/').next().expect("a name");
    assert!(url.starts_with(&format!("/files/{message}/")) && stored.ends_with("_d_j__vu.png"), "{url}");
    assert!(stored.len() <= 128 && stored[..32].bytes().all(|byte| byte.is_ascii_hexdigit()), "{stored}");
    let bearer = |person: &Person| format!("Bearer {}", person.token);
    for prefix in ["", "/api"] {
        let got = get(&mut world, &format!("{prefix}{url}"), &[("authorization", &bearer(&bob))]);
        assert_eq!((got.status, &got.body[..]), (200, PNG));
        assert_eq!(header(&got, "content-type"), Some("image/png"));
        assert!(
            header(&got, "content-disposition").is_some_and(|value| value.starts_with("inline; filename="))
        );
        assert_eq!(header(&got, "content-security-policy"), Some("default-src 'none'; sandbox"));
        assert_eq!(header(&got, "cache-control"), Some("private, no-cache"));
        assert_eq!(header(&got, "accept-ranges"), Some("bytes"));
        let part = get(&mut world, &url, &[("authorization", &bearer(&bob)), ("range", "bytes=1-3")]);
        assert_eq!((part.status, &part.body[..]), (206, &b"PNG"[..]));
        let tag = header(&got, "etag").expect("a tag").to_owned();
        let known = get(&mut world, &url, &[("authorization", &bearer(&bob)), ("if-none-match", &tag)]);
        assert_eq!(known.status, 304);
    }
    let text = get(&mut world, list[1]["url"].as_str().expect("a url"), &[("authorization", &bearer(&ann))]);
    assert_eq!(header(&text, "content-type"), Some("text/plain; charset=utf-8"));
    assert!(header(&text, "content-disposition").is_some_and(|value| value.starts_with("attachment;")));
    assert_eq!(get(&mut world, &url, &[]).status, 401);
    assert_eq!(get(&mut world, &url, &[("authorization", &bearer(&out))]).status, 404);
    let other = post(&mut world, &ann, &channel);
    for wrong in [
        format!("/files/{other}/{stored}"),
        format!("/files/{message}/{}_x.png", &stored[..32]),
        format!("/files/{message}/x"),
    ] {
        assert_eq!(get(&mut world, &wrong, &[("authorization", &bearer(&ann))]).status, 404, "{wrong}");
    }
    must(&mut world, 204, &ann, "DELETE", &format!("/messages/{message}"), &NO);
    assert_eq!(get(&mut world, &url, &[("authorization", &bearer(&bob))]).status, 404);
    assert_eq!(call(&mut world, Some(&bob), "GET", &path, &NO).0, 404);
}

#[test]
fn the_cookie_of_a_sign_in_loads_files_and_nothing_else() {
    let Town { mut world, ann, bob, server, channel, .. } = town();
    let message = post(&mut world, &ann, &channel);
    let path = format!("/messages/{message}/attachments");
    let shared = send(&mut world, &ann, &path, &[("files", Some("a.png"), PNG)]);
    let url = json_of(&shared)[0]["url"].as_str().expect("a url").to_owned();
    let me =
        raw(&mut world, "GET", "/users/@me", &[("authorization", &format!("Bearer {}", bob.token))], b"");
    let cookies: Vec<&str> =
        me.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value.as_str()).collect();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for (cookie, place) in cookies.iter().zip(["Path=/api/files;", "Path=/files;"]) {
        assert!(
            cookie.contains(place) && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
    }
    let pass = cookies[0].split(';').next().expect("a pair").to_owned();
    assert_eq!(get(&mut world, &url, &[("cookie", &format!("x=y; {pass}"))]).status, 200);
    assert_eq!(get(&mut world, &url, &[("cookie", &format!("{pass}x"))]).status, 401);
    let value = pass.split_once('=').expect("a pair").1.to_owned();
    assert_eq!(get(&mut world, "/users/@me", &[("authorization", &format!("Bearer {value}"))]).status, 401);
    assert_eq!(get(&mut world, "/users/@me", &[("cookie", &pass)]).status, 401);
    // Access is looked at again each time.
    let rule = json!({"user_id": bob.id, "allow": 0, "deny": 1});
    let rule = must(&mut world, 200, &ann, "PUT", &format!("/channels/{channel}/overrides"), &rule);
    assert_eq!(get(&mut world, &url, &[("cookie", &pass)]).status, 403);
    let rule = format!("/channels/{channel}/overrides/{}", rule["id"].as_str().expect("an id"));
    must(&mut world, 204, &ann, "DELETE", &rule, &NO);
    assert_eq!(get(&mut world, &url, &[("cookie", &pass)]).status, 200);
    must(&mut world, 204, &bob, "DELETE", &format!("/servers/{server}/leave"), &NO);
    assert_eq!(get(&mut world, &url, &[("cookie", &pass)]).status, 404);
    join(&mut world, &bob, &server);
    must(&mut world, 204, &bob, "POST", "/auth/logout", &NO);
    assert_eq!(get(&mut world, &url, &[("cookie", &pass)]).status, 401);
}

#[test]
fn what_may_not_be_shared_is_refused_as_a_whole() {
    let Town { mut world, ann, bob, out, channel, .. } = town();
    let message = post(&mut world, &ann, &channel);
    let path = format!("/messages/{message}/attachments");
    let good: Part<'_> = ("files", Some("a.txt"), b"good");
    let cases: [(&str, &[u8]); 7] = [
        ("a.zip", b"PK\x03\x04rest"),
        ("a.txt", b"\x7fELF\x02\x01\x01"),
        ("a.png", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.bin", b"\0\x01\x02"),
        ("a.txt", b""),
        ("a.txt", b"latin \xe9"),
    ];
    for (name, content) in cases {
        let refused = send(&mut world, &ann, &path, &[good, ("files", Some(name), content)]);
        assert_eq!(refused.status, 400, "{name}");
        assert!(json_of(&refused)["error"].as_str().is_some_and(|text| !text.is_empty()));
    }
    assert_eq!(send(&mut world, &ann, &path, &[("file", Some("a.txt"), b"x")]).status, 400);
    assert_eq!(send(&mut world, &ann, &path, &[good; 11]).status, 400);
    let bearer = format!("Bearer {}", ann.token);
    for kind in ["multipart/form-data", "application/json", "multipart/form-data; boundary=other"] {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        assert_eq!(raw(&mut world, "POST", &path, &headers, &form(&[good])).status, 400, "{kind}");
    }
    assert_eq!(must(&mut world, 200, &ann, "GET", &path, &NO), json!([]), "nothing was kept");
    let large = vec![b'x'; (50 << 20) + 1];
    assert_eq!(send(&mut world, &ann, &path, &[("files", Some("a.txt"), &large)]).status, 400);
    let huge = vec![b'x'; 52_494_336];
    assert_eq!(send(&mut world, &ann, &path, &[("files", Some("a.txt"), &huge)]).status, 413);
    assert_eq!(send(&mut world, &bob, &path, &[good]).status, 403);
    assert_eq!(send(&mut world, &out, &path, &[good]).status, 404);
    assert_eq!(send(&mut world, &ann, &path, &[good; 8]).status, 201);
    assert_eq!(send(&mut world, &ann, &path, &[good; 3]).status, 400);
    assert_eq!(send(&mut world, &ann, &path, &[good; 2]).status, 201);
    let rule = json!({"user_id": bob.id, "allow": 0, "deny": 8});
    must(&mut world, 200, &ann, "PUT", &format!("/channels/{channel}/overrides"), &rule);
    let own = post(&mut world, &bob, &channel);
    let refused = send(&mut world, &bob, &format!("/messages/{own}/attachments"), &[good]);
    assert_eq!(refused.status, 403);
    must(&mut world, 204, &ann, "DELETE", &format!("/messages/{message}"), &NO);
    assert_eq!(send(&mut world, &ann, &path, &[good]).status, 404);
}

#[test]
fn emoji_are_made_shown_used_and_deleted() {
    let Town { mut world, ann, bob, out, server, channel } = town();
    open(&mut world, "bob", &bob);
    let path = format!("/servers/{server}/emojis");
    let name: Part<'_> = ("name", None, b"party-1");
    let image: Part<'_> = ("image", Some("x.png"), PNG);
    assert_eq!(send(&mut world, &bob, &path, &[name, image]).status, 403);
    assert_eq!(send(&mut world, &out, &path, &[name, image]).status, 404);
    let large = vec![0; 262_145];
    for parts in [
        &[name][..],
        &[image],
        &[("name", None, b"Party"), image],
        &[("name", None, b""), image],
        &[("name", None, b"a b"), image],
        &[name, ("image", None, b"words")],
        &[name, ("image", None, b"")],
        &[name, ("image", None, &large)],
    ] {
        assert_eq!(send(&mut world, &ann, &path, parts).status, 400);
    }
    let made = send(&mut world, &ann, &path, &[name, image]);
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    let made = json_of(&made);
    let id = made["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        (&made["server_id"], &made["name"], &made["content_type"]),
        (&json!(server), &json!("party-1"), &json!("image/png"))
    );
    assert_eq!((&made["url"], &made["created_by"]), (&json!(format!("/emojis/{id}")), &json!(ann.id)));
    let told = all(&mut world, "bob");
    assert_eq!((&told[0]["t"], &told[0]["d"]), (&json!("CUSTOM_EMOJI_CREATE"), &made));
    assert_eq!(send(&mut world, &ann, &path, &[name, image]).status, 400, "the name is taken");
    assert_eq!(must(&mut world, 200, &bob, "GET", &path, &NO), json!([made]));
    for at in [format!("/emojis/{id}"), format!("/api/emojis/{id}")] {
        let got = get(&mut world, &at, &[]);
        assert_eq!((got.status, &got.body[..]), (200, PNG));
        assert_eq!(header(&got, "cache-control"), Some("public, max-age=86400"));
    }
    assert_eq!(get(&mut world, &format!("/emojis/{server}"), &[]).status, 404);
    // As a reaction.
    let message = post(&mut world, &bob, &channel);
    all(&mut world, "bob");
    let reactions = format!("/channels/{channel}/messages/{message}/reactions");
    must(&mut world, 204, &ann, "PUT", &format!("{reactions}/c:{id}"), &NO);
    assert_eq!(all(&mut world, "bob")[0]["d"]["emoji"], json!(format!("c:{id}")));
    let counted = must(&mut world, 200, &bob, "GET", &reactions, &NO);
    assert_eq!(counted, json!([{"emoji": format!("c:{id}"), "count": 1, "me": false}]));
    for wrong in [format!("c:{server}"), "c:x".to_owned(), "word".to_owned(), "x".repeat(65)] {
        assert_eq!(
            call(&mut world, Some(&ann), "PUT", &format!("{reactions}/{wrong}"), &NO).0,
            400,
            "{wrong}"
        );
    }
    must(&mut world, 204, &ann, "DELETE", &format!("{reactions}/c:{id}"), &NO);
    all(&mut world, "bob");
    let one = format!("{path}/{id}");
    assert_eq!(call(&mut world, Some(&bob), "DELETE", &one, &NO).0, 403);
    must(&mut world, 204, &ann, "DELETE", &one, &NO);
    let told = all(&mut world, "bob");
    assert_eq!(
        (&told[0]["t"], &told[0]["d"]),
        (&json!("CUSTOM_EMOJI_DELETE"), &json!({"server_id": server, "emoji_id": id}))
    );
    assert_eq!(get(&mut world, &format!("/emojis/{id}"), &[]).status, 404);
    assert_eq!(call(&mut world, Some(&ann), "DELETE", &one, &NO).0, 404);
}

#[test]
fn opening_a_channel_with_fifty_messages_is_within_the_rates() {
    let mut world = world(&json!({}));
    let ann = register(&mut world, "ann");
    let (_, channel, _) = server(&mut world, &ann);
    let messages: Vec<String> = (0..50).map(|_| post(&mut world, &ann, &channel)).collect();
    for _ in 0..2 {
        must(&mut world, 204, &ann, "POST", &format!("/channels/{channel}/ack"), &NO);
        must(&mut world, 200, &ann, "GET", &format!("/channels/{channel}/messages?limit=50"), &NO);
        for message in &messages {
            must(&mut world, 200, &ann, "GET", &format!("/messages/{message}/attachments"), &NO);
            let path = format!("/channels/{channel}/messages/{message}/reactions");
            must(&mut world, 200, &ann, "GET", &path, &NO);
        }
    }
}
