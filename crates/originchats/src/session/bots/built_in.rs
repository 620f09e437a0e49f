//! The slash commands that this server carries out itself, through the same commands of the core as everybody's
//! (originchats.md 5.13).

use crate::encode::{people, slash};
use crate::limits;
use crate::session::requests::Asked;
use crate::session::{OriginSession, plain, view};
use crate::slash::BuiltIn;
use crate::wording::{Deed, Wrong};
use commonroom_core::account::AccountKind;
use commonroom_core::channel::Channel;
use commonroom_core::command::{Actor, Command, NewMessage};
use commonroom_core::ids::{AccountId, ChannelId, MessageId};
use commonroom_core::message::{Interaction, Message, MessageKind};
use commonroom_core::{Refusal, policy};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use serde_json::{Map, Value};

/// What a command does and what is said when it is done.
struct Deeds {
    command: Command,
    deed: Deed,
    said: String,
    /// The name as typed, for what is said when there was nothing to do.
    name: String,
}

impl OriginSession {
    /// Carries a command out; its arguments fit.
    pub(super) fn run_built_in(
        &mut self,
        built_in: BuiltIn,
        args: &Map<String, Value>,
        channel: &Channel,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let deeds = match built_in {
            BuiltIn::Help => return self.help(channel, &asked, cx),
            BuiltIn::Nick => self.nick(args),
            BuiltIn::Ban => self.keep_out(args, true, cx),
            BuiltIn::Unban => self.keep_out(args, false, cx),
            BuiltIn::Mute => self.silence(args, true, cx),
            BuiltIn::Unmute => self.silence(args, false, cx),
        };
        let Deeds { command, deed, said, name } = match deeds {
            Ok(deeds) => deeds,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        let (channel, answers) = (channel.id, built_in.name());
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| match answer
        {
            Ok(_) => session.announce(said, (channel, answers), asked, cx),
            Err(Refusal::Already) if built_in == BuiltIn::Unmute => {
                session.refuse(&asked, &Wrong::Person(name, "is not muted"), cx);
            }
            Err(why) => session.refused(&asked, why, deed, cx),
        };
        self.command(asked, command, then, cx);
    }

    /// The server says what was done, as the answer to the command.
    fn announce(
        &mut self,
        said: String,
        (channel, command): (ChannelId, &str),
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let Some(by) = self.account() else { return };
        let new = NewMessage {
            kind: MessageKind::System,
            interaction: Some(Box::new(Interaction { command: command.to_owned(), by })),
            ..NewMessage::said(channel, said)
        };
        let request = Request::Command(Actor::System, Command::PostMessage(new));
        let then = |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| {
            if let Err(why) = answer {
                session.refused(&asked, why, Deed::Post, cx);
            }
        };
        self.request(asked, request, then, cx);
    }

    fn nick(&self, args: &Map<String, Value>) -> Result<Deeds, Wrong> {
        let Some(me) = &self.me else { return Err(plain(crate::wording::text::SIGN_IN)) };
        let wanted =
            word(args, "nickname").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        if wanted.as_ref().is_some_and(|name| name.chars().count() > limits::NICKNAME_CHARS) {
            return Err(plain("Nickname too long (max 20 characters)"));
        }
        let said = match &wanted {
            Some(name) => format!("Nickname set to **{name}**"),
            None => "Nickname cleared".to_owned(),
        };
        let command = Command::SetNickname { space: me.space, account: me.account, nickname: wanted };
        Ok(Deeds { command, deed: Deed::Other, said, name: String::new() })
    }

    /// Whom a command is about, by the name that was typed.
    fn person(&self, args: &Map<String, Value>, cx: &Context<'_>) -> Result<(AccountId, String), Wrong> {
        let typed = word(args, "username").unwrap_or_default().trim().trim_start_matches('@');
        let found = people::find(&cx.state.directory, typed)
            .filter(|account| !account.retired && account.kind != AccountKind::Server);
        let typed: String = typed.chars().take(limits::SLASH_WORD_CHARS).collect();
        match found {
            Some(account) => Ok((account.id, typed)),
            None => Err(Wrong::Person(typed, "not found")),
        }
    }

    fn keep_out(&self, args: &Map<String, Value>, out: bool, cx: &Context<'_>) -> Result<Deeds, Wrong> {
        let Some(me) = &self.me else { return Err(plain(crate::wording::text::SIGN_IN)) };
        let (account, name) = self.person(args, cx)?;
        let space = me.space;
        let banned = policy::is_banned(&cx.state.directory, space, account, cx.now);
        match (out, banned) {
            (true, true) => return Err(Wrong::Person(name, "is already banned")),
            (false, false) => return Err(Wrong::Person(name, "is not banned")),
            (true, false) | (false, true) => {}
        }
        let username = people::username(&cx.state.directory, account);
        if !out {
            let said = format!("User **{username}** has been unbanned");
            return Ok(Deeds { command: Command::Unban { space, account }, deed: Deed::Ban, said, name });
        }
        let reason = reason(args);
        let said = because(format!("User **{username}** has been banned"), reason.as_deref());
        let command = Command::Ban { space, account, reason, until: None };
        Ok(Deeds { command, deed: Deed::Ban, said, name })
    }

    fn silence(&self, args: &Map<String, Value>, on: bool, cx: &Context<'_>) -> Result<Deeds, Wrong> {
        let Some(me) = &self.me else { return Err(plain(crate::wording::text::SIGN_IN)) };
        let (account, name) = self.person(args, cx)?;
        let space = me.space;
        let Some(member) = cx.state.directory.member(space, account) else {
            return Err(Wrong::Person(name, "not found"));
        };
        let username = people::username(&cx.state.directory, account);
        if !on {
            if member.timeout_until.is_none_or(|until| until <= cx.now) {
                return Err(Wrong::Person(name, "is not muted"));
            }
            let said = format!("User **{username}** has been unmuted");
            let command = Command::Timeout { space, account, until: None, reason: None };
            return Ok(Deeds { command, deed: Deed::Timeout, said, name });
        }
        let duration = match args.get("duration") {
            None | Some(Value::Null) => return Err(plain("Duration is required")),
            // Beyond 64 bits is beyond every limit.
            Some(duration) if duration.is_u64() => duration.as_i64().unwrap_or(i64::MAX),
            Some(duration) => duration.as_i64().ok_or(plain("Duration must be a valid number"))?,
        };
        if duration <= 0 {
            return Err(plain("Duration must be a positive number"));
        }
        let duration = duration.min(limits::TIMEOUT_SECONDS_MAX);
        let reason = reason(args);
        let said = format!("User **{username}** has been muted for {duration} seconds");
        let said = because(said, reason.as_deref());
        let until = Some(cx.now.plus_seconds(duration));
        let command = Command::Timeout { space, account, until, reason };
        Ok(Deeds { command, deed: Deed::Timeout, said, name })
    }

    /// `/help`: for the one who asks, and not kept.
    fn help(&mut self, channel: &Channel, asked: &Asked, cx: &mut Context<'_>) {
        let id = MessageId(cx.env.uuid());
        let Some((view, by)) = view(&self.shared, cx).zip(self.account()) else { return };
        let own = BuiltIn::ALL.map(BuiltIn::definition).into_iter();
        let bots = view.live.offers().filter_map(|(_, offered)| slash::definition(offered));
        let lines = own.chain(bots).filter(|definition| self.may_use(definition, cx)).map(|definition| {
            let description = definition.description;
            let words = if description.is_empty() { String::new() } else { format!(" - {description}") };
            format!("`/{}`{words}", definition.name)
        });
        let said = lines.collect::<Vec<_>>().join("\n");
        let message = Message {
            kind: MessageKind::System,
            interaction: Some(Box::new(Interaction { command: BuiltIn::Help.name().to_owned(), by })),
            ..Message::said((id, 0, 0), channel.id, by, said, cx.now)
        };
        let frame = slash::ephemeral(&view, &message, asked.listener.as_deref());
        self.requests.say(frame, cx);
    }
}

fn word<'a>(args: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    args.get(name).and_then(Value::as_str)
}

fn reason(args: &Map<String, Value>) -> Option<String> {
    let reason = word(args, "reason").map(str::trim).filter(|reason| !reason.is_empty());
    reason.map(|reason| reason.chars().take(limits::REASON_CHARS).collect())
}

fn because(said: String, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("{said}. Reason: {reason}"),
        None => said,
    }
}
