//! One connection of a shard.

use crate::outbox::Outbox;
use crate::request::Request;
use crate::session::{Adapter, Happening, Opening, Session};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::SessionId;
use std::collections::VecDeque;
use std::sync::Arc;

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
}

impl Connection {
    /// A connection on which nothing has happened yet.
    pub(crate) fn new(index: usize, adapter: &Arc<dyn Adapter>, opening: &Opening) -> Self {
        Self {
            id: opening.id,
            adapter: index,
            session: adapter.open(opening),
            outbox: Outbox::default(),
            held: None,
            commands: 0,
            others: 0,
            deferred: VecDeque::new(),
            stash: None,
            wake: None,
            closing: false,
            dirty: false,
            limit: adapter.first_limit(),
        }
    }
}
