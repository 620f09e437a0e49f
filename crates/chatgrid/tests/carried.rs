//! crossing.md C3: what messages of other protocols carry besides text is one short line each here, spoken aloud.

mod support;

use commonroom_chatgrid::Config;
use commonroom_core::command::{Actor, Command, NewMessage, Reply};
use commonroom_core::ids::{AccountId, ChannelId, MessageId};
use commonroom_testkit::{laden, play};
use support::Checked;

/// A stage with ann on the grid and tom elsewhere.
fn grid() -> (Checked, ChannelId, AccountId) {
    let mut stage = Checked::new(Config::default());
    stage.register("ann");
    let tom = stage.world.member("tom");
    said(&mut stage, "+6s\nann ? {\"type\":\"welcome\",...}\nann drop");
    let directory = stage.world.state().directory;
    let channel = directory.default_space().and_then(|space| space.default_channel).expect("a channel");
    (stage, channel, tom)
}

fn said(stage: &mut Checked, text: &str) {
    if let Err(why) = play(stage, text) {
        panic!("{why}");
    }
}

fn post(stage: &mut Checked, actor: Actor, new: NewMessage) -> MessageId {
    match stage.world.command(actor, Command::PostMessage(new)) {
        Ok(Reply::Message { message, .. }) => message.id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_cards_and_questions_are_one_line_each() {
    let (mut stage, channel, tom) = grid();
    let new = laden::file(&mut stage.world, tom, channel, ("my_cat.png", "image/png", 2_048));
    post(&mut stage, Actor::Account(tom), new);
    post(&mut stage, Actor::Account(tom), laden::card(channel));
    let asked = post(&mut stage, Actor::Account(tom), laden::question(channel));
    said(
        &mut stage,
        r#"
ann < {"type":"chat_message","message":"tom shared my_cat.png, image/png, 2 KB","system":true,"action":false}
ann < {"type":"chat_message","message":"look","senderNickname":"tom",...}
ann < {"type":"chat_message","message":"tom: A <b>title</b> what it is; size: big https://site.example/?a=1&b=2","system":true,"action":false}
ann < {"type":"chat_message","message":"tom asks: Lunch? 1. Pizza; 2. Pasta","system":true,"action":false}
ann <nothing
"#,
    );
    let vote = Command::Vote { message: asked, options: vec!["1".to_owned()] };
    stage.world.command(Actor::Account(tom), vote).expect("a vote");
    stage.world.command(Actor::Account(tom), Command::EndPoll { message: asked }).expect("it ends");
    said(
        &mut stage,
        r#"
ann < {"type":"chat_message","message":"Poll ended: Lunch? Pizza 0, Pasta 1","system":true,"action":false}
ann <nothing
"#,
    );
}

#[test]
fn a_card_of_any_length_is_one_line_that_ends() {
    let (mut stage, channel, tom) = grid();
    let mut new = laden::card(channel);
    new.text = String::new();
    new.embeds[0].description = Some("x".repeat(3_000));
    let field = new.embeds[0].fields[0].clone();
    new.embeds[0].fields = vec![commonroom_core::embed::Field { value: "y".repeat(500), ..field }; 5];
    post(&mut stage, Actor::Account(tom), new);
    let heard = stage.all("ann");
    assert_eq!(heard.len(), 1, "{heard:?}");
    let line = heard[0]["message"].as_str().expect("words");
    assert!(line.chars().count() <= 500 && line.ends_with("… https://site.example/?a=1&b=2"), "{line}");
}

#[test]
fn a_webhook_speaks_under_its_name_and_the_server_by_a_line() {
    let (mut stage, channel, _) = grid();
    post(&mut stage, Actor::System, laden::webhook(channel, "Builds", "all **green**"));
    post(&mut stage, Actor::System, laden::webhook(channel, "tom", "I am not tom"));
    post(&mut stage, Actor::System, laden::server(channel, "Welcome"));
    said(
        &mut stage,
        r#"
ann < {"type":"chat_message","message":"all green","senderNickname":"Builds",...}
ann < {"type":"chat_message","message":"I am not tom","senderNickname":"tom (webhook)",...}
ann < {"type":"chat_message","message":"Welcome","system":true,"action":false}
ann <nothing
"#,
    );
}

#[test]
fn a_pin_is_told_once_and_taking_it_off_is_not() {
    let (mut stage, channel, tom) = grid();
    let said_before = post(&mut stage, Actor::Account(tom), NewMessage::said(channel, "remember"));
    let space = stage.world.state().directory.default_space().expect("a space").clone();
    let role = space.role_named("moderator").expect("a role").id;
    let give = Command::GiveRole { space: space.id, account: tom, role };
    stage.world.command(Actor::System, give).expect("a role");
    said(&mut stage, "ann ? {\"type\":\"chat_message\",\"message\":\"remember\",...}\nann drop");
    for on in [true, false] {
        stage.world.command(Actor::Account(tom), Command::Pin { message: said_before, on }).expect("a pin");
    }
    said(
        &mut stage,
        r#"
ann < {"type":"chat_message","message":"tom pinned a message","system":true,"action":false}
ann <nothing
"#,
    );
}
