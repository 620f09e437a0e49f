//! crossing.md C3: what messages of other protocols carry besides text is a block of escaped text here, and pictures
//! kept by this server are shown.

mod common;

use commonroom_barertc::Config;
use commonroom_core::command::{Actor, Command, NewMessage, Reply};
use commonroom_core::ids::{AccountId, ChannelId, MessageId};
use commonroom_testkit::{World, laden, play};

fn post(world: &mut World, actor: Actor, new: NewMessage) -> MessageId {
    match world.command(actor, Command::PostMessage(new)) {
        Ok(Reply::Message { message, .. }) => message.id,
        other => panic!("{other:?}"),
    }
}

/// A world with ann in it and tom elsewhere.
fn room() -> (World, ChannelId, AccountId) {
    let mut world = common::world(&Config::default());
    let tom = world.member("tom");
    said(
        &mut world,
        "ann = barertc /ws\nann > {\"action\":\"login\",\"username\":\"ann\"}\n+1s\nann ? {\"action\":\"me\",...}\nann drop\n",
    );
    let directory = world.state().directory;
    let channel = directory.default_space().and_then(|space| space.default_channel).expect("a channel");
    (world, channel, tom)
}

fn said(world: &mut World, text: &str) {
    if let Err(why) = play(world, text) {
        panic!("{why}");
    }
}

#[test]
fn pictures_are_shown_and_other_files_are_linked() {
    let (mut world, channel, tom) = room();
    let new = laden::file(&mut world, tom, channel, ("a\"<b>.png", "image/png", 2_048));
    let file = new.files[0];
    post(&mut world, Actor::Account(tom), new);
    let name = "a&#34;&lt;b&gt;.png";
    said(
        &mut world,
        &format!(
            r#"ann < {{"action":"message","channel":"lobby","username":"tom","message":"<p><a href=\"/attachments/{file}\" rel=\"nofollow noopener\">shared {name}, image/png, 2 KB</a><br><img src=\"/attachments/{file}\" alt=\"{name}\"></p>","msgID":_}}
ann <nothing"#
        ),
    );
    let new = laden::file(&mut world, tom, channel, ("a.svg", "image/svg+xml", 5));
    let file = new.files[0];
    post(&mut world, Actor::Account(tom), NewMessage { text: "see".to_owned(), ..new });
    said(
        &mut world,
        &format!(
            r#"ann < {{"action":"message","message":"<p>see</p>\n<p><a href=\"/attachments/{file}\" rel=\"nofollow noopener\">shared a.svg, image/svg+xml, 5 bytes</a></p>",...}}
ann <nothing"#
        ),
    );
}

#[test]
fn cards_and_questions_are_escaped_blocks_and_a_question_that_ends_is_not_told() {
    let (mut world, channel, tom) = room();
    post(&mut world, Actor::Account(tom), laden::card(channel));
    let asked = post(&mut world, Actor::Account(tom), laden::question(channel));
    world.command(Actor::Account(tom), Command::EndPoll { message: asked }).expect("it ends");
    said(
        &mut world,
        r#"
ann < {"action":"message","channel":"lobby","username":"tom","message":"<p>look</p>\n<p><a href=\"https://site.example/?a=1&amp;b=2\" rel=\"nofollow noopener\">A &lt;b&gt;title&lt;/b&gt;</a><br>what it is<br>size: big</p>","msgID":_}
ann < {"action":"message","channel":"lobby","username":"tom","message":"<p>asks: Lunch?<br>1. Pizza<br>2. Pasta</p>","msgID":_}
ann <nothing
"#,
    );
}

#[test]
fn a_webhook_speaks_under_its_name_and_the_server_as_itself() {
    let (mut world, channel, _) = room();
    post(&mut world, Actor::System, laden::webhook(channel, "Builds", "all *green*"));
    post(&mut world, Actor::System, laden::webhook(channel, "tom", "I am not tom"));
    post(&mut world, Actor::System, laden::server(channel, "Welcome"));
    said(
        &mut world,
        r#"
ann < {"action":"message","channel":"lobby","username":"Builds","message":"<p>all <em>green</em></p>","msgID":_}
ann < {"action":"message","channel":"lobby","username":"tom (webhook)","message":"<p>I am not tom</p>","msgID":_}
ann < {"action":"message","channel":"lobby","username":"ChatServer","message":"<p>Welcome</p>","msgID":_}
ann <nothing
"#,
    );
}

#[test]
fn a_thread_is_not_shown_even_when_it_is_called_like_a_channel() {
    use commonroom_core::channel::ChannelKind;
    use commonroom_core::command::ChannelSettings;
    let config = Config {
        channels: vec![serde_json::from_str(r#"{"id":"afk","name":"AFK"}"#).expect("a channel")],
        ..Config::default()
    };
    let mut world = common::world(&config);
    let tom = world.member("tom");
    said(
        &mut world,
        "ann = barertc /ws\nann > {\"action\":\"login\",\"username\":\"ann\"}\n+1s\nann ? {\"action\":\"me\",...}\nann drop\n",
    );
    let space = world.state().directory.default_space().expect("a space").id;
    let settings = ChannelSettings { name: Some("forum".to_owned()), ..ChannelSettings::default() };
    let make = Command::CreateChannel { space, kind: ChannelKind::Forum, settings };
    let Ok(Reply::Channel { channel: forum, .. }) = world.command(Actor::System, make) else {
        panic!("no forum")
    };
    let open = Command::CreateThread { parent: forum, name: "afk".to_owned(), root: None };
    let Ok(Reply::Channel { channel: thread, .. }) = world.command(Actor::Account(tom), open) else {
        panic!("no thread")
    };
    post(&mut world, Actor::Account(tom), NewMessage::said(thread, "in a thread"));
    said(&mut world, "ann <nothing");
}
