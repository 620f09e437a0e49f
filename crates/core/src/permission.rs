//! What a role may allow. One set rich enough for the models of all four protocols (section 8 of each spec).

use serde::{Deserialize, Serialize};
use std::ops::{BitAnd, BitOr, Not};

/// A set of permissions: one bit each. Bits 0 to 14 have the values of together.md 8.1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(pub u64);

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $bit:literal),* $(,)?) => {
        impl Permissions {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*
            /// Every permission there is.
            pub const ALL: Self = Self($((1 << $bit))|*);
        }
    };
}

permissions! {
    /// See a channel and everything in it.
    VIEW = 0,
    /// Post messages.
    SEND = 1,
    /// Pin, and delete what others wrote.
    MANAGE_MESSAGES = 2,
    /// Share files.
    ATTACH_FILES = 3,
    /// React to messages.
    ADD_REACTIONS = 4,
    /// Join a voice channel.
    CONNECT = 5,
    /// Be heard.
    SPEAK = 6,
    /// Silence others: timeouts and server mutes.
    MUTE_MEMBERS = 7,
    /// Send somebody out.
    KICK_MEMBERS = 8,
    /// Keep somebody out.
    BAN_MEMBERS = 9,
    /// Create, change and delete channels.
    MANAGE_CHANNELS = 10,
    /// Create, change, delete and assign roles.
    MANAGE_ROLES = 11,
    /// Change the space itself.
    MANAGE_SPACE = 12,
    /// Everything, except what only the owner may.
    ADMINISTRATOR = 13,
    /// Invite people.
    CREATE_INVITES = 14,
    /// Withdraw others' invites.
    MANAGE_INVITES = 15,
    /// Lock, archive and delete others' threads.
    MANAGE_THREADS = 16,
    /// Rename, ban and assign people.
    MANAGE_MEMBERS = 17,
    /// Read what was said before.
    READ_HISTORY = 18,
    /// Embed links.
    EMBED_LINKS = 19,
    /// Use emoji of other communities.
    EXTERNAL_EMOJI = 20,
    /// Share camera or screen.
    STREAM = 21,
    /// Speak without a key held.
    VOICE_ACTIVITY = 22,
    /// Mention everybody at once.
    MENTION_EVERYONE = 23,
    /// Use slash commands.
    SLASH_COMMANDS = 24,
    /// Read the audit log.
    VIEW_AUDIT = 25,
    /// Change others' nicknames.
    MANAGE_NICKNAMES = 26,
    /// Change one's own nickname.
    CHANGE_NICKNAME = 27,
    /// Move people between voice channels.
    MOVE_MEMBERS = 28,
    /// Deafen people in voice channels.
    DEAFEN_MEMBERS = 29,
    /// Be heard over others.
    PRIORITY_SPEAKER = 30,
    /// Have messages read aloud.
    SEND_TTS = 31,
    /// Pin messages.
    PIN = 32,
    /// Open threads.
    CREATE_THREAD = 33,
    /// Edit one's own messages.
    EDIT_OWN = 34,
    /// Delete one's own messages.
    DELETE_OWN = 35,
    /// See and post in VIP channels, and be shown as VIP.
    VIP = 36,
    /// Put items on the grid.
    ITEM_CREATE = 40,
    /// Use items.
    ITEM_USE = 41,
    /// Edit one's own items.
    ITEM_EDIT_OWN = 42,
    /// Edit anybody's items.
    ITEM_EDIT_ANY = 43,
    /// Delete one's own items.
    ITEM_DELETE_OWN = 44,
    /// Delete anybody's items.
    ITEM_DELETE_ANY = 45,
    /// Carry one's own items.
    ITEM_CARRY_OWN = 46,
    /// Carry anybody's items.
    ITEM_CARRY_ANY = 47,
    /// Give one's own items away.
    ITEM_TRANSFER_OWN = 48,
    /// Give anybody's items away.
    ITEM_TRANSFER_ANY = 49,
    /// Delete accounts.
    DELETE_ACCOUNTS = 50,
    /// Restart the server.
    REBOOT = 51,
    /// Give and take roles, without the right to change what they allow.
    ASSIGN_ROLES = 52,
}

impl Permissions {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// What everybody who belongs to a space may do in it.
    pub const MEMBER: Self = Self(
        Self::VIEW.0
            | Self::SEND.0
            | Self::ATTACH_FILES.0
            | Self::ADD_REACTIONS.0
            | Self::CONNECT.0
            | Self::SPEAK.0
            | Self::READ_HISTORY.0
            | Self::EMBED_LINKS.0
            | Self::EXTERNAL_EMOJI.0
            | Self::STREAM.0
            | Self::VOICE_ACTIVITY.0
            | Self::CHANGE_NICKNAME.0
            | Self::SLASH_COMMANDS.0
            | Self::CREATE_THREAD.0
            | Self::EDIT_OWN.0
            | Self::DELETE_OWN.0
            | Self::ITEM_CREATE.0
            | Self::ITEM_USE.0
            | Self::ITEM_EDIT_OWN.0
            | Self::ITEM_DELETE_OWN.0
            | Self::ITEM_CARRY_OWN.0
            | Self::ITEM_TRANSFER_OWN.0,
    );

    /// What a guest keeps of [`Permissions::MEMBER`].
    pub const GUEST: Self = Self(
        Self::MEMBER.0
            & !(Self::ITEM_CREATE.0
                | Self::ITEM_EDIT_OWN.0
                | Self::ITEM_DELETE_OWN.0
                | Self::ITEM_CARRY_OWN.0
                | Self::ITEM_TRANSFER_OWN.0
                | Self::CREATE_THREAD.0),
    );

    /// What the role `moderator` adds.
    pub const MODERATOR: Self = Self(
        Self::MANAGE_MESSAGES.0
            | Self::MANAGE_THREADS.0
            | Self::KICK_MEMBERS.0
            | Self::MANAGE_NICKNAMES.0
            | Self::MUTE_MEMBERS.0
            | Self::DEAFEN_MEMBERS.0
            | Self::MOVE_MEMBERS.0
            | Self::CREATE_INVITES.0
            | Self::PIN.0
            | Self::ITEM_EDIT_ANY.0
            | Self::ITEM_DELETE_ANY.0
            | Self::ITEM_CARRY_ANY.0
            | Self::ITEM_TRANSFER_ANY.0,
    );

    /// True when every permission of `wanted` is in this set.
    pub fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// This set and `other`.
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set without `other`.
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Permissions {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Permissions {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Not for Permissions {
    type Output = Self;
    fn not(self) -> Self {
        Self(!self.0 & Self::ALL.0)
    }
}
