//! The nouns and rules of a community. Knows no protocol, no socket, no SQL.
//!
//! A [`command::Command`] goes into [`engine::Engine::run`], is checked against the [`directory::Directory`] by
//! [`policy`], recorded in one transaction of the [`store::Store`], and comes out as [`event::Event`]s, whose viewers
//! [`audience`] decides. Time, ids and randomness come from [`env::Env`].

pub mod account;
pub mod audience;
pub mod audit;
pub mod channel;
pub mod command;
pub mod directory;
pub mod embed;
pub mod emoji;
pub mod engine;
pub mod env;
pub mod event;
mod execute;
pub mod fallback;
pub mod file;
pub mod ids;
pub mod invite;
pub mod item;
pub mod limits;
pub mod mention;
pub mod message;
pub mod name;
pub mod note;
pub mod permission;
pub mod policy;
pub mod poll;
pub mod push;
pub mod query;
pub mod refusal;
pub mod secret;
pub mod space;
pub mod store;
pub mod webhook;

pub use account::{Account, AccountKind, Protocol};
pub use channel::Channel;
pub use command::{Actor, Command, Reply};
pub use directory::Directory;
pub use env::{Env, Timestamp};
pub use event::{Event, EventBody};
pub use ids::{
    AccountId, AuditId, ChannelId, FileId, InviteId, ItemId, LoginId, MessageId, RoleId, SessionId, SpaceId,
    WebhookId,
};
pub use message::Message;
pub use permission::Permissions;
pub use refusal::Refusal;
