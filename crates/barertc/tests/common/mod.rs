//! A server with this protocol, and a second, made-up protocol for people who come by other means: its connections
//! understand a few words and show nothing.

#![allow(dead_code, reason = "every test file uses a part")]

use commonroom_barertc::Config;
use commonroom_core::account::{Protocol, Status, StatusKind};
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Actor, ChannelSettings, Command, NewMessage};
use commonroom_core::ids::{AccountId, MessageId};
use commonroom_core::message::MessageKind;
use commonroom_core::name::NameKey;
use commonroom_hub::live::{LiveCommand, LiveSession, Scope};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::{
    Adapter, Context, Frames, Happening, Inbound, Opening, Session, Show, State, Variant,
};
use commonroom_testkit::World;
use std::sync::Arc;

/// The secret that test tokens are signed with.
pub const SECRET: &str = "a secret of the website, for tests only";

/// A world with this protocol mounted as `barertc` and people of another one as `other`; channels exist as the server
/// would have made them.
pub fn world(config: &Config) -> World {
    let mut world = World::new();
    let (setup, gateway) = (world.setup(), world.gateway());
    let router = commonroom_barertc::router(config.clone(), setup.clone(), gateway);
    world.mount("barertc", commonroom_barertc::adapter(config.clone(), setup), router);
    world.mount("other", Arc::new(Other), axum::Router::new());
    let space = world.state().directory.default_space().expect("the first space").id;
    for channel in config.channels.iter().filter(|channel| channel.id != "lobby") {
        let settings = ChannelSettings { name: Some(channel.id.clone()), ..ChannelSettings::default() };
        let command = Command::CreateChannel { space, kind: ChannelKind::Text, settings };
        world.command(Actor::System, command).expect("a channel can be made");
    }
    world
}

struct Other;

impl Adapter for Other {
    fn protocol(&self) -> Protocol {
        Protocol::Together
    }
    fn open(&self, _: &Opening) -> Box<dyn Session> {
        Box::new(Words { account: None })
    }
    fn render(&self, _: &Happening, _: Variant, _: &State, _: &mut Frames) {}
    fn first_limit(&self) -> usize {
        1 << 20
    }
}

struct Words {
    account: Option<AccountId>,
}

impl Words {
    fn come(&mut self, name: &str, cx: &mut Context<'_>) {
        let account = cx.state.directory.account_named(name).expect("somebody of that name").id;
        self.account = Some(account);
        cx.subscribe(account, Scope::Account);
        let session = LiveSession::new(cx.id, account, Protocol::Together, Scope::Account, cx.now);
        cx.live(LiveCommand::Attach(Box::new(session)));
    }

    fn post(&self, text: &str, kind: MessageKind, reply_to: Option<MessageId>, cx: &mut Context<'_>) {
        let channel =
            cx.state.directory.default_space().and_then(|space| space.default_channel).expect("a channel");
        let message = NewMessage {
            channel,
            kind,
            text: text.to_owned(),
            reply_to,
            ping: false,
            nonce: None,
            ..NewMessage::said(channel, "")
        };
        cx.command(0, self.account.expect("came"), Command::PostMessage(message));
    }
}

/// The newest message of the first channel.
pub fn newest(state: &State) -> MessageId {
    let channel = state.directory.default_space().and_then(|space| space.default_channel).expect("a channel");
    state.directory.channel(channel).and_then(|channel| channel.last_message).expect("a message")
}

impl Session for Words {
    fn opened(&mut self, _: &mut Context<'_>) {}
    fn frame(&mut self, frame: Inbound<'_>, cx: &mut Context<'_>) {
        let Inbound::Text(text) = frame else { return };
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        if word == "come" {
            return self.come(rest, cx);
        }
        let me = self.account.expect("came");
        let state = cx.state;
        let space = state.directory.default_space().expect("a space").id;
        match word {
            "say" => self.post(rest, MessageKind::Said, None, cx),
            "do" => self.post(rest, MessageKind::Action, None, cx),
            "reply" => self.post(rest, MessageKind::Said, Some(newest(state)), cx),
            "edit" => {
                let command = Command::edit(newest(state), rest.to_owned());
                cx.command(0, me, command);
            }
            "delete" => cx.command(0, me, Command::DeleteMessage { message: newest(state) }),
            "react" | "unreact" => {
                let command =
                    Command::React { message: newest(state), emoji: rest.to_owned(), on: word == "react" };
                cx.command(0, me, command);
            }
            "status" => {
                let kind = match rest {
                    "away" => StatusKind::Away,
                    "invisible" => StatusKind::Invisible,
                    _ => StatusKind::Online,
                };
                cx.command(0, me, Command::SetStatus(Status { kind, text: None, activity: None }));
            }
            "nickname" => cx.command(
                0,
                me,
                Command::SetNickname { space, account: me, nickname: Some(rest.to_owned()) },
            ),
            "promote" => {
                let account = state.directory.account_named(rest).expect("somebody").id;
                let role = state.directory.space(space).and_then(|space| space.role_named("moderator"));
                let role = role.expect("a role").id;
                cx.run(0, Request::Command(Actor::System, Command::GiveRole { space, account, role }));
            }
            "leave" => cx.command(0, me, Command::LeaveSpace { space }),
            "kick" => {
                let account = state.directory.account_named(rest).expect("somebody").id;
                cx.command(0, me, Command::Kick { space, account, reason: None });
            }
            "dm" => {
                let (name, text) = rest.split_once(' ').expect("dm NAME TEXT");
                let with = state.directory.account_named(name).expect("somebody").id;
                let channel = state.directory.conversation(me, with).expect("a conversation").id;
                let message = NewMessage { ping: false, ..NewMessage::said(channel, text) };
                cx.command(0, me, Command::PostMessage(message));
            }
            other => panic!("{other} is not understood"),
        }
    }
    fn answer(&mut self, _: u32, _: Answer, _: &mut Context<'_>) {}
    fn show(&mut self, _: &Happening, _: &State) -> Show {
        Show::Nothing
    }
    fn tell(&mut self, _: &Happening, _: &mut Context<'_>) {}
    fn tick(&mut self, _: &mut Context<'_>) {}
    fn closed(&mut self, cx: &mut Context<'_>) {
        cx.live(LiveCommand::Detach { session: cx.id, grace_millis: 0 });
    }
}

/// The key of a name.
pub fn key(name: &str) -> NameKey {
    NameKey::of(name)
}
