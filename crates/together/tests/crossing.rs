//! crossing.md C3, together.md 11.7: people of other protocols look native here.

mod common;

use common::{Person, all, must, open, register, unlimited};
use commonroom_core::account::{Protocol, Status, StatusKind};
use commonroom_core::command::{NewMessage, Registration, Reply};
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::message::MessageKind;
use commonroom_core::{Actor, Command};
use commonroom_testkit::World;
use serde_json::{Value, json};

const NO: Value = Value::Null;

fn account(reply: Reply) -> AccountId {
    let Reply::Account(id) = reply else { panic!("{reply:?}") };
    id
}

fn guest(world: &mut World, name: &str) -> AccountId {
    let space = world.state().directory.default_space().expect("a first space").id;
    let command = Command::EnterGuest { name: name.to_owned(), space, via: Protocol::BareRtc };
    account(world.command(Actor::System, command).expect("guests may enter"))
}

fn says(world: &mut World, who: AccountId, kind: MessageKind, text: &str) -> Reply {
    let channel = default_channel(world);
    let new = NewMessage {
        channel,
        kind,
        text: text.to_owned(),
        reply_to: None,
        ping: false,
        nonce: None,
        ..NewMessage::said(channel, "")
    };
    world.command(Actor::Account(who), Command::PostMessage(new)).expect("it is said")
}

fn default_channel(world: &World) -> ChannelId {
    world
        .state()
        .directory
        .default_space()
        .and_then(|space| space.default_channel)
        .expect("a default channel")
}

fn members(world: &mut World, who: &Person) -> Value {
    let servers = must(world, 200, who, "GET", "/servers", &NO);
    let server = servers[0]["id"].as_str().expect("an id").to_owned();
    must(world, 200, who, "GET", &format!("/servers/{server}/members"), &NO)
}

#[test]
fn a_guest_is_a_member_with_a_word_for_a_name_and_the_name_beside_it() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    open(&mut world, "ann", &ann);
    all(&mut world, "ann");
    let id = guest(&mut world, "Zoë Blue").to_string();
    let joined = all(&mut world, "ann");
    assert_eq!(joined.len(), 1, "{joined:?}");
    assert_eq!(joined[0]["t"], "MEMBER_JOIN");
    let member = &joined[0]["d"]["member"];
    assert_eq!(
        (&member["user_id"], &member["username"], &member["nickname"]),
        (&json!(id), &json!("zoe_blue"), &json!("Zoë Blue"))
    );
    assert_eq!(member["status"], "offline", "not connected");
    let listed = members(&mut world, &ann);
    assert!(listed.as_array().is_some_and(|list| list.iter().any(|known| known["user_id"] == id.as_str())));
    let account = AccountId(id.parse().expect("an id"));
    says(&mut world, account, MessageKind::Said, "hello @ann");
    let heard = all(&mut world, "ann");
    assert_eq!(heard.len(), 1, "{heard:?}");
    let d = &heard[0]["d"];
    assert_eq!(
        (&d["author_id"], &d["content"], &d["mention_user_ids"]),
        (&json!(id), &json!("hello @ann"), &json!([ann.id]))
    );
    // The word is what mentions the guest.
    let channel = default_channel(&world);
    let posted = must(
        &mut world,
        201,
        &ann,
        "POST",
        &format!("/channels/{channel}/messages"),
        &json!({"content": "hi @zoe_blue"}),
    );
    assert_eq!(posted["mention_user_ids"], json!([id]));
}

#[test]
fn display_names_are_nicknames_and_plain_names_have_none() {
    let mut world = unlimited();
    let ann = register(&mut world, "Ann_1");
    let registration = Registration {
        username: "dora".to_owned(),
        display_name: Some("Dora the Bold".to_owned()),
        email: None,
        password: "x".to_owned(),
        invite: None,
        via: Protocol::OriginChats,
    };
    let dora =
        account(world.command(Actor::System, Command::Register(registration)).expect("dora registers"));
    let listed = members(&mut world, &ann);
    let names: Vec<_> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|member| (member["username"].clone(), member["nickname"].clone()))
        .collect();
    assert_eq!(names, [(json!("Ann_1"), NO), (json!("dora"), json!("Dora the Bold"))]);
    let space = world.state().directory.default_space().expect("a first space").id;
    let rename = Command::SetNickname { space, account: dora, nickname: Some("D.".to_owned()) };
    world.command(Actor::Account(dora), rename).expect("a nickname");
    assert_eq!(members(&mut world, &ann)[1]["nickname"], "D.");
}

#[test]
fn an_action_is_shown_in_italics() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    open(&mut world, "ann", &ann);
    let dora = world.member("dora");
    all(&mut world, "ann");
    says(&mut world, dora, MessageKind::Action, "waves");
    let heard = all(&mut world, "ann");
    assert_eq!((heard.len(), &heard[0]["d"]["content"]), (1, &json!("_waves_")));
    let channel = default_channel(&world);
    let history = must(&mut world, 200, &ann, "GET", &format!("/channels/{channel}/messages"), &NO);
    assert_eq!(history[0]["content"], "_waves_");
}

#[test]
fn idle_of_people_elsewhere_is_away() {
    let mut world = unlimited();
    let (ann, bob) = (register(&mut world, "ann"), register(&mut world, "bob"));
    open(&mut world, "ann", &ann);
    open(&mut world, "bob", &bob);
    all(&mut world, "ann");
    let idle = Status { kind: StatusKind::Idle, text: Some("tea".to_owned()), activity: None };
    let account = AccountId(bob.id.parse().expect("an id"));
    world.command(Actor::Account(account), Command::SetStatus(idle.clone())).expect("a status");
    assert_eq!(all(&mut world, "ann")[0]["d"]["status"], "idle", "chosen over this protocol");
    // Somebody who is not connected here at all is offline, whatever they chose elsewhere.
    let dora = world.member("dora");
    all(&mut world, "ann");
    world.command(Actor::Account(dora), Command::SetStatus(idle)).expect("a status");
    let told = all(&mut world, "ann");
    assert_eq!(
        (told.len(), &told[0]["d"]["status"], &told[0]["d"]["custom_status"]),
        (1, &json!("offline"), &json!("tea"))
    );
}

#[test]
fn whom_the_reader_muted_is_in_no_event_and_no_history() {
    use commonroom_core::event::Relation;
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let dora = world.member("dora");
    open(&mut world, "ann", &ann);
    let reader = AccountId(ann.id.parse().expect("an id"));
    let path = format!("/channels/{}/messages", default_channel(&world));
    for number in 0..60 {
        says(&mut world, dora, MessageKind::Said, &number.to_string());
        if number % 20 == 0 {
            must(&mut world, 201, &ann, "POST", &path, &json!({"content": "own"}));
        }
    }
    let mute = Command::Relate { to: dora, relation: Relation::Mute, on: true };
    world.command(Actor::Account(reader), mute).expect("a mute");
    all(&mut world, "ann");
    let Reply::Message { message, .. } = says(&mut world, dora, MessageKind::Said, "unheard") else {
        panic!("a message")
    };
    assert_eq!(all(&mut world, "ann"), Vec::<Value>::new());
    let history = must(&mut world, 200, &ann, "GET", &format!("{path}?limit=3"), &NO);
    let contents: Vec<_> =
        history.as_array().expect("a list").iter().map(|known| known["content"].clone()).collect();
    assert!(contents.iter().all(|content| content == "own"), "{contents:?}");
    let history = must(&mut world, 200, &ann, "GET", &path, &NO);
    assert_eq!(
        history.as_array().map(Vec::len),
        Some(3),
        "the gaps that a mute leaves are filled from further back"
    );
    must(&mut world, 404, &ann, "GET", &format!("{path}/{}", message.id), &NO);
}
