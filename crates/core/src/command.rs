//! What may be asked of the core, and what it answers when it says yes.

use crate::account::{ExternalId, LoginKind, Protocol, Status};
use crate::channel::{ChannelKind, Grant, Override, OverrideTarget};
use crate::embed::Embed;
use crate::env::Timestamp;
use crate::event::Relation;
use crate::file::{File, Kept, Picture};
use crate::ids::{AccountId, ChannelId, FileId, ItemId, LoginId, MessageId, RoleId, SpaceId, WebhookId};
use crate::item::{Item, Param};
use crate::message::{Interaction, Message, MessageKind, Persona};
use crate::permission::Permissions;
use crate::poll::Poll;
use crate::secret::TokenHash;
use crate::space::MentionRule;
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
    /// Wide picture URL.
    pub banner: Option<Option<String>>,
    /// Findable and joinable by anybody.
    pub public: Option<bool>,
    /// Joining takes an invite.
    pub require_invite: Option<bool>,
}

/// A change of a channel's settings, in the same form.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ChannelSettings {
    /// Name.
    pub name: Option<String>,
    /// Topic.
    pub topic: Option<Option<String>>,
    /// Category.
    pub category: Option<Option<String>>,
    /// What it holds. Only between kinds that hold nothing the other cannot.
    pub kind: Option<ChannelKind>,
    /// Name for reading.
    pub display_name: Option<Option<String>>,
    /// Picture URL or emoji.
    pub icon: Option<Option<String>>,
    /// Background picture URL.
    pub wallpaper: Option<Option<String>>,
    /// Height of a separator, in pixels.
    pub size: Option<Option<u32>>,
    /// Who may do what, by role: all of it. What overrides of roles said before is forgotten.
    pub grants: Option<Vec<Grant>>,
}

/// A change of a role's settings, in the same form.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RoleSettings {
    /// Name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// `#RRGGBB`.
    pub color: Option<Option<String>>,
    /// Shown as a group of its own.
    pub hoisted: Option<bool>,
    /// The group it is offered in.
    pub category: Option<Option<String>>,
    /// Members may take it by themselves.
    pub self_assignable: Option<bool>,
    /// Who may mention it.
    pub mention: Option<MentionRule>,
    /// What it allows.
    pub permissions: Option<Permissions>,
}

/// A change of a thread.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ThreadChange {
    /// Its name.
    pub name: Option<String>,
    /// Nobody may write in it. Takes the right to manage threads.
    pub locked: Option<bool>,
    /// Put away.
    pub archived: Option<bool>,
}

/// A file that was taken in: its bytes are kept already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewFile {
    /// Its name, without a path.
    pub name: String,
    /// Its MIME type, as found in its content.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub hash: String,
    /// Pixels, for pictures.
    pub dimensions: Option<(u32, u32)>,
    /// Where it will be posted.
    pub channel: ChannelId,
    /// When it goes by itself.
    pub expires_at: Option<Timestamp>,
    /// Kept as long as the rules for supporters say.
    pub permanent: bool,
    /// Files that the account may keep; beyond it the oldest go. `None` is any number.
    pub keep: Option<usize>,
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
    /// Files shared with it; the text may then be empty.
    pub files: Vec<FileId>,
    /// Cards below it; the text may then be empty.
    pub embeds: Vec<Embed>,
    /// A question, without votes; the text may then be empty.
    pub poll: Option<Box<Poll>>,
    /// The name under which the server speaks. Only for the system.
    pub persona: Option<Box<Persona>>,
    /// The slash command it answers. Whoever asks for it has checked that it does.
    pub interaction: Option<Box<Interaction>>,
}

impl NewMessage {
    /// Something said, and nothing else.
    pub fn said(channel: ChannelId, text: impl Into<String>) -> Self {
        Self {
            channel,
            kind: MessageKind::Said,
            text: text.into(),
            reply_to: None,
            ping: true,
            nonce: None,
            files: Vec::new(),
            embeds: Vec::new(),
            poll: None,
            persona: None,
            interaction: None,
        }
    }
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
    /// Changes an account's username, and with it what it signs in with. System, or who manages the members of the
    /// default space.
    Rename {
        /// Whose.
        account: AccountId,
        /// The name.
        username: String,
    },
    /// Changes somebody's name in one space: one's own, or another's by who manages nicknames.
    SetNickname {
        /// Where.
        space: SpaceId,
        /// Whose.
        account: AccountId,
        /// The name; `None` clears it.
        nickname: Option<String>,
    },
    /// Makes these the roles that a member was given by hand, the first one foremost.
    SetRoles {
        /// Where.
        space: SpaceId,
        /// Whose.
        account: AccountId,
        /// Which, in order.
        roles: Vec<RoleId>,
    },
    /// Takes or leaves a role that is offered to everybody.
    ChooseRole {
        /// Where.
        space: SpaceId,
        /// Which.
        role: RoleId,
        /// Take or leave.
        on: bool,
    },
    /// Makes a role below all others that are given by hand. → `Reply::Role`
    CreateRole {
        /// Where.
        space: SpaceId,
        /// Its settings; the name is required.
        settings: RoleSettings,
    },
    /// Changes a role.
    ChangeRole {
        /// Where.
        space: SpaceId,
        /// Which.
        role: RoleId,
        /// What.
        settings: RoleSettings,
    },
    /// Deletes a role; who held it holds it no more. Never one that the server itself uses.
    DeleteRole {
        /// Where.
        space: SpaceId,
        /// Which.
        role: RoleId,
    },
    /// Orders the roles, most powerful first. The owner's stays first, everybody's last.
    ReorderRoles {
        /// Where.
        space: SpaceId,
        /// All of them.
        roles: Vec<RoleId>,
    },
    /// Opens a thread. → `Reply::Channel`
    CreateThread {
        /// In which channel.
        parent: ChannelId,
        /// Its name.
        name: String,
        /// The message it hangs on.
        root: Option<MessageId>,
    },
    /// Changes a thread. Who opened it, or who manages threads.
    ChangeThread {
        /// Which.
        thread: ChannelId,
        /// What.
        change: ThreadChange,
    },
    /// Follows a thread or no longer.
    FollowThread {
        /// Which.
        thread: ChannelId,
        /// Follow or not.
        on: bool,
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
    /// Deletes a channel with its threads and messages; never the default channel of the default space.
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
        /// The new cards; `None` leaves them.
        embeds: Option<Vec<Embed>>,
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
    /// Puts a message on top of its channel's list, or takes it off; refused as `Already` when nothing would change.
    /// → `Reply::Message`
    Pin {
        /// Which.
        message: MessageId,
        /// Put or take.
        on: bool,
    },
    /// Makes these the actor's whole choice in a poll. → `Reply::Message`
    Vote {
        /// The message that asks.
        message: MessageId,
        /// Ids of options.
        options: Vec<String>,
    },
    /// Ends a poll. Who asked, who manages messages, or the system. → `Reply::Message`
    EndPoll {
        /// The message that asks.
        message: MessageId,
    },
    /// Keeps a file until a message shares it. → `Reply::File`
    AddFile(NewFile),
    /// Takes a file away: one's own, or in a channel whose messages one manages.
    RemoveFile {
        /// Which.
        file: FileId,
    },
    /// Adds an emoji. → `Reply::Emoji`
    AddEmoji {
        /// Where.
        space: SpaceId,
        /// Its name.
        name: String,
        /// How it looks.
        picture: Picture,
    },
    /// Changes an emoji.
    ChangeEmoji {
        /// Where.
        space: SpaceId,
        /// Which.
        number: i64,
        /// Its name.
        name: Option<String>,
        /// How it looks.
        picture: Option<Picture>,
    },
    /// Deletes an emoji.
    RemoveEmoji {
        /// Where.
        space: SpaceId,
        /// Which.
        number: i64,
    },
    /// Makes an address for posting from outside. → `Reply::Webhook`
    CreateWebhook {
        /// Where it posts.
        channel: ChannelId,
        /// The name it posts under.
        name: String,
        /// Picture URL.
        avatar: Option<String>,
    },
    /// Changes one; `renew` also gives it a new secret. → `Reply::Webhook`
    ChangeWebhook {
        /// Which.
        webhook: WebhookId,
        /// The name it posts under.
        name: Option<String>,
        /// Picture URL.
        avatar: Option<Option<String>>,
        /// The old secret dies.
        renew: bool,
    },
    /// Deletes one.
    DeleteWebhook {
        /// Which.
        webhook: WebhookId,
    },
    /// Remembers a browser of the actor; the oldest beyond the limit goes.
    SubscribePush {
        /// Where messages for it are sent.
        endpoint: String,
        /// Its public key, base64url.
        p256dh: String,
        /// Its secret, base64url.
        auth: String,
    },
    /// Forgets a browser: one's own, or any by the system.
    UnsubscribePush {
        /// Whose.
        account: AccountId,
        /// Which.
        endpoint: String,
    },
    /// Takes away what has had its time: files, audit entries, push subscriptions. System.
    Sweep,
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
    /// Changes the text of the actor's message and leaves its cards.
    pub fn edit(message: MessageId, text: impl Into<String>) -> Self {
        Self::EditMessage { message, text: text.into(), embeds: None }
    }

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
    /// This role.
    Role(RoleId),
    /// This file.
    File(Arc<File>),
    /// This emoji's number.
    Emoji(i64),
    /// This webhook.
    Webhook(WebhookId),
    /// This item.
    Item(Arc<Item>),
    /// What a service outside answered, as text.
    Outside(String),
    /// These bytes were kept.
    Kept(Kept),
    /// What a query found.
    Found(crate::query::Found),
}
