//! Live state and fan-out. Nothing here is stored and nothing here touches a socket or a clock.
//!
//! - [`session::Session`] and [`session::Adapter`]: the shape of all protocols.
//! - [`hub::Hub`]: the one owner of [`live::Live`]: who is connected, typing, calling, and where they stand.
//! - [`shard::Shard`]: owns a share of the connections and hands each happening to those who may see it, encoded at most
//!   once per protocol and variant.
//! - [`outbox::Outbox`]: what waits to be written to one connection, bounded.
//! - [`gateway::Gateway`]: the same requests for HTTP.

pub mod blobs;
pub mod bucket;
pub mod calls;
pub mod carrying;
pub mod commons;
mod connection;
pub mod fetch;
pub mod gate;
pub mod gateway;
pub mod hub;
pub mod limits;
pub mod line;
pub mod live;
pub mod live_command;
pub mod live_event;
pub mod negotiation;
pub mod outbox;
mod rendering;
pub mod request;
pub mod roster;
pub mod session;
pub mod shard;
pub mod throttle;

pub use commons::Commons;
pub use gateway::Gateway;
pub use hub::Hub;
pub use live::{Live, LiveCommand, LiveEvent, LiveSession};
pub use request::{PasswordWork, Request};
pub use session::{Adapter, Context, Happening, Inbound, Session, Show, State, Variant};
pub use shard::Shard;
