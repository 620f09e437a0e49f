//! The first frame (together.md 6.1).

use crate::encode::{View, message, person, place, server};
use crate::quirks;
use crate::wire::Ready;
use crate::wire::entity::{MentionCount, UnreadCount};
use commonroom_core::channel::Channel;
use commonroom_core::directory::Directory;
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::policy;
use commonroom_core::query::Unread;
use commonroom_hub::session::State;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything of the first frame but the counts.
pub fn ready(state: &State, account: AccountId) -> Option<Ready> {
    let view = View::of(state, account);
    let directory = &state.directory;
    let me = directory.account(account)?;
    let with_roles = directory.spaces_of(account).map(|space| (space.id.0, server::roles(view, space)));
    let ruled = ruled(directory, account);
    let told = |channel: &&Arc<Channel>| {
        !channel.overrides.is_empty() && policy::may_view(directory, channel, account)
    };
    let visible = ruled.values().filter(told);
    Some(Ready {
        user: person::arriving(view, me),
        servers: server::servers_of(view, account),
        dm_channels: message::conversations(view, account),
        unread_counts: Vec::new(),
        mention_counts: Vec::new(),
        server_roles: with_roles.filter(|(_, roles)| !roles.is_empty()).collect(),
        channel_overrides: visible.map(|channel| (channel.id.0, server::rules(channel))).collect(),
    })
}

/// The channels with rules of their own in the spaces of an account.
pub fn ruled(directory: &Directory, account: AccountId) -> BTreeMap<ChannelId, Arc<Channel>> {
    let channels = directory.spaces_of(account).flat_map(|space| directory.channels_of(space.id));
    let ruled = channels.filter(|channel| channel.has_rules());
    ruled.map(|channel| (channel.id, channel.clone())).collect()
}

/// The channels and conversations whose unread messages count, and the threads that count for their channel.
pub fn readable(directory: &Directory, account: AccountId) -> Vec<ChannelId> {
    let channels = directory.spaces_of(account).flat_map(|space| directory.channels_of(space.id));
    let visible = channels.filter(|channel| {
        quirks::channel_type(channel).is_some() && policy::may_view(directory, channel, account)
    });
    let with_threads = visible.flat_map(|channel| {
        let threads = place::threads(directory, channel.id).into_iter().map(|thread| thread.id);
        [channel.id].into_iter().chain(threads).collect::<Vec<_>>()
    });
    with_threads.chain(directory.conversations_of(account).map(|channel| channel.id)).collect()
}

/// Fills in the counts: channels never read are left out (4.4), replies in threads count as their channel's. A
/// conversation counts from its beginning, as if it had been read when it was opened.
pub fn count(ready: &mut Ready, directory: &Directory, unreads: &[Unread]) {
    let known = |unread: &Unread| directory.channel(unread.channel);
    let is_direct = |unread: &Unread| known(unread).is_some_and(|channel| channel.space().is_none());
    let counted = |unread: &&Unread| unread.marked || is_direct(unread);
    let mut sums: BTreeMap<ChannelId, (u64, u64)> = BTreeMap::new();
    let parent = |unread: &Unread| known(unread).and_then(|channel| channel.parent());
    for unread in unreads.iter().filter(|unread| parent(unread).is_none()).filter(counted) {
        sums.insert(unread.channel, (unread.unread, unread.mentions));
    }
    // A thread is read with its channel, see the acknowledgement: one without a mark is newer than that.
    for unread in unreads {
        if let Some(sum) = parent(unread).and_then(|parent| sums.get_mut(&parent)) {
            *sum = (sum.0 + unread.unread, sum.1 + unread.mentions);
        }
    }
    for unread in unreads {
        let Some((count, mentions)) = sums.get(&unread.channel).copied() else { continue };
        let channel_id = unread.channel.0;
        if count > 0 {
            ready.unread_counts.push(UnreadCount { channel_id, unread_count: count });
        }
        if mentions > 0 && !is_direct(unread) {
            ready.mention_counts.push(MentionCount { channel_id, count: mentions });
        }
    }
}
