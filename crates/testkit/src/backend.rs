//! The way of HTTP handlers into a [`crate::World`].

use crate::memory_blobs::MemoryBlobs;
use crate::outside;
use commonroom_core::env::{Env, Timestamp};
use commonroom_hub::blobs::Blobs;
use commonroom_hub::fetch::{Fetch, Fetched, NotFetched};
use commonroom_hub::gateway::Backend;
use commonroom_hub::line::LineInput;
use commonroom_hub::request::Ticket;
use commonroom_hub::session::State;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What handlers and world share.
pub struct Shared {
    /// The newest state.
    pub state: State,
    /// What handlers asked for.
    pub tickets: VecDeque<Ticket>,
    /// The clock and the random source of handlers.
    pub env: Env,
    /// What handlers did with lines.
    pub lines: VecDeque<LineInput>,
    /// Milliseconds that handlers wished to wait.
    pub pauses: Vec<u64>,
}

/// A [`Backend`] that keeps tickets until the world steps.
pub struct WorldBackend {
    shared: Mutex<Shared>,
    blobs: MemoryBlobs,
}

impl WorldBackend {
    /// A backend with an empty state.
    pub fn new(now: Timestamp) -> Self {
        let env = Env::seeded(now, [3; 32]);
        let shared = Shared {
            state: State::default(),
            tickets: VecDeque::new(),
            env,
            lines: VecDeque::new(),
            pauses: Vec::new(),
        };
        Self { shared: Mutex::new(shared), blobs: MemoryBlobs::default() }
    }

    /// What is shared.
    pub fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for WorldBackend {
    fn state(&self) -> State {
        self.lock().state.clone()
    }

    fn now(&self) -> Timestamp {
        self.lock().env.now
    }

    fn submit(&self, ticket: Ticket) {
        self.lock().tickets.push_back(ticket);
    }

    fn random(&self) -> [u8; 32] {
        self.lock().env.bytes()
    }

    fn blobs(&self) -> &dyn Blobs {
        &self.blobs
    }

    fn line(&self, input: LineInput) {
        self.lock().lines.push_back(input);
    }

    fn later(&self, millis: u64, to: tokio::sync::oneshot::Sender<()>) {
        // Handlers of a world wait for nothing: its clock stands still meanwhile.
        self.lock().pauses.push(millis);
        let _ = to.send(());
    }

    fn fetch(&self, fetch: Fetch, to: tokio::sync::oneshot::Sender<Result<Fetched, NotFetched>>) {
        // A handler whose client went away takes nothing.
        let _ = to.send(outside::fetched(&fetch));
    }
}
