//! A stand-in for the other protocols: people sign in with a name and act, over frames of one key each.
//!
//! `{"as":"bob"}` `{"say":"hi"}` `{"do":"waves"}` `{"reply":"yes"}` (to the newest message heard) `{"edit":"ho"}`
//! `{"delete":true}` (the own newest) `{"dm":"psst","with":"ann"}` `{"name":"Bobby"}` `{"status":"invisible"}`
//! `{"mute":"ann"}` `{"unmute":"ann"}` `{"kick":"ann"}` `{"ban":"ann"}` `{"unban":"ann"}` `{"disable":"ann"}` and
//! `{"enable":"ann"}` (as the system, by anybody) `{"silence":true}` `{"nickname":"Bo"}`
//! `{"give":"moderator","with":"ann"}` `{"take":"moderator","with":"ann"}` `{"linger":5000}`

use commonroom_core::account::{Protocol, Status, StatusKind};
use commonroom_core::channel::OverrideTarget;
use commonroom_core::command::{AccessCommand, Actor, Command, NewMessage, Registration, Reply};
use commonroom_core::event::{EventBody, Relation};
use commonroom_core::ids::{AccountId, ChannelId, MessageId};
use commonroom_core::message::MessageKind;
use commonroom_core::permission::Permissions;
use commonroom_hub::live::{LiveCommand, LiveSession, Scope};
use commonroom_hub::request::{Answer, PasswordWork, Request};
use commonroom_hub::session::{
    Adapter, Context, Frames, Happening, Inbound, Opening, Session, Show, State, Variant,
};
use serde_json::Value;
use std::sync::Arc;

struct Elsewhere;

pub fn adapter() -> Arc<dyn Adapter> {
    Arc::new(Elsewhere)
}

impl Adapter for Elsewhere {
    fn protocol(&self) -> Protocol {
        Protocol::Together
    }

    fn open(&self, opening: &Opening) -> Box<dyn Session> {
        let address = opening.address;
        Box::new(Person { address, account: None, heard: None, own: None, pending: None, linger: 0 })
    }

    fn render(&self, _: &Happening, _: Variant, _: &State, _: &mut Frames) {}

    fn first_limit(&self) -> usize {
        65_536
    }
}

struct Person {
    address: std::net::IpAddr,
    account: Option<AccountId>,
    heard: Option<MessageId>,
    own: Option<MessageId>,
    pending: Option<String>,
    linger: i64,
}

impl Person {
    fn arrive(&mut self, account: AccountId, cx: &mut Context<'_>) {
        self.account = Some(account);
        cx.subscribe(account, Scope::Account);
        let session = LiveSession::new(cx.id, account, Protocol::Together, Scope::Account, cx.now);
        cx.live(LiveCommand::Attach(Box::new(session)));
    }

    fn post(
        &self,
        channel: ChannelId,
        kind: MessageKind,
        text: &str,
        reply_to: Option<MessageId>,
        cx: &mut Context<'_>,
    ) {
        let text = text.to_owned();
        let message = NewMessage {
            channel,
            kind,
            text,
            reply_to,
            ping: false,
            nonce: None,
            ..NewMessage::said(channel, "")
        };
        cx.command(1, self.account.expect("signed in"), Command::PostMessage(message));
    }

    fn act(&mut self, verb: &str, value: &Value, all: &Value, cx: &mut Context<'_>) {
        let me = self.account.expect("signed in");
        let directory = cx.state.directory.clone();
        let space = directory.default_space().expect("there is one").clone();
        let general = space.default_channel.expect("there is one");
        let text = value.as_str().unwrap_or_default().to_owned();
        let named = |name: &str| directory.account_with_handle(name).expect("known").id;
        let command = match verb {
            "say" => return self.post(general, MessageKind::Said, &text, None, cx),
            "do" => return self.post(general, MessageKind::Action, &text, None, cx),
            "reply" => return self.post(general, MessageKind::Said, &text, self.heard, cx),
            "edit" => Command::edit(self.own.expect("said something"), text),
            "delete" => Command::DeleteMessage { message: self.own.expect("said something") },
            "dm" => {
                self.pending = Some(text);
                Command::OpenConversation { with: named(all["with"].as_str().expect("a name")) }
            }
            "name" => Command::SetDisplayName { name: Some(text) },
            "nickname" => Command::SetNickname { space: space.id, account: me, nickname: Some(text) },
            "status" => {
                let kind = if text == "invisible" { StatusKind::Invisible } else { StatusKind::Away };
                Command::SetStatus(Status { kind, text: None, activity: None })
            }
            "mute" => Command::Relate { to: named(&text), relation: Relation::Mute, on: true },
            "unmute" => Command::Relate { to: named(&text), relation: Relation::Mute, on: false },
            "kick" => Command::Kick { space: space.id, account: named(&text), reason: None },
            "ban" => Command::Ban {
                space: space.id,
                account: named(&text),
                reason: Some("spam".into()),
                until: None,
            },
            "unban" => Command::Unban { space: space.id, account: named(&text) },
            "give" | "take" => {
                let (role, account) = (
                    space.role_named(&text).expect("known").id,
                    named(all["with"].as_str().expect("a name")),
                );
                let space = space.id;
                if verb == "give" {
                    Command::GiveRole { space, account, role }
                } else {
                    Command::TakeRole { space, account, role }
                }
            }
            "silence" => Command::SetOverride {
                channel: general,
                target: OverrideTarget::Role(space.everyone().expect("there is one").id),
                allow: Permissions::NONE,
                deny: Permissions::SEND,
            },
            "linger" => {
                self.linger = value.as_i64().expect("milliseconds");
                return;
            }
            other => panic!("{other} is not understood"),
        };
        cx.command(if verb == "dm" { 2 } else { 3 }, me, command);
    }
}

impl Session for Person {
    fn opened(&mut self, _: &mut Context<'_>) {}

    fn frame(&mut self, frame: Inbound<'_>, cx: &mut Context<'_>) {
        let Inbound::Text(text) = frame else { return };
        let all: Value = serde_json::from_str(text).expect("JSON");
        let (verb, value) =
            all.as_object().and_then(|all| all.iter().find(|(key, _)| *key != "with")).expect("a verb");
        if matches!(&**verb, "disable" | "enable") {
            let named = value.as_str().and_then(|name| cx.state.directory.account_with_handle(name));
            let (account, disabled) = (named.expect("known").id, verb == "disable");
            let switch = Command::Access(AccessCommand::SetDisabled { account, disabled });
            return cx.run(3, Request::Command(Actor::System, switch));
        }
        if verb != "as" {
            return self.act(verb, value, &all, cx);
        }
        let username = value.as_str().expect("a name").to_owned();
        if let Some(known) = cx.state.directory.account_with_handle(&username) {
            return self.arrive(known.id, cx);
        }
        let registration = Registration {
            username,
            display_name: None,
            email: None,
            password: "secret-password".to_owned(),
            invite: None,
            via: Protocol::Together,
        };
        let work = PasswordWork::Register { registration, address: self.address, throttling: None };
        cx.run(4, Request::Password(work));
    }

    fn answer(&mut self, tag: u32, answer: Answer, cx: &mut Context<'_>) {
        match answer {
            Ok(Reply::Account(account)) if tag == 4 => self.arrive(account, cx),
            Ok(Reply::Message { message, .. }) => self.own = Some(message.id),
            Ok(Reply::Channel { channel, .. }) if tag == 2 => {
                let text = self.pending.take().expect("words");
                self.post(channel, MessageKind::Said, &text, None, cx);
            }
            Ok(_) => {}
            Err(refusal) => cx.send(&format!(r#"{{"refused":"{refusal:?}"}}"#)),
        }
    }

    fn show(&mut self, happening: &Happening, _: &State) -> Show {
        if let Happening::Event(event) = happening
            && let EventBody::MessagePosted { message } = &event.body
        {
            self.heard = Some(message.id);
        }
        Show::Nothing
    }

    fn tell(&mut self, _: &Happening, _: &mut Context<'_>) {}

    fn tick(&mut self, _: &mut Context<'_>) {}

    fn closed(&mut self, cx: &mut Context<'_>) {
        if self.account.is_some() {
            cx.live(LiveCommand::Detach { session: cx.id, grace_millis: self.linger });
        }
    }
}
