//! together.md 7: what every route answers to nobody, a stranger, a member and the owner.

mod common;

use common::{Person, call, join, must, register, server, unlimited};
use commonroom_testkit::World;
use serde_json::{Value, json};

/// Method, path, body, and the statuses for nobody, a stranger, a member and the owner, asked in this order.
type Row = (&'static str, &'static str, Value, [u16; 4]);

struct Cast {
    owner: Person,
    member: Person,
    outsider: Person,
    /// What the paths name.
    names: Vec<(&'static str, String)>,
}

fn cast(world: &mut World) -> Cast {
    let (owner, member, outsider) =
        (register(world, "olga"), register(world, "mona"), register(world, "otto"));
    let (server, text, voice) = server(world, &owner);
    join(world, &member, &server);
    let path = format!("/channels/{text}/messages");
    let id = |value: Value| value["id"].as_str().expect("an id").to_owned();
    let said = id(must(world, 201, &owner, "POST", &path, &json!({"content": "hello"})));
    let dm = id(must(world, 201, &owner, "POST", "/dm-channels", &json!({"user_id": member.id})));
    let names = vec![
        ("S", server),
        ("T", text),
        ("V", voice),
        ("M", said),
        ("D", dm),
        ("MEMBER", member.id.clone()),
        ("NOBODY", "00000000-0000-0000-0000-000000000000".to_owned()),
    ];
    Cast { owner, member, outsider, names }
}

fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (method, path, body, expected) in rows {
        // Every route on its own world: none depends on what another has done.
        let mut world = unlimited();
        let cast = cast(&mut world);
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        for part in &mut parts {
            if let Some((_, id)) = cast.names.iter().find(|(name, _)| name == part) {
                id.clone_into(part);
            }
        }
        let filled = parts.join("/");
        let mut found = [0; 4];
        let callers = [None, Some(&cast.outsider), Some(&cast.member), Some(&cast.owner)];
        for (index, who) in callers.into_iter().enumerate() {
            let (status, answer) = call(&mut world, who, method, &filled, body);
            found[index] = status;
            let said_why = answer["error"].as_str().is_some_and(|text| !text.is_empty());
            assert!(status < 400 || said_why, "{method} {path}: {status} {answer}");
            assert!(
                status >= 300 || (status == 204) == answer.is_null(),
                "{method} {path}: {status} {answer}"
            );
            // A token in the body is no permission.
            let by_body = *path == "/auth/reset-password";
            assert!(
                by_body || !(status == 401 && who.is_some()),
                "{method} {path}: never 401 for permissions"
            );
        }
        if found != *expected {
            wrong.push(format!("{method} {path}: {found:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

const NO: Value = Value::Null;

#[test]
fn accounts() {
    check(&[
        ("GET", "/users/@me", NO, [401, 200, 200, 200]),
        ("PATCH", "/users/@me", json!({"bio": "x"}), [401, 200, 200, 200]),
        ("GET", "/users/MEMBER", NO, [401, 200, 200, 200]),
        ("GET", "/users/NOBODY", NO, [401, 404, 404, 404]),
        ("GET", "/instance/registration-mode", NO, [200, 200, 200, 200]),
        ("POST", "/auth/forgot-password", json!({"email": "a@b.example"}), [401, 403, 403, 403]),
        (
            "POST",
            "/auth/reset-password",
            json!({"token": "x", "new_password": "long-enough"}),
            [401, 401, 401, 401],
        ),
        ("GET", "/ice-servers", NO, [401, 200, 200, 200]),
        ("GET", "/server-templates", NO, [401, 200, 200, 200]),
    ]);
}

#[test]
fn servers() {
    check(&[
        ("GET", "/servers", NO, [401, 200, 200, 200]),
        ("POST", "/servers", json!({"name": "x"}), [401, 201, 201, 201]),
        ("GET", "/servers/browse", NO, [401, 200, 200, 200]),
        ("GET", "/servers/S", NO, [401, 404, 200, 200]),
        ("GET", "/servers/NOBODY", NO, [401, 404, 404, 404]),
        ("PATCH", "/servers/S", json!({"name": "x"}), [401, 404, 403, 200]),
        ("PATCH", "/servers/S", json!({}), [401, 404, 403, 200]),
        ("DELETE", "/servers/S", NO, [401, 404, 403, 204]),
        ("POST", "/servers/S/join", NO, [401, 201, 409, 409]),
        ("DELETE", "/servers/S/leave", NO, [401, 404, 204, 400]),
        ("GET", "/servers/S/members", NO, [401, 404, 200, 200]),
        ("GET", "/servers/S/roles", NO, [401, 404, 200, 200]),
        ("GET", "/servers/S/emojis", NO, [401, 404, 200, 200]),
        ("PUT", "/servers/S/members/MEMBER/roles/NOBODY", NO, [401, 404, 403, 404]),
        ("DELETE", "/servers/S/members/MEMBER/roles/NOBODY", NO, [401, 404, 403, 404]),
    ]);
}

#[test]
fn roles_and_invitations() {
    check(&[
        (
            "PATCH",
            "/servers/S",
            json!({"owner_id": "00000000-0000-0000-0000-000000000000"}),
            [401, 404, 403, 404],
        ),
        ("PATCH", "/servers/S/members/MEMBER", json!({"nickname": "x"}), [401, 404, 200, 200]),
        ("PATCH", "/servers/S/members/NOBODY", json!({"nickname": "x"}), [401, 404, 404, 404]),
        ("POST", "/servers/S/roles", json!({"name": "x"}), [401, 404, 403, 201]),
        ("PATCH", "/servers/S/roles/NOBODY", json!({"name": "x"}), [401, 404, 403, 404]),
        ("DELETE", "/servers/S/roles/NOBODY", NO, [401, 404, 403, 404]),
        ("POST", "/servers/S/invites", json!({}), [401, 404, 403, 201]),
        ("GET", "/servers/S/invites", NO, [401, 404, 403, 200]),
        ("DELETE", "/servers/S/invites/NOBODY", NO, [401, 404, 403, 404]),
        ("GET", "/invites/nonsense", NO, [401, 404, 404, 404]),
        ("POST", "/invites/nonsense/accept", NO, [401, 404, 404, 404]),
        ("GET", "/servers/S/audit-logs", NO, [401, 403, 403, 200]),
        ("GET", "/servers/NOBODY/audit-logs", NO, [401, 404, 404, 404]),
    ]);
}

#[test]
fn moderation() {
    check(&[
        ("POST", "/servers/S/members/MEMBER/kick", NO, [401, 404, 403, 204]),
        ("POST", "/servers/S/members/MEMBER/ban", json!({"reason": "x"}), [401, 404, 403, 204]),
        ("POST", "/servers/S/members/NOBODY/ban", NO, [401, 404, 403, 404]),
        ("POST", "/servers/S/members/MEMBER/timeout", json!({"duration_minutes": 5}), [401, 404, 403, 200]),
        ("DELETE", "/servers/S/members/MEMBER/timeout", NO, [401, 404, 403, 204]),
        ("GET", "/servers/S/bans", NO, [401, 403, 403, 200]),
        ("GET", "/servers/NOBODY/bans", NO, [401, 404, 404, 404]),
        ("DELETE", "/servers/S/bans/MEMBER", NO, [401, 403, 403, 204]),
    ]);
}

#[test]
fn channels() {
    let rule = json!({"user_id": "00000000-0000-0000-0000-000000000000", "allow": 0, "deny": 1});
    check(&[
        ("GET", "/servers/S/channels", NO, [401, 404, 200, 200]),
        ("POST", "/servers/S/channels", json!({"name": "x", "type": "text"}), [401, 404, 403, 201]),
        ("GET", "/servers/S/channels/T", NO, [401, 404, 200, 200]),
        ("PATCH", "/servers/S/channels/T", json!({"topic": "x"}), [401, 404, 403, 200]),
        ("PATCH", "/servers/S/channels/T", json!({}), [401, 404, 403, 200]),
        ("DELETE", "/servers/S/channels/T", NO, [401, 404, 403, 204]),
        ("GET", "/channels/T/overrides", NO, [401, 404, 200, 200]),
        ("PUT", "/channels/T/overrides", rule, [401, 404, 403, 404]),
        ("DELETE", "/channels/T/overrides/NOBODY", NO, [401, 404, 403, 404]),
        ("POST", "/channels/T/ack", NO, [401, 404, 204, 204]),
        ("POST", "/channels/V/ack", NO, [401, 404, 204, 204]),
        ("GET", "/channels/D/messages", NO, [401, 404, 404, 404]),
    ]);
}

#[test]
fn messages() {
    check(&[
        ("GET", "/channels/T/messages", NO, [401, 404, 200, 200]),
        ("POST", "/channels/T/messages", json!({"content": "x"}), [401, 404, 201, 201]),
        ("GET", "/channels/T/messages/M", NO, [401, 404, 200, 200]),
        ("GET", "/channels/V/messages/M", NO, [401, 404, 404, 404]),
        ("PATCH", "/messages/M", json!({"content": "x"}), [401, 404, 403, 200]),
        ("DELETE", "/messages/M", NO, [401, 404, 403, 204]),
        ("GET", "/messages/M/attachments", NO, [401, 404, 200, 200]),
        ("GET", "/channels/T/pinned-messages", NO, [401, 404, 200, 200]),
        ("PUT", "/channels/T/messages/M/reactions/%F0%9F%91%8D", NO, [401, 404, 204, 204]),
        ("PUT", "/channels/T/messages/M/reactions/x", NO, [401, 404, 400, 400]),
        ("DELETE", "/channels/T/messages/M/reactions/x", NO, [401, 404, 404, 404]),
        ("GET", "/channels/T/messages/M/thread", NO, [401, 404, 200, 200]),
        ("POST", "/channels/T/messages/M/thread", json!({"content": "x"}), [401, 404, 201, 201]),
        ("POST", "/channels/T/messages/NOBODY/thread", json!({"content": "x"}), [401, 404, 404, 404]),
        ("POST", "/channels/T/messages/M/pin", NO, [401, 404, 403, 204]),
        ("DELETE", "/channels/T/messages/M/pin", NO, [401, 404, 403, 404]),
        ("POST", "/messages/M/attachments", NO, [401, 404, 403, 400]),
        ("GET", "/files/M/x", NO, [401, 404, 404, 404]),
        ("GET", "/emojis/NOBODY", NO, [404, 404, 404, 404]),
        ("POST", "/servers/S/emojis", NO, [401, 404, 403, 400]),
        ("DELETE", "/servers/S/emojis/NOBODY", NO, [401, 404, 403, 404]),
        ("GET", "/servers/S/search?q=xy", NO, [401, 404, 200, 200]),
        ("GET", "/servers/S/events", NO, [401, 404, 200, 200]),
        ("GET", "/polls/M", NO, [401, 404, 404, 404]),
        ("POST", "/channels/T/polls", json!({"question": "x", "options": ["a", "b"]}), [401, 404, 201, 201]),
        (
            "POST",
            "/channels/T/events",
            json!({"name": "x", "starts_at": "2027-01-01T00:00:00Z"}),
            [401, 404, 201, 201],
        ),
        ("GET", "/channels/T/messages/M/reactions", NO, [401, 404, 200, 200]),
    ]);
}

#[test]
fn conversations_and_calls() {
    check(&[
        ("GET", "/dm-channels", NO, [401, 200, 200, 200]),
        (
            "POST",
            "/dm-channels",
            json!({"user_id": "00000000-0000-0000-0000-000000000000"}),
            [401, 404, 404, 404],
        ),
        ("GET", "/dm-channels/D/messages", NO, [401, 404, 200, 200]),
        ("POST", "/dm-channels/D/messages", json!({"content": "x"}), [401, 404, 201, 201]),
        ("POST", "/dm-channels/D/ack", NO, [401, 404, 204, 204]),
        ("GET", "/channels/V/voice", NO, [401, 404, 200, 200]),
        ("POST", "/channels/V/voice", NO, [401, 404, 201, 201]),
        ("PATCH", "/channels/V/voice", json!({"self_mute": true}), [401, 404, 404, 404]),
        ("DELETE", "/channels/V/voice", NO, [401, 404, 404, 404]),
        ("POST", "/channels/T/voice", NO, [401, 404, 400, 400]),
        ("GET", "/channels/V/go-live", NO, [401, 404, 404, 404]),
    ]);
}
