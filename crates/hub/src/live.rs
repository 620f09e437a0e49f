//! What is true only while people are connected: sessions, presence, positions, cameras, calls. A value of persistent
//! maps, so that every shard reads its own snapshot.

pub use crate::carrying::Carrying;
pub use crate::live_command::{Effect, LiveCommand, Signal, SignalKind, SignalTarget};
pub use crate::live_event::{Carriage, LiveEvent, Reach};
use commonroom_core::account::{AccountKind, Protocol};
use commonroom_core::channel::Channel;
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId, ItemId, LoginId, SessionId, SpaceId};
use commonroom_core::item::Laid;
use commonroom_core::name::NameKey;
use commonroom_core::policy;
use imbl::{OrdMap, OrdSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which happenings a session is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// One space (and the account's own conversations).
    Space(SpaceId),
    /// Every space the account belongs to.
    Account,
}

/// Whom a session does not want to meet, by name key, so that people who come later are meant too (barertc.md 2.4).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Relations {
    /// Not read by this session.
    pub muted: BTreeSet<NameKey>,
    /// Neither sees the other.
    pub blocked: BTreeSet<NameKey>,
    /// May not watch this session's camera.
    pub booted: BTreeSet<NameKey>,
    /// May watch it whatever its rules say.
    pub invited: BTreeSet<NameKey>,
}

impl Relations {
    /// True when nobody is named.
    pub fn is_empty(&self) -> bool {
        self.muted.is_empty() && self.blocked.is_empty() && self.booted.is_empty() && self.invited.is_empty()
    }

    /// The set of one kind.
    pub fn set_mut(&mut self, kind: RelationKind) -> &mut BTreeSet<NameKey> {
        match kind {
            RelationKind::Mute => &mut self.muted,
            RelationKind::Block => &mut self.blocked,
            RelationKind::Boot => &mut self.booted,
            RelationKind::Invite => &mut self.invited,
        }
    }
}

/// A kind of [`Relations`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RelationKind {
    /// See [`Relations::muted`].
    Mute,
    /// See [`Relations::blocked`].
    Block,
    /// See [`Relations::booted`].
    Boot,
    /// See [`Relations::invited`].
    Invite,
}

/// One signed-in connection.
#[derive(Clone, PartialEq, Debug)]
pub struct LiveSession {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// Its protocol.
    pub protocol: Protocol,
    /// What it is about.
    pub scope: Scope,
    /// The sign-in it belongs to, if any.
    pub login: Option<LoginId>,
    /// Announced to others (chatgrid.md 2.4; the other protocols are ready at once).
    pub ready: bool,
    /// Where it stands on the grid; only Chat Grid sessions stand somewhere.
    pub square: Option<(i32, i32)>,
    /// BareRTC video flags; 0 is off.
    pub camera: u32,
    /// Closed to new conversations.
    pub dnd: bool,
    /// Whom it does not want to meet.
    pub relations: Arc<Relations>,
    /// When it signed in.
    pub since: Timestamp,
    /// It ends since nothing was heard of it for too long.
    pub lost: bool,
}

impl LiveSession {
    /// A connection that is ready at once, has no sign-in of its own, stands nowhere and avoids nobody.
    pub fn new(
        id: SessionId,
        account: AccountId,
        protocol: Protocol,
        scope: Scope,
        since: Timestamp,
    ) -> Self {
        Self {
            id,
            account,
            protocol,
            scope,
            login: None,
            ready: true,
            square: None,
            camera: 0,
            dnd: false,
            relations: Arc::default(),
            since,
            lost: false,
        }
    }
}

/// What a connection shows of itself beyond its account: what the site that signed its token says of the person, and
/// the status word they chose (barertc.md 3.2, 4.1). Only BareRTC connections have one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Badge {
    /// The site calls them an operator.
    pub operator: bool,
    /// An operator whom nobody may block, whatever the configuration says of operators.
    pub unblockable: bool,
    /// The site calls them a VIP.
    pub vip: bool,
    /// Status word as others see it.
    pub status: String,
    /// Profile page.
    pub profile_url: Option<String>,
    /// Shown beside the name.
    pub emoji: Option<String>,
    /// Colours the profile button.
    pub gender: Option<String>,
}

/// A command that a connection offers to everybody of its space while it lasts: what bots do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offered {
    /// What it is called, without a slash.
    pub name: String,
    /// The rest of it in the words of the protocol, at most [`crate::limits::SIGNAL_BYTES`].
    pub body: String,
}

/// What somebody in a call shows to all of it. One at a time in each call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Broadcast {
    /// Height of the picture in lines.
    pub lines: u16,
    /// Since when.
    pub since: Timestamp,
}

/// Somebody in a call.
#[derive(Clone, PartialEq, Debug)]
pub struct Seat {
    /// Who.
    pub account: AccountId,
    /// The connection that joined, when it was one (OriginChats).
    pub session: Option<SessionId>,
    /// The sign-in that joined, when it was one (Together).
    pub login: Option<LoginId>,
    /// Address for the other participants' media, when the protocol has one.
    pub peer_id: Option<String>,
    /// Microphone off by themselves.
    pub muted: bool,
    /// Hears nothing by themselves.
    pub deafened: bool,
    /// Sends a camera picture.
    pub video: bool,
    /// Sends a screen.
    pub screen: bool,
    /// Not to be heard, by a moderator or for want of the right; the hub sees to it.
    pub server_muted: bool,
    /// Not to hear, by a moderator; the hub sees to it.
    pub server_deafened: bool,
    /// Shows something to the whole call.
    pub broadcast: Option<Broadcast>,
    /// Since when.
    pub joined_at: Timestamp,
}

/// The live state.
#[derive(Clone, Default, Debug)]
pub struct Live {
    pub(crate) sessions: OrdMap<SessionId, Arc<LiveSession>>,
    pub(crate) of_account: OrdSet<(AccountId, SessionId)>,
    pub(crate) online: OrdSet<AccountId>,
    pub(crate) lingering: OrdSet<(AccountId, SessionId)>,
    pub(crate) calls: OrdMap<(ChannelId, AccountId), Arc<Seat>>,
    pub(crate) call_of: OrdMap<AccountId, ChannelId>,
    pub(crate) relating: OrdSet<SessionId>,
    pub(crate) badges: OrdMap<SessionId, Arc<Badge>>,
    pub(crate) offered: OrdMap<SessionId, Arc<Vec<Offered>>>,
    pub(crate) carried: OrdMap<ItemId, Carrying>,
    pub(crate) hands: OrdMap<SessionId, ItemId>,
    pub(crate) fallen: OrdMap<ItemId, Laid>,
    pub(crate) version: u64,
}

impl Live {
    /// A counter that moves with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// A connection.
    pub fn session(&self, id: SessionId) -> Option<&Arc<LiveSession>> {
        self.sessions.get(&id)
    }

    /// All signed-in connections, by id.
    pub fn sessions(&self) -> impl Iterator<Item = &Arc<LiveSession>> {
        self.sessions.values()
    }

    /// The connections of an account.
    pub fn sessions_of(&self, account: AccountId) -> impl Iterator<Item = &Arc<LiveSession>> {
        self.of_account
            .range((account, SessionId::MIN)..=(account, SessionId::MAX))
            .filter_map(|(_, session)| self.sessions.get(session))
    }

    /// What a connection shows of itself.
    pub fn badge(&self, id: SessionId) -> Option<&Arc<Badge>> {
        self.badges.get(&id)
    }

    /// The commands that connections offer.
    pub fn offers(&self) -> impl Iterator<Item = (SessionId, &Offered)> {
        self.offered.iter().flat_map(|(session, commands)| commands.iter().map(|command| (*session, command)))
    }

    /// The connection that offers a command of that name, and the command.
    pub fn offered(&self, name: &str) -> Option<(SessionId, &Offered)> {
        self.offers().find(|(_, command)| command.name == name)
    }

    /// True while an account has a connection, and for the grace after its last one.
    pub fn is_online(&self, account: AccountId) -> bool {
        self.online.contains(&account)
    }

    /// True while the grace of a connection that is gone keeps an account online.
    pub fn lingers(&self, account: AccountId) -> bool {
        self.lingering.range((account, SessionId::MIN)..=(account, SessionId::MAX)).next().is_some()
    }

    /// The accounts that are online, by id.
    pub fn online(&self) -> impl Iterator<Item = AccountId> {
        self.online.iter().copied()
    }

    /// True when some connection has muted, blocked, booted or invited somebody.
    pub fn anybody_related(&self) -> bool {
        !self.relating.is_empty()
    }

    /// True when a connection of `from` relates to `to` in a way.
    pub fn related(&self, directory: &Directory, from: AccountId, to: AccountId, kind: RelationKind) -> bool {
        let Some(key) = directory.account(to).map(|account| &account.key) else { return false };
        self.sessions_of(from).any(|session| {
            let relations = &session.relations;
            match kind {
                RelationKind::Mute => relations.muted.contains(key),
                RelationKind::Block => relations.blocked.contains(key),
                RelationKind::Boot => relations.booted.contains(key),
                RelationKind::Invite => relations.invited.contains(key),
            }
        })
    }
}

/// True when a mute or block, stored or of a connection, hides `author` from `reader`.
pub fn hidden_from(directory: &Directory, live: &Live, reader: AccountId, author: AccountId) -> bool {
    if reader == author {
        return false;
    }
    policy::hidden_from(directory, reader, author)
        || (live.anybody_related()
            && (live.related(directory, reader, author, RelationKind::Mute)
                || blocked(directory, live, reader, author)))
}

/// True when a block, stored or of a connection, stands between the two.
pub fn blocked(directory: &Directory, live: &Live, one: AccountId, other: AccountId) -> bool {
    policy::blocked(directory, one, other)
        || (live.anybody_related()
            && (live.related(directory, one, other, RelationKind::Block)
                || live.related(directory, other, one, RelationKind::Block)))
}

/// True when an account may be in a call of a channel.
pub fn may_call(directory: &Directory, channel: &Channel, account: AccountId) -> bool {
    use commonroom_core::Permissions;
    use commonroom_core::channel::ChannelKind;
    channel.kind == ChannelKind::Voice
        && policy::permissions_in(directory, channel, account).has(Permissions::CONNECT)
}

/// True for accounts that end with their last connection.
pub fn is_guest(directory: &Directory, account: AccountId) -> bool {
    directory.account(account).is_some_and(|account| account.kind == AccountKind::Guest)
}
