//! What a session or an HTTP handler may ask for, and how the answer finds its way back.

use crate::blobs::Shelf;
use crate::live::LiveCommand;
use crate::throttle::Throttling;
use bytes::Bytes;
use commonroom_core::command::{Actor, Command, Registration};
use commonroom_core::event::Origin;
use commonroom_core::ids::AccountId;
use commonroom_core::query::Query;
use commonroom_core::{Refusal, Reply};
use std::net::IpAddr;

/// Something to be done elsewhere. Every request has exactly one answer.
#[derive(Clone, PartialEq, Debug)]
pub enum Request {
    /// Change something: run by the writer, answered after the disk has it and everybody was told.
    Command(Actor, Command),
    /// Read something from the store. Check [`commonroom_core::policy`] first.
    Query(Query),
    /// Change live state. Answered with `Reply::Done` after everybody was told.
    Live(LiveCommand),
    /// Check or make a password hash on the hash workers.
    Password(PasswordWork),
    /// Ask a service that the operator named. → `Reply::Outside` when it answers 200 in time, else `Unreachable`.
    Outside(Outside),
    /// Ask a radio station what it plays. Only public addresses are asked, and those that the operator names beside
    /// them. → `Reply::Station`, or `Unreachable` when there is no good answer in time.
    Station {
        /// The stream's absolute URL.
        url: String,
    },
    /// End this process in an orderly way, with a status at which a supervisor starts it anew. → `Reply::Done` at once, or
    /// `Already`.
    Restart {
        /// How long from now.
        seconds: u64,
    },
    /// Read the configuration again and let what can change at once take effect. → `Reply::Reconfigured`, or `Invalid` for
    /// one with a mistake, of which the log tells
    Reconfigure,
    /// Add a line to a text log. → `Reply::Done`
    Log(Log),
    /// Keep bytes where files are kept, pictures only after they were made safe. → `Reply::Kept`, or `Invalid` for what is
    /// no whole picture, `TooLong` for one that cannot be made small enough
    Keep(Keep),
}

/// A line of a text log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Log {
    /// The folder, absolute or in the data directory.
    pub folder: String,
    /// The file's name without its ending; made harmless before it is one.
    pub name: String,
    /// The line, without its end; at most [`crate::limits::LOG_LINE_BYTES`].
    pub line: String,
}

/// Bytes to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Keep {
    /// What for.
    pub shelf: Shelf,
    /// The bytes.
    pub bytes: Bytes,
    /// They are a picture.
    pub picture: Option<Safe>,
}

/// How a picture is made safe: without metadata, whole, and not larger than this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Safe {
    /// Pixels of the longer side.
    pub side: u32,
    /// Bytes.
    pub bytes: usize,
}

impl std::fmt::Debug for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keep({} bytes)", self.bytes.len())
    }
}

/// A question to a service outside: `GET`, or `POST` when there is something to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outside {
    /// The whole URL.
    pub url: String,
    /// How long the answer may take.
    pub seconds: u64,
    /// What is said.
    pub post: Option<Post>,
}

/// What is posted to a service outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Post {
    /// JSON.
    pub body: String,
    /// More headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// How often it is tried until the service answers 200. Only what may arrive twice is tried more than once.
    pub tries: u32,
}

impl Outside {
    /// A question.
    pub fn get(url: String, seconds: u64) -> Self {
        Self { url, seconds, post: None }
    }
}

/// Work for the hash workers.
#[derive(Clone, PartialEq)]
pub enum PasswordWork {
    /// Check a password. → `Reply::Account`, or `BadCredentials`, `Disabled`, `TooMany`
    Login {
        /// The account that the name belongs to; `None` costs the same time and is refused.
        account: Option<AccountId>,
        /// The name as typed, for the throttle.
        name: String,
        /// The password as typed.
        password: String,
        /// Who asks, for the throttle.
        address: IpAddr,
        /// How many failures are too many.
        throttling: Option<Throttling>,
    },
    /// Hash the password in `registration.password` and register. → `Reply::Account`
    Register {
        /// The account; its `password` field still holds the plain password.
        registration: Registration,
        /// Who asks, for the throttle.
        address: IpAddr,
        /// How many registrations are too many.
        throttling: Option<Throttling>,
    },
    /// Hash the plain password of a `Command::SetPassword` or `Command::CreateOwner` and run it.
    Change {
        /// On whose behalf.
        actor: Actor,
        /// The command; its `password` field still holds the plain password.
        command: Command,
    },
}

impl std::fmt::Debug for PasswordWork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Login { .. } => "Login",
            Self::Register { .. } => "Register",
            Self::Change { .. } => "Change",
        })
    }
}

/// Where an answer goes.
#[derive(Debug)]
pub enum ReturnTo {
    /// To a session on a shard.
    Session {
        /// The shard that owns it.
        shard: usize,
        /// The session and its tag.
        origin: Origin,
        /// It was asked as a command, which may overlap with other commands of the session.
        command: bool,
    },
    /// To a waiting HTTP handler.
    Handler(tokio::sync::oneshot::Sender<Answer>),
    /// Nobody waits.
    Nobody,
}

impl ReturnTo {
    /// The asking session, which its events remember.
    pub fn origin(&self) -> Option<Origin> {
        match self {
            Self::Session { origin, .. } => Some(*origin),
            Self::Handler(_) | Self::Nobody => None,
        }
    }
}

/// A request on its way, with the way back.
#[derive(Debug)]
pub struct Ticket {
    /// What is asked.
    pub request: Request,
    /// Where the answer goes.
    pub return_to: ReturnTo,
}

/// The answer to a request.
pub type Answer = Result<Reply, Refusal>;
