//! From what has happened to frames. Decides nothing: who sees which variant is the sessions' business.

use crate::Shared;
use crate::wire;
use commonroom_core::account::Account;
use commonroom_core::channel::Channel;
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::event::{AccountChange, ChannelChange, Event, EventBody, MemberChange, SpaceChange};
use commonroom_core::ids::{AccountId, ChannelId, MessageId};
use commonroom_core::message::Message;
use commonroom_core::space::{Member, Space};
use commonroom_hub::live::{Live, LiveEvent, Seat};
use commonroom_hub::session::{Happening, State, Variant};
use serde_json::{Value, json};

pub mod call;
pub mod embed;
pub mod keep;
pub mod message;
pub mod people;
pub mod places;
pub mod poll;
pub mod spot;
pub mod thread;

use spot::Spot;
pub mod slash;

/// The one rendering of a happening, or the usual one.
pub const PLAIN: Variant = 0;
/// Somebody hides: for others they go.
pub const HIDE: Variant = 1;
/// Somebody hid and no longer does: for others they come.
pub const REVEAL: Variant = 2;
/// A call's event for those who take part in it: with peer ids.
pub const PEERS: Variant = 3;
/// A change whose asker is told by the answer: without what that says.
pub const ANSWERED: Variant = 4;
/// A vote for who gave it: with their name.
pub const VOTER: Variant = 5;

/// What a rendering looks things up in.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Who there is.
    pub directory: &'a Directory,
    /// Who is here.
    pub live: &'a Live,
    /// The community shown.
    pub space: &'a Space,
    /// Public base URL, without a trailing slash.
    pub base: Option<&'a str>,
}

/// Seconds since 1970, as this protocol counts time.
pub fn seconds(moment: Timestamp) -> f64 {
    // Microseconds of any date within the next 250 years are below 2^53: exact.
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
    let micros = moment.0 as f64;
    micros / 1e6
}

/// The frames that show a happening in a variant, the same for everybody who sees this variant.
pub fn frames(shared: &Shared, happening: &Happening, variant: Variant, state: &State) -> Vec<String> {
    let Some(view) = shared.view(state) else { return Vec::new() };
    match happening {
        Happening::Event(event) => of_event(shared, &view, event, variant),
        Happening::Live(event) => of_live(&view, event, variant),
    }
}

fn of_event(shared: &Shared, view: &View<'_>, event: &Event, variant: Variant) -> Vec<String> {
    match &event.body {
        EventBody::Account { account, change } => of_account(view, account, change, variant),
        EventBody::Space { space, change } => match change {
            SpaceChange::Settings => {
                vec![wire::frame("server_update", places::server_signs(shared, space), None)]
            }
            SpaceChange::Roles => vec![roles_list(space, None)],
            SpaceChange::Created | SpaceChange::ChannelOrder | SpaceChange::Owner => Vec::new(),
        },
        EventBody::Member { member, change } => of_member(view, member, change, variant),
        EventBody::MemberGone { account, .. } => gone(view, *account),
        EventBody::Channel { channel, change } => match change {
            ChannelChange::Settings | ChannelChange::Overrides => vec![channel_update(&channel.name)],
            ChannelChange::Created
            | ChannelChange::Thread
            | ChannelChange::Followed(_)
            | ChannelChange::Unfollowed(_) => of_talk(view, event, None).into_iter().collect(),
        },
        EventBody::Voted { message, account } => {
            poll::voted(view, message, *account, variant == VOTER).into_iter().collect()
        }
        EventBody::MessagePosted { .. }
        | EventBody::MessageEdited { .. }
        | EventBody::MessageDeleted { .. }
        | EventBody::Reacted { .. }
        | EventBody::Pinned { .. }
        | EventBody::PollEnded { .. }
        | EventBody::ChannelDeleted { .. } => of_talk(view, event, None).into_iter().collect(),
        EventBody::Read { channel, message, .. } => {
            spot(view, *channel).map(|spot| unreads_update(spot, *message)).into_iter().collect()
        }
        EventBody::Emoji { emoji, added } => {
            let cmd = if *added { "emoji_add" } else { "emoji_update" };
            vec![wire::frame(cmd, keep::emoji(emoji, *added), None)]
        }
        EventBody::EmojiGone { emoji } => {
            vec![wire::frame("emoji_delete", keep::emoji_gone(emoji.number), None)]
        }
        EventBody::LoginPut { .. }
        | EventBody::LoginEnded { .. }
        | EventBody::SpaceDeleted { .. }
        | EventBody::Banned { .. }
        | EventBody::Unbanned { .. }
        | EventBody::ConversationOpened { .. }
        | EventBody::Related { .. }
        | EventBody::Item { .. }
        | EventBody::FileAdded { .. }
        | EventBody::FileGone { .. }
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
        | EventBody::ItemGone { .. } => Vec::new(),
    }
}

/// The frame of what happened to a message or thread, for the one who asked with the listener.
pub fn of_talk(view: &View<'_>, event: &Event, listener: Option<&str>) -> Option<String> {
    let spot = |message: &Message| spot(view, message.channel);
    match &event.body {
        EventBody::MessagePosted { message } => Some(message::new(view, message, spot(message)?, listener)),
        EventBody::MessageEdited { message, .. } => {
            Some(message::edited(view, message, spot(message)?, None, listener))
        }
        EventBody::MessageDeleted { message } => Some(message::deleted(message, spot(message)?, listener)),
        EventBody::Reacted { message, emoji, account, on } => {
            Some(message::reacted(view, (message, emoji, *account, *on), spot(message)?, listener))
        }
        EventBody::Pinned { message, .. } => Some(message::pinned(message, spot(message)?, listener)),
        EventBody::PollEnded { message } => poll::ended(view, message, listener),
        EventBody::Channel { channel, change } => thread::changed(view, channel, *change, listener),
        EventBody::ChannelDeleted { channel, parent, .. } => {
            thread::deleted(view, *channel, (*parent)?, listener)
        }
        EventBody::Account { .. }
        | EventBody::LoginPut { .. }
        | EventBody::LoginEnded { .. }
        | EventBody::Space { .. }
        | EventBody::SpaceDeleted { .. }
        | EventBody::Member { .. }
        | EventBody::MemberGone { .. }
        | EventBody::Banned { .. }
        | EventBody::Unbanned { .. }
        | EventBody::ConversationOpened { .. }
        | EventBody::Read { .. }
        | EventBody::Related { .. }
        | EventBody::Item { .. }
        | EventBody::Voted { .. }
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
        | EventBody::ItemGone { .. } => None,
    }
}

fn of_account(view: &View<'_>, account: &Account, change: &AccountChange, variant: Variant) -> Vec<String> {
    let Some(member) = view.directory.member(view.space.id, account.id) else { return Vec::new() };
    match (change, variant) {
        (AccountChange::Renamed { .. }, _) => vec![nickname_update(view, account, member)],
        (AccountChange::Username { handle, .. }, _) => {
            let before = format!("{}{handle}", people::LOCAL);
            renamed(view, account, member, &before, variant)
        }
        (AccountChange::Status, HIDE) => vec![user_disconnect(view, account.id)],
        (AccountChange::Status, REVEAL) => {
            vec![user_connect(view, account, member), status_get(view, account, None, true, None)]
        }
        (AccountChange::Status, _) => vec![status_get(view, account, None, true, None)],
        (AccountChange::Profile, _) => vec![user_connect(view, account, member)],
        (AccountChange::Created | AccountChange::Access | AccountChange::Retired, _) => Vec::new(),
    }
}

fn of_member(view: &View<'_>, member: &Member, change: &MemberChange, variant: Variant) -> Vec<String> {
    let Some(account) = view.directory.account(member.account) else { return Vec::new() };
    match change {
        MemberChange::Joined => {
            let mut frames = vec![user_join(view, account, member)];
            if view.live.is_online(account.id) && !people::is_hidden(account) {
                frames.push(user_connect(view, account, member));
            }
            frames
        }
        MemberChange::Nickname { .. } => {
            let username = people::username(view.directory, account.id);
            renamed(view, account, member, &username, variant)
        }
        MemberChange::Roles { .. } => vec![user_roles_get(view, account, member, true, None)],
        MemberChange::Timeout { .. } | MemberChange::Silenced | MemberChange::Square => Vec::new(),
    }
}

/// A member is gone: first from the list of those who are here, then altogether.
fn gone(view: &View<'_>, id: AccountId) -> Vec<String> {
    let mut frames = Vec::new();
    let shown = view.directory.account(id).is_some_and(|account| !people::is_hidden(account));
    if shown && view.live.is_online(id) {
        frames.push(user_disconnect(view, id));
    }
    frames.push(wire::frame("user_leave", json!({"username": people::username(view.directory, id)}), None));
    frames
}

fn of_live(view: &View<'_>, event: &LiveEvent, variant: Variant) -> Vec<String> {
    let named = |channel: &ChannelId| channel_name(view, *channel);
    let user = |seat: &Seat| call::participant(view, seat, variant == PEERS);
    match event {
        LiveEvent::Online { account, .. } => {
            let Some(account) = view.directory.account(*account) else { return Vec::new() };
            let Some(member) = view.directory.member(view.space.id, account.id) else { return Vec::new() };
            let mut frames = vec![user_connect(view, account, member)];
            let status = people::own_status(account);
            if status.status != "online" || !status.text.is_empty() {
                // Clients take whoever connects for plainly online.
                frames.push(status_get(view, account, None, true, None));
            }
            frames
        }
        LiveEvent::Offline { account, .. } => vec![user_disconnect(view, *account)],
        LiveEvent::Typing { account, channel, .. } => {
            let user = people::username(view.directory, *account);
            spot(view, *channel).map(|spot| typing(spot, &user, None)).into_iter().collect()
        }
        LiveEvent::CallJoined { channel, seat } => named(channel)
            .map(|name| call::event("voice_user_joined", name, user(seat)))
            .into_iter()
            .collect(),
        LiveEvent::CallChanged { channel, seat, .. } => named(channel)
            .map(|name| call::event("voice_user_updated", name, user(seat)))
            .into_iter()
            .collect(),
        LiveEvent::CallLeft { channel, seat, .. } => {
            let user = Value::String(people::username(view.directory, seat.account));
            named(channel).map(|name| call::event("voice_user_left", name, user)).into_iter().collect()
        }
        LiveEvent::Offered { session, commands } => vec![slash::added(view, session.account, commands)],
        LiveEvent::Withdrawn { commands, .. } => vec![slash::removed(commands)],
        LiveEvent::Attached { .. }
        | LiveEvent::Ready { .. }
        | LiveEvent::Changed { .. }
        | LiveEvent::Detached { .. }
        | LiveEvent::Moved { .. }
        | LiveEvent::Carried { .. }
        | LiveEvent::Signal { .. }
        | LiveEvent::BroadcastBegun { .. }
        | LiveEvent::BroadcastEnded { .. }
        | LiveEvent::Displaced { .. }
        | LiveEvent::Relayed { .. }
        | LiveEvent::Effect { .. } => Vec::new(),
    }
}

fn spot<'a>(view: &View<'a>, id: ChannelId) -> Option<Spot<'a>> {
    Spot::of(view.directory, id)
}

fn channel_name<'a>(view: &View<'a>, id: ChannelId) -> Option<&'a str> {
    view.directory.channel(id).map(|channel| channel.name.as_str())
}

/// `user_join`
pub fn user_join(view: &View<'_>, account: &Account, member: &Member) -> String {
    wire::frame("user_join", json!({"user": people::user(view, account, member, None)}), None)
}

/// `user_connect`
fn user_connect(view: &View<'_>, account: &Account, member: &Member) -> String {
    wire::frame("user_connect", json!({"user": people::user(view, account, member, None)}), None)
}

/// `user_disconnect`
fn user_disconnect(view: &View<'_>, id: AccountId) -> String {
    wire::frame("user_disconnect", json!({"username": people::username(view.directory, id)}), None)
}

/// Somebody has another username or nickname: each client listens to one of these frames. Whoever asked for it by
/// `user_update` is told that one as the answer (originchats.md 5.7).
fn renamed(
    view: &View<'_>,
    account: &Account,
    member: &Member,
    before: &str,
    variant: Variant,
) -> Vec<String> {
    let username = people::username(view.directory, account.id);
    let mut frames = Vec::with_capacity(4);
    if member.nickname.is_none() {
        frames.push(wire::frame("nickname_remove", json!({"user": username, "username": username}), None));
    }
    frames.push(nickname_update(view, account, member));
    let updated = json!({"user_id": username, "username": username, "nickname": member.nickname});
    frames.push(wire::frame("user_updated", updated, None));
    if variant != ANSWERED {
        let shown = people::shown_name(account, Some(member));
        let update = json!({"user": before, "username": username, "nickname": shown});
        frames.push(wire::frame("user_update", update, None));
    }
    frames
}

/// `nickname_update`: the name shown is always told, so that nobody is shown by a bare username.
fn nickname_update(view: &View<'_>, account: &Account, member: &Member) -> String {
    let (id, username) =
        (people::id(view.directory, account.id), people::username(view.directory, account.id));
    let nickname = people::shown_name(account, Some(member));
    wire::frame("nickname_update", json!({"user": id, "username": username, "nickname": nickname}), None)
}

/// `status_get`: of everybody who may see it, or as the answer for one viewer.
pub fn status_get(
    view: &View<'_>,
    account: &Account,
    viewer: Option<AccountId>,
    global: bool,
    listener: Option<&str>,
) -> String {
    let mut body = json!({
        "username": people::username(view.directory, account.id),
        "status": people::status(view, account, viewer),
    });
    if global {
        body["global"] = Value::Bool(true);
    }
    wire::frame("status_get", body, listener)
}

/// `user_roles_get`
pub fn user_roles_get(
    view: &View<'_>,
    account: &Account,
    member: &Member,
    global: bool,
    listener: Option<&str>,
) -> String {
    let roles = people::roles(view, account, member);
    let color = people::color(view, &roles);
    let mut body =
        json!({"user": people::username(view.directory, account.id), "roles": roles, "color": color});
    if global {
        body["global"] = Value::Bool(true);
    }
    wire::frame("user_roles_get", body, listener)
}

#[derive(serde::Serialize)]
struct Roles {
    roles: wire::Ordered<wire::Role>,
}

/// `roles_list`
pub fn roles_list(space: &Space, listener: Option<&str>) -> String {
    wire::frame("roles_list", Roles { roles: places::roles(space) }, listener)
}

#[derive(serde::Serialize)]
struct Channels {
    val: Vec<wire::Channel>,
}

/// `channels_get`, as one member sees it.
pub fn channels_get(view: &View<'_>, viewer: AccountId, listener: Option<&str>) -> String {
    let shape = |channel: &Channel| places::channel(view, channel);
    let val = places::visible(view, viewer).map(shape).collect();
    wire::frame("channels_get", Channels { val }, listener)
}

/// `channel_update` for what changed without changing anybody's list.
fn channel_update(name: &str) -> String {
    wire::frame("channel_update", json!({"channel": name, "current_name": name, "updated": true}), None)
}

/// `unreads_update`
fn unreads_update(spot: Spot<'_>, last_read: Option<MessageId>) -> String {
    let last_read = last_read.map(|id| id.to_string());
    wire::frame("unreads_update", spot.on_either(json!({"last_read": last_read})), None)
}

/// `typing`
pub fn typing(spot: Spot<'_>, user: &str, listener: Option<&str>) -> String {
    wire::frame("typing", spot.on_both(json!({"user": user, "global": true})), listener)
}
