//! Who has signed in on a connection, and what the connection has shown them.

use crate::config::Config;
use crate::encode::{View, people, places};
use crate::limits;
use crate::quirks::EmptyChannels;
use crate::rates::{MessageRate, MessageRule, Pace};
use crate::session::requests::Asked;
use commonroom_core::account::Status;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId, MessageId, SpaceId};
use commonroom_core::message::Message;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who has signed in.
pub(super) struct Me {
    pub(super) account: AccountId,
    pub(super) space: SpaceId,
    /// What `ready` gave as a secret for uploads.
    pub(super) token: String,
    pub(super) messages: MessageRate,
    pub(super) typing: Pace,
    pub(super) reactions: Pace,
    pub(super) reads: Pace,
    /// People who are shown as offline by their own choice.
    pub(super) hidden: BTreeSet<AccountId>,
    /// The channels that this client's list holds, in order, with their names.
    pub(super) listed: Vec<(ChannelId, Box<str>)>,
    /// Up to where the account has read each channel, as far as this connection knows.
    pub(super) read: BTreeMap<ChannelId, Option<MessageId>>,
    /// The history being fetched, and what was shown of its channel since it was asked for.
    pub(super) fetching: Option<Fetching>,
    /// Up to which `seq` of a channel the client has a page that was read ahead of its events.
    pub(super) ahead: BTreeMap<ChannelId, u64>,
    pub(super) quirk: EmptyChannels,
    /// When the account's status last changed.
    pub(super) status_at: Option<Timestamp>,
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
            messages: MessageRate::default(),
            typing: Pace::new(limits::TYPING_MICROS, limits::TYPING_BURST),
            reactions: Pace::new(limits::REACTION_MICROS, limits::REACTION_BURST),
            reads: Pace::new(limits::READ_MICROS, limits::READ_BURST),
            hidden,
            listed: listed(view, account),
            read: BTreeMap::new(),
            fetching: None,
            ahead: BTreeMap::new(),
            quirk: EmptyChannels::default(),
            status_at: None,
            waiting_status: None,
        }
    }

    /// True when the client's list of channels is no longer right.
    pub(super) fn list_is_stale(&self, view: &View<'_>) -> bool {
        let now = places::visible(view, self.account).map(|channel| (channel.id, channel.name.as_str()));
        !now.eq(self.listed.iter().map(|(id, name)| (*id, &**name)))
    }
}

/// The channels that an account's list holds.
pub(super) fn listed(view: &View<'_>, account: AccountId) -> Vec<(ChannelId, Box<str>)> {
    places::visible(view, account).map(|channel| (channel.id, channel.name.as_str().into())).collect()
}

/// The numbers for [`MessageRate`].
pub(super) fn message_rule(config: &Config) -> MessageRule {
    MessageRule {
        per_minute: config.messages_per_minute(),
        burst: config.rate_limiting.burst_limit as usize,
        cooldown: i64::from(config.rate_limiting.cooldown_seconds),
    }
}
