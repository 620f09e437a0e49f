//! What one connection shows of what happens, and what ends it.

use super::{Connection, Me};
use crate::encode::{View, event, message, place};
use crate::presence::Dialect;
use crate::quirks;
use commonroom_core::account::{Protocol, StatusKind};
use commonroom_core::channel::{Channel, ChannelKind, Home};
use commonroom_core::env::Timestamp;
use commonroom_core::event::{
    AccountChange, ChannelChange, Departure, Event, EventBody, MemberChange, SpaceChange,
};
use commonroom_core::ids::{AccountId, RoleId, SpaceId};
use commonroom_core::permission::Permissions;
use commonroom_core::policy;
use commonroom_hub::live::LiveEvent;
use commonroom_hub::session::{Happening, Show, State};
use std::sync::Arc;

/// What is shown.
pub fn show(connection: &mut Connection, me: Me, happening: &Happening, state: &State) -> Show {
    match happening {
        Happening::Event(event) => stored(connection, me, event, state),
        Happening::Live(event) => live(connection, me, event, state),
    }
}

#[expect(clippy::too_many_lines, reason = "every event is named, so that a new one is thought about")]
fn stored(connection: &mut Connection, me: Me, event: &Event, state: &State) -> Show {
    let plain = Show::Shared(event::PLAIN);
    match &event.body {
        EventBody::MessagePosted { .. } | EventBody::MessageDeleted { .. } | EventBody::Reacted { .. } => {
            plain
        }
        // They may say what the viewer chose.
        EventBody::MessageEdited { message, .. }
        | EventBody::Pinned { message, .. }
        | EventBody::Voted { message, .. }
        | EventBody::FilesShared { message } => {
            if message::is_personal(message, me.account) {
                Show::Private
            } else {
                plain
            }
        }
        EventBody::Emoji { .. } | EventBody::EmojiGone { .. } => plain,
        EventBody::Account { account, change } => match change {
            AccountChange::Status if event.origin.is_some_and(|origin| origin.session == me.session) => {
                Show::Nothing
            }
            AccountChange::Status => presence(connection),
            AccountChange::Access | AccountChange::Retired if account.id == me.account => Show::Private,
            AccountChange::Created
            | AccountChange::Renamed { .. }
            | AccountChange::Username { .. }
            | AccountChange::Profile
            | AccountChange::Access
            | AccountChange::Retired => Show::Nothing,
        },
        EventBody::LoginEnded { login, .. } if *login == me.login => Show::Private,
        EventBody::Member { member, change } => {
            if *change == MemberChange::Joined && member.account == me.account {
                connection.ruled = super::ready::ruled(&state.directory, me.account);
                if let Some(space) = state.directory.space(member.space) {
                    connection.spaces.insert(space.id, space.clone());
                }
            }
            match change {
                // The browser app works out what its user may do before it takes the role in (11.6).
                MemberChange::Roles { .. } if member.account == me.account => Show::Private,
                MemberChange::Timeout { .. } => {
                    moderation(me, member.space, member.account, Permissions::MUTE_MEMBERS, state)
                }
                MemberChange::Joined | MemberChange::Nickname { .. } | MemberChange::Roles { .. } => plain,
                // What it means for a call is told as such.
                MemberChange::Silenced | MemberChange::Square => Show::Nothing,
            }
        }
        EventBody::MemberGone { space, account, departure, .. } => match departure {
            Departure::Kicked => moderation(me, *space, *account, Permissions::KICK_MEMBERS, state),
            // The others have been told by the ban.
            Departure::Banned if *account == me.account => Show::Shared(event::WITH_REASON),
            Departure::Banned => Show::Nothing,
            Departure::Left | Departure::Retired => plain,
        },
        // Who is banned is told as they lose their membership: a stranger is not told at all.
        EventBody::Banned { ban } if ban.account == me.account => Show::Nothing,
        EventBody::Banned { ban } => moderation(me, ban.space, ban.account, Permissions::BAN_MEMBERS, state),
        // Threads are told by their messages; a topic of a forum is one.
        EventBody::Channel { channel, change } if channel.thread.is_some() => match change {
            ChannelChange::Created | ChannelChange::Thread if place::is_topic(&state.directory, channel) => {
                plain
            }
            ChannelChange::Created
            | ChannelChange::Thread
            | ChannelChange::Settings
            | ChannelChange::Overrides
            | ChannelChange::Followed(_)
            | ChannelChange::Unfollowed(_) => Show::Nothing,
        },
        EventBody::ChannelDeleted { parent: Some(parent), .. } => {
            let forum =
                state.directory.channel(*parent).is_some_and(|known| known.kind == ChannelKind::Forum);
            if forum { plain } else { Show::Nothing }
        }
        EventBody::Channel { channel, change } => changed(connection, me, channel, *change, state),
        EventBody::ChannelDeleted { channel, space, .. } => {
            let everywhere = || policy::permissions_in_space(&state.directory, *space, me.account);
            let seen = match connection.ruled.remove(channel) {
                Some(known) => policy::may_view(&state.directory, &known, me.account),
                None => everywhere().has(Permissions::VIEW),
            };
            if seen { plain } else { Show::Nothing }
        }
        EventBody::ConversationOpened { channel } => match channel.home {
            Home::Conversation(first, second) if second == me.account && first != me.account => {
                Show::Shared(event::SECOND_SIDE)
            }
            Home::Conversation(..) | Home::Space(_) | Home::Thread { .. } => plain,
        },
        // What changed is told from what the client knows.
        EventBody::Space { change: SpaceChange::Roles, .. } => Show::Private,
        EventBody::Space { .. } | EventBody::Unbanned { .. } => plain,
        EventBody::SpaceDeleted { space, .. } => {
            connection.spaces.remove(space);
            plain
        }
        // A code lets people in: only who may invite learns of it (6.10).
        EventBody::Invite { invite, made: true } | EventBody::InviteGone { invite } => {
            let held = policy::permissions_in_space(&state.directory, invite.space, me.account);
            if held.has(Permissions::CREATE_INVITES) { plain } else { Show::Nothing }
        }
        EventBody::LoginPut { .. }
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
        | EventBody::ItemGone { .. } => Show::Nothing,
    }
}

fn live(connection: &Connection, me: Me, event: &LiveEvent, state: &State) -> Show {
    match event {
        LiveEvent::Online { session, .. } if session.id == me.session => Show::Nothing,
        LiveEvent::Online { account, .. } | LiveEvent::Offline { account, .. } => {
            let hidden = |kind| kind == StatusKind::Invisible;
            if state.directory.account(*account).is_none_or(|account| hidden(account.status.kind)) {
                return Show::Nothing;
            }
            presence(connection)
        }
        LiveEvent::Typing { account, session, channel } => {
            let direct = state.directory.channel(*channel).is_some_and(|channel| channel.space().is_none());
            let own = *session == Some(me.session) || (direct && *account == me.account);
            // It carries the time, which only a session knows.
            if own { Show::Nothing } else { Show::Private }
        }
        LiveEvent::CallJoined { .. }
        | LiveEvent::CallChanged { .. }
        | LiveEvent::CallLeft { .. }
        | LiveEvent::BroadcastBegun { .. }
        | LiveEvent::BroadcastEnded { .. } => Show::Shared(event::PLAIN),
        LiveEvent::Signal { signal, login, .. } => {
            // Only to the sign-in that joined the call (6.6).
            let meant = signal.protocol == Protocol::Together && *login == Some(me.login);
            if meant { Show::Shared(event::PLAIN) } else { Show::Nothing }
        }
        LiveEvent::Displaced { .. } | LiveEvent::Relayed { .. } => Show::Private,
        LiveEvent::Attached { .. }
        | LiveEvent::Ready { .. }
        | LiveEvent::Changed { .. }
        | LiveEvent::Detached { .. }
        | LiveEvent::Offered { .. }
        | LiveEvent::Withdrawn { .. }
        | LiveEvent::Effect { .. }
        | LiveEvent::Moved { .. }
        | LiveEvent::Carried { .. } => Show::Nothing,
    }
}

/// What a happening means for the connection's life: close code and reason.
pub fn ending(me: Me, happening: &Happening, state: &State) -> Option<(u16, &'static str)> {
    match happening {
        Happening::Live(event) if matches!(**event, LiveEvent::Displaced { .. }) => {
            let gone =
                state.directory.account(me.account).is_none_or(|account| account.disabled || account.retired);
            Some(if gone { (4001, "account disabled") } else { (1000, "too many connections") })
        }
        Happening::Live(_) => None,
        Happening::Event(event) => {
            if let EventBody::LoginEnded { .. } = &event.body {
                let own = event.by == Some(me.account);
                return Some(if own { (1000, "logged out") } else { (4001, "session ended") });
            }
            let EventBody::Account { account, .. } = &event.body else { return None };
            let gone = account.id == me.account && (account.disabled || account.retired);
            gone.then_some((4001, "account disabled"))
        }
    }
}

/// The frames of what was answered with [`Show::Private`].
pub fn private(
    connection: &mut Connection,
    me: Me,
    happening: &Happening,
    state: &State,
    now: Timestamp,
) -> Vec<String> {
    let view = View::of(state, me.account);
    match happening {
        Happening::Live(live) => event::live(view, live, event::PLAIN, now),
        Happening::Event(event) => {
            if let EventBody::Channel { channel, change: ChannelChange::Overrides } = &event.body {
                let before = connection.ruled.insert(channel.id, channel.clone());
                event::overrides(before.as_ref().map_or(&[], |before| &before.overrides), channel)
            } else if let EventBody::Space { space, change: SpaceChange::Roles } = &event.body {
                let before = connection.spaces.insert(space.id, space.clone());
                event::roles(view, before.as_deref(), space)
            } else {
                let mut frames = event::event(view, event, event::PLAIN);
                if let EventBody::Member { member, change: MemberChange::Roles { added, removed } } =
                    &event.body
                {
                    frames.extend(role(state, member.space, added.iter().chain(removed)));
                }
                frames
            }
        }
    }
}

/// The server of whose roles a client is to be reminded.
pub fn reminder(happening: &Happening) -> Option<SpaceId> {
    let Happening::Live(live) = happening else { return None };
    let LiveEvent::Relayed { body, .. } = &**live else { return None };
    body.parse().ok().map(SpaceId)
}

/// The reminder: a role that the client's user holds there, unchanged.
pub fn reminded(me: Me, space: SpaceId, state: &State) -> Option<String> {
    let member = state.directory.member(space, me.account)?;
    role(state, space, &member.roles)
}

/// `ROLE_UPDATE` of the first of some roles that is shown.
fn role<'a>(state: &State, space: SpaceId, roles: impl IntoIterator<Item = &'a RoleId>) -> Option<String> {
    let space = state.directory.space(space)?;
    let shown = |id: &RoleId| quirks::roles(&state.directory, space).find(|role| role.id == *id);
    roles.into_iter().find_map(shown).map(|role| event::role(space, role))
}

fn presence(connection: &Connection) -> Show {
    Show::Shared(match connection.dialect {
        Dialect::AsSent => event::PLAIN,
        Dialect::Away => event::AWAY,
        Dialect::Idle => event::IDLE,
    })
}

/// The reason is for the one concerned and for those who could have done it (6.9).
fn moderation(me: Me, space: SpaceId, target: AccountId, permission: Permissions, state: &State) -> Show {
    let may_know = target == me.account
        || policy::permissions_in_space(&state.directory, space, me.account).has(permission);
    Show::Shared(if may_know { event::WITH_REASON } else { event::PLAIN })
}

fn changed(
    connection: &mut Connection,
    me: Me,
    channel: &Arc<Channel>,
    change: ChannelChange,
    state: &State,
) -> Show {
    let seen =
        quirks::channel_type(channel).is_some() && policy::may_view(&state.directory, channel, me.account);
    if change == ChannelChange::Overrides && seen {
        return Show::Private;
    }
    if connection.ruled.contains_key(&channel.id) || channel.has_rules() {
        connection.ruled.insert(channel.id, channel.clone());
    }
    if seen { Show::Shared(event::PLAIN) } else { Show::Nothing }
}
