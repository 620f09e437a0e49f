//! originchats.md 5.17, 13.21: who is told by push of a message, and in which words.

use crate::support::Town;
use commonroom_core::Permissions;
use commonroom_core::Reply;
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Actor, Command, NewMessage, RoleSettings};
use commonroom_core::event::Relation;
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::message::Message;
use commonroom_core::space::MentionRule;
use commonroom_originchats::{Config, Shared, notices};
use serde_json::{Value, json};
use std::sync::Arc;

impl Town {
    /// A member who is not here, with a browser that takes pushes.
    fn away(&mut self, name: &str) -> AccountId {
        let account = self.world.member(name);
        let endpoint = format!("https://push.example/{name}");
        let command = Command::SubscribePush { endpoint, p256dh: "k".to_owned(), auth: "a".to_owned() };
        self.does(Actor::Account(account), command);
        account
    }

    fn posts(&mut self, new: NewMessage, by: AccountId) -> Arc<Message> {
        let reply = self.does(Actor::Account(by), Command::PostMessage(new));
        let Reply::Message { message, .. } = reply else { panic!("{reply:?}") };
        message
    }

    /// Who is told of a text, and under which title.
    fn told(&mut self, by: AccountId, channel: ChannelId, text: &str) -> Vec<(AccountId, String)> {
        let message = self.posts(NewMessage::said(channel, text), by);
        self.titles(&message)
    }

    fn titles(&self, message: &Message) -> Vec<(AccountId, String)> {
        let shared = Shared::new(Config::default(), &self.world.setup());
        let found = notices(&shared, message, &self.world.state());
        let title = |payload: &str| {
            let payload: Value = serde_json::from_str(payload).expect("JSON");
            payload["title"].as_str().expect("a title").to_owned()
        };
        found.iter().map(|notice| (notice.account, title(&notice.payload))).collect()
    }
}

#[test]
fn who_is_mentioned_and_not_here_is_told() {
    let mut town = Town::new();
    let (ann, bob) = (town.enters("ann"), town.away("bob"));
    let general = town.general;
    assert_eq!(town.told(ann, general, "hello @bob"), [(bob, "#general — ann".to_owned())]);
    assert_eq!(town.told(ann, general, "hello"), []);
    assert_eq!(town.told(bob, general, "I am @bob"), []);
    let shared = Shared::new(Config::default(), &town.world.setup());
    let long = format!("@bob {}", "word ".repeat(100));
    let message = town.posts(NewMessage::said(general, long), ann);
    let payload = notices(&shared, &message, &town.world.state()).remove(0).payload;
    let payload: Value = serde_json::from_str(&payload).expect("JSON");
    assert_eq!(payload["channelName"], json!("general"));
    assert_eq!(payload["body"].as_str().map(|body| body.chars().count()), Some(120));
    town.does(
        Actor::Account(bob),
        Command::UnsubscribePush { account: bob, endpoint: "https://push.example/bob".to_owned() },
    );
    assert_eq!(town.told(ann, general, "hello @bob"), []);
}

#[test]
fn who_is_here_over_any_connection_is_not_told() {
    let mut town = Town::new();
    let (ann, bob) = (town.enters("ann"), town.enters("bob"));
    let endpoint = "https://push.example/bob".to_owned();
    let command = Command::SubscribePush { endpoint, p256dh: "k".to_owned(), auth: "a".to_owned() };
    town.does(Actor::Account(bob), command);
    let general = town.general;
    assert_eq!(town.told(ann, general, "hello @bob"), []);
    town.play("bob close\nann ? {\"cmd\":\"user_disconnect\",...}");
    assert_eq!(town.told(ann, general, "hello @bob"), [(bob, "#general — ann".to_owned())]);
}

#[test]
fn a_hidden_channel_tells_nobody_who_may_not_view_it() {
    let mut town = Town::new();
    let (ann, bob) = (town.enters("ann"), town.away("bob"));
    town.give_role(ann, "moderator", true);
    let staff = town.channel(ChannelKind::Text, "staff");
    town.hide(staff, Permissions::VIEW);
    assert_eq!(town.told(ann, staff, "@bob"), []);
    town.give_role(bob, "moderator", true);
    assert_eq!(town.told(ann, staff, "@bob"), [(bob, "#staff — ann".to_owned())]);
}

#[test]
fn answers_and_roles_are_told_as_such_and_a_mute_is_kept() {
    let mut town = Town::new();
    let (ann, bob, cat) = (town.enters("ann"), town.away("bob"), town.away("cat"));
    let general = town.general;
    let settings = RoleSettings {
        name: Some("cooks".to_owned()),
        mention: Some(MentionRule::Anybody),
        ..RoleSettings::default()
    };
    town.does(Actor::System, Command::CreateRole { space: town.space, settings });
    town.give_role(cat, "cooks", true);
    let cooks = [(cat, "#general — ann mentioned @cooks".to_owned())];
    assert_eq!(town.told(ann, general, "dinner, @&cooks"), cooks);
    assert_eq!(town.told(ann, general, "everybody: @everyone"), []);
    let said = town.posts(NewMessage::said(general, "who?"), bob);
    let answer = |ping| NewMessage { reply_to: Some(said.id), ping, ..NewMessage::said(general, "me") };
    let message = town.posts(answer(true), ann);
    assert_eq!(town.titles(&message), [(bob, "#general — ann replied".to_owned())]);
    let message = town.posts(answer(false), ann);
    assert_eq!(town.titles(&message), []);
    town.does(Actor::Account(bob), Command::Relate { to: ann, relation: Relation::Mute, on: true });
    assert_eq!(town.told(ann, general, "@bob"), []);
}
