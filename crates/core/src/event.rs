//! What has happened: durable, ordered within its stream, and the only way in which the directory changes.

use crate::account::{Account, Login};
use crate::audit::AuditEntry;
use crate::channel::Channel;
use crate::emoji::Emoji;
use crate::env::Timestamp;
use crate::file::File;
use crate::ids::{AccountId, ChannelId, ItemId, LoginId, RoleId, SessionId, SpaceId, WebhookId};
use crate::invite::Invite;
use crate::item::{Item, ItemNews};
use crate::message::Message;
use crate::note::Noted;
use crate::push::PushSubscription;
use crate::space::{Ban, Member, Space};
use crate::webhook::Webhook;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A sequence of events in which each takes the next number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Stream {
    /// Accounts and sign-ins.
    Instance,
    /// A space: members, roles, channels, items.
    Space(SpaceId),
    /// A channel: its messages.
    Channel(ChannelId),
}

/// Which live session asked for it, and under which of its own tags: so that the asker's copy can differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// The asking session.
    pub session: SessionId,
    /// The asker's own number for the request.
    pub tag: u32,
}

/// Something that has happened and is stored.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// The sequence it belongs to.
    pub stream: Stream,
    /// Its number there: 1, 2, 3, ...
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who did it; `None` is the server itself.
    pub by: Option<AccountId>,
    /// Which session asked. Not stored.
    #[serde(skip)]
    pub origin: Option<Origin>,
    /// What.
    pub body: EventBody,
}

/// What happened to an account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AccountChange {
    /// It was made.
    Created,
    /// Its display name changed.
    Renamed {
        /// The name shown before.
        before: String,
    },
    /// Its username and handle changed.
    Username {
        /// The username before.
        before: String,
        /// The handle before.
        handle: String,
    },
    /// Its chosen presence changed.
    Status,
    /// Picture, biography or pronouns changed.
    Profile,
    /// Password, e-mail, link, administrator right or switch changed.
    Access,
    /// It is gone; the name is free.
    Retired,
}

/// What happened to a space.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SpaceChange {
    /// It was made.
    Created,
    /// Name, description, icon or joining rule changed.
    Settings,
    /// Roles were made, changed, moved or deleted.
    Roles,
    /// The order of its channels changed.
    ChannelOrder,
    /// It has another owner.
    Owner,
}

/// What happened to a member.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum MemberChange {
    /// They joined.
    Joined,
    /// The name used in this space changed.
    Nickname {
        /// The name shown before.
        before: String,
    },
    /// Roles were given or taken.
    Roles {
        /// Given.
        added: Vec<RoleId>,
        /// Taken.
        removed: Vec<RoleId>,
    },
    /// Silenced, or no longer.
    Timeout {
        /// Why.
        reason: Option<String>,
    },
    /// Muted or deafened in calls by a moderator, or no longer.
    Silenced,
    /// Another last square on the grid.
    Square,
}

/// Why somebody is no longer a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Departure {
    /// By themselves.
    Left,
    /// Sent out; may come back.
    Kicked,
    /// Kept out.
    Banned,
    /// The account is retired (a guest who went, a deleted account).
    Retired,
}

/// What happened to a channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ChannelChange {
    /// It was made.
    Created,
    /// Name, topic or category changed.
    Settings,
    /// Who may do what in it changed.
    Overrides,
    /// A thread's name, lock or archive changed.
    Thread,
    /// Somebody follows a thread now.
    Followed(AccountId),
    /// Somebody follows a thread no more.
    Unfollowed(AccountId),
}

/// How one account stands to another, set by the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Relation {
    /// Does not want to read them.
    Mute,
    /// Neither is to notice the other.
    Block,
}

/// What has happened.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum EventBody {
    /// An account was made or changed: its state now.
    Account {
        /// The account.
        account: Arc<Account>,
        /// What changed.
        change: AccountChange,
    },
    /// A sign-in began or its token was replaced.
    LoginPut {
        /// The sign-in.
        login: Arc<Login>,
    },
    /// A sign-in ended: its connections end too.
    LoginEnded {
        /// The sign-in.
        login: LoginId,
        /// Whose it was.
        account: AccountId,
    },
    /// A space was made or changed: its state now.
    Space {
        /// The space.
        space: Arc<Space>,
        /// What changed.
        change: SpaceChange,
    },
    /// A space is gone with everything in it.
    SpaceDeleted {
        /// The space.
        space: SpaceId,
        /// Who belonged to it.
        members: Vec<AccountId>,
    },
    /// Somebody joined, or their membership changed.
    Member {
        /// The membership now.
        member: Arc<Member>,
        /// What changed.
        change: MemberChange,
    },
    /// Somebody is no longer a member.
    MemberGone {
        /// The space.
        space: SpaceId,
        /// Who.
        account: AccountId,
        /// Why.
        departure: Departure,
        /// The reason given.
        reason: Option<String>,
    },
    /// Somebody is kept out from now on.
    Banned {
        /// The ban.
        ban: Arc<Ban>,
    },
    /// A ban is lifted.
    Unbanned {
        /// The space.
        space: SpaceId,
        /// Who may come back.
        account: AccountId,
    },
    /// A channel of a space was made or changed: its state now.
    Channel {
        /// The channel.
        channel: Arc<Channel>,
        /// What changed.
        change: ChannelChange,
    },
    /// A channel is gone with its messages; its threads went before.
    ChannelDeleted {
        /// The channel.
        channel: ChannelId,
        /// Its space.
        space: SpaceId,
        /// The channel it was a thread of.
        #[serde(default)]
        parent: Option<ChannelId>,
    },
    /// Two accounts have a conversation now.
    ConversationOpened {
        /// The conversation.
        channel: Arc<Channel>,
    },
    /// Somebody said something.
    MessagePosted {
        /// The message.
        message: Arc<Message>,
    },
    /// Somebody changed what they said.
    MessageEdited {
        /// The message now.
        message: Arc<Message>,
        /// It was the newest message of its channel.
        newest: bool,
    },
    /// A message was taken back.
    MessageDeleted {
        /// The message, its text gone.
        message: Arc<Message>,
    },
    /// Somebody reacted, or took a reaction back.
    Reacted {
        /// The message now.
        message: Arc<Message>,
        /// With what.
        emoji: String,
        /// Who.
        account: AccountId,
        /// Put there, or taken away.
        on: bool,
    },
    /// A message was put on top of its channel's list, or taken off.
    Pinned {
        /// The message now.
        message: Arc<Message>,
        /// Put or taken.
        on: bool,
    },
    /// Somebody voted, or changed or withdrew their vote.
    Voted {
        /// The message now.
        message: Arc<Message>,
        /// Who.
        account: AccountId,
    },
    /// A poll is over.
    PollEnded {
        /// The message now.
        message: Arc<Message>,
    },
    /// Files were added to a message.
    FilesShared {
        /// The message now.
        message: Arc<Message>,
    },
    /// An invitation was made or used: its state now.
    Invite {
        /// The invitation.
        invite: Arc<Invite>,
        /// It is new.
        made: bool,
    },
    /// An invitation is withdrawn.
    InviteGone {
        /// The invitation.
        invite: Arc<Invite>,
    },
    /// A file waits for the message that shares it.
    FileAdded {
        /// The file.
        file: Arc<File>,
    },
    /// A file is gone.
    FileGone {
        /// The file.
        file: Arc<File>,
    },
    /// An emoji was added or changed: its state now.
    Emoji {
        /// The emoji.
        emoji: Arc<Emoji>,
        /// It is new.
        added: bool,
    },
    /// An emoji is gone.
    EmojiGone {
        /// The emoji.
        emoji: Arc<Emoji>,
    },
    /// A webhook was made or changed: its state now.
    Webhook {
        /// The webhook.
        webhook: Arc<Webhook>,
    },
    /// A webhook is gone.
    WebhookGone {
        /// The webhook.
        webhook: WebhookId,
        /// Its space.
        space: SpaceId,
    },
    /// Somebody did something that is kept for those who look after the space.
    Audited {
        /// What.
        entry: Arc<AuditEntry>,
    },
    /// Entries older than a moment were forgotten.
    AuditSwept {
        /// Where.
        space: SpaceId,
        /// Which kind.
        category: crate::audit::AuditCategory,
        /// Older than this.
        before: Timestamp,
    },
    /// A browser wants to be told by push, or was told just now.
    PushPut {
        /// It.
        subscription: Arc<PushSubscription>,
    },
    /// The server noted something for itself.
    Noted {
        /// What.
        noted: Noted,
    },
    /// A browser is told no more.
    PushGone {
        /// Whose.
        account: AccountId,
        /// Which.
        endpoint: String,
    },
    /// Somebody has read a channel up to a message.
    Read {
        /// Who.
        account: AccountId,
        /// Where.
        channel: ChannelId,
        /// Up to the message with this `seq`.
        seq: u64,
        /// That message.
        message: Option<crate::ids::MessageId>,
    },
    /// An account muted or blocked another, or no longer does.
    Related {
        /// Who set it.
        from: AccountId,
        /// About whom.
        to: AccountId,
        /// Which.
        relation: Relation,
        /// Set or lifted.
        on: bool,
    },
    /// An item was placed or changed: its state now.
    Item {
        /// The item.
        item: Arc<Item>,
        /// What became of it.
        news: ItemNews,
    },
    /// An item is gone.
    ItemGone {
        /// The item.
        item: ItemId,
        /// Its space.
        space: SpaceId,
    },
}
