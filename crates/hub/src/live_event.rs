//! What has happened live, and whom it concerns.

use crate::live::{LiveSession, Offered, Scope, Seat};
use crate::live_command::{Effect, Signal, SignalTarget};
use commonroom_core::channel::Channel;
use commonroom_core::ids::{AccountId, ChannelId, ItemId, LoginId, SessionId, SpaceId};
use std::sync::Arc;

/// What happens to something carried. Putting it down is an event of the core.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carriage {
    /// Picked up.
    Taken,
    /// Its carrier walked.
    Walked,
    /// Its carrier jumped.
    Jumped,
    /// Its carrier is gone.
    Fallen,
}

/// What has happened live. In order with the events of the core, but not stored.
#[derive(Clone, PartialEq, Debug)]
pub enum LiveEvent {
    /// A connection signed in.
    Attached {
        /// It.
        session: Arc<LiveSession>,
    },
    /// A connection may be seen by others.
    Ready {
        /// It.
        session: Arc<LiveSession>,
    },
    /// Camera, do-not-disturb or relations of a connection changed.
    Changed {
        /// It, now.
        session: Arc<LiveSession>,
        /// It, before.
        before: Arc<LiveSession>,
    },
    /// A connection is gone.
    Detached {
        /// What it was.
        session: Arc<LiveSession>,
    },
    /// The first connection of an account is there.
    Online {
        /// Who.
        account: AccountId,
        /// The connection that brought them.
        session: Arc<LiveSession>,
    },
    /// No connection of an account is left, and the grace is over.
    Offline {
        /// Who.
        account: AccountId,
        /// What its last connection was.
        session: Arc<LiveSession>,
    },
    /// A connection stands elsewhere.
    Moved {
        /// It, there.
        session: Arc<LiveSession>,
        /// Jumped, not walked.
        teleport: bool,
    },
    /// Something was picked up, went along with its carrier, or fell because the carrier went.
    Carried {
        /// What.
        item: ItemId,
        /// Who carries it, or did.
        session: Arc<LiveSession>,
        /// Which of these.
        how: Carriage,
    },
    /// Somebody is writing.
    Typing {
        /// Who.
        account: AccountId,
        /// Their connection.
        session: Option<SessionId>,
        /// Where.
        channel: ChannelId,
    },
    /// Somebody joined a call.
    CallJoined {
        /// Which.
        channel: ChannelId,
        /// Their seat.
        seat: Arc<Seat>,
    },
    /// Somebody in a call changed.
    CallChanged {
        /// Which.
        channel: ChannelId,
        /// Their seat now.
        seat: Arc<Seat>,
        /// Not they did it: whether they are to be heard, or to hear, was decided anew.
        ruled: bool,
    },
    /// Somebody left a call.
    CallLeft {
        /// Which.
        channel: ChannelId,
        /// What their seat was.
        seat: Arc<Seat>,
        /// What its channel was, when that itself is gone.
        gone: Option<Arc<Channel>>,
    },
    /// Somebody shows something to their whole call, or does so in another quality.
    BroadcastBegun {
        /// Which call.
        channel: ChannelId,
        /// Their seat, with the broadcast.
        seat: Arc<Seat>,
    },
    /// Somebody shows nothing to their call any more.
    BroadcastEnded {
        /// Which call.
        channel: ChannelId,
        /// Their seat.
        seat: Arc<Seat>,
        /// As in [`LiveEvent::CallLeft`].
        gone: Option<Arc<Channel>>,
    },
    /// A signalling payload arrives.
    Signal {
        /// It.
        signal: Arc<Signal>,
        /// The sign-in it is for, when only that one is meant.
        login: Option<LoginId>,
        /// What was negotiated with its sender before counts no more ([`crate::negotiation`]).
        anew: bool,
    },
    /// A connection offers commands.
    Offered {
        /// Which.
        session: Arc<LiveSession>,
        /// What.
        commands: Arc<Vec<Offered>>,
    },
    /// A connection offers its commands no longer.
    Withdrawn {
        /// Which.
        session: Arc<LiveSession>,
        /// What.
        commands: Arc<Vec<Offered>>,
    },
    /// A text for one connection.
    Relayed {
        /// Which.
        to: SessionId,
        /// The text.
        body: String,
    },
    /// Another session took this one's place.
    Displaced {
        /// Which.
        session: SessionId,
    },
    /// Something is seen or heard on a grid for a moment.
    Effect {
        /// It.
        effect: Arc<Effect>,
    },
}

/// Whom a live event concerns.
#[derive(Clone, PartialEq, Debug)]
pub enum Reach {
    /// Everybody who shares a space or conversation with the account, and itself.
    Around(AccountId),
    /// Members of the space.
    Space(SpaceId),
    /// Viewers of the channel.
    Channel(ChannelId),
    /// Who could view a channel that is gone.
    Gone(Arc<Channel>),
    /// Viewers of the channel, and this account although it may view it no longer.
    ChannelAnd(ChannelId, AccountId),
    /// One connection, subscribed or not.
    Session(SessionId),
    /// The connections of an account.
    Account(AccountId),
}

impl LiveEvent {
    /// Whom it concerns.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Attached { session }
            | Self::Ready { session }
            | Self::Changed { session, .. }
            | Self::Detached { session }
            | Self::Offered { session, .. }
            | Self::Withdrawn { session, .. }
            | Self::Carried { session, .. }
            | Self::Moved { session, .. } => match session.scope {
                Scope::Space(space) => Reach::Space(space),
                Scope::Account => Reach::Around(session.account),
            },
            Self::Online { account, .. } | Self::Offline { account, .. } => Reach::Around(*account),
            Self::Typing { channel, .. }
            | Self::CallJoined { channel, .. }
            | Self::CallChanged { channel, .. }
            | Self::BroadcastBegun { channel, .. } => Reach::Channel(*channel),
            // Whoever lost the right to view it learns that they are out.
            Self::CallLeft { channel, seat, gone } | Self::BroadcastEnded { channel, seat, gone } => {
                gone.clone().map_or(Reach::ChannelAnd(*channel, seat.account), Reach::Gone)
            }
            Self::Signal { signal, .. } => match signal.to {
                SignalTarget::Session(session) => Reach::Session(session),
                SignalTarget::Account(account) => Reach::Account(account),
            },
            Self::Displaced { session } | Self::Relayed { to: session, .. } => Reach::Session(*session),
            Self::Effect { effect } => Reach::Space(effect.space),
        }
    }

    /// The account whose doing it shows; a block hides it.
    pub fn subject(&self) -> Option<AccountId> {
        match self {
            Self::Attached { session }
            | Self::Ready { session }
            | Self::Changed { session, .. }
            | Self::Detached { session }
            | Self::Offered { session, .. }
            | Self::Withdrawn { session, .. }
            | Self::Moved { session, .. } => Some(session.account),
            Self::Online { account, .. } | Self::Offline { account, .. } | Self::Typing { account, .. } => {
                Some(*account)
            }
            Self::CallJoined { seat, .. }
            | Self::CallChanged { seat, .. }
            | Self::CallLeft { seat, .. }
            | Self::BroadcastBegun { seat, .. }
            | Self::BroadcastEnded { seat, .. } => Some(seat.account),
            Self::Signal { signal, .. } => Some(signal.sender),
            Self::Effect { effect } => effect.by.map(|(_, account)| account),
            // Where things are is everybody's affair, whoever carries them.
            Self::Displaced { .. } | Self::Relayed { .. } | Self::Carried { .. } => None,
        }
    }
}
