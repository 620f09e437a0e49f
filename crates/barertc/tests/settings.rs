//! The operator's settings are read again while people are here (barertc.md 5.17, 10.1).

mod common;

use commonroom_barertc::config::{Channel, ModerationRule};
use commonroom_barertc::{Config, Settings};
use commonroom_core::account::Protocol;
use commonroom_hub::Gateway;
use commonroom_hub::request::Answer;
use commonroom_hub::session::{
    Adapter, Context, Frames, Happening, Inbound, Opening, Session, Show, State, Variant,
};
use commonroom_testkit::World;
use commonroom_testkit::stage::{Received, Stage};
use futures_util::FutureExt as _;
use serde_json::{Value, json};
use std::sync::Arc;

fn enter(world: &mut World, name: &str) {
    world.open(name, "barertc", "/ws", &[]).expect("opens");
    world.send(name, &json!({"action": "login", "username": name}).to_string());
}

fn frames(world: &mut World, name: &str) -> Vec<Value> {
    let mut frames = Vec::new();
    while let Some(received) = world.overhear(name) {
        if let Received::Text(text) = received {
            frames.push(serde_json::from_str(&text).expect("JSON"));
        }
    }
    frames
}

fn change(world: &mut World, config: Config) -> Vec<&'static str> {
    let (settings, gateway) = (world.setup().commons.of::<Settings>(), world.gateway());
    world.complete(async move { settings.change(config, &gateway).await })
}

/// Somebody who says `/reconfigure` at the very moment at which the core has let a newcomer in.
#[derive(Clone)]
struct Prompt {
    settings: Arc<Settings>,
    gateway: Gateway,
    config: Config,
}

impl Adapter for Prompt {
    fn protocol(&self) -> Protocol {
        Protocol::Together
    }
    fn open(&self, _: &Opening) -> Box<dyn Session> {
        Box::new(self.clone())
    }
    fn render(&self, _: &Happening, _: Variant, _: &State, _: &mut Frames) {}
    fn first_limit(&self) -> usize {
        1 << 20
    }
    fn resident(&self) -> Option<Box<dyn Session>> {
        Some(Box::new(self.clone()))
    }
}

impl Session for Prompt {
    fn opened(&mut self, cx: &mut Context<'_>) {
        cx.watch(cx.state.directory.default_space().expect("the first space").id);
    }
    fn frame(&mut self, _: Inbound<'_>, _: &mut Context<'_>) {}
    fn answer(&mut self, _: u32, _: Answer, _: &mut Context<'_>) {}
    fn show(&mut self, happening: &Happening, _: &State) -> Show {
        if let Happening::Event(_) = happening {
            let change = self.settings.change(self.config.clone(), &self.gateway);
            assert_eq!(change.now_or_never(), Some(Vec::new()), "nobody is here who is to be told");
        }
        Show::Nothing
    }
    fn tell(&mut self, _: &Happening, _: &mut Context<'_>) {}
    fn tick(&mut self, _: &mut Context<'_>) {}
    fn closed(&mut self, _: &mut Context<'_>) {}
}

#[test]
fn who_is_just_coming_in_follows_them() {
    let mut world = common::world(&Config { channels: vec![lobby("old")], ..Config::default() });
    let config = Config { channels: vec![lobby("new")], ..Config::default() };
    let prompt = Prompt { settings: world.setup().commons.of(), gateway: world.gateway(), config };
    world.mount("prompt", Arc::new(prompt), axum::Router::new());
    enter(&mut world, "eve");
    let told = frames(&mut world, "eve");
    assert!(told.iter().any(|frame| frame["message"] == "<p>new</p>"), "{told:?}");
    assert!(!told.iter().any(|frame| frame["message"] == "<p>old</p>"));
}

fn lobby(welcome: &str) -> Channel {
    Channel { id: "lobby".to_owned(), welcome_messages: vec![welcome.to_owned()], ..Channel::default() }
}

#[test]
fn who_comes_later_and_who_is_here_follow_them() {
    let mut world = common::world(&Config { channels: vec![lobby("old")], ..Config::default() });
    for name in ["ann", "bob"] {
        enter(&mut world, name);
    }
    world.send("ann", r#"{"action":"me","video":1}"#);
    world.wait(1_000);
    frames(&mut world, "ann");
    frames(&mut world, "bob");
    let filter = json!({
        "enabled": true, "public_channels": true, "keyword_phrases": ["darn"], "censor_message": true,
        "forward_message": true,
    });
    let rule = ModerationRule { username: "Ann".to_owned(), no_broadcast: true, ..ModerationRule::default() };
    let news = Channel { id: "news".to_owned(), ..Channel::default() };
    let later = change(
        &mut world,
        Config {
            channels: vec![lobby("new"), news],
            message_filters: vec![serde_json::from_value(filter).expect("a filter")],
            moderation_rules: vec![rule],
            space: "another".to_owned(),
            listen: "127.0.0.1:1".to_owned(),
            ..Config::default()
        },
    );
    assert_eq!(later, ["listen", "space"]);
    world.wait(1_000);
    let told = frames(&mut world, "ann");
    assert!(told.iter().any(|frame| frame["action"] == "cut"), "the camera goes off: {told:?}");
    let list = frames(&mut world, "bob").pop().expect("a list");
    assert_eq!((&list["action"], &list["whoList"][0]["video"]), (&json!("who"), &json!(0)));
    world.send("bob", r#"{"action":"message","channel":"news","message":"darn"}"#);
    assert_eq!(frames(&mut world, "ann").pop().expect("a message")["message"], "<p>****</p>");
    enter(&mut world, "eve");
    let told = frames(&mut world, "eve");
    assert!(told.iter().any(|frame| frame["message"] == "<p>new</p>" && frame["channel"] == "lobby"));
    assert!(!told.iter().any(|frame| frame["message"] == "<p>old</p>"));
}

#[test]
fn who_was_not_told_follows_them_with_the_next_ping() {
    let mut world = common::world(&Config::default());
    enter(&mut world, "ann");
    world.send("ann", r#"{"action":"me","video":1}"#);
    let rule = ModerationRule { username: "ann".to_owned(), no_broadcast: true, ..ModerationRule::default() };
    let news = Channel { id: "news".to_owned(), ..Channel::default() };
    let config = Config { channels: vec![news], moderation_rules: vec![rule], ..Config::default() };
    let (settings, gateway) = (world.setup().commons.of::<Settings>(), world.gateway());
    // It waits for the channel, and is not asked again: nobody is told.
    assert!(settings.change(config, &gateway).now_or_never().is_none());
    world.wait(1_000);
    assert!(!frames(&mut world, "ann").iter().any(|frame| frame["action"] == "cut"));
    world.wait(30_000);
    assert!(frames(&mut world, "ann").iter().any(|frame| frame["action"] == "cut"));
}

#[test]
fn what_was_read_at_the_start_stays_in_force() {
    let config = Config { cors_hosts: vec!["https://a.example".to_owned()], ..Config::default() };
    let mut world = common::world(&config);
    assert_eq!(change(&mut world, config), Vec::<&str>::new());
    assert_eq!(change(&mut world, Config::default()), ["cors_hosts"]);
    let origin = vec![("origin".to_owned(), "https://a.example".to_owned())];
    let answer = world.http("barertc", "GET", "/api/statistics", &origin, b"").expect("an answer");
    assert!(answer.headers.iter().any(|(name, _)| name == "access-control-allow-origin"));
}

#[test]
fn the_api_follows_them() {
    let mut world = common::world(&Config { api_key: "the first key".to_owned(), ..Config::default() });
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let status = |world: &mut World, key: &str| {
        let body = json!({"APIKey": key, "Usernames": []}).to_string();
        world.http("barertc", "POST", "/api/block/now", &headers, body.as_bytes()).expect("an answer").status
    };
    assert_eq!(status(&mut world, "the first key"), 200);
    change(&mut world, Config { api_key: "the second key".to_owned(), ..Config::default() });
    assert_eq!((status(&mut world, "the first key"), status(&mut world, "the second key")), (401, 200));
}

#[test]
fn a_camera_that_was_cut_stays_so() {
    // {"sub":"olga","op":true}
    let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJvbGdhIiwib3AiOnRydWV9.cUOi83O2LHEv_ARhMF0VYGLMzU5xnmXm3-8DXkJGi3w";
    let config = Config { jwt_secret: common::SECRET.to_owned(), ..Config::default() };
    let mut world = common::world(&config);
    world.open("olga", "barertc", "/ws", &[]).expect("opens");
    world.send("olga", &json!({"action": "login", "jwt": token}).to_string());
    enter(&mut world, "bob");
    world.send("bob", r#"{"action":"me","video":1}"#);
    world.send("olga", r#"{"action":"message","message":"/cut bob"}"#);
    change(&mut world, config);
    world.send("bob", r#"{"action":"me","video":1}"#);
    world.wait(1_000);
    let told = frames(&mut world, "olga");
    let list = told.iter().rfind(|frame| frame["action"] == "who").expect("a list");
    assert_eq!((&list["whoList"][0]["username"], &list["whoList"][0]["video"]), (&json!("bob"), &json!(0)));
}
