//! The people of the matrix, and what each right answers to them.

/// Bits of 8.1 that every member holds in channels.
pub const MEMBER: u64 = 123;
/// What the moderator of the matrix holds beside it: manage messages, mute, kick, ban, invite.
pub const MODERATOR: u64 = MANAGE_MESSAGES | MUTE_MEMBERS | KICK_MEMBERS | BAN_MEMBERS | CREATE_INVITES;
/// All bits.
pub const ALL: u64 = 32_767;

pub const VIEW_CHANNEL: u64 = 1;
pub const SEND_MESSAGES: u64 = 2;
pub const MANAGE_MESSAGES: u64 = 4;
pub const ATTACH_FILES: u64 = 8;
pub const ADD_REACTIONS: u64 = 16;
pub const CONNECT_VOICE: u64 = 32;
pub const SPEAK: u64 = 64;
pub const MUTE_MEMBERS: u64 = 128;
pub const KICK_MEMBERS: u64 = 256;
pub const BAN_MEMBERS: u64 = 512;
pub const MANAGE_CHANNELS: u64 = 1_024;
pub const MANAGE_ROLES: u64 = 2_048;
pub const MANAGE_SERVER: u64 = 4_096;
pub const ADMINISTRATOR: u64 = 8_192;
pub const CREATE_INVITES: u64 = 16_384;

/// Who asks, or listens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Who {
    /// Without a token.
    Nobody,
    /// With an account, of another server.
    Outsider,
    /// Kept out.
    Banned,
    Member,
    /// A member to whom every channel is hidden.
    Blind,
    /// A member who is timed out.
    Muted,
    Moderator,
    Admin,
    Owner,
    /// The member whom others act upon.
    Target,
    /// A member with a role that allows only this.
    Only(u64),
    /// A member with a role that allows everything but this (and not everything at once).
    AllBut(u64),
    /// A member to whom the channels deny this.
    Denied(u64),
}

/// Those of every row.
pub const EVERYBODY: [Who; 9] = [
    Who::Nobody,
    Who::Outsider,
    Who::Banned,
    Who::Member,
    Who::Blind,
    Who::Muted,
    Who::Moderator,
    Who::Admin,
    Who::Owner,
];

impl Who {
    /// True for those who belong to the server.
    pub fn belongs(self) -> bool {
        !matches!(self, Self::Nobody | Self::Outsider | Self::Banned)
    }

    /// The bits held in a channel.
    pub fn bits(self) -> u64 {
        match self {
            Self::Nobody | Self::Outsider | Self::Banned | Self::Blind => 0,
            Self::Member | Self::Muted | Self::Target => MEMBER,
            Self::Moderator => MEMBER | MODERATOR,
            Self::Admin | Self::Owner => ALL,
            Self::Only(bit) => MEMBER | bit,
            Self::AllBut(bit) => MEMBER | ALL & !ADMINISTRATOR & !bit,
            Self::Denied(bit) => MEMBER & !bit,
        }
    }

    /// The bits held in the server: there only roles count.
    fn server_bits(self) -> u64 {
        if self == Self::Blind { MEMBER } else { self.bits() }
    }
}

/// The column "Auth" of section 7, with the additions of 8.1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// `-`
    Nothing,
    /// U: an account.
    Account,
    /// M: a member.
    Membership,
    /// M of a route about a channel: who may view it.
    View,
    /// Who may view the channel, holds this there and is not timed out: everything that is authored (13 #6).
    Speak(u64),
    /// P:BIT in the server.
    Bit(u64),
    /// P:BIT where strangers are told 403 (7.0).
    LoudBit(u64),
    /// P:BIT in the channel.
    BitThere(u64),
    /// O.
    Ownership,
}

impl Need {
    /// The status for somebody who may not; `None` for who may.
    pub fn refuses(self, who: Who) -> Option<u16> {
        let lacks = |held: u64, bit: u64| (held & bit == 0).then_some(403);
        match self {
            Self::Nothing => None,
            _ if who == Who::Nobody => Some(401),
            Self::Account => None,
            Self::LoudBit(_) if !who.belongs() => Some(403),
            _ if !who.belongs() => Some(404),
            Self::Membership => None,
            Self::View => lacks(who.bits(), VIEW_CHANNEL),
            Self::Speak(_) if who == Who::Muted => Some(403),
            Self::Speak(bit) | Self::BitThere(bit) => lacks(who.bits() & sees(who), bit),
            Self::Bit(bit) | Self::LoudBit(bit) => lacks(who.server_bits(), bit),
            Self::Ownership => (who != Who::Owner).then_some(403),
        }
    }

    /// Those beside [`EVERYBODY`] that show that it is this bit which counts.
    pub fn more(self) -> Vec<Who> {
        match self {
            Self::Bit(bit) | Self::LoudBit(bit) => vec![Who::Only(bit), Who::AllBut(bit)],
            Self::BitThere(bit) => vec![Who::Only(bit), Who::AllBut(bit), Who::Denied(VIEW_CHANNEL)],
            Self::Speak(bit) => vec![Who::Denied(bit), Who::Denied(VIEW_CHANNEL)],
            Self::View => vec![Who::Denied(VIEW_CHANNEL)],
            Self::Nothing | Self::Account | Self::Membership | Self::Ownership => Vec::new(),
        }
    }
}

/// Without VIEW_CHANNEL no other bit of a channel counts (8.2).
fn sees(who: Who) -> u64 {
    if who.bits() & VIEW_CHANNEL == 0 { 0 } else { ALL }
}
