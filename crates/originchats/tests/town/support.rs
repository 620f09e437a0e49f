//! A world with this protocol mounted, in which others act through the core as the other protocols do.

use commonroom_core::account::Protocol;
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Actor, ChannelSettings, Command, NewMessage};
use commonroom_core::ids::{AccountId, ChannelId, SpaceId};
use commonroom_core::message::{Message, MessageKind};
use commonroom_core::{Permissions, Reply};
use commonroom_originchats::{Config, adapter, router};
use commonroom_testkit::{World, play};
use std::sync::Arc;

/// A world and its community.
pub struct Town {
    pub world: World,
    pub space: SpaceId,
    pub general: ChannelId,
}

impl Town {
    pub fn new() -> Self {
        let mut world = World::new();
        let (setup, gateway) = (world.setup(), world.gateway());
        let config = Config::default();
        world.mount("originchats", adapter(config.clone(), setup.clone()), router(config, setup, gateway));
        let space = world.state().directory.default_space().expect("the default space").clone();
        let general = space.default_channel.expect("the default channel");
        Self { world, space: space.id, general }
    }

    /// Plays a part of a transcript.
    pub fn play(&mut self, text: &str) {
        if let Err(why) = play(&mut self.world, text) {
            panic!("{why}");
        }
    }

    /// Somebody registers over this protocol and stays.
    pub fn enters(&mut self, name: &str) -> AccountId {
        self.play(&format!(
            r#"
{name} = originchats /
{name} > {{"cmd":"register","username":"{name}","password":"abcd"}}
{name} ? {{"cmd":"user_connect",...}}
{name} drop
"#
        ));
        self.account(name)
    }

    pub fn account(&self, name: &str) -> AccountId {
        self.world.state().directory.account_named(name).expect("a known name").id
    }

    pub fn does(&mut self, actor: Actor, command: Command) -> Reply {
        match self.world.command(actor, command) {
            Ok(reply) => reply,
            Err(why) => panic!("refused: {why:?}"),
        }
    }

    /// Somebody says something over another protocol.
    pub fn says(
        &mut self,
        who: AccountId,
        channel: ChannelId,
        kind: MessageKind,
        text: &str,
    ) -> Arc<Message> {
        let text = text.to_owned();
        let new = NewMessage {
            channel,
            kind,
            text,
            reply_to: None,
            ping: true,
            nonce: None,
            ..NewMessage::said(channel, "")
        };
        let reply = self.does(Actor::Account(who), Command::PostMessage(new));
        let Reply::Message { message, .. } = reply else { panic!("{reply:?}") };
        message
    }

    pub fn channel(&mut self, kind: ChannelKind, name: &str) -> ChannelId {
        let settings = ChannelSettings { name: Some(name.to_owned()), ..ChannelSettings::default() };
        let command = Command::CreateChannel { space: self.space, kind, settings };
        let reply = self.does(Actor::System, command);
        let Reply::Channel { channel, .. } = reply else { panic!("{reply:?}") };
        channel
    }

    /// Takes a permission from everybody, and gives it to moderators.
    pub fn hide(&mut self, channel: ChannelId, what: Permissions) {
        use commonroom_core::channel::OverrideTarget;
        let space = self.world.state().directory.space(self.space).expect("the space").clone();
        let role = |name: &str| OverrideTarget::Role(space.role_named(name).expect("a role").id);
        let none = Permissions::NONE;
        for (target, allow, deny) in
            [(role("user"), none, what), (role("guest"), none, what), (role("moderator"), what, none)]
        {
            self.does(Actor::System, Command::SetOverride { channel, target, allow, deny });
        }
    }

    pub fn give_role(&mut self, account: AccountId, role: &str, on: bool) {
        let space = self.world.state().directory.space(self.space).expect("the space").clone();
        let role = space.role_named(role).expect("a role").id;
        let command = if on {
            Command::GiveRole { space: self.space, account, role }
        } else {
            Command::TakeRole { space: self.space, account, role }
        };
        self.does(Actor::System, command);
    }

    pub fn guest(&mut self, name: &str) -> AccountId {
        let command =
            Command::EnterGuest { name: name.to_owned(), space: self.space, via: Protocol::BareRtc };
        let reply = self.does(Actor::System, command);
        let Reply::Account(id) = reply else { panic!("{reply:?}") };
        id
    }
}
