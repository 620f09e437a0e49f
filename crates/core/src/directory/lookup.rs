//! What the directory answers.

use super::Directory;
use crate::account::{Account, AccountKind, ExternalId, Login};
use crate::channel::Channel;
use crate::emoji::Emoji;
use crate::env::Timestamp;
use crate::event::{Relation, Stream};
use crate::ids::{AccountId, ChannelId, InviteId, ItemId, LoginId, MessageId, SpaceId, WebhookId};
use crate::invite::Invite;
use crate::item::Item;
use crate::name::{NameKey, SERVER};
use crate::note::Note;
use crate::push::PushSubscription;
use crate::secret::TokenHash;
use crate::space::{Ban, Member, Silenced, Space};
use crate::webhook::Webhook;
use std::sync::Arc;

impl Directory {
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

    /// What moderators of a space imposed on an account, also while it is no member.
    pub fn silenced(&self, space: SpaceId, account: AccountId) -> Silenced {
        self.silences.get(&(space, account)).copied().unwrap_or_default()
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

    /// The threads of a channel, oldest first.
    pub fn threads_of(&self, parent: ChannelId) -> impl Iterator<Item = &Arc<Channel>> {
        self.threads_of
            .range((parent, ChannelId::MIN)..=(parent, ChannelId::MAX))
            .filter_map(|(_, thread)| self.channels.get(thread))
    }

    /// The thread that hangs on a message.
    pub fn thread_on(&self, root: MessageId) -> Option<&Arc<Channel>> {
        self.thread_on.get(&root).and_then(|thread| self.channels.get(thread))
    }

    /// An invitation.
    pub fn invite(&self, id: InviteId) -> Option<&Arc<Invite>> {
        self.invites.get(&id)
    }

    /// The invitation with a code.
    pub fn invite_with(&self, code: &str) -> Option<&Arc<Invite>> {
        self.by_code.get(code).and_then(|id| self.invites.get(id))
    }

    /// The invitations of a space, oldest first.
    pub fn invites_of(&self, space: SpaceId) -> impl Iterator<Item = &Arc<Invite>> {
        self.invites.values().filter(move |invite| invite.space == space)
    }

    /// The account whose password a code sets.
    pub fn account_resetting(&self, code: TokenHash) -> Option<&Arc<Account>> {
        self.by_reset.get(&code).and_then(|id| self.accounts.get(id))
    }

    /// The member who has that nickname in a space.
    pub fn member_nicknamed(&self, space: SpaceId, nickname: &str) -> Option<AccountId> {
        self.by_nickname.get(&(space, NameKey::of(nickname))).copied()
    }

    /// The member who has that username, or else that nickname, in a space.
    pub fn member_called(&self, space: SpaceId, name: &str) -> Option<AccountId> {
        let key = NameKey::of(name);
        let named = self.by_key.get(&key).copied().filter(|account| self.member(space, *account).is_some());
        named.or_else(|| self.by_nickname.get(&(space, key)).copied())
    }

    /// An emoji of a space.
    pub fn emoji(&self, space: SpaceId, number: i64) -> Option<&Arc<Emoji>> {
        self.emoji.get(&(space, number))
    }

    /// The emoji of a space by number.
    pub fn emoji_of(&self, space: SpaceId) -> impl Iterator<Item = &Arc<Emoji>> {
        self.emoji.range((space, i64::MIN)..=(space, i64::MAX)).map(|(_, emoji)| emoji)
    }

    /// An emoji of a space by name, ignoring case.
    pub fn emoji_named(&self, space: SpaceId, name: &str) -> Option<&Arc<Emoji>> {
        self.emoji_of(space).find(|emoji| emoji.name.eq_ignore_ascii_case(name))
    }

    /// The next [`Emoji::number`] of a space.
    pub fn next_emoji_number(&self, space: SpaceId) -> i64 {
        self.last_emoji.get(&space).map_or(0, |last| last + 1)
    }

    /// A webhook.
    pub fn webhook(&self, id: WebhookId) -> Option<&Arc<Webhook>> {
        self.webhooks.get(&id)
    }

    /// The webhooks of a space, oldest first.
    pub fn webhooks_of(&self, space: SpaceId) -> impl Iterator<Item = &Arc<Webhook>> {
        self.webhooks.values().filter(move |webhook| webhook.space == space)
    }

    /// The browsers of an account that want to be told by push.
    pub fn pushes_of(&self, account: AccountId) -> impl Iterator<Item = &Arc<PushSubscription>> {
        self.pushes
            .range((account, String::new())..)
            .take_while(move |((owner, _), _)| *owner == account)
            .map(|(_, subscription)| subscription)
    }

    /// Every browser that wants to be told by push.
    pub fn pushes(&self) -> impl Iterator<Item = &Arc<PushSubscription>> {
        self.pushes.values()
    }

    /// The poll that ends next, and when.
    pub fn next_poll(&self) -> Option<(Timestamp, MessageId)> {
        self.polls.get_min().copied()
    }

    /// The account under which the server itself speaks, once it has spoken.
    pub fn server_account(&self) -> Option<&Arc<Account>> {
        self.account_named(SERVER).filter(|account| account.kind == AccountKind::Server)
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

    /// How an account stands to others.
    pub fn relations_of(&self, from: AccountId) -> impl Iterator<Item = (AccountId, Relation)> {
        let all = (from, AccountId::MIN, Relation::Mute)..=(from, AccountId::MAX, Relation::Block);
        self.relations.range(all).map(|(_, to, relation)| (*to, *relation))
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

    /// What the server noted for itself, ended or not.
    pub fn notes(&self) -> impl Iterator<Item = &Arc<Note>> {
        self.notes.values()
    }

    /// The note under a key, unless it has ended.
    pub fn note(&self, key: &str, now: Timestamp) -> Option<&Arc<Note>> {
        self.notes.get(key).filter(|note| note.until > now)
    }

    /// The notes whose keys begin with these words, unless they have ended.
    pub fn notes_under(&self, prefix: String, now: Timestamp) -> impl Iterator<Item = &Arc<Note>> {
        self.notes
            .range(prefix.clone()..)
            .map(|(_, note)| note)
            .take_while(move |note| note.key.starts_with(&prefix))
            .filter(move |note| note.until > now)
    }

    /// The next [`crate::message::Message::number`].
    pub fn next_message_number(&self) -> i64 {
        self.last_message + 1
    }
}
