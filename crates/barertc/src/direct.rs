//! Direct messages, and putting what is said where it belongs (barertc.md 5.2).

use crate::Shared;
use crate::attached;
use crate::encode;
use crate::here::{Here, Pending};
use crate::limits;
use crate::markup::escape;
use crate::session::tags;
use crate::talk::Said;
use crate::world;
use commonroom_core::command::{Actor, Command, HouseCommand, NewFile, NewMessage};
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::{Refusal, Reply};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use commonroom_media::filename;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Bytes of a file's name.
const NAME_BYTES: usize = 100;

impl Here {
    /// Posts words at once; a picture first becomes a file of the channel.
    pub(crate) fn put(
        &mut self,
        channel: ChannelId,
        to: Option<AccountId>,
        said: Said,
        shared: &Shared,
        cx: &mut Context<'_>,
    ) {
        let me = self.account();
        let tag = if to.is_some() { tags::DIRECT } else { tags::POST };
        match &said {
            Said::Text(text) => {
                let message = NewMessage { ping: false, ..NewMessage::said(channel, text.as_str()) };
                cx.command(tag, me, Command::PostMessage(message));
            }
            Said::Picture(kept, name) => {
                let days = shared.config.picture_days;
                let file = NewFile {
                    name: filename::safe(name, NAME_BYTES),
                    mime: kept.mime.clone(),
                    size: kept.size,
                    hash: kept.hash.clone(),
                    dimensions: kept.dimensions,
                    channel,
                    expires_at: (days > 0).then(|| cx.now.plus_seconds(i64::from(days) * DAY)),
                    permanent: false,
                    keep: None,
                };
                cx.command(tags::SHARE, me, Command::AddFile(file));
            }
        }
        if let Some(to) = to {
            self.pending = Some(Pending::Direct { to, said });
        } else if matches!(said, Said::Picture(..)) {
            self.pending = Some(Pending::Share);
        }
    }

    /// The picture is a file of its channel: a message shares it.
    pub(crate) fn file_added(&mut self, answer: Answer, cx: &mut Context<'_>) {
        let direct = matches!(self.pending, Some(Pending::Direct { .. }));
        match answer {
            Ok(Reply::File(file)) => {
                let message =
                    NewMessage { ping: false, files: vec![file.id], ..NewMessage::said(file.channel, "") };
                let tag = if direct { tags::DIRECT } else { tags::POST };
                cx.command(tag, self.account(), Command::PostMessage(message));
            }
            Ok(_) | Err(_) => {
                self.take_pending();
                let refusal = answer.err().unwrap_or(Refusal::Fault);
                cx.send(&encode::error(&encode::refusal(refusal)));
            }
        }
    }

    pub(crate) fn direct(&mut self, name: &str, said: Said, shared: &Shared, cx: &mut Context<'_>) {
        let (state, me) = (cx.state, self.account());
        let known = state.directory.account_named(name).map(|account| account.id);
        let Some(to) = known.filter(|to| *to == me || state.directory.member(self.space, *to).is_some())
        else {
            return self.keep_unsent(name, &said, Some(not_online(name)), shared, cx);
        };
        let shown = world::name(state, to).to_owned();
        let operator = world::is_operator(state, self.space, me);
        if world::blocked(state, me, to) {
            return self.keep_unsent(&shown, &said, None, shared, cx);
        }
        if to != me && !world::is_present(state, self.space, to) {
            return self.keep_unsent(&shown, &said, Some(not_online(&shown)), shared, cx);
        }
        if world::mutes(state, me, to) && !operator {
            let text = format!("You have muted {} and so your message has not been sent.", escape(&shown));
            return self.keep_unsent(&shown, &said, Some(encode::error(&text)), shared, cx);
        }
        match state.directory.conversation(me, to) {
            Some(channel) => self.put(channel.id, Some(to), said, shared, cx),
            None => {
                self.pending = Some(Pending::Direct { to, said });
                cx.command(tags::CONVERSATION, me, Command::OpenConversation { with: to });
            }
        }
    }

    /// The author sees the message although it goes nowhere, and perhaps why.
    fn keep_unsent(
        &mut self,
        name: &str,
        said: &Said,
        why: Option<String>,
        shared: &Shared,
        cx: &mut Context<'_>,
    ) {
        self.echo_alone(format!("@{name}"), said, why.into_iter().collect(), shared, cx);
    }

    /// Shows the author a message that nobody else sees, and then these frames. It takes a number of its own among those
    /// of all messages, in the time that storing one takes: nothing but the frames tells that it was not sent.
    pub(crate) fn echo_alone(
        &mut self,
        channel: String,
        said: &Said,
        after: Vec<String>,
        shared: &Shared,
        cx: &mut Context<'_>,
    ) {
        let html = match said {
            Said::Text(text) => encode::said(text, &shared.config),
            Said::Picture(kept, _) => attached::unsent(kept, shared),
        };
        self.pending = Some(Pending::Unsent { channel, html, after });
        let take = Command::House(HouseCommand::TakeNumber);
        cx.run(tags::UNSENT, Request::Command(Actor::System, take));
    }

    pub(crate) fn unsent_numbered(&mut self, answer: Answer, cx: &mut Context<'_>) {
        let Some(Pending::Unsent { channel, html, after }) = self.take_pending() else { return };
        let number = match answer {
            Ok(Reply::Number(number)) => number,
            Ok(_) => return,
            Err(refusal) => return cx.send(&encode::error(&encode::refusal(refusal))),
        };
        if self.unsent.len() >= limits::UNSENT_MESSAGES {
            self.unsent.pop_front();
        }
        self.unsent.push_back(number);
        cx.send(&encode::unsent(&channel, &self.username, &html, number));
        for frame in after {
            cx.send(&frame);
        }
    }

    pub(crate) fn conversation(&mut self, answer: Answer, shared: &Shared, cx: &mut Context<'_>) {
        let Some(Pending::Direct { to, said }) = self.take_pending() else { return };
        match answer {
            Ok(Reply::Channel { channel, .. }) => self.put(channel, Some(to), said, shared, cx),
            Ok(_) | Err(_) => {
                let name = world::name(cx.state, to).to_owned();
                self.keep_unsent(&name, &said, Some(not_online(&name)), shared, cx);
            }
        }
    }

    pub(crate) fn sent_direct(&mut self, answer: Answer, shared: &Shared, cx: &mut Context<'_>) {
        let Some(Pending::Direct { to, said }) = self.take_pending() else { return };
        match answer {
            Err(Refusal::Blocked) => {
                let name = world::name(cx.state, to).to_owned();
                self.keep_unsent(&name, &said, None, shared, cx);
            }
            Ok(_) => {}
            Err(refusal) => cx.send(&encode::error(&encode::refusal(refusal))),
        }
    }
}

fn not_online(name: &str) -> String {
    let name = escape(name);
    encode::error(&format!("Could not deliver your message: @{name} appears not to be online."))
}
