//! Copies of one's own: what only this connection is told, and what ends it.

use super::{OriginSession, me, view};
use crate::encode::spot::Spot;
use crate::encode::{self, PLAIN, message, people, poll};
use crate::rates::millis_between;
use crate::wire;
use crate::wording::text;
use commonroom_core::event::{Departure, Event, EventBody, MemberChange};
use commonroom_core::space::Member;
use commonroom_hub::session::{Context, Happening};
use serde_json::json;

impl OriginSession {
    /// Renders what `show` called private.
    pub(super) fn tell_event(&mut self, event: &Event, happening: &Happening, cx: &mut Context<'_>) {
        match &event.body {
            EventBody::MessagePosted { .. }
            | EventBody::MessageEdited { .. }
            | EventBody::MessageDeleted { .. }
            | EventBody::Reacted { .. }
            | EventBody::Pinned { .. }
            | EventBody::Voted { .. }
            | EventBody::PollEnded { .. }
            | EventBody::ChannelDeleted { parent: Some(_), .. } => self.tell_talk(event, cx),
            EventBody::Channel { channel, .. } if channel.parent().is_some() => self.tell_talk(event, cx),
            EventBody::Read { channel, .. } => {
                for frame in encode::frames(&self.shared, happening, PLAIN, cx.state) {
                    cx.send(&frame);
                }
                self.push_unreads_of(*channel, cx);
            }
            EventBody::Member { member, change: MemberChange::Timeout { .. } } => silenced(member, cx),
            EventBody::Space { .. } | EventBody::Member { .. } | EventBody::ChannelDeleted { .. } => {
                for frame in encode::frames(&self.shared, happening, PLAIN, cx.state) {
                    cx.send(&frame);
                }
                let renamed = self.push_people(cx);
                self.push_channels(renamed, cx);
            }
            // The list says it all.
            EventBody::Channel { .. } => self.push_channels(false, cx),
            EventBody::Banned { .. } => {
                cx.send(&wire::frame("error", json!({"val": text::NOW_BANNED}), None));
                self.end("You have been banned", cx);
            }
            EventBody::MemberGone { departure, .. } => self.gone(*departure, event, cx),
            EventBody::SpaceDeleted { .. } => self.end("This server was deleted", cx),
            EventBody::Account { account, .. } if account.retired => {
                self.end("Your account was deleted", cx);
            }
            EventBody::Account { .. } => self.end(text::DISABLED, cx),
            EventBody::LoginPut { .. }
            | EventBody::LoginEnded { .. }
            | EventBody::Unbanned { .. }
            | EventBody::ConversationOpened { .. }
            | EventBody::Related { .. }
            | EventBody::Item { .. }
            | EventBody::FileAdded { .. }
            | EventBody::FileGone { .. }
            | EventBody::Emoji { .. }
            | EventBody::EmojiGone { .. }
            | EventBody::Webhook { .. }
            | EventBody::FilesShared { .. }
            | EventBody::Invite { .. }
            | EventBody::InviteGone { .. }
            | EventBody::WebhookGone { .. }
            | EventBody::Audited { .. }
            | EventBody::AuditSwept { .. }
            | EventBody::PushPut { .. }
            | EventBody::Noted { .. }
            | EventBody::PushGone { .. }
            | EventBody::ItemGone { .. } => {}
        }
    }

    /// The asker's own copy, what each sees differently, and what the web client must be helped with.
    fn tell_talk(&mut self, event: &Event, cx: &mut Context<'_>) {
        let own = event.origin.filter(|origin| origin.session == self.id);
        let pending = own.and_then(|origin| self.requests.under_way(origin.tag));
        let listener =
            pending.filter(|pending| pending.told).and_then(|pending| pending.asked.listener.clone());
        let (Some(view), Some(me)) = (view(&self.shared, cx), &mut self.me) else { return };
        let viewer = me.account;
        let mut frames: Vec<String> = Vec::new();
        let listener = listener.as_deref();
        if let EventBody::MessageEdited { message, .. } = &event.body {
            let spot = Spot::of(view.directory, message.channel);
            frames.extend(spot.map(|spot| message::edited(&view, message, spot, Some(viewer), listener)));
        } else if let EventBody::Voted { message, account } = &event.body {
            frames.extend(poll::voted(&view, message, *account, *account == viewer));
            frames.extend(poll::redrawn(&view, message, viewer));
        } else {
            frames.extend(encode::of_talk(&view, event, listener));
        }
        if let EventBody::PollEnded { message } = &event.body
            && me.quirk.redraws(message.channel)
        {
            frames.extend(poll::redrawn(&view, message, viewer));
        }
        if let EventBody::MessagePosted { message } = &event.body
            && let Some(spot) = Spot::of(view.directory, message.channel)
        {
            frames.extend(me.quirk.first_message(&view, message, spot));
        }
        for frame in frames {
            cx.send(&frame);
        }
    }

    /// Sends the list of people again if their roles are called or coloured otherwise; true when a name changed, which
    /// the lists of channels hold too.
    fn push_people(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(view) = view(&self.shared, cx) else { return false };
        let Some(me) = &mut self.me else { return false };
        let Some(renamed) = me.faces_are_stale(view.directory, view.space) else { return false };
        me.role_faces = me::role_faces(view.space);
        let users = people::users(&view, me.account);
        cx.send(&wire::frame("users_list", json!({"users": users}), None));
        renamed
    }

    /// Sends the list of channels again if the client's is no longer right, or anyway.
    fn push_channels(&mut self, anyway: bool, cx: &mut Context<'_>) {
        let Some(view) = view(&self.shared, cx) else { return };
        let Some(me) = &mut self.me else { return };
        if anyway || me.list_is_stale(&view) {
            me.listed = me::listed(&view, me.account);
            let frame = encode::channels_get(&view, me.account, None);
            cx.send(&frame);
        }
    }

    fn gone(&mut self, departure: Departure, event: &Event, cx: &mut Context<'_>) {
        let own = event.origin.filter(|origin| origin.session == self.id);
        let asked = own.and_then(|origin| self.requests.finish(origin.tag)).map(|pending| pending.asked);
        if let Some((asked, id)) = asked.zip(self.account()) {
            let username = people::username(&cx.state.directory, id);
            let body = match asked.cmd {
                "user_delete" => json!({"user": username, "deleted": true}),
                _ => json!({"user": username, "username": username, "val": "User left server"}),
            };
            let frame = wire::frame(asked.cmd, body, asked.listener.as_deref());
            cx.send(&frame);
            return cx.close(1000, "left");
        }
        let reason = match departure {
            Departure::Left => "You left this server",
            Departure::Kicked => "You have been kicked",
            Departure::Banned => "You have been banned",
            Departure::Retired => "Your account was deleted",
        };
        self.end(reason, cx);
    }

    /// Another connection of the account took this one's place.
    pub(super) fn displaced(&mut self, cx: &mut Context<'_>) {
        self.end("Too many connections", cx);
    }

    fn end(&mut self, reason: &str, cx: &mut Context<'_>) {
        cx.send(&wire::frame("disconnect", json!({"reason": reason}), None));
        cx.close(1000, "disconnected");
    }
}

/// Told to every connection of whoever is silenced, and when it is lifted (originchats.md 5.9).
fn silenced(member: &Member, cx: &mut Context<'_>) {
    let (reason, length) = match member.timeout_until {
        Some(until) if until > cx.now => ("User timeout set", millis_between(cx.now, until)),
        _ => ("User timeout lifted", 0),
    };
    cx.send(&wire::frame("rate_limit", json!({"reason": reason, "length": length}), None));
}
