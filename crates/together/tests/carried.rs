//! crossing.md C3: what messages of other protocols carry besides text is lines of their content here.

mod common;

use common::{all, must, open, register, unlimited};
use commonroom_core::command::{NewMessage, Reply};
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::{Actor, Command};
use commonroom_testkit::{World, laden};
use serde_json::{Value, json};

fn post(world: &mut World, actor: Actor, new: NewMessage) -> String {
    match world.command(actor, Command::PostMessage(new)) {
        Ok(Reply::Message { message, .. }) => message.id.to_string(),
        other => panic!("{other:?}"),
    }
}

fn channel(world: &World) -> ChannelId {
    let directory = world.state().directory;
    directory.default_space().and_then(|space| space.default_channel).expect("a default channel")
}

/// The content of the only frame that has arrived.
fn heard(world: &mut World, name: &str) -> Value {
    let frames = all(world, name);
    assert_eq!(frames.len(), 1, "{frames:?}");
    assert_eq!(frames[0]["t"], "MESSAGE_CREATE");
    frames[0]["d"]["content"].clone()
}

#[test]
fn files_cards_and_questions_are_lines_below_the_text() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    open(&mut world, "ann", &ann);
    let dora = world.member("dora");
    all(&mut world, "ann");
    let (channel, by) = (channel(&world), Actor::Account(dora));
    let new = laden::file(&mut world, dora, channel, ("a.png", "image/png", 2_048));
    post(&mut world, by, new);
    assert_eq!(heard(&mut world, "ann"), "shared a.png, image/png, 2 KB");
    post(&mut world, by, laden::card(channel));
    let card = "look\nA <b>title</b>\nwhat it is\nsize: big\nhttps://site.example/?a=1&b=2";
    assert_eq!(heard(&mut world, "ann"), card);
    let asked = post(&mut world, by, laden::question(channel));
    assert_eq!(heard(&mut world, "ann"), "asks: Lunch?\n1. Pizza\n2. Pasta");
    let message = asked.parse().expect("an id");
    world.command(by, Command::EndPoll { message }).expect("it ends");
    assert_eq!(all(&mut world, "ann"), Vec::<Value>::new());
    let path = format!("/channels/{channel}/messages");
    let history = must(&mut world, 200, &ann, "GET", &path, &Value::Null);
    let contents: Vec<&str> =
        history.as_array().into_iter().flatten().filter_map(|m| m["content"].as_str()).collect();
    assert!(contents.contains(&card), "{contents:?}");
    assert!(contents.contains(&"asked: Lunch?\n1. Pizza (0 votes)\n2. Pasta (0 votes)"), "{contents:?}");
}

#[test]
fn an_author_who_edits_here_does_not_keep_the_lines_as_text() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let account = AccountId(ann.id.parse().expect("an id"));
    let channel = channel(&world);
    let id = post(&mut world, Actor::Account(account), laden::card(channel));
    let path = format!("/messages/{id}");
    let content = "look again\nA <b>title</b>\nwhat it is\nsize: big\nhttps://site.example/?a=1&b=2";
    let edited = must(&mut world, 200, &ann, "PATCH", &path, &json!({"content": content}));
    assert_eq!(edited["content"], content);
    let again = must(&mut world, 200, &ann, "PATCH", &path, &json!({"content": content}));
    assert_eq!(again["content"], content);
}

#[test]
fn a_webhook_speaks_under_its_name_and_the_server_in_italics() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    open(&mut world, "ann", &ann);
    let channel = channel(&world);
    post(&mut world, Actor::System, laden::webhook(channel, "Builds", "all green"));
    assert_eq!(heard(&mut world, "ann"), "**Builds:** all green");
    post(&mut world, Actor::System, laden::webhook(channel, "Ann", "I am not ann"));
    assert_eq!(heard(&mut world, "ann"), "**Ann (webhook):** I am not ann");
    post(&mut world, Actor::System, laden::server(channel, "Welcome"));
    assert_eq!(heard(&mut world, "ann"), "_Welcome_");
}

#[test]
fn an_emoji_of_the_community_is_read_by_its_name() {
    use commonroom_core::file::Picture;
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    open(&mut world, "ann", &ann);
    let dora = world.member("dora");
    let space = world.state().directory.default_space().expect("a space").id;
    let owner = Command::CreateOwner { username: "olga".to_owned(), password: "x".to_owned() };
    let Ok(Reply::Account(olga)) = world.command(Actor::System, owner) else { panic!("no owner") };
    let picture =
        Picture { hash: "0".repeat(64), mime: "image/png".to_owned(), extension: "png".to_owned(), size: 1 };
    let add = Command::AddEmoji { space, name: "wave".to_owned(), picture };
    let Ok(Reply::Emoji(number)) = world.command(Actor::Account(olga), add) else { panic!("no emoji") };
    let channel = channel(&world);
    let id = post(&mut world, Actor::Account(dora), NewMessage::said(channel, "hi"));
    all(&mut world, "ann");
    let emoji = format!("originChats://chat.example/emojis/{number}");
    let react = Command::React { message: id.parse().expect("an id"), emoji, on: true };
    world.command(Actor::Account(dora), react).expect("a reaction");
    let frames = all(&mut world, "ann");
    assert_eq!(
        (frames.len(), &frames[0]["t"], &frames[0]["d"]["emoji"]),
        (1, &json!("REACTION_ADD"), &json!(":wave:"))
    );
}
