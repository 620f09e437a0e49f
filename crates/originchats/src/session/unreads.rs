//! What has been read, and what has not (originchats.md 5.12).

use super::requests::{Asked, Waiting};
use super::{OriginSession, plain, view};
use crate::decode::Place;
use crate::encode::places;
use crate::encode::spot::Spot;
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
        let channels = places::readable(&view, account).map(|channel| channel.id).collect();
        let tag = self.requests.begin(asked, Waiting::Unreads);
        cx.run(tag, Request::Query(Query::Unreads { account, channels, written_is_read: true }));
    }

    /// The counts are there.
    pub(super) fn found_unreads(&mut self, asked: &Asked, answer: Answer, cx: &mut Context<'_>) {
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
            let spot = Spot::of(&cx.state.directory, unread.channel)?;
            let mut shape = shape(unread);
            if spot.thread.is_some() {
                shape["parent_channel"] = json!(spot.channel);
            }
            Some((spot.key(), shape))
        };
        let unreads = Ordered(unreads.iter().filter_map(entry).collect());
        self.reply(asked, Unreads { unreads }, cx);
    }

    /// The mark of a thread has moved. The web client clears no count of a thread by itself: it is told how many there are
    /// left (originchats.md 5.12).
    pub(super) fn push_unreads_of(&mut self, thread: ChannelId, cx: &mut Context<'_>) {
        let Some(account) = self.account() else { return };
        let asked = Asked { cmd: "unreads_get", listener: None };
        let query = Query::Unreads { account, channels: vec![thread], written_is_read: true };
        let then = |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| {
            if answer.is_ok() {
                session.found_unreads(&asked, answer, cx);
            }
        };
        self.request(asked, Request::Query(query), then, cx);
    }

    /// `unreads_count`
    pub(super) fn unreads_of(&mut self, place: &Place, asked: Asked, cx: &mut Context<'_>) {
        let Some(account) = self.account() else { return };
        match self.channel_at(place, text::HIDDEN, cx) {
            Ok(channel) => {
                let tag = self.requests.begin(asked, Waiting::UnreadsOf(channel.id));
                let channels = vec![channel.id];
                cx.run(tag, Request::Query(Query::Unreads { account, channels, written_is_read: true }));
            }
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// The count is there.
    pub(super) fn found_unreads_of(
        &mut self,
        asked: &Asked,
        channel: ChannelId,
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        let directory = cx.state.directory.clone();
        let Some(spot) = Spot::of(&directory, channel) else {
            return self.refuse(asked, &plain(text::NO_CHANNEL), cx);
        };
        match unreads_of(answer).and_then(|unreads| unreads.into_iter().next().ok_or(Refusal::Fault)) {
            Ok(unread) => {
                self.reply(asked, spot.on_either(shape(&unread)), cx);
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
            return self.reply_mark(&asked, channel.id, upto, cx);
        }
        // Without an id the mark goes to the end, whatever has been posted meanwhile.
        let message = message.and(upto);
        let tag = self.requests.begin(asked, Waiting::Read { channel: channel.id });
        cx.command(tag, account, Command::MarkRead { channel: channel.id, message });
    }

    /// The mark stands where it was asked for; every connection of the account was told before.
    pub(super) fn marked_read(
        &mut self,
        asked: &Asked,
        channel: ChannelId,
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        match answer {
            Ok(_) => {
                let read = self.me.as_ref().and_then(|me| me.read.get(&channel).copied().flatten());
                self.reply_mark(asked, channel, read, cx);
            }
            Err(why) => self.refused(asked, why, Deed::Other, cx),
        }
    }

    fn reply_mark(
        &mut self,
        asked: &Asked,
        channel: ChannelId,
        read: Option<MessageId>,
        cx: &mut Context<'_>,
    ) {
        let body = json!({"last_read": read.map(|id| id.to_string())});
        let body = Spot::of(&cx.state.directory, channel).map(|spot| spot.on_either(body));
        if let Some(body) = body {
            self.reply(asked, body, cx);
        }
    }
}
