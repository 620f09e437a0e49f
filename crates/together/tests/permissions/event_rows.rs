//! What causes each event, and who is told, in the order of section 6.

use crate::cast::{Cast, id};
use crate::common::form::{PNG, send};
use crate::common::{must, open};
use crate::events::Heard::{AroundBut, By, Members, MembersAnd, Viewers, ViewersBut};
use crate::events::{Row, hush};
use crate::need::{SPEAK, VIEW_CHANNEL, Who};
use commonroom_testkit::Stage as _;
use serde_json::{Value, json};

const NO: Value = Value::Null;
/// Who may invite.
const INVITERS: &[Who] = &[Who::Moderator, Who::Admin, Who::Owner];
const CALL: &str = "/channels/{voice}/voice";

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

pub fn talk() -> Vec<Row> {
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
    ]
}

pub fn marks() -> Vec<Row> {
    vec![
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

pub fn people() -> Vec<Row> {
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
            does: |cast| drop(by(cast, Who::Outsider, 201, "POST", "/servers/{server}/join", NO)),
            tells: &[("MEMBER_JOIN", MembersAnd(Who::Outsider))],
        },
        // With what a channel allowed them alone.
        Row {
            does: |cast| drop(by(cast, Who::Target, 204, "DELETE", "/servers/{server}/leave", NO)),
            tells: &[("MEMBER_LEAVE", Members), ("CHANNEL_OVERRIDE_DELETE", ViewersBut(Who::Target))],
        },
    ]
}

pub fn calls() -> Vec<Row> {
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
    ]
}

/// Who loses the channel, or the right to be heard in it.
pub fn ends_of_calls() -> Vec<Row> {
    vec![
        Row {
            does: |cast| {
                by(cast, Who::Target, 201, "POST", CALL, NO);
                hush(cast);
                let rule = |deny: u64, target: &str| json!({"user_id": target, "allow": 0, "deny": deny});
                let target = cast.target.id.clone();
                owner(cast, 200, "PUT", "/channels/{voice}/overrides", rule(SPEAK, &target));
                owner(cast, 200, "PUT", "/channels/{voice}/overrides", rule(VIEW_CHANNEL, &target));
            },
            tells: &[
                ("CHANNEL_OVERRIDE_UPDATE", Viewers),
                ("VOICE_STATE_UPDATE", Viewers),
                ("CHANNEL_OVERRIDE_UPDATE", ViewersBut(Who::Target)),
                ("VOICE_STATE_UPDATE", Viewers),
            ],
        },
        // Who loses the channel, or it itself, is out, and what they showed with them.
        Row {
            does: |cast| {
                by(cast, Who::Target, 201, "POST", CALL, NO);
                by(cast, Who::Target, 201, "POST", "/channels/{voice}/go-live", NO);
                hush(cast);
                owner(cast, 204, "DELETE", "/servers/{server}/channels/{voice}", NO);
            },
            tells: &[("CHANNEL_DELETE", Viewers), ("GO_LIVE_STOP", Viewers), ("VOICE_STATE_UPDATE", Viewers)],
        },
        Row {
            does: |cast| {
                by(cast, Who::Target, 201, "POST", CALL, NO);
                by(cast, Who::Target, 201, "POST", "/channels/{voice}/go-live", NO);
                hush(cast);
                owner(cast, 204, "POST", "/servers/{server}/members/{user}/kick", NO);
            },
            tells: &[
                ("MEMBER_KICK", Members),
                ("GO_LIVE_STOP", Viewers),
                ("VOICE_STATE_UPDATE", Viewers),
                ("CHANNEL_OVERRIDE_DELETE", ViewersBut(Who::Target)),
            ],
        },
    ]
}

pub fn servers() -> Vec<Row> {
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

pub fn moderation() -> Vec<Row> {
    vec![
        Row {
            does: |cast| {
                let role = id(&owner(cast, 201, "POST", "/servers/{server}/roles", json!({"name": "new"})));
                let role = format!("/servers/{{server}}/roles/{role}");
                owner(cast, 200, "PATCH", &role, json!({"name": "newer"}));
                owner(cast, 204, "DELETE", &role, NO);
            },
            tells: &[("ROLE_CREATE", Members), ("ROLE_UPDATE", Members), ("ROLE_DELETE", Members)],
        },
        Row {
            does: |cast| {
                owner(cast, 200, "PATCH", "/servers/{server}/members/{user}", json!({"nickname": "x"}));
            },
            tells: &[("MEMBER_UPDATE", Members)],
        },
        Row {
            does: |cast| {
                owner(cast, 201, "POST", "/servers/{server}/invites", json!({}));
                owner(cast, 204, "DELETE", "/servers/{server}/invites/{invite}", NO);
            },
            tells: &[("INVITE_CREATE", By(INVITERS)), ("INVITE_DELETE", By(INVITERS))],
        },
        Row {
            does: |cast| {
                let held = "/servers/{server}/members/{user}/roles/{role}";
                owner(cast, 204, "PUT", held, NO);
                owner(cast, 204, "PUT", held, NO);
                owner(cast, 204, "DELETE", held, NO);
            },
            // The second makes the browser app work out anew what its user may do.
            tells: &[
                ("MEMBER_ROLE_ADD", Members),
                ("ROLE_UPDATE", By(&[Who::Target])),
                ("MEMBER_ROLE_REMOVE", Members),
                ("ROLE_UPDATE", By(&[Who::Target])),
            ],
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
            tells: &[("MEMBER_BAN", Members), ("CHANNEL_OVERRIDE_DELETE", ViewersBut(Who::Target))],
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
