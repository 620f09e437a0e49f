//! Who has signed in on a connection, and what the connection has shown them.

use crate::config::Config;
use crate::encode::{View, people, places};
use crate::limits;
use crate::quirks::WebClient;
use crate::rates::MessageRule;
use crate::session::requests::Asked;
use commonroom_core::account::Status;
use commonroom_core::channel::ChannelKind;
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId, MessageId, RoleId, SpaceId};
use commonroom_core::message::Message;
use commonroom_core::space::{Role, RoleKind, Space};
use commonroom_hub::bucket::Bucket;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Who has signed in.
pub(super) struct Me {
    pub(super) account: AccountId,
    pub(super) space: SpaceId,
    /// What `ready` gave as a secret for uploads.
    pub(super) token: String,
    pub(super) typing: Bucket,
    pub(super) reactions: Bucket,
    pub(super) reads: Bucket,
    pub(super) searches: Bucket,
    /// Names and offered roles.
    pub(super) faces: Bucket,
    /// People who are shown as offline by their own choice.
    pub(super) hidden: BTreeSet<AccountId>,
    /// The channels that this client's list holds, in order, with their kinds and names.
    pub(super) listed: Vec<(ChannelId, ChannelKind, Box<str>)>,
    /// What each role was called when this client was last told, and its colour: people are shown by both.
    pub(super) role_faces: BTreeMap<RoleId, RoleFace>,
    /// Up to where the account has read each channel, as far as this connection knows.
    pub(super) read: BTreeMap<ChannelId, Option<MessageId>>,
    /// The history being fetched, and what was shown of its channel since it was asked for.
    pub(super) fetching: Option<Fetching>,
    /// Up to which `seq` of a channel the client has a page that was read ahead of its events.
    pub(super) ahead: BTreeMap<ChannelId, u64>,
    pub(super) quirk: WebClient,
    /// When the account's status last changed.
    pub(super) status_at: Option<Timestamp>,
    /// Calls of this connection's slash commands that it has not answered, the oldest first.
    pub(super) calls: VecDeque<super::bots::Pending>,
    /// A status that waits for its turn, and for when.
    pub(super) waiting_status: Option<(Timestamp, WaitingStatus)>,
}

/// A status that waits for its turn.
pub(super) struct WaitingStatus {
    pub(super) asked: Asked,
    pub(super) status: Status,
    pub(super) shown: crate::wire::Status,
}

/// A history being fetched.
pub(super) struct Fetching {
    pub(super) channel: ChannelId,
    /// Messages that events have shown since, newest state last; `true` for new ones.
    pub(super) since: Vec<(Arc<Message>, bool)>,
}

impl Me {
    /// Somebody who signs in at this moment.
    pub(super) fn new(account: AccountId, token: String, view: &View<'_>) -> Self {
        let hidden = view
            .directory
            .members(view.space.id)
            .filter_map(|member| view.directory.account(member.account))
            .filter(|account| people::is_hidden(account))
            .map(|account| account.id)
            .collect();
        Self {
            account,
            space: view.space.id,
            token,
            typing: Bucket::new(limits::TYPING),
            reactions: Bucket::new(limits::REACTIONS),
            reads: Bucket::new(limits::READS),
            searches: Bucket::new(limits::SEARCHES),
            faces: Bucket::new(limits::FACES),
            hidden,
            listed: listed(view, account),
            role_faces: role_faces(view.space),
            read: BTreeMap::new(),
            fetching: None,
            ahead: BTreeMap::new(),
            quirk: WebClient::default(),
            status_at: None,
            calls: VecDeque::new(),
            waiting_status: None,
        }
    }

    /// True when roles that somebody holds have another name or colour than this client was told; whether a name is
    /// among what changed.
    pub(super) fn faces_are_stale(&self, directory: &Directory, space: &Space) -> Option<bool> {
        let held = |role: &Role| {
            role.kind != RoleKind::Plain
                || directory.members(space.id).any(|member| member.roles.contains(&role.id))
        };
        let changed = space.roles.iter().filter_map(|role| {
            let (name, color) = self.role_faces.get(&role.id)?;
            let renamed = **name != *role.name;
            let recolored = color.as_deref() != role.color.as_deref();
            (renamed || (recolored && held(role))).then_some(renamed)
        });
        changed.reduce(|one, other| one || other)
    }

    /// True when the client's list of channels is no longer right.
    pub(super) fn list_is_stale(&self, view: &View<'_>) -> bool {
        let now = places::visible(view, self.account);
        let now = now.map(|channel| (channel.id, channel.kind, channel.name.as_str()));
        !now.eq(self.listed.iter().map(|(id, kind, name)| (*id, *kind, &**name)))
    }
}

/// Name and colour of a role.
pub(super) type RoleFace = (Box<str>, Option<Box<str>>);

/// What each role is called, and its colour.
pub(super) fn role_faces(space: &Space) -> BTreeMap<RoleId, RoleFace> {
    let face = |role: &Role| (role.id, (role.name.as_str().into(), role.color.as_deref().map(Box::from)));
    space.roles.iter().map(face).collect()
}

/// The channels that an account's list holds.
pub(super) fn listed(view: &View<'_>, account: AccountId) -> Vec<(ChannelId, ChannelKind, Box<str>)> {
    let shown = places::visible(view, account);
    shown.map(|channel| (channel.id, channel.kind, channel.name.as_str().into())).collect()
}

/// The numbers for [`MessageRate`].
pub(super) fn message_rule(config: &Config) -> MessageRule {
    MessageRule {
        per_minute: config.messages_per_minute(),
        burst: config.rate_limiting.burst_limit as usize,
        cooldown: i64::from(config.rate_limiting.cooldown_seconds),
    }
}
