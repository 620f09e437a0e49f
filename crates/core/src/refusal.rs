//! Why the core says no. A closed list without text: each adapter says it in the words of its protocol.

use serde::{Deserialize, Serialize};

/// Why a command was not carried out. Nothing was stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Refusal {
    /// No such account, or none that may be named here.
    NoSuchAccount,
    /// No such space, or one the actor does not belong to.
    NoSuchSpace,
    /// No such channel, or one whose existence the actor may not know.
    NoSuchChannel,
    /// No such message in a channel the actor may view.
    NoSuchMessage,
    /// The message replied to is not in that channel.
    NoSuchReplyTarget,
    /// No such role.
    NoSuchRole,
    /// No such item.
    NoSuchItem,
    /// No such sign-in, or one that has ended.
    NoSuchLogin,
    /// The actor belongs to the space but may not view the channel.
    MayNotView,
    /// The actor may view the channel but not post there.
    MayNotSend,
    /// The actor may not do this.
    NotAllowed,
    /// Only the author may.
    NotAuthor,
    /// The channel holds no messages, or is not a voice channel.
    WrongChannelKind,
    /// The thread is locked.
    Locked,
    /// No such file, one whose time is over, or another's.
    NoSuchFile,
    /// No such emoji.
    NoSuchEmoji,
    /// No such webhook.
    NoSuchWebhook,
    /// No such invitation.
    NoSuchInvite,
    /// The invitation's time is over.
    InviteOver,
    /// The invitation has been used as often as it may.
    InviteUsedUp,
    /// No such answer to choose.
    NoSuchOption,
    /// The poll is over, or the message asks nothing.
    PollOver,
    /// The actor may not share files there.
    MayNotShare,
    /// A service outside could not be asked, or did not answer in time.
    Unreachable,
    /// The actor is banned from the space.
    Banned,
    /// The account is switched off.
    Disabled,
    /// The actor is silenced until then.
    TimedOut {
        /// When the silence ends.
        until: crate::env::Timestamp,
    },
    /// The two have blocked each other, one way or both.
    Blocked,
    /// The name is another's.
    NameTaken,
    /// The e-mail address is another's.
    EmailTaken,
    /// That may not be a name.
    BadName,
    /// Unknown account or wrong password; never says which.
    BadCredentials,
    /// Too many attempts, or too fast.
    TooMany,
    /// Registering is switched off.
    RegistrationClosed,
    /// Registering takes an invitation.
    InviteRequired,
    /// The text is empty.
    Empty,
    /// The text holds a word that the operator does not want.
    BlockedWord,
    /// The text is longer than its limit.
    TooLong,
    /// A value is out of its range or of the wrong form.
    Invalid,
    /// It is so already.
    Already,
    /// That would leave nobody in charge, or touches the owner.
    Owner,
    /// A number limit of [`crate::limits`] is reached.
    Full,
    /// The server is too busy to take this now; nothing was stored.
    Busy,
    /// The store failed; logged with details; nothing was stored.
    Fault,
}
