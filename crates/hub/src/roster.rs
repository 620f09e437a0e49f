//! Which connections of a shard a happening goes to: lists per space and channel, kept while the rules stay the same.

use crate::live::{Reach, Scope};
use commonroom_core::audience::Audience;
use commonroom_core::channel::{Channel, Home};
use commonroom_core::directory::Directory;
use commonroom_core::ids::{AccountId, ChannelId, SessionId, SpaceId};
use commonroom_core::policy;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The index of a connection in its shard.
pub type Slot = u32;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Key {
    Space(SpaceId),
    Channel(ChannelId),
}

#[derive(Debug)]
struct List {
    /// [`Directory::rules_version`] it was made for.
    rules: u64,
    slots: Arc<Vec<Slot>>,
}

/// The connections of a shard, and the accounts of those that are subscribed.
#[derive(Default, Debug)]
pub struct Roster {
    people: BTreeMap<Slot, (AccountId, Scope)>,
    /// Residents that are told everything of a space.
    watchers: BTreeMap<Slot, SpaceId>,
    by_session: BTreeMap<SessionId, Slot>,
    by_account: BTreeMap<AccountId, Vec<Slot>>,
    lists: BTreeMap<Key, List>,
}

impl Roster {
    /// A connection is there. What concerns it alone reaches it, whether or not it is subscribed.
    pub fn enter(&mut self, slot: Slot, session: SessionId) {
        self.by_session.insert(session, slot);
    }

    /// A connection ends: nothing reaches it any more.
    pub fn leave(&mut self, slot: Slot, session: SessionId) {
        self.by_session.remove(&session);
        self.remove(slot);
    }

    /// Subscribes a connection. Lists that it belongs to grow; none is built anew.
    pub fn add(&mut self, slot: Slot, account: AccountId, scope: Scope, directory: &Directory) {
        self.remove(slot);
        self.people.insert(slot, (account, scope));
        self.by_account.entry(account).or_default().push(slot);
        for (key, list) in &mut self.lists {
            if belongs(directory, *key, account, scope) {
                Arc::make_mut(&mut list.slots).push(slot);
            }
        }
    }

    /// Lets a resident be told everything of a space, whoever may see it.
    pub fn watch(&mut self, slot: Slot, space: SpaceId, directory: &Directory) {
        self.remove(slot);
        self.watchers.insert(slot, space);
        for (key, list) in &mut self.lists {
            if lies_in(directory, *key, space) {
                Arc::make_mut(&mut list.slots).push(slot);
            }
        }
    }

    /// Unsubscribes a connection.
    pub fn remove(&mut self, slot: Slot) {
        let watched = self.watchers.remove(&slot).is_some();
        let account = self.people.remove(&slot).map(|(account, _)| account);
        if account.is_none() && !watched {
            return;
        }
        if let Some(account) = account
            && let Some(slots) = self.by_account.get_mut(&account)
        {
            slots.retain(|other| *other != slot);
            if slots.is_empty() {
                self.by_account.remove(&account);
            }
        }
        for list in self.lists.values_mut() {
            if let Some(at) = list.slots.iter().position(|other| *other == slot) {
                Arc::make_mut(&mut list.slots).swap_remove(at);
            }
        }
    }

    /// The connection of a session.
    pub fn slot_of(&self, session: SessionId) -> Option<Slot> {
        self.by_session.get(&session).copied()
    }

    /// The account of a connection.
    pub fn account_of(&self, slot: Slot) -> Option<AccountId> {
        self.people.get(&slot).map(|(account, _)| *account)
    }

    /// The connections of an audience.
    pub fn audience(&mut self, audience: &Audience, directory: &Directory) -> Arc<Vec<Slot>> {
        match audience {
            Audience::Channel(channel) => self.viewers(*channel, directory),
            Audience::Space(space) => self.list(Key::Space(*space), *space, directory),
            Audience::SpaceAnd(space, account) => {
                let mut slots = (*self.list(Key::Space(*space), *space, directory)).clone();
                slots.extend(self.of_account(*account));
                unique(slots)
            }
            Audience::Around(account) => self.around(*account, directory),
            Audience::Accounts(accounts) => {
                unique(accounts.iter().flat_map(|account| self.of_account(*account)).collect())
            }
        }
    }

    /// The connections that a live event reaches.
    pub fn reach(&mut self, reach: &Reach, directory: &Directory) -> Arc<Vec<Slot>> {
        match reach {
            Reach::Around(account) => self.around(*account, directory),
            Reach::Space(space) => self.list(Key::Space(*space), *space, directory),
            Reach::Channel(channel) => self.viewers(*channel, directory),
            Reach::Gone(channel) => Arc::new(self.former_viewers(channel, directory)),
            Reach::ChannelAnd(channel, account) => {
                let mut slots = (*self.viewers(*channel, directory)).clone();
                slots.extend(self.of_account(*account));
                unique(slots)
            }
            Reach::Session(session) => Arc::new(self.slot_of(*session).into_iter().collect()),
            Reach::Account(account) => Arc::new(self.of_account(*account).collect()),
        }
    }

    fn of_account(&self, account: AccountId) -> impl Iterator<Item = Slot> {
        self.by_account.get(&account).into_iter().flatten().copied()
    }

    fn viewers(&mut self, channel: ChannelId, directory: &Directory) -> Arc<Vec<Slot>> {
        match directory.channel(channel).map(|channel| channel.home) {
            Some(Home::Space(space)) => self.list(Key::Channel(channel), space, directory),
            // The same people: one list for all threads of a channel.
            Some(Home::Thread { space, parent }) => self.list(Key::Channel(parent), space, directory),
            Some(Home::Conversation(a, b)) => unique(self.of_account(a).chain(self.of_account(b)).collect()),
            None => Arc::default(),
        }
    }

    fn former_viewers(&mut self, channel: &Channel, directory: &Directory) -> Vec<Slot> {
        let Some(space) = channel.space() else { return Vec::new() };
        let slots = self.list(Key::Space(space), space, directory);
        let viewed = |slot: &Slot| match self.account_of(*slot) {
            Some(account) => policy::may_view(directory, channel, account),
            // A watcher.
            None => true,
        };
        slots.iter().copied().filter(viewed).collect()
    }

    fn around(&mut self, account: AccountId, directory: &Directory) -> Arc<Vec<Slot>> {
        let spaces: Vec<SpaceId> = directory.spaces_of(account).map(|space| space.id).collect();
        if let [space] = spaces[..]
            && directory.conversations_of(account).next().is_none()
            && directory.member(space, account).is_some()
        {
            return self.list(Key::Space(space), space, directory);
        }
        let mut slots: Vec<Slot> = self.of_account(account).collect();
        for space in spaces {
            slots.extend(self.list(Key::Space(space), space, directory).iter());
        }
        let partners: Vec<AccountId> =
            directory.conversations_of(account).filter_map(|channel| channel.partner(account)).collect();
        slots.extend(partners.into_iter().flat_map(|partner| self.of_account(partner)));
        unique(slots)
    }

    fn list(&mut self, key: Key, space: SpaceId, directory: &Directory) -> Arc<Vec<Slot>> {
        let rules = directory.rules_version(space);
        let (people, watchers) = (&self.people, &self.watchers);
        let build = || {
            let members = people
                .iter()
                .filter(|(_, (account, scope))| belongs(directory, key, *account, *scope))
                .map(|(slot, _)| *slot);
            let watching = watchers.iter().filter(|(_, watched)| **watched == space).map(|(slot, _)| *slot);
            let slots = members.chain(watching).collect();
            List { rules, slots: Arc::new(slots) }
        };
        let list = self.lists.entry(key).or_insert_with(build);
        if list.rules != rules {
            *list = build();
        }
        list.slots.clone()
    }

    /// Forgets the lists of channels and spaces that are no more.
    pub fn tidy(&mut self, directory: &Directory) {
        self.lists.retain(|key, _| match key {
            Key::Space(space) => directory.space(*space).is_some(),
            Key::Channel(channel) => directory.channel(*channel).is_some(),
        });
    }
}

fn belongs(directory: &Directory, key: Key, account: AccountId, scope: Scope) -> bool {
    match key {
        Key::Space(space) => covers(scope, space) && directory.member(space, account).is_some(),
        Key::Channel(channel) => directory.channel(channel).is_some_and(|channel| {
            channel.space().is_some_and(|space| covers(scope, space))
                && policy::may_view(directory, channel, account)
        }),
    }
}

fn lies_in(directory: &Directory, key: Key, space: SpaceId) -> bool {
    match key {
        Key::Space(own) => own == space,
        Key::Channel(channel) => {
            directory.channel(channel).is_some_and(|channel| channel.space() == Some(space))
        }
    }
}

fn covers(scope: Scope, space: SpaceId) -> bool {
    match scope {
        Scope::Space(own) => own == space,
        Scope::Account => true,
    }
}

fn unique(mut slots: Vec<Slot>) -> Arc<Vec<Slot>> {
    slots.sort_unstable();
    slots.dedup();
    Arc::new(slots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_concerns_one_connection_reaches_it_until_it_ends_subscribed_or_not() {
        let directory = Directory::default();
        let (session, slot) = (SessionId::MAX, 7);
        let mut roster = Roster::default();
        let reached = |roster: &mut Roster| roster.reach(&Reach::Session(session), &directory).to_vec();
        assert!(reached(&mut roster).is_empty());
        roster.enter(slot, session);
        assert_eq!(reached(&mut roster), [slot]);
        roster.add(slot, AccountId::MIN, Scope::Account, &directory);
        roster.remove(slot);
        assert_eq!(reached(&mut roster), [slot]);
        roster.leave(slot, session);
        assert!(reached(&mut roster).is_empty());
    }
}
