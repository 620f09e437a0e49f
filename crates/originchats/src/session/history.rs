//! Reading: pages of a history, the surroundings of a message, one message (originchats.md 5.4).

use super::me::Fetching;
use super::requests::{Asked, Find, Mark, Page, Waiting};
use super::{OriginSession, plain, view};
use crate::decode::{Place, Start};
use crate::encode::message;
use crate::encode::spot::Spot;
use crate::wire;
use crate::wording::{Deed, text};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::command::Command;
use commonroom_core::ids::{ChannelId, MessageId};
use commonroom_core::message::Message;
use commonroom_core::query::{Found, Page as Pages, Query, Unread};
use commonroom_core::{Permissions, Refusal, Reply, limits, policy};
use commonroom_hub::live;
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use serde_json::json;
use std::sync::Arc;

/// The request for one message of a channel, with its place.
fn one(find: Find) -> Request {
    let page = Pages::Around { message: find.message, above: 0, below: 0 };
    Request::Query(Query::History { channel: find.channel, page, limit: 1 })
}

/// The answer with a page: `thread_messages` knows threads only, and no range.
fn page_frame(
    asked: &Asked,
    channel: &Channel,
    messages: &[wire::Message],
    (start, end): (u64, u64),
    cx: &Context<'_>,
) -> String {
    let body = if asked.cmd == "thread_messages" {
        json!({"thread_id": channel.id.to_string(), "messages": messages})
    } else {
        let page = json!({"messages": messages, "range": {"start": start, "end": end}});
        match Spot::in_channel(&cx.state.directory, channel) {
            Some(spot) => spot.on(page),
            None => page,
        }
    };
    wire::frame(asked.cmd, body, asked.listener.as_deref())
}

/// The messages that a query found, the place of the first, and how many the channel holds.
pub(super) fn messages_of(answer: Answer) -> Result<(Vec<Arc<Message>>, u64, u64), Refusal> {
    match answer {
        Ok(Reply::Found(Found::Messages { messages, start, total })) => Ok((messages, start, total)),
        Ok(_) => Err(Refusal::Fault),
        Err(why) => Err(why),
    }
}

impl OriginSession {
    /// `messages_get`
    pub(super) fn history(
        &mut self,
        place: &Place,
        start: &Start,
        limit: usize,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let channel = match self.channel_at(place, text::HIDDEN, cx) {
            Ok(channel) => channel,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        let (page, skip) = match start {
            Start::Newest(skip) => (Some(Pages::Newest { skip: *skip }), Some(*skip)),
            Start::Before(id) => (id.parse().ok().map(Pages::Before), None),
        };
        let readable = channel.kind == ChannelKind::Text && self.may_read_history(&channel, cx);
        let Some(page) = page.filter(|_| readable) else {
            // Clients ask for whatever channel comes first: those that hold no messages are empty, not an error.
            let skip = skip.unwrap_or(0);
            let end = skip.saturating_add(limit as u64);
            self.note_emptiness(&channel, skip);
            let frame = page_frame(&asked, &channel, &[], (skip, end), cx);
            return self.requests.say(frame, cx);
        };
        if let Some(me) = &mut self.me {
            me.fetching = Some(Fetching { channel: channel.id, since: Vec::new() });
            if skip == Some(0) {
                me.quirk.looks_at(channel.id);
            }
        }
        let waiting = Waiting::History(Page { channel: channel.id, skip, limit });
        let tag = self.requests.begin(asked, waiting);
        cx.run(tag, Request::Query(Query::History { channel: channel.id, page, limit }));
    }

    fn note_emptiness(&mut self, channel: &Channel, skip: u64) {
        if let Some(me) = &mut self.me
            && channel.kind == ChannelKind::Text
            && skip == 0
        {
            me.quirk.answered(channel.id, true);
        }
    }

    pub(super) fn may_read_history(&self, channel: &Channel, cx: &Context<'_>) -> bool {
        self.account().is_some_and(|account| {
            policy::permissions_in(&cx.state.directory, channel, account).has(Permissions::READ_HISTORY)
        })
    }

    /// A page is there.
    pub(super) fn found_history(&mut self, asked: Asked, page: Page, answer: Answer, cx: &mut Context<'_>) {
        let fetching = self.me.as_mut().and_then(|me| me.fetching.take());
        let (mut messages, start, total) = match messages_of(answer) {
            Ok(found) => found,
            Err(why) => return self.refused(&asked, why, Deed::Other, cx),
        };
        let Some(channel) = cx.state.directory.channel(page.channel).cloned() else {
            return self.refuse(&asked, &plain(text::NO_CHANNEL), cx);
        };
        let newest_first = page.skip == Some(0);
        let range = match page.skip {
            Some(skip) => (skip, skip.saturating_add(page.limit as u64)),
            None => {
                let skipped = total.saturating_sub(start + messages.len() as u64);
                (skipped, skipped + messages.len() as u64)
            }
        };
        if let Some(fetching) = fetching {
            bring_up_to_date(&mut messages, &fetching.since, newest_first, page.limit);
        }
        let newest = messages.last().filter(|_| newest_first).map(|message| (message.id, message.seq));
        self.without_hidden(&mut messages, cx);
        if let (Some(me), true) = (&mut self.me, newest_first) {
            me.quirk.answered(page.channel, messages.is_empty());
            if let Some((_, seq)) = newest
                && seq > channel.head
            {
                // Read ahead of the events: those that are still to come are in this page.
                me.ahead.insert(page.channel, seq);
            }
        }
        let Some(view) = view(&self.shared, cx) else { return };
        let Some(reader) = self.account() else { return };
        let shapes: Vec<wire::Message> =
            messages.iter().map(|message| message::seen_by(&view, message, reader)).collect();
        let frame = page_frame(&asked, &channel, &shapes, range, cx);
        match newest {
            Some((newest, _)) if asked.cmd == "messages_get" => {
                self.mark(asked, Mark { channel: page.channel, newest, frame }, cx)
            }
            Some(_) | None => cx.send(&frame),
        }
    }

    /// Moves the reading mark to the newest message of a page, and then sends the page (originchats.md 5.4).
    fn mark(&mut self, asked: Asked, mark: Mark, cx: &mut Context<'_>) {
        let Some(me) = &self.me else { return };
        let account = me.account;
        match me.read.get(&mark.channel) {
            Some(read) if *read == Some(mark.newest) => cx.send(&mark.frame),
            Some(_) => self.move_mark(asked, mark, cx),
            None => {
                let channels = vec![mark.channel];
                let tag = self.requests.begin(asked, Waiting::Mark(mark));
                cx.run(tag, Request::Query(Query::Unreads { account, channels, written_is_read: false }));
            }
        }
    }

    /// Where the mark stands is known.
    pub(super) fn found_mark(&mut self, asked: Asked, mark: Mark, answer: Answer, cx: &mut Context<'_>) {
        let unread = match answer {
            Ok(Reply::Found(Found::Unreads(unreads))) => unreads.into_iter().next(),
            _ => None,
        };
        match unread {
            Some(Unread { last_read: Some(read), .. }) if read == mark.newest => {
                if let Some(me) = &mut self.me {
                    me.read.insert(mark.channel, Some(read));
                }
                cx.send(&mark.frame);
            }
            _ => self.move_mark(asked, mark, cx),
        }
    }

    fn move_mark(&mut self, asked: Asked, mark: Mark, cx: &mut Context<'_>) {
        let Some(account) = self.account() else { return };
        let command = Command::MarkRead { channel: mark.channel, message: Some(mark.newest) };
        let tag = self.requests.begin(asked, Waiting::Say(mark.frame));
        cx.command(tag, account, command);
    }

    /// Takes out what people wrote whom the reader muted or blocked.
    pub(super) fn without_hidden(&self, messages: &mut Vec<Arc<Message>>, cx: &Context<'_>) {
        let Some(reader) = self.account() else { return };
        let state = cx.state;
        messages.retain(|message| !live::hidden_from(&state.directory, &state.live, reader, message.author));
    }

    /// `message_get`
    pub(super) fn message(&mut self, place: &Place, id: &str, asked: Asked, cx: &mut Context<'_>) {
        match self.channel_at(place, text::HIDDEN, cx) {
            Ok(channel) if self.may_read_history(&channel, cx) => {
                let Ok(message) = id.parse::<MessageId>() else {
                    return self.refuse(&asked, &plain(text::NO_MESSAGE), cx);
                };
                let find = Find { channel: channel.id, message };
                let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| {
                    session.found_one(&asked, find, answer, cx);
                };
                self.request(asked, one(find), then, cx);
            }
            Ok(_) => self.refuse(&asked, &plain(text::NO_MESSAGE), cx),
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// One message is there, or not.
    fn found_one(&mut self, asked: &Asked, find: Find, answer: Answer, cx: &mut Context<'_>) {
        let (mut messages, start, _) = match messages_of(answer) {
            Ok(found) => found,
            Err(why) => return self.refused(asked, why, Deed::Other, cx),
        };
        messages.retain(|message| message.id == find.message);
        self.without_hidden(&mut messages, cx);
        let Some(message) = messages.pop() else {
            return self.refuse(asked, &plain(text::NO_MESSAGE), cx);
        };
        let Some((view, reader)) = view(&self.shared, cx).zip(self.account()) else { return };
        let mut shape = message::seen_by(&view, &message, reader);
        shape.position = Some(start);
        let Some(spot) = Spot::of(view.directory, find.channel) else { return };
        self.reply(asked, spot.on(json!({"message": shape})), cx);
    }

    /// `messages_around`
    pub(super) fn around(
        &mut self,
        place: &Place,
        id: &str,
        (above, below): (usize, usize),
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let channel = match self.channel_at(place, text::HIDDEN, cx) {
            Ok(channel) => channel,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        let target = id.parse::<MessageId>().ok().filter(|_| self.may_read_history(&channel, cx));
        let Some(target) = target else { return self.refuse(&asked, &plain(text::NO_MESSAGE), cx) };
        let waiting = Waiting::Around { channel: channel.id, target };
        let tag = self.requests.begin(asked, waiting);
        let page = Pages::Around { message: target, above, below };
        let limit = limits::HISTORY_PAGE.min(above + below + 1);
        cx.run(tag, Request::Query(Query::History { channel: channel.id, page, limit }));
    }

    /// The surroundings are there.
    pub(super) fn found_around(
        &mut self,
        asked: &Asked,
        channel: ChannelId,
        target: MessageId,
        answer: Answer,
        cx: &mut Context<'_>,
    ) {
        let (mut messages, start, _) = match messages_of(answer) {
            Ok(found) => found,
            Err(why) => return self.refused(asked, why, Deed::Other, cx),
        };
        let end = start + messages.len() as u64;
        self.without_hidden(&mut messages, cx);
        if !messages.iter().any(|message| message.id == target) {
            return self.refuse(asked, &plain(text::NO_MESSAGE), cx);
        }
        let Some((view, reader)) = view(&self.shared, cx).zip(self.account()) else { return };
        let shapes: Vec<wire::Message> =
            messages.iter().map(|message| message::seen_by(&view, message, reader)).collect();
        let Some(spot) = Spot::of(view.directory, channel) else { return };
        let body = json!({"messages": shapes, "range": {"start": start, "end": end}});
        self.reply(asked, spot.on_both(body), cx);
    }
}

/// A page is as old as its query; what was shown since is brought into it, so that a client that replaces its list by
/// the page loses nothing.
fn bring_up_to_date(
    messages: &mut Vec<Arc<Message>>,
    since: &[(Arc<Message>, bool)],
    newest: bool,
    limit: usize,
) {
    for (message, new) in since {
        let at = messages.iter().position(|known| known.id == message.id);
        match at {
            Some(at) if message.deleted => {
                messages.remove(at);
            }
            Some(at) => messages[at] = message.clone(),
            None if *new && newest => messages.push(message.clone()),
            None => {}
        }
    }
    if newest && messages.len() > limit {
        messages.drain(..messages.len() - limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use commonroom_core::env::Timestamp;
    use commonroom_core::ids::AccountId;

    fn message(number: u32, text: &str, deleted: bool) -> Arc<Message> {
        let place = (MessageId(uuid::Uuid::from_u128(number.into())), number.into(), number.into());
        let said = Message::said(place, ChannelId::MIN, AccountId::MIN, text, Timestamp(0));
        Arc::new(Message { deleted, ..said })
    }

    #[test]
    fn a_page_holds_what_was_shown_while_it_was_read() {
        let mut page = vec![message(1, "one", false), message(2, "two", false)];
        let since = [
            (message(3, "three", false), true),
            (message(2, "two!", false), false),
            (message(1, "", true), false),
            (message(3, "three!", false), false),
            (message(9, "elsewhere in the past", false), false),
        ];
        bring_up_to_date(&mut page, &since, true, 100);
        let texts: Vec<&str> = page.iter().map(|message| message.text.as_str()).collect();
        assert_eq!(texts, ["two!", "three!"]);
    }

    #[test]
    fn a_page_stays_as_long_as_it_was_asked_for() {
        let mut page = vec![message(1, "one", false), message(2, "two", false)];
        bring_up_to_date(&mut page, &[(message(3, "three", false), true)], true, 2);
        assert_eq!(page.iter().map(|message| message.seq).collect::<Vec<_>>(), [2, 3]);
        let mut older = vec![message(1, "one", false)];
        bring_up_to_date(&mut older, &[(message(3, "three", false), true)], false, 2);
        assert_eq!(older.len(), 1);
    }
}
