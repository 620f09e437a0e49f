//! What may be asked of the hub, and the signalling payloads it hands on.

use crate::live::{Badge, LiveSession, Offered, RelationKind, Seat};
use commonroom_core::account::Protocol;
use commonroom_core::ids::{AccountId, ChannelId, ItemId, SessionId, SpaceId};
use commonroom_core::name::NameKey;
use std::sync::Arc;

/// What may be asked of the hub.
#[derive(Clone, PartialEq, Debug)]
pub enum LiveCommand {
    /// A connection has signed in.
    Attach(Box<LiveSession>),
    /// What it shows of itself; also before it is attached. Told as a `Changed` with nothing else changed.
    Describe {
        /// Which.
        session: SessionId,
        /// What it shows.
        badge: Arc<Badge>,
    },
    /// It may be announced now.
    Ready(SessionId),
    /// It is gone. Its account goes offline after that many milliseconds unless another session is there.
    Detach {
        /// Which.
        session: SessionId,
        /// How long a reconnect may take.
        grace_millis: i64,
    },
    /// Nothing was heard of it for too long; its end follows. Told with that end.
    Lost(SessionId),
    /// It stands elsewhere. The session has checked that it may.
    Move {
        /// Which.
        session: SessionId,
        /// The square.
        square: (i32, i32),
        /// Jumped, not walked.
        teleport: bool,
    },
    /// It picks up something that lies on its square. Ignored unless it still lies where the session saw it and both
    /// have their hands free.
    Carry {
        /// Which.
        session: SessionId,
        /// What.
        item: ItemId,
        /// Where the session saw it.
        seen: (i32, i32),
    },
    /// Its camera flags or do-not-disturb changed; `None` leaves one.
    Camera {
        /// Which.
        session: SessionId,
        /// Flags.
        flags: Option<u32>,
        /// Do not disturb.
        dnd: Option<bool>,
    },
    /// It does not want to meet these people, or does again.
    Relate {
        /// Which.
        session: SessionId,
        /// How.
        kind: RelationKind,
        /// Whom.
        names: Vec<NameKey>,
        /// Set or lift.
        on: bool,
    },
    /// Somebody is writing. Ignored unless they may post there.
    Typing {
        /// Who.
        account: AccountId,
        /// Their connection, which is not told.
        session: Option<SessionId>,
        /// Where.
        channel: ChannelId,
    },
    /// Somebody joins a call; leaves another first. Ignored unless they may.
    JoinCall {
        /// Where.
        channel: ChannelId,
        /// Their seat.
        seat: Box<Seat>,
    },
    /// Somebody leaves the call they are in; only if it is the one named, or joined by the session named.
    LeaveCall {
        /// Who.
        account: AccountId,
        /// Which call; `None` is any.
        channel: Option<ChannelId>,
        /// Only if this connection joined it.
        session: Option<SessionId>,
    },
    /// Somebody in a call changes their flags.
    ChangeSeat {
        /// Who.
        account: AccountId,
        /// Microphone off.
        muted: Option<bool>,
        /// Hears nothing.
        deafened: Option<bool>,
        /// Camera.
        video: Option<bool>,
        /// Screen.
        screen: Option<bool>,
    },
    /// Somebody in a call shows something to all of it, or no longer. Ignored unless they are in that call, and while
    /// another does.
    Broadcast {
        /// Who.
        account: AccountId,
        /// Where.
        channel: ChannelId,
        /// Height of the picture in lines; `None` ends it.
        lines: Option<u16>,
    },
    /// Hands a signalling payload to exactly one other.
    Signal(Box<Signal>),
    /// A connection offers these commands, and no others, to everybody of its space.
    Offer {
        /// Which.
        session: SessionId,
        /// What it offers.
        commands: Vec<Offered>,
    },
    /// Tells a session that another took its place; it closes itself.
    Displace(SessionId),
    /// Hands a text to exactly one connection, which knows what to do with it. Who may send what to whom is the
    /// protocol's own affair.
    Relay {
        /// Which; it need not be subscribed.
        to: SessionId,
        /// The text, at most [`crate::limits::SIGNAL_BYTES`].
        body: String,
    },
    /// Tells the grid of a space what is seen or heard there for a moment.
    Effect(Box<Effect>),
}

/// Something seen or heard on the grid of a space for a moment: a sound, a roll of dice, a note. Told, never kept.
#[derive(Clone, PartialEq, Debug)]
pub struct Effect {
    /// Whose grid.
    pub space: SpaceId,
    /// The connection that did it, and its account; `None` is the grid itself.
    pub by: Option<(SessionId, AccountId)>,
    /// The grid protocol's own word for whom it is for.
    pub word: &'static str,
    /// The grid protocol's own payload, at most [`crate::limits::SIGNAL_BYTES`].
    pub body: String,
}

/// A part of a WebRTC negotiation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignalKind {
    /// SDP offer.
    Offer,
    /// SDP answer.
    Answer,
    /// ICE candidate, or anything else.
    Other,
}

/// Whom a signal is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignalTarget {
    /// One connection.
    Session(SessionId),
    /// The connections of an account over the sender's protocol; of the sign-in that joined the call, if one did.
    Account(AccountId),
}

/// A signalling payload on its way.
#[derive(Clone, PartialEq, Debug)]
pub struct Signal {
    /// The sending connection.
    pub from: SessionId,
    /// Its account.
    pub sender: AccountId,
    /// The protocol of both ends.
    pub protocol: Protocol,
    /// For whom.
    pub to: SignalTarget,
    /// Which part of the negotiation.
    pub kind: SignalKind,
    /// The protocol's own word for it, for example `sdp`.
    pub word: &'static str,
    /// The payload as received, at most [`crate::limits::SIGNAL_BYTES`].
    pub body: String,
}
