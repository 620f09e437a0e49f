//! What has been read, and what has not (originchats.md 5.12).

use super::requests::{Asked, Waiting};
use super::{OriginSession, plain, view};
use crate::decode::Place;
use crate::encode::places;
use crate::wire::Ordered;
use crate::wording::{Deed, text};
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::Command;
use commonroom_core::ids::{ChannelId, MessageId};
use commonroom_core::query::{Found, Query, Unread};
use commonroom_core::{Refusal, Reply};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
struct Unreads {
    unreads: Ordered<Value>,
}

fn unreads_of(answer: Answer) -> Result<Vec<Unread>, Refusal> {
    match answer {
        Ok(Reply::Found(Found::Unreads(unreads))) => Ok(unreads),
        Ok(_) => Err(Refusal::Fault),
        Err(why) => Err(why),
    }
}

fn shape(unread: &Unread) -> Value {
    json!({
        "last_read": unread.last_read.map(|id| id.to_string()),
        "unread_count": unread.unread,
        "total_messages": unread.total,
    })
}

impl OriginSession {
    /// `unreads_get`: also what tells the web client from others.
    pub(super) fn unreads(&mut self, asked: Asked, cx: &mut Context<'_>) {
        let Some(view) = view(&self.shared, cx) else { return };
        let Some(me) = &mut self.me else { return };
        me.quirk.is_web_client();
        let account = me.account;
        let names: Vec<(ChannelId, String)> = places::visible(&view, account)
            .filter(|channel| channel.kind == ChannelKind::Text)
            .map(|channel| (channel.id, channel.name.clone()))
            .collect();
        let channels = names.iter().map(|(id, _)| *id).collect();
        let tag = self.requests.begin(asked, Waiting::Unreads(names));
        cx.run(tag, Request::Query(Query::Unreads { account, channels, written_is_read: true }));
    }

    /// The counts are there.
    pub(super) fn found_unreads(
        &mut self,
        asked: &Asked,
        names: &[(ChannelId, String)],
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        let unreads = match unreads_of(answer) {
            Ok(unreads) => unreads,
            Err(why) => return self.refused(asked, why, Deed::Other, cx),
        };
        if let Some(me) = &mut self.me {
            for unread in unreads.iter().filter(|unread| unread.last_read.is_some()) {
                me.read.entry(unread.channel).or_insert(unread.last_read);
            }
        }
        let entry = |unread: &Unread| {
            let (_, name) = names.iter().find(|(id, _)| *id == unread.channel)?;
            Some((name.clone(), shape(unread)))
        };
        let unreads = Ordered(unreads.iter().filter_map(entry).collect());
        self.reply(asked, Unreads { unreads }, cx);
    }

    /// `unreads_count`
    pub(super) fn unreads_of(&mut self, place: &Place, asked: Asked, cx: &mut Context<'_>) {
        let Some(account) = self.account() else { return };
        match self.channel_at(place, text::HIDDEN, cx) {
            Ok(channel) => {
                let tag = self.requests.begin(asked, Waiting::UnreadsOf(channel.name.clone()));
                cx.run(
                    tag,
                    Request::Query(Query::Unreads {
                        account,
                        channels: vec![channel.id],
                        written_is_read: true,
                    }),
                );
            }
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// The count is there.
    pub(super) fn found_unreads_of(
        &mut self,
        asked: &Asked,
        name: &str,
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        match unreads_of(answer).and_then(|unreads| unreads.into_iter().next().ok_or(Refusal::Fault)) {
            Ok(unread) => {
                let mut body = shape(&unread);
                body["channel"] = Value::String(name.to_owned());
                self.reply(asked, body, cx);
            }
            Err(why) => self.refused(asked, why, Deed::Other, cx),
        }
    }

    /// `unreads_ack`: cheap when nothing changes, because the web client sends it after every page.
    pub(super) fn read(&mut self, place: &Place, message: Option<&str>, asked: Asked, cx: &mut Context<'_>) {
        let channel = match self.channel_at(place, text::HIDDEN, cx) {
            Ok(channel) => channel,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        let upto = match message.map(str::parse::<MessageId>) {
            None => channel.last_message,
            Some(Ok(id)) => Some(id),
            Some(Err(_)) => return self.refuse(&asked, &plain(text::NO_MESSAGE), cx),
        };
        let Some(me) = &self.me else { return };
        let (account, known) = (me.account, me.read.get(&channel.id).copied());
        if upto.is_none() || channel.kind != ChannelKind::Text || known == Some(upto) {
            let last_read = upto.map(|id| id.to_string());
            return self.reply(&asked, json!({"channel": channel.name, "last_read": last_read}), cx);
        }
        // Without an id the mark goes to the end, whatever has been posted meanwhile.
        let message = message.and(upto);
        let waiting = Waiting::Read { channel: channel.id, name: channel.name.clone() };
        let tag = self.requests.begin(asked, waiting);
        cx.command(tag, account, Command::MarkRead { channel: channel.id, message });
    }

    /// The mark stands where it was asked for; every connection of the account was told before.
    pub(super) fn marked_read(
        &mut self,
        asked: &Asked,
        channel: ChannelId,
        name: &str,
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        match answer {
            Ok(_) => {
                let read = self.me.as_ref().and_then(|me| me.read.get(&channel).copied().flatten());
                let last_read = read.map(|id| id.to_string());
                self.reply(asked, json!({"channel": name, "last_read": last_read}), cx);
            }
            Err(why) => self.refused(asked, why, Deed::Other, cx),
        }
    }
}
