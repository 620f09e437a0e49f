//! What has happened, as `DISPATCH` frames (together.md 6).

use super::{View, invite, message, person, place, server, talk, voice};
use crate::presence::Dialect;
use crate::quirks;
use crate::signal;
use crate::wire::{
    ChannelGone, GoLiveOver, MemberJoined, MemberRole, Moderation, OverrideGone, RoleGone, ServerGone,
    TypingOut, dispatch,
};
use commonroom_core::channel::{self, Channel};
use commonroom_core::env::Timestamp;
use commonroom_core::event::{
    AccountChange, ChannelChange, Departure, Event, EventBody, MemberChange, SpaceChange,
};
use commonroom_core::ids::{AccountId, RoleId, SpaceId};
use commonroom_core::space::{Member, Role, Space};
use commonroom_hub::live::LiveEvent;
use commonroom_hub::session::Variant;
use std::collections::BTreeMap;

/// The only rendering there is.
pub const PLAIN: Variant = 0;
/// Moderation: with the reason (6.9).
pub const WITH_REASON: Variant = 1;
/// Conversations: from the side of the account named second.
pub const SECOND_SIDE: Variant = 1;
/// Presence: with "away" spelled so.
pub const AWAY: Variant = 1;
/// Presence: with "away" spelled `idle`.
pub const IDLE: Variant = 2;

/// The frames of a stored event.
pub fn event(view: View<'_>, event: &Event, variant: Variant) -> Vec<String> {
    match &event.body {
        EventBody::Account { account, change: AccountChange::Status } => {
            presence(view, account.id, variant).into_iter().collect()
        }
        EventBody::Space { space, change } => match change {
            SpaceChange::Settings | SpaceChange::Owner => {
                vec![dispatch("SERVER_UPDATE", server::server(view, space))]
            }
            SpaceChange::Created | SpaceChange::Roles | SpaceChange::ChannelOrder => Vec::new(),
        },
        EventBody::SpaceDeleted { space, .. } => vec![dispatch("SERVER_DELETE", ServerGone { id: space.0 })],
        EventBody::Member { member, change } => member_changed(view, event, member, change, variant),
        EventBody::MemberGone { space, account, departure, reason } => {
            vec![member_gone(event, *space, *account, *departure, reason.as_deref(), variant)]
        }
        EventBody::Banned { ban } => {
            let reason = ban.reason.as_deref();
            vec![member_gone(event, ban.space, ban.account, Departure::Banned, reason, variant)]
        }
        EventBody::Unbanned { space, account } => {
            vec![dispatch("MEMBER_UNBAN", moderation(event, *space, *account))]
        }
        EventBody::Channel { channel, change } if channel.thread.is_some() => {
            talk::topic_changed(view, channel, *change)
        }
        EventBody::Channel { channel, change } => channel_changed(view, channel, *change),
        EventBody::ChannelDeleted { channel, parent: Some(parent), .. } => {
            talk::topic_gone(*channel, *parent)
        }
        EventBody::ChannelDeleted { channel, space, parent: None } => {
            vec![dispatch("CHANNEL_DELETE", ChannelGone { id: channel.0, server_id: space.0 })]
        }
        EventBody::ConversationOpened { channel } => conversation_opened(view, channel, variant),
        EventBody::MessagePosted { message } => talk::posted(view, message),
        EventBody::MessageEdited { message, .. } | EventBody::FilesShared { message } => {
            talk::changed(view, message)
        }
        EventBody::MessageDeleted { message } => talk::deleted(view, message),
        EventBody::Reacted { message, emoji, account, on } => {
            talk::reacted(view, message, emoji, *account, *on)
        }
        EventBody::Pinned { message, on } => talk::pinned(view, message, event.by, *on),
        EventBody::Voted { message, .. } => talk::voted(view, message),
        EventBody::Invite { invite, made: true } => vec![invite::made(invite)],
        EventBody::InviteGone { invite } => vec![invite::gone(invite)],
        EventBody::Emoji { emoji, added } => talk::emoji(emoji, *added),
        EventBody::EmojiGone { emoji } => vec![talk::emoji_gone(emoji)],
        EventBody::Account { .. }
        | EventBody::LoginPut { .. }
        | EventBody::LoginEnded { .. }
        | EventBody::Read { .. }
        | EventBody::Related { .. }
        | EventBody::Item { .. }
        | EventBody::PollEnded { .. }
        | EventBody::FileAdded { .. }
        | EventBody::FileGone { .. }
        | EventBody::Webhook { .. }
        | EventBody::Invite { made: false, .. }
        | EventBody::WebhookGone { .. }
        | EventBody::Audited { .. }
        | EventBody::AuditSwept { .. }
        | EventBody::PushPut { .. }
        | EventBody::Noted { .. }
        | EventBody::PushGone { .. }
        | EventBody::ItemGone { .. } => Vec::new(),
    }
}

/// The frames of a live event. `now` stamps what carries a time.
pub fn live(view: View<'_>, event: &LiveEvent, variant: Variant, now: Timestamp) -> Vec<String> {
    let frame = match event {
        LiveEvent::Online { account, .. } | LiveEvent::Offline { account, .. } => {
            presence(view, *account, variant)
        }
        LiveEvent::Typing { account, channel, .. } => {
            let known = view.state.directory.account(*account);
            let direct =
                view.state.directory.channel(*channel).is_some_and(|channel| channel.space().is_none());
            let d = TypingOut {
                user_id: account.0,
                username: known.map(|account| quirks::username(account)),
                channel_id: place::of(&view.state.directory, *channel).channel,
                timestamp: now.rfc3339(),
            };
            Some(dispatch(if direct { "DM_TYPING_START" } else { "TYPING_START" }, d))
        }
        LiveEvent::CallJoined { channel, seat } | LiveEvent::CallChanged { channel, seat, .. } => {
            Some(dispatch("VOICE_STATE_UPDATE", voice::seated(view, *channel, seat)))
        }
        LiveEvent::CallLeft { seat, .. } => {
            Some(dispatch("VOICE_STATE_UPDATE", voice::left(view, seat.account)))
        }
        LiveEvent::BroadcastBegun { channel, seat } => {
            let begun = seat.broadcast.map(|broadcast| voice::live(*channel, seat, broadcast));
            begun.map(|d| dispatch("GO_LIVE_START", d))
        }
        LiveEvent::BroadcastEnded { channel, seat, .. } => {
            let d = GoLiveOver { channel_id: channel.0, broadcaster_id: seat.account.0 };
            Some(dispatch("GO_LIVE_STOP", d))
        }
        LiveEvent::Signal { signal, .. } => {
            signal::superset(signal.sender.0, &signal.body).map(|d| dispatch("VOICE_SIGNAL", d))
        }
        LiveEvent::Attached { .. }
        | LiveEvent::Ready { .. }
        | LiveEvent::Changed { .. }
        | LiveEvent::Detached { .. }
        | LiveEvent::Moved { .. }
        | LiveEvent::Carried { .. }
        | LiveEvent::Offered { .. }
        | LiveEvent::Withdrawn { .. }
        | LiveEvent::Effect { .. }
        | LiveEvent::Relayed { .. }
        | LiveEvent::Displaced { .. } => None,
    };
    frame.into_iter().collect()
}

/// The frames that tell how the overrides of a channel changed.
pub fn overrides(before: &[channel::Override], channel: &Channel) -> Vec<String> {
    let gone = before.iter().filter(|old| !channel.overrides.iter().any(|rule| rule.id == old.id));
    let mut frames: Vec<String> = gone
        .map(|old| OverrideGone { channel_id: channel.id.0, override_id: old.id })
        .map(|d| dispatch("CHANNEL_OVERRIDE_DELETE", d))
        .collect();
    let put = channel.overrides.iter().filter(|rule| !before.contains(rule));
    frames.extend(put.map(|rule| dispatch("CHANNEL_OVERRIDE_UPDATE", server::rule(channel, rule))));
    frames
}

/// The frames that tell how the roles of a server changed.
pub fn roles(view: View<'_>, before: Option<&Space>, space: &Space) -> Vec<String> {
    let directory = &view.state.directory;
    let known = before.into_iter().flat_map(|before| quirks::roles(directory, before));
    let mut gone: BTreeMap<RoleId, &Role> = known.map(|role| (role.id, role)).collect();
    let mut put = Vec::new();
    for role in quirks::roles(directory, space) {
        let t = match gone.remove(&role.id) {
            Some(known) if known == role => continue,
            Some(_) => "ROLE_UPDATE",
            None => "ROLE_CREATE",
        };
        put.push(dispatch(t, server::role(space, role)));
    }
    let gone = gone.into_keys().map(|role| RoleGone { server_id: space.id.0, role_id: role.0 });
    gone.map(|d| dispatch("ROLE_DELETE", d)).chain(put).collect()
}

/// `ROLE_UPDATE`.
pub fn role(space: &Space, role: &Role) -> String {
    dispatch("ROLE_UPDATE", server::role(space, role))
}

fn presence(view: View<'_>, account: AccountId, variant: Variant) -> Option<String> {
    let dialect = match variant {
        AWAY => Dialect::Away,
        IDLE => Dialect::Idle,
        _ => Dialect::AsSent,
    };
    let account = view.state.directory.account(account)?;
    Some(dispatch("PRESENCE_UPDATE", person::presence(view, account, dialect)))
}

fn moderation<'a>(event: &Event, space: SpaceId, account: AccountId) -> Moderation<'a> {
    Moderation {
        server_id: space.0,
        user_id: account.0,
        actor_id: Some(event.by.map(|by| by.0)),
        reason: None,
        expires_at: None,
        duration_minutes: None,
    }
}

fn member_gone(
    event: &Event,
    space: SpaceId,
    account: AccountId,
    departure: Departure,
    reason: Option<&str>,
    variant: Variant,
) -> String {
    let mut d = moderation(event, space, account);
    let t = match departure {
        Departure::Left | Departure::Retired => {
            d.actor_id = None;
            return dispatch("MEMBER_LEAVE", d);
        }
        Departure::Kicked => "MEMBER_KICK",
        Departure::Banned => "MEMBER_BAN",
    };
    d.reason = Some(reason.filter(|_| variant == WITH_REASON));
    dispatch(t, d)
}

fn member_changed(
    view: View<'_>,
    event: &Event,
    member: &Member,
    change: &MemberChange,
    variant: Variant,
) -> Vec<String> {
    let Some(space) = view.state.directory.space(member.space) else { return Vec::new() };
    match change {
        MemberChange::Joined => {
            let joined = person::member(view, space, member);
            let d = joined.map(|member| MemberJoined { server_id: space.id.0, member });
            d.map(|d| dispatch("MEMBER_JOIN", d)).into_iter().collect()
        }
        MemberChange::Roles { added, removed } => {
            let adds = added.iter().map(|role| ("MEMBER_ROLE_ADD", role));
            let removes = removed.iter().map(|role| ("MEMBER_ROLE_REMOVE", role));
            adds.chain(removes)
                .filter_map(|(t, id)| {
                    let role = space.role(*id)?;
                    let d = MemberRole {
                        server_id: space.id.0,
                        user_id: member.account.0,
                        role_id: role.id.0,
                        role_name: &role.name,
                        role_color: role.color.as_deref(),
                    };
                    Some(dispatch(t, d))
                })
                .collect()
        }
        MemberChange::Timeout { reason } => {
            let mut d = moderation(event, member.space, member.account);
            let Some(until) = member.timeout_until else { return vec![dispatch("MEMBER_TIMEOUT_REMOVE", d)] };
            d.expires_at = Some(until.rfc3339());
            d.duration_minutes = Some((until.0 - event.at.0 + 30_000_000) / 60_000_000);
            d.reason = Some(reason.as_deref().filter(|_| variant == WITH_REASON));
            vec![dispatch("MEMBER_TIMEOUT", d)]
        }
        MemberChange::Nickname { .. } => {
            let d = person::member(view, space, member)
                .map(|member| MemberJoined { server_id: space.id.0, member });
            d.map(|d| dispatch("MEMBER_UPDATE", d)).into_iter().collect()
        }
        MemberChange::Silenced | MemberChange::Square => Vec::new(),
    }
}

fn channel_changed(view: View<'_>, channel: &Channel, change: ChannelChange) -> Vec<String> {
    let t = match change {
        ChannelChange::Created => "CHANNEL_CREATE",
        ChannelChange::Settings => "CHANNEL_UPDATE",
        ChannelChange::Overrides
        | ChannelChange::Thread
        | ChannelChange::Followed(_)
        | ChannelChange::Unfollowed(_) => return Vec::new(),
    };
    server::channel(view, channel).map(|d| dispatch(t, d)).into_iter().collect()
}

fn conversation_opened(view: View<'_>, channel: &Channel, variant: Variant) -> Vec<String> {
    let channel::Home::Conversation(first, second) = channel.home else { return Vec::new() };
    let viewer = if variant == SECOND_SIDE { second } else { first };
    let d = message::conversation(view, channel, viewer);
    d.map(|d| dispatch("DM_CHANNEL_CREATE", d)).into_iter().collect()
}
