//! together.md 13 #5, 13 #6, 9 and crossing.md C3: where talk is checked, how large it may be, and how the talk of other
//! protocols looks here.

mod common;

use common::{Person, all, call, join, must, open, register, server, unlimited};
use commonroom_core::channel::{ChannelKind, Grant};
use commonroom_core::command::{ChannelSettings, NewMessage, Reply};
use commonroom_core::embed::Embed;
use commonroom_core::ids::{AccountId, ChannelId, SpaceId};
use commonroom_core::message::{Persona, PersonaSource};
use commonroom_core::poll::{Poll, PollOption};
use commonroom_core::{Actor, Command, Permissions};
use commonroom_testkit::World;
use serde_json::{Value, json};

const NO: Value = Value::Null;
const THUMB: &str = "%F0%9F%91%8D";

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn id(value: &Value) -> String {
    text(&value["id"])
}

fn account(who: &Person) -> Actor {
    Actor::Account(AccountId(who.id.parse().expect("an id")))
}

fn channel_id(id: &str) -> ChannelId {
    ChannelId(id.parse().expect("an id"))
}

/// A message with a thread, a vote and a reaction; a poll in the channel.
struct Talk {
    message: String,
    poll: String,
    option: String,
}

fn talk(world: &mut World, who: &Person, channel: &str) -> Talk {
    let message = id(&must(
        world,
        201,
        who,
        "POST",
        &format!("/channels/{channel}/messages"),
        &json!({"content": "x"}),
    ));
    let thread = format!("/channels/{channel}/messages/{message}/thread");
    must(world, 201, who, "POST", &thread, &json!({"content": "y"}));
    let asked = json!({"question": "q", "options": ["a", "b"]});
    let poll = must(world, 201, who, "POST", &format!("/channels/{channel}/polls"), &asked);
    let option = id(&poll["poll"]["options"][0]);
    Talk { message, poll: id(&poll), option }
}

#[test]
fn a_hidden_channel_is_hidden_everywhere() {
    let mut world = unlimited();
    let (ann, bob) = (register(&mut world, "ann"), register(&mut world, "bob"));
    let (server, channel, _) = server(&mut world, &ann);
    join(&mut world, &bob, &server);
    let Talk { message, poll, option } = talk(&mut world, &ann, &channel);
    let rule = json!({"user_id": bob.id, "allow": 0, "deny": 1});
    must(&mut world, 200, &ann, "PUT", &format!("/channels/{channel}/overrides"), &rule);
    open(&mut world, "bob", &bob);
    let place = format!("/channels/{channel}");
    let said = json!({"content": "x"});
    for (method, path, body) in [
        ("GET", format!("{place}/messages"), &NO),
        ("POST", format!("{place}/messages"), &said),
        ("GET", format!("{place}/messages/{message}"), &NO),
        ("GET", format!("{place}/messages/{message}/thread"), &NO),
        ("POST", format!("{place}/messages/{message}/thread"), &said),
        ("GET", format!("{place}/messages/{message}/reactions"), &NO),
        ("PUT", format!("{place}/messages/{message}/reactions/{THUMB}"), &NO),
        ("GET", format!("{place}/pinned-messages"), &NO),
        ("POST", format!("{place}/messages/{message}/pin"), &NO),
        ("POST", format!("{place}/ack"), &NO),
        ("POST", format!("{place}/polls"), &json!({"question": "q", "options": ["a", "b"]})),
        ("POST", format!("{place}/events"), &json!({"name": "x", "starts_at": "2027-01-01T00:00:00Z"})),
        ("GET", format!("/polls/{poll}"), &NO),
        ("POST", format!("/polls/{poll}/vote"), &json!({"option_id": option})),
        ("GET", format!("/messages/{message}/attachments"), &NO),
        ("POST", format!("/messages/{message}/attachments"), &NO),
    ] {
        assert_eq!(call(&mut world, Some(&bob), method, &path, body).0, 403, "{method} {path}");
    }
    let found = must(&mut world, 200, &bob, "GET", &format!("/servers/{server}/search?q=xx"), &NO);
    assert_eq!(found["total"], 0);
    talk(&mut world, &ann, &channel);
    must(&mut world, 204, &ann, "POST", &format!("{place}/messages/{message}/pin"), &NO);
    assert_eq!(all(&mut world, "bob"), Vec::<Value>::new());
}

#[test]
fn the_end_of_a_channel_hidden_by_a_list_of_roles_is_hidden_too() {
    let mut world = unlimited();
    let (ann, bob) = (register(&mut world, "ann"), register(&mut world, "bob"));
    let (server, channel, _) = server(&mut world, &ann);
    join(&mut world, &bob, &server);
    let nobody = vec![Grant { permission: Permissions::VIEW, roles: Vec::new() }];
    let settings = ChannelSettings { grants: Some(nobody), ..ChannelSettings::default() };
    let hide = Command::ChangeChannel { channel: channel_id(&channel), settings };
    world.command(account(&ann), hide).expect("the owner may");
    for (name, person) in [("ann", &ann), ("bob", &bob)] {
        open(&mut world, name, person);
    }
    all(&mut world, "ann");
    must(&mut world, 204, &ann, "DELETE", &format!("/servers/{server}/channels/{channel}"), &NO);
    let heard =
        |world: &mut World, name| all(world, name).iter().map(|frame| text(&frame["t"])).collect::<Vec<_>>();
    assert_eq!(heard(&mut world, "ann"), ["CHANNEL_DELETE"]);
    assert!(heard(&mut world, "bob").is_empty());
}

#[test]
fn who_is_silenced_authors_nothing() {
    let mut world = unlimited();
    let (ann, bob) = (register(&mut world, "ann"), register(&mut world, "bob"));
    let (server, channel, _) = server(&mut world, &ann);
    join(&mut world, &bob, &server);
    let own = id(&must(
        &mut world,
        201,
        &bob,
        "POST",
        &format!("/channels/{channel}/messages"),
        &json!({"content": "x"}),
    ));
    let Talk { message, poll, option } = talk(&mut world, &ann, &channel);
    let minutes = json!({"duration_minutes": 5});
    must(&mut world, 200, &ann, "POST", &format!("/servers/{server}/members/{}/timeout", bob.id), &minutes);
    let place = format!("/channels/{channel}");
    let said = json!({"content": "x"});
    for (method, path, body) in [
        ("POST", format!("{place}/messages"), &said),
        ("PATCH", format!("/messages/{own}"), &said),
        ("POST", format!("{place}/messages/{message}/thread"), &said),
        ("POST", format!("{place}/messages/{own}/thread"), &said),
        ("PUT", format!("{place}/messages/{message}/reactions/{THUMB}"), &NO),
        ("POST", format!("{place}/polls"), &json!({"question": "q", "options": ["a", "b"]})),
        ("POST", format!("{place}/events"), &json!({"name": "x", "starts_at": "2027-01-01T00:00:00Z"})),
        ("POST", format!("/polls/{poll}/vote"), &json!({"option_id": option})),
        ("POST", format!("/messages/{own}/attachments"), &NO),
    ] {
        let (status, answer) = call(&mut world, Some(&bob), method, &path, body);
        assert_eq!(status, 403, "{method} {path}");
        assert!(text(&answer["error"]).contains("timed out"), "{method} {path}: {answer}");
    }
}

#[test]
fn talk_has_its_sizes() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let (_, channel, _) = server(&mut world, &ann);
    let Talk { message, .. } = talk(&mut world, &ann, &channel);
    let long = |count: usize| "\u{e9}".repeat(count);
    let event = |name: String, text: String| json!({"name": name, "description": text, "starts_at": "2027-01-01T00:00:00Z"});
    let poll = |question: String, option: String| json!({"question": question, "options": ["a", option]});
    let place = format!("/channels/{channel}");
    let thread = format!("{place}/messages/{message}/thread");
    let (polls, events, messages) =
        (format!("{place}/polls"), format!("{place}/events"), format!("{place}/messages"));
    for (path, body, status) in [
        (&thread, json!({"content": long(4_000)}), 201),
        (&thread, json!({"content": long(4_001)}), 400),
        (&thread, json!({"content": "\u{200b}"}), 201),
        (&thread, json!({"content": "a\0"}), 400),
        (&messages, json!({"content": "x", "nonce": "n".repeat(64)}), 201),
        (&messages, json!({"content": "x", "nonce": "n".repeat(65)}), 400),
        (&messages, json!({"content": "x", "nonce": 7}), 422),
        (&events, event(long(200), long(2_000)), 201),
        (&events, event(long(201), String::new()), 400),
        (&events, event(long(1), long(2_001)), 400),
        (&events, event("a\0".to_owned(), String::new()), 400),
        (&polls, poll(long(500), long(200)), 201),
        (&polls, poll(long(501), long(1)), 400),
        (&polls, poll(long(1), long(201)), 400),
        (&polls, json!({"question": "q", "options": vec!["a"; 11]}), 400),
        (&polls, json!({"question": "q", "options": vec!["a"; 10]}), 201),
    ] {
        let (found, answer) = call(&mut world, Some(&ann), "POST", path, &body);
        assert_eq!(found, status, "{path}: {answer}");
    }
}

#[test]
fn a_forum_is_a_channel_whose_topics_are_messages_with_threads() {
    let mut world = unlimited();
    let (ann, bob) = (register(&mut world, "ann"), register(&mut world, "bob"));
    let (server, _, _) = server(&mut world, &ann);
    join(&mut world, &bob, &server);
    let settings = ChannelSettings { name: Some("forum".to_owned()), ..ChannelSettings::default() };
    let space = SpaceId(server.parse().expect("an id"));
    let made =
        world.command(account(&ann), Command::CreateChannel { space, kind: ChannelKind::Forum, settings });
    let Ok(Reply::Channel { channel: forum, .. }) = made else { panic!("{made:?}") };
    let listed = must(&mut world, 200, &bob, "GET", &format!("/servers/{server}/channels"), &NO);
    assert!(
        listed
            .as_array()
            .is_some_and(|list| list.iter().any(|known| known["name"] == "forum" && known["type"] == "text"))
    );
    open(&mut world, "bob", &bob);
    let opened = world
        .command(account(&ann), Command::CreateThread { parent: forum, name: "Cats".to_owned(), root: None });
    let Ok(Reply::Channel { channel: topic, .. }) = opened else { panic!("{opened:?}") };
    let told = all(&mut world, "bob");
    assert_eq!((told.len(), &told[0]["t"]), (1, &json!("MESSAGE_CREATE")));
    assert_eq!(
        (&told[0]["d"]["id"], &told[0]["d"]["content"]),
        (&json!(topic.to_string()), &json!("**Cats**"))
    );
    world
        .command(account(&ann), Command::PostMessage(NewMessage::said(topic, "they purr")))
        .expect("it is said");
    let told = all(&mut world, "bob");
    assert_eq!((told.len(), &told[0]["t"]), (1, &json!("THREAD_MESSAGE_CREATE")));
    assert_eq!(
        (&told[0]["d"]["thread_id"], &told[0]["d"]["channel_id"]),
        (&json!(topic.to_string()), &json!(forum.to_string()))
    );
    let place = format!("/channels/{forum}/messages");
    let thread = format!("{place}/{topic}/thread");
    let answered = must(&mut world, 201, &bob, "POST", &thread, &json!({"content": "and sleep"}));
    assert_eq!(answered["thread_id"], json!(topic.to_string()));
    let list = must(&mut world, 200, &bob, "GET", &thread, &NO);
    assert_eq!((&list[0]["content"], &list[1]["content"]), (&json!("they purr"), &json!("and sleep")));
    assert_eq!(must(&mut world, 200, &bob, "GET", &format!("{place}/{topic}/reactions"), &NO), json!([]));
    assert_eq!(must(&mut world, 200, &bob, "GET", &format!("/messages/{topic}/attachments"), &NO), json!([]));
    // Writing in the forum opens a topic.
    let mine = must(&mut world, 201, &bob, "POST", &place, &json!({"content": "Dogs"}));
    let topics = must(&mut world, 200, &bob, "GET", &place, &NO);
    assert_eq!(
        (id(&topics[0]), id(&topics[1]), &topics[1]["thread_reply_count"]),
        (id(&mine), topic.to_string(), &json!(2))
    );
    let older = must(&mut world, 200, &bob, "GET", &format!("{place}?before={}", id(&mine)), &NO);
    assert_eq!(older.as_array().map(Vec::len), Some(1));
    let renamed = must(
        &mut world,
        200,
        &bob,
        "PATCH",
        &format!("/messages/{}", id(&mine)),
        &json!({"content": "Wolves"}),
    );
    assert_eq!(renamed["content"], "**Wolves**");
    assert_eq!(call(&mut world, Some(&bob), "DELETE", &format!("/messages/{topic}"), &NO).0, 403);
    all(&mut world, "bob");
    must(&mut world, 204, &ann, "DELETE", &format!("/messages/{}", id(&mine)), &NO);
    let told = all(&mut world, "bob");
    assert_eq!((&told[0]["t"], &told[0]["d"]["id"]), (&json!("MESSAGE_DELETE"), &mine["id"]));
}

#[test]
fn what_other_protocols_say_is_readable_here() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let (server, channel, _) = server(&mut world, &ann);
    open(&mut world, "ann", &ann);
    let source = PersonaSource::Service("github".to_owned());
    let persona = Persona { name: "Builds".to_owned(), avatar: None, source };
    let embed = Embed {
        title: Some("Release".to_owned()),
        description: Some("is out".to_owned()),
        url: Some("https://example.org/x".to_owned()),
        ..Embed::default()
    };
    let channel = channel_id(&channel);
    let new = NewMessage {
        persona: Some(Box::new(persona)),
        embeds: vec![embed.clone()],
        ..NewMessage::said(channel, "done")
    };
    world.command(Actor::System, Command::PostMessage(new)).expect("it is said");
    let heard = all(&mut world, "ann");
    let d = &heard.last().expect("a message")["d"];
    assert_eq!(d["content"], "**Builds:** done\n**Release**\nhttps://example.org/x\nis out");
    let members = must(&mut world, 200, &ann, "GET", &format!("/servers/{server}/members"), &NO);
    assert!(
        members.as_array().is_some_and(|list| list.iter().any(|known| known["user_id"] == d["author_id"])),
        "its author is known"
    );
    let option =
        |id: &str| PollOption { id: id.to_owned(), text: id.to_uppercase(), emoji: None, by: Vec::new() };
    let poll = Poll {
        question: "Which?".to_owned(),
        options: vec![option("a"), option("b")],
        multiple: true,
        expires_at: None,
        ended_at: None,
    };
    let new = NewMessage { poll: Some(Box::new(poll)), embeds: vec![embed], ..NewMessage::said(channel, "") };
    world.command(account(&ann), Command::PostMessage(new)).expect("it is asked");
    let asked = all(&mut world, "ann")[0]["d"].clone();
    assert!(text(&asked["content"]).starts_with("\u{1f4ca} **Poll:** Which?"), "{asked}");
    let options = &asked["poll"]["options"];
    assert_eq!((&options[0]["text"], &options[1]["text"]), (&json!("A"), &json!("B")));
    let voted = must(
        &mut world,
        200,
        &ann,
        "POST",
        &format!("/polls/{}/vote", id(&asked)),
        &json!({"option_id": options[1]["id"]}),
    );
    assert_eq!((&voted["user_vote"], &voted["options"][1]["votes"]), (&options[1]["id"], &json!(1)));
}

#[test]
fn a_conversation_outlives_the_account_of_the_other() {
    let mut world = unlimited();
    let (ann, bob) = (register(&mut world, "ann"), register(&mut world, "bob"));
    let opened = must(&mut world, 201, &bob, "POST", "/dm-channels", &json!({"user_id": ann.id}));
    let place = format!("/dm-channels/{}/messages", id(&opened));
    must(&mut world, 201, &bob, "POST", &place, &json!({"content": "bye"}));
    let Actor::Account(gone) = account(&bob) else { panic!("an account") };
    world.command(Actor::System, Command::Retire { account: gone }).expect("it is retired");
    let listed = must(&mut world, 200, &ann, "GET", "/dm-channels", &NO);
    let recipient = &listed[0]["recipient"];
    assert_eq!((&recipient["id"], &recipient["status"]), (&json!(bob.id), &json!("offline")));
    assert_eq!(recipient["username"], "Deleted User");
    let read = must(&mut world, 200, &ann, "GET", &place, &NO);
    assert_eq!((&read[0]["content"], &read[0]["author_id"]), (&json!("bye"), &NO));
    assert_eq!(call(&mut world, Some(&ann), "POST", "/dm-channels", &json!({"user_id": bob.id})).0, 200);
}
