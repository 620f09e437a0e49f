//! Every sentence that people of this protocol may read when something is not done. Clients match some of them by their
//! words (originchats.md 11), so the texts are exact.

use crate::slash::Misfit;
use commonroom_core::Refusal;
use std::fmt;

/// Why a request was not carried out, in the words of this protocol.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// The frame is no JSON, or nested too deeply.
    InvalidJson,
    /// The frame is JSON but no object; the type's name.
    NotAnObject(&'static str),
    /// No such command; its name as sent.
    UnknownCommand(String),
    /// A field has the wrong type.
    Field(&'static str, &'static str),
    /// A field is longer than allowed: name and most characters.
    FieldTooLong(&'static str, usize),
    /// `message_new` without target or content.
    MissingFields {
        /// No channel and no thread.
        target: bool,
        /// No content and no attachments.
        content: bool,
    },
    /// A sentence without parameters.
    Plain(&'static str),
    /// A sentence with parameters.
    Said(String),
    /// The message is longer than that many characters.
    MessageTooLong(usize),
    /// A role may not be mentioned.
    RoleMention(String),
    /// An embed cannot be taken: index and reason.
    Embed(usize, &'static str),
    /// A permission of the space is missing.
    Permission(&'static str),
    /// An option of a poll cannot be taken: index and reason.
    PollOption(usize, &'static str),
    /// A vote for what cannot be chosen: the id as sent.
    NoOption(String),
    /// A file that cannot be shared: its id as sent.
    NoAttachment(String),
    /// None of these roles is held.
    Role(Vec<String>),
    /// Slash commands cannot be taken: why.
    CommandSchema(String),
    /// No such slash command.
    UnknownSlash(String),
    /// Its bot is not there.
    Unanswered(String),
    /// Arguments that do not fit a slash command.
    Misfit(Misfit),
    /// Something about a person, by the name that was given.
    Person(String, &'static str),
    /// A command does not have its form: its name and what is missing.
    Scheme(&'static str, &'static str),
}

/// The sentences without parameters that are used more than once.
pub mod text {
    /// Unknown channel.
    pub const NO_CHANNEL: &str = "Channel not found";
    /// Unknown thread.
    pub const NO_THREAD: &str = "Thread not found";
    /// Neither a channel nor a thread was named.
    pub const NO_PLACE: &str = "Channel or thread_id required";
    /// Neither was named, as the unread commands say it.
    pub const NO_UNREAD_PLACE: &str = "Channel or thread_id is required";
    /// A hidden channel, when reading.
    pub const HIDDEN: &str = "Access denied to this channel";
    /// A hidden or read-only channel, when writing.
    pub const MAY_NOT_SEND: &str = "You do not have permission to send messages in this channel";
    /// A thread of a hidden channel, when reading.
    pub const HIDDEN_THREAD: &str = "You do not have permission to view this thread";
    /// A hidden or read-only channel's thread, when writing.
    pub const MAY_NOT_SEND_THREAD: &str = "You do not have permission to send messages in this thread";
    /// The role or list that one's own messages are edited by is missing.
    pub const MAY_NOT_EDIT: &str = "You do not have permission to edit your own message in this channel";
    /// The same for deleting.
    pub const MAY_NOT_DELETE: &str = "You do not have permission to delete your own message in this channel";
    /// What may not be pinned.
    pub const MAY_NOT_PIN: &str = "You do not have permission to pin messages in this channel";
    /// Unknown message.
    pub const NO_MESSAGE: &str = "Message not found";
    /// Unknown person.
    pub const NO_USER: &str = "User not found";
    /// No person was named.
    pub const USER_REQUIRED: &str = "User parameter is required";
    /// Neither text nor file.
    pub const EMPTY: &str = "Message content or attachments cannot be empty";
    /// Not signed in.
    pub const SIGN_IN: &str = "Authentication required";
    /// The validator was not accepted.
    pub const BAD_VALIDATOR: &str = "Invalid authentication";
    /// No name or no password.
    pub const CREDENTIALS: &str = "Username and password required";
    /// Kept out, when signing in.
    pub const BANNED: &str = "Access denied: You are banned from this server";
    /// The name is another's.
    pub const NAME_TAKEN: &str = "Username already taken";
    /// Nobody may register.
    pub const NO_REGISTRATION: &str = "Registration is disabled";
    /// Too many failed attempts.
    pub const TOO_MANY: &str = "Too many attempts. Try again later.";
    /// The account is switched off.
    pub const DISABLED: &str = "This account is disabled";
    /// A queue is full.
    pub const BUSY: &str = "The server is busy, please try again";
    /// The store failed.
    pub const FAULT: &str = "Internal server error";
    /// Nobody may write in a thread.
    pub const LOCKED: &str = "This thread is locked";
    /// No role was named.
    pub const ROLE_NAME_REQUIRED: &str = "Role name is required";
    /// The name is another role's.
    pub const ROLE_EXISTS: &str = "Role already exists";
    /// Unknown role.
    pub const NO_ROLE: &str = "Role not found";
    /// A role at or above the asker's own.
    pub const ROLE_RANK: &str = "Cannot manage roles at or above your position";
    /// No channel was named.
    pub const CHANNEL_NAME_REQUIRED: &str = "Channel name is required";
    /// Somebody must stay in charge.
    pub const LAST_OWNER_ROLE: &str = "Cannot remove the last owner";
    /// The order of roles is not complete.
    pub const NO_ORDER: &str = "Failed to reorder roles";
    /// A username that is too short or too long.
    pub const USERNAME_LENGTH: &str = "Username must be 2-32 characters";
    /// A username with other characters.
    pub const USERNAME_LETTERS: &str = "Username can only contain letters, numbers, hyphens, and underscores";
    /// Nothing to change was named.
    pub const NO_UPDATES: &str = "No updates provided";
    /// A nickname longer than allowed.
    pub const NICKNAME_TOO_LONG: &str = "Nickname too long (max 20 characters)";
    /// Only an owner may.
    pub const OWNER_REQUIRED: &str = "Access denied: 'owner' role required";
    /// Somebody at or above the asker.
    pub const USER_RANK: &str = "Cannot act on a user at or above your position";
    /// Unknown poll.
    pub const NO_POLL: &str = "Poll not found";
    /// A poll of a hidden channel.
    pub const HIDDEN_POLL: &str = "You do not have permission to view this poll";
    /// Too many or too few options for a poll with a single choice.
    pub const ONE_OPTION: &str = "This poll takes exactly one option";
    /// Kept out, when it happens.
    pub const NOW_BANNED: &str = "You are banned from this server";
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidJson => f.write_str("Invalid JSON"),
            Self::NotAnObject(kind) => write!(f, "Invalid message format: expected a dictionary, got {kind}"),
            Self::UnknownCommand(name) => write!(f, "Unknown command: {name}"),
            Self::Field(name, expected) => write!(f, "Field '{name}' must be {expected}"),
            Self::FieldTooLong(name, most) => write!(f, "Field '{name}' is too long (max {most} characters)"),
            Self::MissingFields { target, content } => {
                let mut missing = Vec::new();
                if *target {
                    missing.push("channel or thread_id");
                }
                if *content {
                    missing.push("content or attachments");
                }
                write!(f, "Missing fields: {}", missing.join(", "))
            }
            Self::Plain(text) => f.write_str(text),
            Self::Said(text) => f.write_str(text),
            Self::MessageTooLong(most) => write!(f, "Message too long. Maximum length is {most} characters"),
            Self::RoleMention(role) => write!(f, "You do not have permission to mention the '@&{role}' role"),
            Self::Embed(index, reason) => write!(f, "Embed {index}: {reason}"),
            Self::PollOption(index, reason) => write!(f, "Option {index} {reason}"),
            Self::NoOption(id) => write!(f, "Invalid option: {id}"),
            Self::NoAttachment(id) => write!(f, "Attachment {id} not found or expired"),
            Self::Role(names) => write!(f, "Access denied: '{}' role required", names.join("' or '")),
            Self::CommandSchema(why) => write!(f, "Invalid command schema: {why}"),
            Self::UnknownSlash(name) => write!(f, "Unknown slash command: /{name}"),
            Self::Unanswered(name) => write!(f, "Command handler for /{name} is not currently connected"),
            Self::Misfit(why) => why.fmt(f),
            Self::Person(name, what) => write!(f, "User '{name}' {what}"),
            Self::Scheme(cmd, why) => write!(f, "Invalid {cmd} command scheme: {why}"),
            Self::Permission(name) => write!(f, "Access denied: '{name}' permission required"),
        }
    }
}

impl From<&'static str> for Wrong {
    fn from(text: &'static str) -> Self {
        Self::Plain(text)
    }
}

/// What was tried, for refusals that each command words in its own way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// `message_new`
    Post,
    /// `message_edit`
    Edit,
    /// `message_delete`, one's own or another's.
    Delete {
        /// One's own.
        own: bool,
    },
    /// `message_pin` and `message_unpin`
    Pin,
    /// `thread_create`
    OpenThread,
    /// `thread_update` and `thread_delete`
    ChangeThread,
    /// `thread_join` and `thread_leave`
    FollowThread,
    /// `poll_create`
    CreatePoll,
    /// `poll_vote`
    Vote,
    /// `poll_end`
    EndPoll,
    /// `message_react_add`
    AddReaction,
    /// `message_react_remove`
    RemoveReaction,
    /// `user_ban`
    Ban,
    /// `user_timeout`
    Timeout,
    /// Something that administers.
    Admin(Admin),
    /// Anything else.
    Other,
}

/// A sentence about a channel, said of a thread.
pub fn of_thread(sentence: &'static str) -> &'static str {
    match sentence {
        text::HIDDEN => text::HIDDEN_THREAD,
        text::MAY_NOT_SEND => text::MAY_NOT_SEND_THREAD,
        text::MAY_NOT_EDIT => "You do not have permission to edit your own message in this thread",
        text::MAY_NOT_DELETE => "You do not have permission to delete your own message in this thread",
        text::MAY_NOT_PIN => "You do not have permission to pin messages in this thread",
        other => other,
    }
}

/// What was tried that administers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admin {
    /// Something about roles and who holds them.
    Role,
    /// `self_role_add` and, `false`, `self_role_remove`
    ChooseRole(bool),
    /// `channel_create`
    NewChannel,
    /// Something about a channel that there is.
    Channel,
    /// Somebody's nickname.
    Nickname,
    /// Somebody's username, or their account.
    Account,
    /// `server_update`
    Server,
}

/// The sentence for a refusal of the core.
pub fn refusal(refusal: Refusal, deed: Deed) -> &'static str {
    match (deed, refusal) {
        (_, Refusal::Busy) => text::BUSY,
        (_, Refusal::Fault) => text::FAULT,
        (_, Refusal::Disabled) => text::DISABLED,
        (Deed::Edit, Refusal::NoSuchMessage) => "Message not found or cannot be edited",
        (Deed::Edit, Refusal::NotAuthor) => "You do not have permission to edit this message",
        (Deed::Edit, Refusal::NotAllowed | Refusal::MayNotSend) => text::MAY_NOT_EDIT,
        (Deed::Delete { .. }, Refusal::NoSuchMessage) => "Message not found or cannot be deleted",
        (Deed::Delete { own: true }, Refusal::NotAuthor) => text::MAY_NOT_DELETE,
        (Deed::Delete { own: false }, Refusal::NotAuthor) => {
            "You do not have permission to delete this message"
        }
        (Deed::AddReaction, Refusal::Invalid) => "Invalid emoji",
        (Deed::AddReaction, Refusal::Already | Refusal::Full) => "Failed to add reaction",
        (Deed::AddReaction, Refusal::NotAllowed | Refusal::MayNotView) => {
            "You do not have permission to add reactions to this message"
        }
        (Deed::RemoveReaction, Refusal::Already | Refusal::Invalid) => "Failed to remove reaction",
        (Deed::RemoveReaction, Refusal::NotAllowed | Refusal::MayNotView) => {
            "You do not have permission to remove reactions from this message"
        }
        (Deed::Ban, Refusal::Owner) => "Cannot ban the server owner",
        (Deed::Ban, Refusal::Invalid) => "You cannot ban yourself",
        (Deed::Timeout, Refusal::Owner) => "Cannot mute the server owner",
        (Deed::Timeout, Refusal::Invalid) => "You cannot mute yourself",
        (Deed::Ban | Deed::Timeout, Refusal::NotAllowed) => text::USER_RANK,
        (Deed::Pin, Refusal::NotAllowed | Refusal::MayNotView) => text::MAY_NOT_PIN,
        (Deed::OpenThread, Refusal::NotAllowed | Refusal::MayNotSend) => {
            "You do not have permission to create threads in this channel"
        }
        (Deed::OpenThread, Refusal::WrongChannelKind) => "Threads can only be created in forum channels",
        (Deed::OpenThread, Refusal::Full) => "This forum cannot hold more threads",
        (Deed::ChangeThread, Refusal::NotAllowed) => "You do not have permission to modify this thread",
        (Deed::ChangeThread | Deed::FollowThread, Refusal::NoSuchChannel) => text::NO_THREAD,
        (Deed::ChangeThread | Deed::FollowThread, Refusal::MayNotView) => text::HIDDEN_THREAD,
        (Deed::Vote | Deed::EndPoll, Refusal::NoSuchMessage) => text::NO_POLL,
        (Deed::Vote | Deed::EndPoll, Refusal::MayNotView) => text::HIDDEN_POLL,
        (Deed::Vote, Refusal::Invalid) => text::ONE_OPTION,
        (Deed::EndPoll, Refusal::PollOver) => "Poll has already ended",
        (Deed::EndPoll, Refusal::NotAllowed) => "Access denied: 'manage_messages' permission required",
        (Deed::CreatePoll, Refusal::Invalid) => "Poll end must be in the future",
        (Deed::CreatePoll, Refusal::WrongChannelKind) => "Cannot send messages in this channel type",
        (Deed::Post, Refusal::NotAuthor) => "You can only attach your own uploads",
        (Deed::Post, Refusal::Full) => "Cannot have more than 10 attachments",
        (Deed::Post, Refusal::NoSuchReplyTarget) => "The message you're trying to reply to was not found",
        (Deed::Post, Refusal::WrongChannelKind) => "Cannot send messages in this channel type",
        (Deed::Edit, Refusal::Empty) | (Deed::Post, Refusal::Empty) => text::EMPTY,
        (Deed::Admin(deed), refusal) => administered(deed, refusal),
        (_, refusal) => otherwise(refusal),
    }
}

fn administered(deed: Admin, refusal: Refusal) -> &'static str {
    match (deed, refusal) {
        (Admin::ChooseRole(_), Refusal::NotAllowed) => "This role is not self-assignable",
        (Admin::ChooseRole(true), Refusal::Already) => "You already have this role",
        (Admin::ChooseRole(false), Refusal::Already) => "You don't have this role",
        (Admin::Role, Refusal::NameTaken) => text::ROLE_EXISTS,
        (Admin::Role, Refusal::BadName) => "Invalid role name",
        (Admin::Role, Refusal::NotAllowed) => text::ROLE_RANK,
        (Admin::Role, Refusal::Owner) => text::LAST_OWNER_ROLE,
        (Admin::NewChannel, Refusal::NameTaken) => "Channel already exists",
        (Admin::Channel, Refusal::NameTaken) => "Channel with new name already exists",
        (Admin::NewChannel | Admin::Channel, Refusal::BadName) => "Invalid channel name",
        (Admin::NewChannel | Admin::Channel, Refusal::NotAllowed) => {
            "You do not have permission to manage this channel"
        }
        (Admin::Nickname, Refusal::NameTaken) => "Nickname already taken",
        (Admin::Nickname, Refusal::BadName) => "Invalid nickname",
        (Admin::Nickname | Admin::Account, Refusal::NotAllowed | Refusal::Owner) => text::USER_RANK,
        (Admin::Server, Refusal::Invalid) => "Icon and banner must be http or https URLs",
        (Admin::Server, Refusal::BadName) => "Invalid server name",
        (_, refusal) => otherwise(refusal),
    }
}

fn otherwise(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NoSuchAccount => text::NO_USER,
        Refusal::NoSuchSpace | Refusal::NotAllowed | Refusal::NotAuthor => {
            "You do not have permission to do this"
        }
        Refusal::NoSuchChannel => text::NO_CHANNEL,
        Refusal::NoSuchMessage | Refusal::NoSuchReplyTarget => text::NO_MESSAGE,
        Refusal::NoSuchRole => "Role not found",
        Refusal::NoSuchItem => "Item not found",
        Refusal::NoSuchFile => "Attachment not found or expired",
        Refusal::NoSuchEmoji => "Emoji not found",
        Refusal::NoSuchWebhook => "Webhook not found",
        Refusal::NoSuchInvite | Refusal::InviteOver | Refusal::InviteUsedUp => "Invite not found",
        Refusal::NoSuchOption => "Invalid option",
        Refusal::PollOver => "Poll has ended",
        Refusal::MayNotShare => "You do not have permission to attach files in this channel",
        Refusal::Unreachable => text::BAD_VALIDATOR,
        Refusal::Locked => text::LOCKED,
        Refusal::BlockedWord => "Your message contains a blocked word",
        Refusal::NoSuchLogin | Refusal::BadCredentials => text::BAD_VALIDATOR,
        Refusal::MayNotView => text::HIDDEN,
        Refusal::MayNotSend | Refusal::Blocked => text::MAY_NOT_SEND,
        Refusal::WrongChannelKind => "Invalid channel type",
        Refusal::Banned => text::BANNED,
        Refusal::Disabled => text::DISABLED,
        Refusal::TimedOut { .. } => "You are timed out",
        Refusal::NameTaken | Refusal::EmailTaken => text::NAME_TAKEN,
        Refusal::BadName => "Invalid name",
        Refusal::TooMany => text::TOO_MANY,
        Refusal::RegistrationClosed | Refusal::InviteRequired => text::NO_REGISTRATION,
        Refusal::Empty => text::EMPTY,
        Refusal::TooLong => "Value is too long",
        Refusal::Invalid => "Invalid value",
        Refusal::Already => "Nothing to change",
        Refusal::Owner => "The server owner cannot leave the server",
        Refusal::Full => "A limit of this server is reached",
        Refusal::Busy => text::BUSY,
        Refusal::Fault => text::FAULT,
    }
}

/// Why a message is refused for its rate, and how long to wait (originchats.md 9).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Slow {
    /// Silenced by a moderator; milliseconds left.
    Timeout(i64),
    /// Silent after a burst; milliseconds left.
    Cooldown(i64),
    /// Too many in a minute; milliseconds until the next may pass.
    Rate(i64),
    /// Too many at once; milliseconds of silence that begin now.
    Burst(i64),
}

impl Slow {
    /// Milliseconds to wait.
    pub fn millis(self) -> i64 {
        match self {
            Self::Timeout(millis) | Self::Cooldown(millis) | Self::Rate(millis) | Self::Burst(millis) => {
                millis
            }
        }
    }
}

impl fmt::Display for Slow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.millis() + 50) / 100;
        let seconds = format!("{}.{}", tenths / 10, tenths % 10);
        match self {
            Self::Timeout(_) => write!(f, "You are in timeout for {seconds} more seconds"),
            Self::Cooldown(_) => write!(f, "You are in cooldown for {seconds} more seconds"),
            Self::Rate(_) => write!(f, "Rate limit exceeded. Wait {seconds} seconds"),
            Self::Burst(millis) => {
                write!(f, "Burst limit exceeded. You're in cooldown for {} seconds", millis / 1_000)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_texts_that_clients_match() {
        let both = Wrong::MissingFields { target: true, content: true };
        assert_eq!(both.to_string(), "Missing fields: channel or thread_id, content or attachments");
        assert_eq!(
            Wrong::MessageTooLong(2_000).to_string(),
            "Message too long. Maximum length is 2000 characters"
        );
        assert_eq!(Slow::Timeout(4_960).to_string(), "You are in timeout for 5.0 more seconds");
        assert_eq!(
            Slow::Burst(30_000).to_string(),
            "Burst limit exceeded. You're in cooldown for 30 seconds"
        );
        assert_eq!(Slow::Rate(1_549).to_string(), "Rate limit exceeded. Wait 1.5 seconds");
    }
}
