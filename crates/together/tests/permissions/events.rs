//! Who is told of what (together.md 6): each event is caused once, while everybody listens.

use crate::cast::{Cast, id};
use crate::common::form::{PNG, send};
use crate::common::{all, must, open};
use crate::need::{VIEW_CHANNEL, Who};
use commonroom_testkit::Stage as _;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

const NO: Value = Value::Null;

const LISTENERS: [Who; 9] = [
    Who::Outsider,
    Who::Banned,
    Who::Member,
    Who::Blind,
    Who::Muted,
    Who::Moderator,
    Who::Admin,
    Who::Owner,
    Who::Target,
];

/// An audience.
#[derive(Clone, Copy)]
enum Heard {
    /// Members of the server.
    Members,
    /// Members who may view the channel.
    Viewers,
    /// These.
    By(&'static [Who]),
    /// Members and somebody who is none any more, or not yet.
    MembersAnd(Who),
    /// Viewers but for who did it.
    ViewersBut(Who),
    /// Who shares a server with who did it.
    AroundBut(Who),
}

impl Heard {
    fn includes(self, who: Who) -> bool {
        match self {
            Self::Members => who.belongs(),
            Self::Viewers => who.bits() & VIEW_CHANNEL != 0,
            Self::By(these) => these.contains(&who),
            Self::MembersAnd(other) => who.belongs() || who == other,
            Self::ViewersBut(other) => who != other && Self::Viewers.includes(who),
            Self::AroundBut(other) => who != other && who != Who::Outsider,
        }
    }
}

use Heard::{AroundBut, By, Members, MembersAnd, Viewers, ViewersBut};

/// What is done, and the events it causes in their order.
struct Row {
    does: fn(&mut Cast),
    tells: &'static [(&'static str, Heard)],
}

fn path(cast: &Cast, path: &str) -> String {
    let fill = |filled: String, (name, id): (&&str, &String)| filled.replace(&format!("{{{name}}}"), id);
    cast.names.iter().fold(path.to_owned(), fill)
}

fn owner(cast: &mut Cast, status: u16, method: &str, target: &str, body: Value) -> Value {
    let target = path(cast, target);
    cast.owner(status, method, &target, &body)
}

fn by(cast: &mut Cast, who: Who, status: u16, method: &str, target: &str, body: Value) -> Value {
    let (person, target) = (cast.person(who).expect("somebody"), path(cast, target));
    must(&mut cast.world, status, &person, method, &target, &body)
}

/// What everybody has heard until now is forgotten.
fn hush(cast: &mut Cast) {
    for who in LISTENERS {
        all(&mut cast.world, &format!("{who:?}"));
    }
}

fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for row in rows {
        let mut cast = Cast::of(&LISTENERS);
        for who in LISTENERS {
            let person = cast.person(who).expect("somebody");
            open(&mut cast.world, &format!("{who:?}"), &person);
        }
        hush(&mut cast);
        (row.does)(&mut cast);
        for who in LISTENERS {
            let heard: Vec<String> = all(&mut cast.world, &format!("{who:?}"))
                .iter()
                .map(|frame| frame["t"].as_str().unwrap_or("?").to_owned())
                .collect();
            let told = row.tells.iter().filter(|(_, heard)| heard.includes(who));
            let expected: Vec<&str> = told.map(|(name, _)| *name).collect();
            if heard != expected {
                wrong.push(format!("{who:?} heard {heard:?}, expected {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn talk() -> Vec<Row> {
    vec![
        Row {
            does: |cast| {
                drop(owner(cast, 201, "POST", "/channels/{channel}/messages", json!({"content": "x"})))
            },
            tells: &[("MESSAGE_CREATE", Viewers)],
        },
        Row {
            does: |cast| {
                let own = cast.people[&Who::Owner].1.clone();
                owner(cast, 200, "PATCH", &format!("/messages/{own}"), json!({"content": "x"}));
            },
            tells: &[("MESSAGE_UPDATE", Viewers)],
        },
        Row {
            does: |cast| drop(owner(cast, 204, "DELETE", "/messages/{message}", NO)),
            tells: &[("MESSAGE_DELETE", Viewers)],
        },
        Row {
            does: |cast| {
                let thread = "/channels/{channel}/messages/{message}/thread";
                owner(cast, 201, "POST", thread, json!({"content": "x"}));
            },
            tells: &[("THREAD_MESSAGE_CREATE", Viewers)],
        },
        Row {
            does: |cast| {
                let reaction = "/channels/{channel}/messages/{message}/reactions/{emoji}";
                owner(cast, 204, "PUT", reaction, NO);
                owner(cast, 204, "PUT", reaction, NO);
                owner(cast, 204, "DELETE", reaction, NO);
            },
            tells: &[("REACTION_ADD", Viewers), ("REACTION_REMOVE", Viewers)],
        },
        Row {
            does: |cast| {
                let pin = "/channels/{channel}/messages/{message}/pin";
                owner(cast, 204, "POST", pin, NO);
                owner(cast, 204, "POST", pin, NO);
                owner(cast, 204, "DELETE", pin, NO);
            },
            tells: &[
                ("MESSAGE_PIN", Viewers),
                ("MESSAGE_UPDATE", Viewers),
                ("MESSAGE_UNPIN", Viewers),
                ("MESSAGE_UPDATE", Viewers),
            ],
        },
        Row {
            does: |cast| {
                let option = cast.name("option");
                owner(cast, 200, "POST", "/polls/{poll}/vote", json!({"option_id": option}));
            },
            tells: &[("POLL_VOTE", Viewers)],
        },
        Row {
            does: |cast| {
                let poll = json!({"question": "q", "options": ["a", "b"]});
                owner(cast, 201, "POST", "/channels/{channel}/polls", poll);
                let event = json!({"name": "x", "starts_at": "2027-01-01T00:00:00Z"});
                owner(cast, 201, "POST", "/channels/{channel}/events", event);
            },
            tells: &[("MESSAGE_CREATE", Viewers), ("MESSAGE_CREATE", Viewers)],
        },
        Row {
            does: |cast| {
                let target = path(cast, "/messages/{message}/attachments");
                send(&mut cast.world, &cast.target.clone(), &target, &[("files", Some("b.txt"), b"more")]);
            },
            tells: &[("MESSAGE_UPDATE", Viewers)],
        },
        Row {
            does: |cast| {
                let typing = path(cast, r#"{"op":"TYPING_START","d":{"channel_id":"{channel}"}}"#);
                cast.world.send("Owner", &typing);
                cast.world.send("Blind", &typing);
                cast.world.send("Muted", &typing);
                cast.world.send("Outsider", &typing);
            },
            tells: &[("TYPING_START", ViewersBut(Who::Owner))],
        },
    ]
}

fn people() -> Vec<Row> {
    vec![
        Row {
            does: |cast| cast.world.send("Target", r#"{"op":"PRESENCE_UPDATE","d":{"status":"dnd"}}"#),
            tells: &[("PRESENCE_UPDATE", AroundBut(Who::Target))],
        },
        Row {
            does: |cast| {
                cast.world.close("Target");
                cast.world.wait(6_000);
                let target = cast.target.clone();
                open(&mut cast.world, "Target", &target);
            },
            tells: &[
                ("PRESENCE_UPDATE", AroundBut(Who::Target)),
                ("PRESENCE_UPDATE", AroundBut(Who::Target)),
            ],
        },
        Row {
            does: |cast| {
                let member = cast.person(Who::Member).expect("a member").id;
                let dm = owner(cast, 201, "POST", "/dm-channels", json!({"user_id": member}));
                owner(cast, 200, "POST", "/dm-channels", json!({"user_id": member}));
                let said = format!("/dm-channels/{}/messages", id(&dm));
                let said = id(&owner(cast, 201, "POST", &said, json!({"content": "x"})));
                owner(cast, 200, "PATCH", &format!("/messages/{said}"), json!({"content": "y"}));
                owner(cast, 204, "DELETE", &format!("/messages/{said}"), NO);
            },
            tells: &[
                ("DM_CHANNEL_CREATE", By(&[Who::Owner, Who::Member])),
                ("DM_MESSAGE_CREATE", By(&[Who::Owner, Who::Member])),
                ("DM_MESSAGE_UPDATE", By(&[Who::Owner, Who::Member])),
                ("DM_MESSAGE_DELETE", By(&[Who::Owner, Who::Member])),
            ],
        },
        Row {
            does: |cast| {
                let typing = path(cast, r#"{"op":"TYPING_START","d":{"channel_id":"{conversation}"}}"#);
                cast.world.send("Owner", &typing);
                cast.world.send("Member", &typing);
            },
            tells: &[("DM_TYPING_START", By(&[Who::Target]))],
        },
        Row {
            does: |cast| {
                drop(by(cast, Who::Outsider, 201, "POST", "/servers/{server}/join", NO));
                drop(by(cast, Who::Target, 204, "DELETE", "/servers/{server}/leave", NO));
            },
            tells: &[("MEMBER_JOIN", MembersAnd(Who::Outsider)), ("MEMBER_LEAVE", MembersAnd(Who::Outsider))],
        },
    ]
}

fn calls() -> Vec<Row> {
    const CALL: &str = "/channels/{voice}/voice";
    vec![
        Row {
            does: |cast| {
                owner(cast, 201, "POST", CALL, NO);
                owner(cast, 200, "PATCH", CALL, json!({"self_mute": true}));
                owner(cast, 201, "POST", "/channels/{voice}/go-live", NO);
                owner(cast, 201, "POST", "/channels/{voice}/go-live", json!({"quality": "1080p"}));
                owner(cast, 204, "DELETE", "/channels/{voice}/go-live", NO);
                owner(cast, 204, "DELETE", CALL, NO);
            },
            tells: &[
                ("VOICE_STATE_UPDATE", Viewers),
                ("VOICE_STATE_UPDATE", Viewers),
                ("GO_LIVE_START", Viewers),
                ("GO_LIVE_START", Viewers),
                ("GO_LIVE_STOP", Viewers),
                ("VOICE_STATE_UPDATE", Viewers),
            ],
        },
        Row {
            does: |cast| {
                by(cast, Who::Target, 201, "POST", CALL, NO);
                let switches = json!({"server_mute": true, "server_deaf": true});
                owner(cast, 200, "PATCH", "/servers/{server}/members/{user}/voice", switches.clone());
                owner(cast, 200, "PATCH", "/servers/{server}/members/{user}/voice", switches);
            },
            tells: &[("VOICE_STATE_UPDATE", Viewers), ("VOICE_STATE_UPDATE", Viewers)],
        },
        Row {
            does: |cast| {
                for who in [Who::Owner, Who::Member, Who::Target] {
                    by(cast, who, 201, "POST", CALL, NO);
                }
                hush(cast);
                let member = cast.person(Who::Member).expect("a member").id;
                let offer = json!({"to_user_id": member, "type": "offer", "sdp": "v=0"});
                let offer = json!({"op": "VOICE_SIGNAL", "d": offer}).to_string();
                for who in ["Owner", "Admin", "Outsider"] {
                    cast.world.send(who, &offer);
                }
            },
            tells: &[("VOICE_SIGNAL", By(&[Who::Member]))],
        },
        // Who loses the channel, or it itself, is out, and what they showed with them.
        Row {
            does: |cast| {
                by(cast, Who::Target, 201, "POST", CALL, NO);
                by(cast, Who::Target, 201, "POST", "/channels/{voice}/go-live", NO);
                hush(cast);
                owner(cast, 204, "DELETE", "/servers/{server}/channels/{voice}", NO);
            },
            tells: &[("CHANNEL_DELETE", Viewers), ("GO_LIVE_STOP", Members), ("VOICE_STATE_UPDATE", Members)],
        },
        Row {
            does: |cast| {
                by(cast, Who::Target, 201, "POST", CALL, NO);
                by(cast, Who::Target, 201, "POST", "/channels/{voice}/go-live", NO);
                hush(cast);
                owner(cast, 204, "POST", "/servers/{server}/members/{user}/kick", NO);
            },
            tells: &[("MEMBER_KICK", Members), ("GO_LIVE_STOP", Viewers), ("VOICE_STATE_UPDATE", Viewers)],
        },
    ]
}

fn servers() -> Vec<Row> {
    vec![
        Row {
            does: |cast| drop(owner(cast, 200, "PATCH", "/servers/{server}", json!({"name": "x"}))),
            tells: &[("SERVER_UPDATE", Members)],
        },
        Row {
            does: |cast| drop(owner(cast, 204, "DELETE", "/servers/{server}", NO)),
            tells: &[("SERVER_DELETE", Members)],
        },
        Row {
            does: |cast| {
                let channel = json!({"name": "new", "type": "text"});
                owner(cast, 201, "POST", "/servers/{server}/channels", channel);
            },
            tells: &[("CHANNEL_CREATE", Members)],
        },
        Row {
            does: |cast| {
                let one = "/servers/{server}/channels/{channel}";
                owner(cast, 200, "PATCH", one, json!({"topic": "x"}));
                owner(cast, 204, "DELETE", one, NO);
            },
            tells: &[("CHANNEL_UPDATE", Viewers), ("CHANNEL_DELETE", Viewers)],
        },
        Row {
            does: |cast| {
                let target = cast.target.id.clone();
                let rule = json!({"user_id": target, "allow": 4, "deny": 0});
                owner(cast, 200, "PUT", "/channels/{channel}/overrides", rule);
                owner(cast, 204, "DELETE", "/channels/{channel}/overrides/{rule}", NO);
            },
            tells: &[("CHANNEL_OVERRIDE_UPDATE", Viewers), ("CHANNEL_OVERRIDE_DELETE", Viewers)],
        },
        Row {
            does: |cast| {
                let target = path(cast, "/servers/{server}/emojis");
                send(
                    &mut cast.world,
                    &cast.owner.clone(),
                    &target,
                    &[("name", None, b"new"), ("image", Some("p.png"), PNG)],
                );
                owner(cast, 204, "DELETE", "/servers/{server}/emojis/{custom}", NO);
            },
            tells: &[("CUSTOM_EMOJI_CREATE", Members), ("CUSTOM_EMOJI_DELETE", Members)],
        },
    ]
}

fn moderation() -> Vec<Row> {
    vec![
        Row {
            does: |cast| {
                let held = "/servers/{server}/members/{user}/roles/{role}";
                owner(cast, 204, "PUT", held, NO);
                owner(cast, 204, "PUT", held, NO);
                owner(cast, 204, "DELETE", held, NO);
            },
            tells: &[("MEMBER_ROLE_ADD", Members), ("MEMBER_ROLE_REMOVE", Members)],
        },
        Row {
            does: |cast| {
                let timeout = "/servers/{server}/members/{user}/timeout";
                owner(cast, 200, "POST", timeout, json!({"duration_minutes": 5}));
                owner(cast, 204, "DELETE", timeout, NO);
            },
            tells: &[("MEMBER_TIMEOUT", Members), ("MEMBER_TIMEOUT_REMOVE", Members)],
        },
        Row {
            does: |cast| drop(owner(cast, 204, "POST", "/servers/{server}/members/{user}/ban", NO)),
            tells: &[("MEMBER_BAN", Members)],
        },
        Row {
            does: |cast| {
                let banned = cast.person(Who::Banned).expect("somebody").id;
                owner(cast, 204, "DELETE", &format!("/servers/{{server}}/bans/{banned}"), NO);
            },
            tells: &[("MEMBER_UNBAN", Members)],
        },
    ]
}

#[test]
fn talk_is_heard_by_who_sees_it() {
    check(&talk());
}

#[test]
fn people_are_seen_by_who_knows_them() {
    check(&people());
}

#[test]
fn calls_are_seen_by_who_sees_their_channel() {
    check(&calls());
}

#[test]
fn servers_are_their_members_affair() {
    check(&servers());
}

#[test]
fn moderation_is_seen_by_all_members() {
    check(&moderation());
}

/// Names of events in the sources: quoted, in capitals, with a line between words.
fn named(directory: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).expect("the sources are there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            named(&path, names);
        } else {
            let source = std::fs::read_to_string(&path).expect("a source");
            let words = source.split('"').skip(1).step_by(1);
            let event = |word: &&str| {
                word.contains('_') && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            };
            names.extend(words.filter(event).map(str::to_owned));
        }
    }
}

#[test]
fn every_event_has_a_row() {
    let mut names = BTreeSet::new();
    named(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
    let rows = [talk(), people(), calls(), servers(), moderation()];
    let tells = rows.iter().flatten().flat_map(|row| row.tells);
    let known: BTreeSet<String> =
        tells.map(|(name, _)| (*name).to_owned()).chain(["HEARTBEAT_ACK".to_owned()]).collect();
    assert_eq!(names, known);
}
