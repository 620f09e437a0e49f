//! What may be asked of the core, and what it answers when it says yes.

use crate::account::{ExternalId, LoginKind, Protocol, Status};
use crate::channel::{ChannelKind, Override, OverrideTarget};
use crate::env::Timestamp;
use crate::event::Relation;
use crate::ids::{AccountId, ChannelId, ItemId, LoginId, MessageId, RoleId, SpaceId};
use crate::item::{Item, Param};
use crate::message::{Message, MessageKind};
use crate::permission::Permissions;
use crate::secret::TokenHash;
use std::collections::BTreeMap;
use std::sync::Arc;

/// On whose behalf a command is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Actor {
    /// The server itself or its operator: every permission check passes.
    System,
    /// An account.
    Account(AccountId),
}

/// A new account, checked and stored by the core.
#[derive(Clone, PartialEq, Debug)]
pub struct Registration {
    /// The name as typed.
    pub username: String,
    /// The name shown, if another.
    pub display_name: Option<String>,
    /// E-mail address as typed.
    pub email: Option<String>,
    /// Argon2id hash in PHC form, made by the hash workers.
    pub password: String,
    /// Where it happens.
    pub via: Protocol,
}

/// Profile facts that an outside identity brings along.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OutsideProfile {
    /// The name to use; made acceptable and unique by the core if `exact` is false.
    pub username: String,
    /// The name shown.
    pub display_name: Option<String>,
    /// Picture URL.
    pub avatar: Option<String>,
}

/// A change of some fields: `None` leaves a field, `Some(None)` clears it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProfileChange {
    /// Picture URL.
    pub avatar: Option<Option<String>>,
    /// Biography.
    pub bio: Option<Option<String>>,
    /// Pronouns.
    pub pronouns: Option<Option<String>>,
}

/// A change of a space's settings, in the same form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpaceSettings {
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<Option<String>>,
    /// Picture URL.
    pub icon: Option<Option<String>>,
    /// Findable and joinable by anybody.
    pub public: Option<bool>,
    /// Joining takes an invite.
    pub require_invite: Option<bool>,
}

/// A change of a channel's settings, in the same form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChannelSettings {
    /// Name.
    pub name: Option<String>,
    /// Topic.
    pub topic: Option<Option<String>>,
    /// Category.
    pub category: Option<Option<String>>,
}

/// A new message.
#[derive(Clone, PartialEq, Debug)]
pub struct NewMessage {
    /// Where.
    pub channel: ChannelId,
    /// Said or done.
    pub kind: MessageKind,
    /// The text as typed.
    pub text: String,
    /// What it answers.
    pub reply_to: Option<MessageId>,
    /// The author of that is to be told.
    pub ping: bool,
    /// The client's own key: the same key again gives the stored message back and posts nothing.
    pub nonce: Option<String>,
}

/// A new item.
#[derive(Clone, PartialEq, Debug)]
pub struct NewItem {
    /// The space whose grid it stands on.
    pub space: SpaceId,
    /// Its type's word.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// Its square.
    pub square: (i32, i32),
    /// Its properties.
    pub params: BTreeMap<String, Param>,
}

/// A change of some of an item's fields.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ItemChange {
    /// New title.
    pub title: Option<String>,
    /// New square.
    pub square: Option<(i32, i32)>,
    /// All its properties.
    pub params: Option<BTreeMap<String, Param>>,
}

/// What may be asked. Every command is checked, stored in one transaction and told as events, or refused as a whole.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Makes an account with a password and joins it to the default space, if the operator's rules let people register.
    /// Nobody has signed in yet, so the actor is the system. → `Reply::Account`
    Register(Registration),
    /// Makes a guest account with that name or a suffixed one, and joins it to a space. → `Reply::Account`
    EnterGuest {
        /// The name asked for; sanitised, `anonymous` when nothing is left.
        name: String,
        /// The space entered.
        space: SpaceId,
        /// Over which protocol.
        via: Protocol,
    },
    /// Retires an account: frees its name, ends its memberships and sign-ins. System, or the account itself.
    Retire {
        /// Which.
        account: AccountId,
    },
    /// Finds the account of an outside identity or makes one, and refreshes its profile. System. → `Reply::Account`
    SignInOutside {
        /// Who, elsewhere.
        identity: ExternalId,
        /// How they are called there.
        profile: OutsideProfile,
        /// The space entered.
        space: SpaceId,
        /// Over which protocol.
        via: Protocol,
    },
    /// Makes an account the owner of the default space and an instance administrator; makes the account when the name
    /// is free. System. → `Reply::Account`
    CreateOwner {
        /// The name.
        username: String,
        /// Argon2id hash of the password; replaces an old one.
        password: String,
    },
    /// Replaces the password of an account. System, or the account itself.
    SetPassword {
        /// Whose.
        account: AccountId,
        /// Argon2id hash in PHC form.
        password: String,
    },
    /// Begins a sign-in with a token; the oldest beyond the limit ends. → `Reply::Login`
    BeginLogin {
        /// What the token is for.
        kind: LoginKind,
        /// Hash of the token.
        token: TokenHash,
        /// When it ends by itself.
        expires_at: Timestamp,
    },
    /// Replaces the token of a sign-in, or only extends it when `token` is the one in force. → `Reply::Login`
    RenewLogin {
        /// Which.
        login: LoginId,
        /// Hash of the successor.
        token: TokenHash,
        /// New end.
        expires_at: Timestamp,
        /// Until when presenting the replaced token again is a double submit.
        grace_until: Timestamp,
    },
    /// Ends a sign-in.
    EndLogin {
        /// Which.
        login: LoginId,
    },
    /// Changes the actor's display name; `None` goes back to the username.
    SetDisplayName {
        /// The name.
        name: Option<String>,
    },
    /// Changes the actor's profile.
    SetProfile(ProfileChange),
    /// Changes the actor's chosen presence.
    SetStatus(Status),
    /// Makes a space owned by the actor. → `Reply::Space`
    CreateSpace {
        /// Its settings; the name is required.
        settings: SpaceSettings,
    },
    /// Changes a space's settings.
    ChangeSpace {
        /// Which.
        space: SpaceId,
        /// What.
        settings: SpaceSettings,
    },
    /// Deletes a space. Owner only; never the default space.
    DeleteSpace {
        /// Which.
        space: SpaceId,
    },
    /// Joins the actor to a public space.
    JoinSpace {
        /// Which.
        space: SpaceId,
        /// Over which protocol.
        via: Protocol,
    },
    /// Takes the actor out of a space.
    LeaveSpace {
        /// Which.
        space: SpaceId,
    },
    /// Changes the actor's name in one space.
    SetNickname {
        /// Where.
        space: SpaceId,
        /// The name; `None` clears it.
        nickname: Option<String>,
    },
    /// Gives a member a role.
    GiveRole {
        /// Where.
        space: SpaceId,
        /// Whom.
        account: AccountId,
        /// Which.
        role: RoleId,
    },
    /// Takes a role from a member.
    TakeRole {
        /// Where.
        space: SpaceId,
        /// From whom.
        account: AccountId,
        /// Which.
        role: RoleId,
    },
    /// Makes a channel at the end of the list. → `Reply::Channel`
    CreateChannel {
        /// Where.
        space: SpaceId,
        /// What it holds.
        kind: ChannelKind,
        /// Its settings; the name is required.
        settings: ChannelSettings,
    },
    /// Changes a channel's settings.
    ChangeChannel {
        /// Which.
        channel: ChannelId,
        /// What.
        settings: ChannelSettings,
    },
    /// Puts a channel at another place of the list, clamped.
    MoveChannel {
        /// Which.
        channel: ChannelId,
        /// Index from 0.
        position: usize,
    },
    /// Deletes a channel with its messages; never the default channel of the default space.
    DeleteChannel {
        /// Which.
        channel: ChannelId,
    },
    /// Sets what a channel allows and denies a role or member. → `Reply::Override`
    SetOverride {
        /// Where.
        channel: ChannelId,
        /// Whom.
        target: OverrideTarget,
        /// Added.
        allow: Permissions,
        /// Taken away.
        deny: Permissions,
    },
    /// Forgets what a channel allows and denies a role or member.
    ClearOverride {
        /// Where.
        channel: ChannelId,
        /// Whom.
        target: OverrideTarget,
    },
    /// Opens the conversation with somebody, or finds it. → `Reply::Channel`
    OpenConversation {
        /// With whom.
        with: AccountId,
    },
    /// Posts a message. → `Reply::Message`
    PostMessage(NewMessage),
    /// Changes the text of the actor's message. → `Reply::Message`
    EditMessage {
        /// Which.
        message: MessageId,
        /// The new text.
        text: String,
    },
    /// Takes a message back. → `Reply::Message` (blanked)
    DeleteMessage {
        /// Which.
        message: MessageId,
    },
    /// Puts a reaction on a message or takes it away; refused as `Already` when nothing would change.
    React {
        /// Which.
        message: MessageId,
        /// With what.
        emoji: String,
        /// Put or take.
        on: bool,
    },
    /// Remembers that the actor has read a channel, up to a message or to the end.
    MarkRead {
        /// Where.
        channel: ChannelId,
        /// Up to which message; `None` is the newest.
        message: Option<MessageId>,
    },
    /// Mutes or blocks somebody, or lifts it.
    Relate {
        /// Whom.
        to: AccountId,
        /// How.
        relation: Relation,
        /// Set or lift.
        on: bool,
    },
    /// Sends a member out.
    Kick {
        /// From where.
        space: SpaceId,
        /// Whom.
        account: AccountId,
        /// Why.
        reason: Option<String>,
    },
    /// Keeps an account out.
    Ban {
        /// Of where.
        space: SpaceId,
        /// Whom.
        account: AccountId,
        /// Why.
        reason: Option<String>,
        /// Until when; `None` is for ever.
        until: Option<Timestamp>,
    },
    /// Lifts a ban.
    Unban {
        /// Where.
        space: SpaceId,
        /// Whose.
        account: AccountId,
    },
    /// Silences a member until then; `None` lifts it.
    Timeout {
        /// Where.
        space: SpaceId,
        /// Whom.
        account: AccountId,
        /// Until when.
        until: Option<Timestamp>,
        /// Why.
        reason: Option<String>,
    },
    /// Remembers the actor's last square on a grid.
    SetSquare {
        /// Where.
        space: SpaceId,
        /// Which square.
        square: (i32, i32),
    },
    /// Puts a new item on the grid. → `Reply::Item`
    PlaceItem(NewItem),
    /// Changes an item. → `Reply::Item`
    ChangeItem {
        /// Which.
        item: ItemId,
        /// How.
        change: ItemChange,
    },
    /// Takes an item off the grid.
    RemoveItem {
        /// Which.
        item: ItemId,
    },
}

impl Command {
    /// The command with its plain password replaced by what `hash` makes of it; other commands as they are.
    ///
    /// # Errors
    /// What `hash` says.
    pub fn hashed<E>(mut self, hash: impl FnOnce(&str) -> Result<String, E>) -> Result<Self, E> {
        if let Self::SetPassword { password, .. } | Self::CreateOwner { password, .. } = &mut self {
            *password = hash(password)?;
        }
        Ok(self)
    }
}

/// What the core answers when it says yes.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    /// Done.
    Done,
    /// This account.
    Account(AccountId),
    /// This sign-in.
    Login(LoginId),
    /// This space.
    Space(SpaceId),
    /// This channel; `new` when it did not exist before.
    Channel {
        /// Which.
        channel: ChannelId,
        /// Made just now.
        new: bool,
    },
    /// This message; `new` is false when its nonce was known.
    Message {
        /// The message.
        message: Arc<Message>,
        /// Stored just now.
        new: bool,
    },
    /// This override.
    Override(Override),
    /// This item.
    Item(Arc<Item>),
    /// What a query found.
    Found(crate::query::Found),
}
