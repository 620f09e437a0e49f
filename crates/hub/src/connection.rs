//! One connection of a shard.

use crate::outbox::Outbox;
use crate::request::Request;
use crate::session::{Happening, Session};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::SessionId;
use std::collections::VecDeque;

/// A message kept until the commands before it are answered.
#[derive(Debug)]
pub(crate) enum Stash {
    Text(String),
    Binary(Vec<u8>),
}

/// One connection of a shard: its session, and what waits on its way in and out.
pub(crate) struct Connection {
    pub(crate) id: SessionId,
    pub(crate) adapter: usize,
    pub(crate) session: Box<dyn Session>,
    pub(crate) outbox: Outbox,
    pub(crate) held: Option<VecDeque<Happening>>,
    pub(crate) commands: u32,
    pub(crate) others: u32,
    pub(crate) deferred: VecDeque<(u32, Request)>,
    pub(crate) stash: Option<Stash>,
    pub(crate) wake: Option<Timestamp>,
    pub(crate) closing: bool,
    pub(crate) dirty: bool,
    pub(crate) limit: usize,
    /// It has no client: what its session sends goes nowhere.
    pub(crate) resident: bool,
}

impl Connection {
    /// A connection on which nothing has happened yet; `limit` is that of its messages, in bytes.
    pub(crate) fn new(adapter: usize, id: SessionId, session: Box<dyn Session>, limit: usize) -> Self {
        Self {
            id,
            adapter,
            session,
            outbox: Outbox::default(),
            held: None,
            commands: 0,
            others: 0,
            deferred: VecDeque::new(),
            stash: None,
            wake: None,
            closing: false,
            dirty: false,
            limit,
            resident: false,
        }
    }
}
