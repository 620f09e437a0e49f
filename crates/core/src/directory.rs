//! Everything but the messages, in memory: who there is, where, and what they may. A value of persistent maps, so that
//! a snapshot costs a pointer. It changes only by [`Directory::apply`].

use crate::account::{Account, ExternalId, Login};
use crate::channel::{Channel, Home};
use crate::env::Timestamp;
use crate::event::{AccountChange, Event, EventBody, MemberChange, Relation, Stream};
use crate::ids::{AccountId, ChannelId, ItemId, LoginId, SpaceId};
use crate::item::Item;
use crate::message::Message;
use crate::name::NameKey;
use crate::secret::TokenHash;
use crate::space::{Ban, Member, Space};
use imbl::{OrdMap, OrdSet};
use std::sync::Arc;

/// The state of the instance without its messages.
#[derive(Clone, Default, Debug)]
pub struct Directory {
    accounts: OrdMap<AccountId, Arc<Account>>,
    by_key: OrdMap<NameKey, AccountId>,
    by_handle: OrdMap<String, AccountId>,
    by_number: OrdMap<i64, AccountId>,
    by_email: OrdMap<String, AccountId>,
    by_external: OrdMap<ExternalId, AccountId>,
    logins: OrdMap<LoginId, Arc<Login>>,
    logins_of: OrdSet<(AccountId, LoginId)>,
    by_token: OrdMap<TokenHash, LoginId>,
    spaces: OrdMap<SpaceId, Arc<Space>>,
    space_heads: OrdMap<SpaceId, u64>,
    rules: OrdMap<SpaceId, u64>,
    default_space: Option<SpaceId>,
    members: OrdMap<(SpaceId, AccountId), Arc<Member>>,
    spaces_of: OrdSet<(AccountId, SpaceId)>,
    bans: OrdMap<(SpaceId, AccountId), Arc<Ban>>,
    channels: OrdMap<ChannelId, Arc<Channel>>,
    conversations: OrdMap<(AccountId, AccountId), ChannelId>,
    conversations_of: OrdSet<(AccountId, ChannelId)>,
    items: OrdMap<ItemId, Arc<Item>>,
    items_of: OrdSet<(SpaceId, ItemId)>,
    relations: OrdSet<(AccountId, AccountId, Relation)>,
    /// Ends of timeouts, kept when the member leaves: coming back does not lift one.
    silences: OrdMap<(SpaceId, AccountId), Timestamp>,
    head: u64,
    last_account: i64,
    last_message: i64,
}

/// Where the counters stand: kept by the store, restored at start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// Seq of the newest event of [`Stream::Instance`].
    pub head: u64,
    /// Highest [`Account::number`] ever given.
    pub last_account: i64,
    /// Highest [`Message::number`] ever given.
    pub last_message: i64,
}

impl Directory {
    /// An empty directory with restored counters, to be filled with [`Directory::restore`].
    pub fn with_counters(counters: Counters) -> Self {
        Self {
            head: counters.head,
            last_account: counters.last_account,
            last_message: counters.last_message,
            ..Self::default()
        }
    }

    /// Puts back a noun as the store kept it: the same effect as its event, without moving a head.
    pub fn restore(&mut self, body: &EventBody) {
        self.put(body);
    }

    /// Puts back the head of a space's stream.
    pub fn restore_space_head(&mut self, space: SpaceId, head: u64) {
        self.space_heads.insert(space, head);
    }

    /// Brings the directory up to date with an event.
    pub fn apply(&mut self, event: &Event) {
        match event.stream {
            Stream::Instance => self.head = event.seq,
            Stream::Space(space) => {
                self.space_heads.insert(space, event.seq);
            }
            Stream::Channel(channel) => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    Arc::make_mut(channel).head = event.seq;
                }
            }
        }
        self.put(&event.body);
        if let EventBody::Channel { channel, .. } | EventBody::ConversationOpened { channel } = &event.body
            && let Stream::Channel(_) = event.stream
            && let Some(kept) = self.channels.get_mut(&channel.id)
        {
            Arc::make_mut(kept).head = event.seq;
        }
    }

    fn put(&mut self, body: &EventBody) {
        match body {
            EventBody::Account { account, change } => self.put_account(account, change),
            EventBody::LoginPut { login } => self.put_login(login),
            EventBody::LoginEnded { login, account } => self.end_login(*login, *account),
            EventBody::Space { space, .. } => self.put_space(space),
            EventBody::SpaceDeleted { space, .. } => self.delete_space(*space),
            EventBody::Member { member, change } => {
                self.members.insert((member.space, member.account), member.clone());
                self.spaces_of.insert((member.account, member.space));
                if matches!(change, MemberChange::Joined | MemberChange::Roles { .. }) {
                    self.touch(member.space);
                }
                match member.timeout_until {
                    Some(until) => self.silences.insert((member.space, member.account), until),
                    None => self.silences.remove(&(member.space, member.account)),
                };
            }
            EventBody::MemberGone { space, account, .. } => {
                self.members.remove(&(*space, *account));
                self.spaces_of.remove(&(*account, *space));
                self.touch(*space);
            }
            EventBody::Banned { ban } => {
                self.bans.insert((ban.space, ban.account), ban.clone());
            }
            EventBody::Unbanned { space, account } => {
                self.bans.remove(&(*space, *account));
            }
            EventBody::Channel { channel, .. } => self.put_channel(channel),
            EventBody::ConversationOpened { channel } => self.put_channel(channel),
            EventBody::ChannelDeleted { channel, space } => {
                self.channels.remove(channel);
                self.touch(*space);
            }
            EventBody::MessagePosted { message } => self.note_message(message),
            EventBody::MessageEdited { .. }
            | EventBody::MessageDeleted { .. }
            | EventBody::Reacted { .. }
            | EventBody::Read { .. } => {}
            EventBody::Related { from, to, relation, on } => {
                if *on {
                    self.relations.insert((*from, *to, *relation));
                } else {
                    self.relations.remove(&(*from, *to, *relation));
                }
            }
            EventBody::Item { item, .. } => {
                self.items.insert(item.id, item.clone());
                self.items_of.insert((item.space, item.id));
            }
            EventBody::ItemGone { item, space } => {
                self.items.remove(item);
                self.items_of.remove(&(*space, *item));
            }
        }
    }

    fn put_account(&mut self, account: &Arc<Account>, change: &AccountChange) {
        self.last_account = self.last_account.max(account.number);
        // A retired account holds no names any more: they may be another's.
        if let Some(before) = self.accounts.get(&account.id).filter(|before| !before.retired).cloned() {
            self.by_key.remove(&before.key);
            self.by_handle.remove(&before.handle);
            if let Some(email) = &before.email {
                self.by_email.remove(email);
            }
            if let Some(external) = &before.external {
                self.by_external.remove(external);
            }
        }
        self.accounts.insert(account.id, account.clone());
        self.by_number.insert(account.number, account.id);
        if account.retired || *change == AccountChange::Retired {
            return;
        }
        self.by_key.insert(account.key.clone(), account.id);
        self.by_handle.insert(account.handle.clone(), account.id);
        if let Some(email) = &account.email {
            self.by_email.insert(email.clone(), account.id);
        }
        if let Some(external) = &account.external {
            self.by_external.insert(external.clone(), account.id);
        }
    }

    fn put_login(&mut self, login: &Arc<Login>) {
        if let Some(before) = self.logins.get(&login.id).cloned() {
            self.by_token.remove(&before.token);
            if let Some((token, _)) = before.previous {
                self.by_token.remove(&token);
            }
        }
        self.by_token.insert(login.token, login.id);
        if let Some((token, _)) = login.previous {
            self.by_token.insert(token, login.id);
        }
        self.logins_of.insert((login.account, login.id));
        self.logins.insert(login.id, login.clone());
    }

    fn end_login(&mut self, login: LoginId, account: AccountId) {
        if let Some(before) = self.logins.remove(&login) {
            self.by_token.remove(&before.token);
            if let Some((token, _)) = before.previous {
                self.by_token.remove(&token);
            }
        }
        self.logins_of.remove(&(account, login));
    }

    fn put_space(&mut self, space: &Arc<Space>) {
        if self.default_space.is_none() {
            self.default_space = Some(space.id);
        }
        self.touch(space.id);
        self.spaces.insert(space.id, space.clone());
    }

    fn delete_space(&mut self, space: SpaceId) {
        let members: Vec<AccountId> = self.members(space).map(|member| member.account).collect();
        for account in members {
            self.members.remove(&(space, account));
            self.spaces_of.remove(&(account, space));
        }
        let bans: Vec<AccountId> = self.bans(space).map(|ban| ban.account).collect();
        for account in bans {
            self.bans.remove(&(space, account));
        }
        if let Some(gone) = self.spaces.remove(&space) {
            for channel in &gone.channels {
                self.channels.remove(channel);
            }
        }
        let items: Vec<ItemId> = self.items(space).map(|item| item.id).collect();
        for item in items {
            self.items.remove(&item);
            self.items_of.remove(&(space, item));
        }
        self.touch(space);
    }

    fn put_channel(&mut self, channel: &Arc<Channel>) {
        match channel.home {
            Home::Space(space) => self.touch(space),
            Home::Conversation(a, b) => {
                self.conversations.insert((a, b), channel.id);
                self.conversations_of.insert((a, channel.id));
                self.conversations_of.insert((b, channel.id));
            }
        }
        self.channels.insert(channel.id, channel.clone());
    }

    fn note_message(&mut self, message: &Message) {
        self.last_message = self.last_message.max(message.number);
        if let Some(channel) = self.channels.get_mut(&message.channel) {
            let channel = Arc::make_mut(channel);
            channel.last_message = Some(message.id);
            channel.last_message_at = Some(message.created_at);
        }
    }

    fn touch(&mut self, space: SpaceId) {
        let rules = self.rules.get(&space).copied().unwrap_or(0);
        self.rules.insert(space, rules + 1);
    }

    /// An account, retired ones too.
    pub fn account(&self, id: AccountId) -> Option<&Arc<Account>> {
        self.accounts.get(&id)
    }

    /// The account that holds a name now.
    pub fn account_named(&self, name: &str) -> Option<&Arc<Account>> {
        self.by_key.get(&NameKey::of(name)).and_then(|id| self.accounts.get(id))
    }

    /// The account that holds a handle now, ignoring ASCII case.
    pub fn account_with_handle(&self, handle: &str) -> Option<&Arc<Account>> {
        self.by_handle.get(&handle.to_ascii_lowercase()).and_then(|id| self.accounts.get(id))
    }

    /// The account with a number.
    pub fn account_numbered(&self, number: i64) -> Option<&Arc<Account>> {
        self.by_number.get(&number).and_then(|id| self.accounts.get(id))
    }

    /// The account with an e-mail address (lower case).
    pub fn account_with_email(&self, email: &str) -> Option<&Arc<Account>> {
        self.by_email.get(email).and_then(|id| self.accounts.get(id))
    }

    /// The account of an outside identity.
    pub fn account_outside(&self, identity: &ExternalId) -> Option<&Arc<Account>> {
        self.by_external.get(identity).and_then(|id| self.accounts.get(id))
    }

    /// All accounts, retired ones too, by id.
    pub fn accounts(&self) -> impl Iterator<Item = &Arc<Account>> {
        self.accounts.values()
    }

    /// A sign-in.
    pub fn login(&self, id: LoginId) -> Option<&Arc<Login>> {
        self.logins.get(&id)
    }

    /// The sign-in whose present or previous token this is.
    pub fn login_with(&self, token: TokenHash) -> Option<&Arc<Login>> {
        self.by_token.get(&token).and_then(|id| self.logins.get(id))
    }

    /// The sign-ins of an account, oldest first.
    pub fn logins_of(&self, account: AccountId) -> impl Iterator<Item = &Arc<Login>> {
        self.logins_of
            .range((account, LoginId::MIN)..=(account, LoginId::MAX))
            .filter_map(|(_, login)| self.logins.get(login))
    }

    /// A space.
    pub fn space(&self, id: SpaceId) -> Option<&Arc<Space>> {
        self.spaces.get(&id)
    }

    /// A space by name, ignoring case; the oldest of that name.
    pub fn space_named(&self, name: &str) -> Option<&Arc<Space>> {
        self.spaces.values().find(|space| space.name.eq_ignore_ascii_case(name))
    }

    /// All spaces, oldest first.
    pub fn spaces(&self) -> impl Iterator<Item = &Arc<Space>> {
        self.spaces.values()
    }

    /// The space that exists from the first start.
    pub fn default_space(&self) -> Option<&Arc<Space>> {
        self.default_space.and_then(|id| self.spaces.get(&id))
    }

    /// A counter that moves whenever who may see what in a space may have changed.
    pub fn rules_version(&self, space: SpaceId) -> u64 {
        self.rules.get(&space).copied().unwrap_or(0)
    }

    /// A membership.
    pub fn member(&self, space: SpaceId, account: AccountId) -> Option<&Arc<Member>> {
        self.members.get(&(space, account))
    }

    /// Until when an account is silenced in a space, also while it is no member.
    pub fn silenced_until(&self, space: SpaceId, account: AccountId) -> Option<Timestamp> {
        self.silences.get(&(space, account)).copied()
    }

    /// The members of a space.
    pub fn members(&self, space: SpaceId) -> impl Iterator<Item = &Arc<Member>> {
        self.members.range((space, AccountId::MIN)..=(space, AccountId::MAX)).map(|(_, member)| member)
    }

    /// The spaces an account belongs to, oldest first.
    pub fn spaces_of(&self, account: AccountId) -> impl Iterator<Item = &Arc<Space>> {
        self.spaces_of
            .range((account, SpaceId::MIN)..=(account, SpaceId::MAX))
            .filter_map(|(_, space)| self.spaces.get(space))
    }

    /// True when the two belong to a common space.
    pub fn share_space(&self, one: AccountId, other: AccountId) -> bool {
        self.spaces_of(one).any(|space| self.member(space.id, other).is_some())
    }

    /// The ban of an account, also an expired one.
    pub fn ban(&self, space: SpaceId, account: AccountId) -> Option<&Arc<Ban>> {
        self.bans.get(&(space, account))
    }

    /// The bans of a space.
    pub fn bans(&self, space: SpaceId) -> impl Iterator<Item = &Arc<Ban>> {
        self.bans.range((space, AccountId::MIN)..=(space, AccountId::MAX)).map(|(_, ban)| ban)
    }

    /// A channel or conversation.
    pub fn channel(&self, id: ChannelId) -> Option<&Arc<Channel>> {
        self.channels.get(&id)
    }

    /// A channel of a space by name, ignoring case.
    pub fn channel_named(&self, space: SpaceId, name: &str) -> Option<&Arc<Channel>> {
        self.channels_of(space).find(|channel| channel.name.eq_ignore_ascii_case(name))
    }

    /// The channels of a space in display order.
    pub fn channels_of(&self, space: SpaceId) -> impl Iterator<Item = &Arc<Channel>> {
        self.spaces
            .get(&space)
            .into_iter()
            .flat_map(|space| space.channels.iter())
            .filter_map(|id| self.channels.get(id))
    }

    /// The conversation of two accounts, in either order.
    pub fn conversation(&self, one: AccountId, other: AccountId) -> Option<&Arc<Channel>> {
        let pair = if one <= other { (one, other) } else { (other, one) };
        self.conversations.get(&pair).and_then(|id| self.channels.get(id))
    }

    /// The conversations of an account.
    pub fn conversations_of(&self, account: AccountId) -> impl Iterator<Item = &Arc<Channel>> {
        self.conversations_of
            .range((account, ChannelId::MIN)..=(account, ChannelId::MAX))
            .filter_map(|(_, channel)| self.channels.get(channel))
    }

    /// An item.
    pub fn item(&self, id: ItemId) -> Option<&Arc<Item>> {
        self.items.get(&id)
    }

    /// The items of a space's grid, oldest first.
    pub fn items(&self, space: SpaceId) -> impl Iterator<Item = &Arc<Item>> {
        self.items_of
            .range((space, ItemId::MIN)..=(space, ItemId::MAX))
            .filter_map(|(_, item)| self.items.get(item))
    }

    /// True when `from` has muted or blocked `to`.
    pub fn related(&self, from: AccountId, to: AccountId, relation: Relation) -> bool {
        self.relations.contains(&(from, to, relation))
    }

    /// True when nobody has muted or blocked anybody.
    pub fn nobody_related(&self) -> bool {
        self.relations.is_empty()
    }

    /// The number of the newest event of a stream.
    pub fn head(&self, stream: Stream) -> u64 {
        match stream {
            Stream::Instance => self.head,
            Stream::Space(space) => self.space_heads.get(&space).copied().unwrap_or(0),
            Stream::Channel(channel) => self.channels.get(&channel).map_or(0, |channel| channel.head),
        }
    }

    /// When the newest message of any channel was posted.
    pub fn newest_message_at(&self) -> Option<Timestamp> {
        self.channels.values().filter_map(|channel| channel.last_message_at).max()
    }

    /// The next [`Account::number`].
    pub fn next_account_number(&self) -> i64 {
        self.last_account + 1
    }

    /// The next [`Message::number`].
    pub fn next_message_number(&self) -> i64 {
        self.last_message + 1
    }
}
