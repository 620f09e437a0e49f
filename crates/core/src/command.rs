//! What may be asked of the core, and what it answers when it says yes.

mod parts;
mod shorthand;

pub use parts::{
    AccessCommand, Actor, ChannelSettings, HouseCommand, InviteCommand, ItemChange, ItemDeed, NewFile,
    NewItem, NewMessage, OutsideProfile, ProfileChange, Registration, Reply, RoleSettings, Silence,
    SpaceSettings, ThreadChange,
};

use crate::account::{ExternalId, LoginKind, Protocol, Status};
use crate::channel::{ChannelKind, OverrideTarget};
use crate::embed::Embed;
use crate::env::Timestamp;
use crate::event::Relation;
use crate::file::Picture;
use crate::ids::{AccountId, ChannelId, FileId, ItemId, LoginId, MessageId, RoleId, SpaceId, WebhookId};
use crate::permission::Permissions;
use crate::secret::TokenHash;

/// What may be asked. Each is checked, stored in one transaction and told as events, or refused as a whole.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Makes an account with a password, if the rules let people register. System: nobody has signed in. → `Reply::Account`
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
    /// Makes an account, new or known, the owner of the default space and an administrator. System. → `Reply::Account`
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
    /// Lets somebody in again, or nobody as them.
    Access(AccessCommand),
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
    /// Invites people, or comes by invitation.
    Invite(InviteCommand),
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
    /// Changes what an account signs in as. System, or who manages the members of the default space.
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
    /// Deletes a role and gives its holders another in its place.
    ReplaceRole {
        /// In which space.
        space: SpaceId,
        /// Which.
        role: RoleId,
        /// By which; one that the actor may give.
        by: RoleId,
    },
    /// Orders the roles, most powerful first. The owner's stays first, everybody's last.
    ReorderRoles {
        /// Where.
        space: SpaceId,
        /// All of them.
        roles: Vec<RoleId>,
    },
    /// Opens a thread, or finds the one that hangs on the message already. → `Reply::Channel`
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
    /// Puts a message on top of its channel's list, or takes it off. → `Reply::Message`, or `Already`
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
    /// Adds files to the actor's message, all or none. → `Reply::Message`
    ShareFiles {
        /// Which.
        message: MessageId,
        /// The files; their channel is the message's.
        files: Vec<NewFile>,
    },
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
    /// Mutes or deafens a member in calls, or no longer.
    SilenceMember(Silence),
    /// Remembers the actor's last square on a grid.
    SetSquare {
        /// Where.
        space: SpaceId,
        /// Which square.
        square: (i32, i32),
    },
    /// Keeps the server in order.
    House(HouseCommand),
    /// Puts a new item on the grid. → `Reply::Item`
    PlaceItem(NewItem),
    /// Does something with an item.
    Item {
        /// Which.
        item: ItemId,
        /// What.
        deed: ItemDeed,
    },
}
