//! Everything but the messages, in memory: who there is, where, and what they may. A value of persistent maps, so that
//! a snapshot costs a pointer. It changes only by [`Directory::apply`].

use crate::account::{Account, ExternalId, Login};
use crate::channel::{Channel, Home};
use crate::emoji::Emoji;
use crate::env::Timestamp;
use crate::event::{AccountChange, Event, EventBody, MemberChange, Relation, Stream};
use crate::ids::{AccountId, ChannelId, InviteId, ItemId, LoginId, MessageId, SpaceId, WebhookId};
use crate::invite::Invite;
use crate::item::Item;
use crate::message::Message;
use crate::name::NameKey;
use crate::note::{Note, Noted};
use crate::push::PushSubscription;
use crate::secret::TokenHash;
use crate::space::{Ban, Member, Silenced, Space};
use crate::webhook::Webhook;
use imbl::{OrdMap, OrdSet};
use std::sync::Arc;

mod lookup;

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
    threads_of: OrdSet<(ChannelId, ChannelId)>,
    conversations: OrdMap<(AccountId, AccountId), ChannelId>,
    conversations_of: OrdSet<(AccountId, ChannelId)>,
    items: OrdMap<ItemId, Arc<Item>>,
    items_of: OrdSet<(SpaceId, ItemId)>,
    thread_on: OrdMap<MessageId, ChannelId>,
    invites: OrdMap<InviteId, Arc<Invite>>,
    by_code: OrdMap<String, InviteId>,
    by_reset: OrdMap<TokenHash, AccountId>,
    emoji: OrdMap<(SpaceId, i64), Arc<Emoji>>,
    last_emoji: OrdMap<SpaceId, i64>,
    webhooks: OrdMap<WebhookId, Arc<Webhook>>,
    pushes: OrdMap<(AccountId, String), Arc<PushSubscription>>,
    by_nickname: OrdMap<(SpaceId, NameKey), AccountId>,
    /// Polls that end by themselves, soonest first.
    polls: OrdSet<(Timestamp, MessageId)>,
    relations: OrdSet<(AccountId, AccountId, Relation)>,
    notes: OrdMap<String, Arc<Note>>,
    /// What moderators imposed, kept when the member leaves: coming back lifts nothing.
    silences: OrdMap<(SpaceId, AccountId), Silenced>,
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

    #[expect(clippy::too_many_lines, reason = "one arm an event, and every event is here")]
    fn put(&mut self, body: &EventBody) {
        match body {
            EventBody::Account { account, change } => self.put_account(account, change),
            EventBody::LoginPut { login } => self.put_login(login),
            EventBody::LoginEnded { login, account } => self.end_login(*login, *account),
            EventBody::Space { space, .. } => self.put_space(space),
            EventBody::SpaceDeleted { space, .. } => self.delete_space(*space),
            EventBody::Member { member, change } => {
                self.note_nickname(member);
                self.members.insert((member.space, member.account), member.clone());
                self.spaces_of.insert((member.account, member.space));
                if matches!(change, MemberChange::Joined | MemberChange::Roles { .. }) {
                    self.touch(member.space);
                }
                let silenced = member.silenced();
                if silenced == Silenced::default() {
                    self.silences.remove(&(member.space, member.account));
                } else {
                    self.silences.insert((member.space, member.account), silenced);
                }
            }
            EventBody::MemberGone { space, account, .. } => {
                if let Some(member) = self.members.remove(&(*space, *account)) {
                    self.forget_nickname(&member);
                }
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
            EventBody::ChannelDeleted { channel, space, parent } => {
                self.forget_channel(*channel);
                match parent {
                    Some(parent) => {
                        self.threads_of.remove(&(*parent, *channel));
                    }
                    None => self.touch(*space),
                }
            }
            EventBody::MessagePosted { message } => {
                self.note_message(message);
                self.note_poll(message);
            }
            EventBody::PollEnded { message } => self.note_poll(message),
            EventBody::MessageDeleted { message } => {
                self.note_poll(message);
                if let Some(channel) = self.channels.get_mut(&message.channel) {
                    let channel = Arc::make_mut(channel);
                    channel.messages = channel.messages.saturating_sub(1);
                }
            }
            EventBody::Invite { invite, .. } => {
                self.by_code.insert(invite.code.clone(), invite.id);
                self.invites.insert(invite.id, invite.clone());
            }
            EventBody::InviteGone { invite } => self.forget_invite(invite),
            EventBody::MessageEdited { .. }
            | EventBody::Reacted { .. }
            | EventBody::Pinned { .. }
            | EventBody::Voted { .. }
            | EventBody::FilesShared { .. }
            | EventBody::FileAdded { .. }
            | EventBody::FileGone { .. }
            | EventBody::Audited { .. }
            | EventBody::AuditSwept { .. }
            | EventBody::Read { .. } => {}
            EventBody::Emoji { emoji, .. } => {
                self.restore_last_emoji(emoji.space, emoji.number);
                self.emoji.insert((emoji.space, emoji.number), emoji.clone());
            }
            EventBody::EmojiGone { emoji } => {
                self.emoji.remove(&(emoji.space, emoji.number));
            }
            EventBody::Webhook { webhook } => {
                self.webhooks.insert(webhook.id, webhook.clone());
            }
            EventBody::WebhookGone { webhook, .. } => {
                self.webhooks.remove(webhook);
            }
            EventBody::PushPut { subscription } => {
                let key = (subscription.account, subscription.endpoint.clone());
                self.pushes.insert(key, subscription.clone());
            }
            EventBody::PushGone { account, endpoint } => {
                self.pushes.remove(&(*account, endpoint.clone()));
            }
            EventBody::Noted { noted } => match noted {
                Noted::Number(number) => self.last_message = self.last_message.max(*number),
                Noted::Written(note) => {
                    self.notes.insert(note.key.clone(), note.clone());
                }
                Noted::Gone(key) => {
                    self.notes.remove(key);
                }
            },
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
        let before = self.accounts.get(&account.id).and_then(|before| before.reset);
        if let Some((code, _)) = before {
            self.by_reset.remove(&code);
        }
        if let Some((code, _)) = account.reset.filter(|_| !account.retired) {
            self.by_reset.insert(code, account.id);
        }
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
        let members: Vec<Arc<Member>> = self.members(space).cloned().collect();
        for member in members {
            self.forget_nickname(&member);
            self.members.remove(&(space, member.account));
            self.spaces_of.remove(&(member.account, space));
        }
        let bans: Vec<AccountId> = self.bans(space).map(|ban| ban.account).collect();
        for account in bans {
            self.bans.remove(&(space, account));
        }
        let silences = self.silences.range((space, AccountId::MIN)..=(space, AccountId::MAX));
        for key in silences.map(|(key, _)| *key).collect::<Vec<_>>() {
            self.silences.remove(&key);
        }
        if let Some(gone) = self.spaces.remove(&space) {
            for channel in &gone.channels {
                let threads: Vec<ChannelId> = self.threads_of(*channel).map(|thread| thread.id).collect();
                for thread in threads {
                    self.forget_channel(thread);
                    self.threads_of.remove(&(*channel, thread));
                }
                self.channels.remove(channel);
            }
        }
        let emoji: Vec<i64> = self.emoji_of(space).map(|emoji| emoji.number).collect();
        for number in emoji {
            self.emoji.remove(&(space, number));
        }
        let invites: Vec<Arc<Invite>> = self.invites_of(space).cloned().collect();
        for invite in invites {
            self.forget_invite(&invite);
        }
        let webhooks: Vec<WebhookId> = self.webhooks_of(space).map(|webhook| webhook.id).collect();
        for webhook in webhooks {
            self.webhooks.remove(&webhook);
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
            // Its rights are its parent's: nobody's change.
            Home::Thread { parent, .. } => {
                self.threads_of.insert((parent, channel.id));
                if let Some(root) = channel.thread.as_ref().and_then(|thread| thread.root) {
                    self.thread_on.insert(root, channel.id);
                }
            }
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
            channel.messages += 1;
        }
    }

    /// A poll that ends by itself is waited for until it is over or gone.
    fn note_poll(&mut self, message: &Message) {
        let Some(poll) = &message.poll else { return };
        let Some(end) = poll.expires_at else { return };
        if poll.ended_at.is_none() && !message.deleted {
            self.polls.insert((end, message.id));
        } else {
            self.polls.remove(&(end, message.id));
        }
    }

    /// Puts back a poll that ends by itself.
    pub fn restore_poll(&mut self, end: Timestamp, message: MessageId) {
        self.polls.insert((end, message));
    }

    /// Puts back the highest number an emoji of a space ever had.
    pub fn restore_last_emoji(&mut self, space: SpaceId, number: i64) {
        let last = self.last_emoji.get(&space).copied().unwrap_or(-1);
        self.last_emoji.insert(space, last.max(number));
    }

    fn forget_channel(&mut self, id: ChannelId) {
        let gone = self.channels.remove(&id);
        if let Some(root) = gone.and_then(|gone| gone.thread.as_ref().and_then(|thread| thread.root)) {
            self.thread_on.remove(&root);
        }
    }

    fn forget_invite(&mut self, invite: &Invite) {
        self.invites.remove(&invite.id);
        self.by_code.remove(&invite.code);
    }

    fn note_nickname(&mut self, member: &Member) {
        if let Some(before) = self.members.get(&(member.space, member.account)).cloned() {
            self.forget_nickname(&before);
        }
        if let Some(nickname) = &member.nickname {
            self.by_nickname.insert((member.space, NameKey::of(nickname)), member.account);
        }
    }

    fn forget_nickname(&mut self, member: &Member) {
        let Some(nickname) = &member.nickname else { return };
        let key = (member.space, NameKey::of(nickname));
        if self.by_nickname.get(&key) == Some(&member.account) {
            self.by_nickname.remove(&key);
        }
    }

    fn touch(&mut self, space: SpaceId) {
        let rules = self.rules.get(&space).copied().unwrap_or(0);
        self.rules.insert(space, rules + 1);
    }
}
