//! Messages found by more than their place: pinned ones, answers, searches, pings; and the cards of one
//! (originchats.md 5.4).

use crate::decode::Place;
use crate::encode::message;
use crate::encode::places;
use crate::encode::spot::Spot;
use crate::session::history::messages_of;
use crate::session::requests::{Asked, Then};
use crate::session::{OriginSession, plain, view};
use crate::wire;
use crate::wording::{Deed, text};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::ids::{ChannelId, MessageId, RoleId};
use commonroom_core::message::Message;
use commonroom_core::policy;
use commonroom_core::query::Query;
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use serde_json::{Value, json};
use std::sync::Arc;

impl OriginSession {
    /// `message_pin` and `message_unpin`
    pub(super) fn pin(&mut self, place: &Place, id: &str, on: bool, asked: Asked, cx: &mut Context<'_>) {
        match self.channel_at(place, text::MAY_NOT_PIN, cx) {
            Ok(channel) => self.find((&channel, id), Then::Pin(on), asked, cx),
            Err(wrong) => self.refuse(&asked, &wrong, cx),
        }
    }

    /// `messages_pinned`
    pub(super) fn pins(&mut self, place: &Place, asked: Asked, cx: &mut Context<'_>) {
        let Some(channel) = self.readable_at(place, &asked, cx) else { return };
        let query = self.may_read_history(&channel, cx).then_some(Query::Pins { channel: channel.id });
        self.list(query, (channel.id, "messages", Value::Null), asked, cx);
    }

    /// `message_replies`
    pub(super) fn replies(
        &mut self,
        place: &Place,
        id: &str,
        limit: usize,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let Some(channel) = self.readable_at(place, &asked, cx) else { return };
        let Ok(message) = id.parse::<MessageId>() else {
            return self.refuse(&asked, &plain(text::NO_MESSAGE), cx);
        };
        let query = self.may_read_history(&channel, cx).then_some(Query::Replies { message, limit });
        self.list(query, (channel.id, "replies", json!({"message_id": id})), asked, cx);
    }

    /// Answers with the messages of a channel that a query finds; without one, with none.
    fn list(
        &mut self,
        query: Option<Query>,
        (channel, name, more): (ChannelId, &'static str, Value),
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let Some(query) = query else { return self.listed(&asked, Vec::new(), (channel, name, more), cx) };
        let then =
            move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| match messages_of(
                answer,
            ) {
                Ok((mut messages, ..)) => {
                    messages.retain(|message| message.channel == channel);
                    session.without_hidden(&mut messages, cx);
                    session.listed(&asked, messages, (channel, name, more), cx);
                }
                Err(why) => session.refused(&asked, why, Deed::Other, cx),
            };
        self.request(asked, Request::Query(query), then, cx);
    }

    fn listed(
        &mut self,
        asked: &Asked,
        messages: Vec<Arc<Message>>,
        (channel, name, more): (ChannelId, &'static str, Value),
        cx: &mut Context<'_>,
    ) {
        let Some((view, reader)) = view(&self.shared, cx).zip(self.account()) else { return };
        let Some(spot) = Spot::of(view.directory, channel) else {
            return self.refuse(asked, &plain(text::NO_CHANNEL), cx);
        };
        let shapes: Vec<wire::Message> =
            messages.iter().map(|message| message::seen_by(&view, message, reader)).collect();
        let mut body = if more.is_object() { more } else { json!({}) };
        body[name] = json!(shapes);
        let body = spot.on(body);
        self.reply(asked, body, cx);
    }

    /// The channel of a place for reading; says what is wrong with it.
    fn readable_at(&mut self, place: &Place, asked: &Asked, cx: &mut Context<'_>) -> Option<Arc<Channel>> {
        match self.channel_at(place, text::HIDDEN, cx) {
            Ok(channel) => Some(channel),
            Err(wrong) => {
                self.refuse(asked, &wrong, cx);
                None
            }
        }
    }

    /// `messages_search`: of a forum, in its threads.
    pub(super) fn search(&mut self, place: &Place, query: String, asked: Asked, cx: &mut Context<'_>) {
        let Some(channel) = self.readable_at(place, &asked, cx) else { return };
        let directory = &cx.state.directory;
        let channels: Vec<ChannelId> = match channel.kind {
            ChannelKind::Forum => directory.threads_of(channel.id).map(|thread| thread.id).collect(),
            ChannelKind::Text => vec![channel.id],
            ChannelKind::Voice | ChannelKind::Separator => Vec::new(),
        };
        let channels = if self.may_read_history(&channel, cx) { channels } else { Vec::new() };
        let limit = self.shared.config.limits.search_results;
        let words = query.clone();
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| {
            let found = messages_of(answer).map(|(messages, ..)| messages);
            match found {
                Ok(messages) => {
                    let results = session.out_of_place(messages, cx);
                    let Some(spot) = Spot::in_channel(&cx.state.directory, &channel) else { return };
                    let body = spot.on(json!({"query": query, "results": results}));
                    session.reply(&asked, body, cx);
                }
                Err(why) => session.refused(&asked, why, Deed::Other, cx),
            }
        };
        self.request(asked, Request::Query(Query::Search { channels, words, limit }), then, cx);
    }

    /// `pings_get`
    pub(super) fn pings(&mut self, limit: usize, skip: u64, asked: Asked, cx: &mut Context<'_>) {
        let Some((view, account)) = view(&self.shared, cx).zip(self.account()) else { return };
        let member = view.directory.member(view.space.id, account);
        let held = member.map(|member| policy::roles_of(view.directory, view.space, member));
        let roles: Vec<RoleId> = held.into_iter().flatten().map(|role| role.id).collect();
        let channels: Vec<ChannelId> = places::readable(&view, account)
            .filter(|channel| self.may_read_history(channel, cx))
            .map(|channel| channel.id)
            .collect();
        let held = roles.clone();
        let query = Query::Pings { account, roles, channels, skip, limit };
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| {
            let (mut messages, total) = match messages_of(answer) {
                Ok((messages, _, total)) => (messages, total),
                Err(why) => return session.refused(&asked, why, Deed::Other, cx),
            };
            let Some(view) = session.shared.view(cx.state) else { return };
            // What pings everybody elsewhere may ping nobody here.
            messages.retain(|message| {
                message.mentions.contains(&account)
                    || message.mention_roles.iter().any(|role| held.contains(role))
                    || message.reply_to.is_some_and(|to| to.ping && to.author == account)
                    || message::pings_everyone(&view, message)
            });
            let messages = session.out_of_place(messages, cx);
            let body = json!({"messages": messages, "offset": skip, "limit": limit, "total": total});
            session.reply(&asked, body, cx);
        };
        self.request(asked, Request::Query(query), then, cx);
    }

    /// Messages from anywhere, each with its channel and thread.
    fn out_of_place(&self, mut messages: Vec<Arc<Message>>, cx: &Context<'_>) -> Vec<wire::Message> {
        let Some((view, reader)) = view(&self.shared, cx).zip(self.account()) else { return Vec::new() };
        self.without_hidden(&mut messages, cx);
        messages.iter().map(|message| message::found(&view, message, reader)).collect()
    }

    /// `embeds_list`
    pub(super) fn embeds(&mut self, place: &Place, id: &str, asked: Asked, cx: &mut Context<'_>) {
        let Some(channel) = self.readable_at(place, &asked, cx) else { return };
        if !self.may_read_history(&channel, cx) {
            return self.refuse(&asked, &plain(text::NO_MESSAGE), cx);
        }
        self.find((&channel, id), Then::Embeds, asked, cx);
    }

    /// The message whose cards were asked for is there.
    pub(in crate::session) fn embeds_of(
        &mut self,
        asked: &Asked,
        message: &Arc<Message>,
        cx: &mut Context<'_>,
    ) {
        let mut shown = vec![message.clone()];
        self.without_hidden(&mut shown, cx);
        if shown.is_empty() {
            return self.refuse(asked, &plain(text::NO_MESSAGE), cx);
        }
        let Some(view) = view(&self.shared, cx) else { return };
        let embeds = message::embeds(&view, message, self.account());
        self.reply(asked, json!({"id": message.id.to_string(), "embeds": embeds}), cx);
    }
}
