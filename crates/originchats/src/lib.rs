//! OriginChats: guild chat over one JSON WebSocket (docs/protocols/originchats.md).
//!
//! The path of one message through this crate:
//! 1. [`session`] takes the frame and counts it against the client's rates;
//! 2. [`decode`] makes a typed request of it, or says in [`wording`] what is wrong;
//! 3. `session::messages` turns the request into a command of the core and remembers who waits for it;
//! 4. the core's event comes back to every session that may see it: `session::show` says which variant it sees;
//! 5. [`encode`] renders each variant once, and the asker's own copy with its listener.
//!
//! A community is one space of the core. Everybody is shown under a local username `USR:local_<handle>`, whichever
//! protocol made the account. What the original server does wrong and this one does not is in [`quirks`].

pub mod config;
pub mod decode;
pub mod encode;
pub mod http;
pub mod limits;
pub mod permissions;
pub mod quirks;
pub mod rates;
pub mod session;
pub mod slash;
pub mod strangers;
pub mod wire;
pub mod wording;

pub use config::Config;
pub use http::router;

use commonroom_core::account::Protocol;
use commonroom_core::space::Space;
use commonroom_hub::session::{Adapter, Frames, Happening, Opening, Session, Setup, State, Variant};
use commonroom_hub::throttle::Throttle;
use encode::View;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What all sessions and routes of this protocol share.
#[derive(Debug)]
pub struct Shared {
    /// The operator's settings.
    pub config: Config,
    /// Public base URL without a trailing slash, if one is known.
    base: Option<String>,
    /// Connections that have not signed in.
    strangers: Arc<strangers::Strangers>,
    /// How fast every account sends messages.
    rates: rates::MessageRates,
    /// Validators that were refused.
    attempts: Mutex<Throttle>,
}

impl Shared {
    /// Settings and what follows from them.
    pub fn new(config: Config, setup: &Setup) -> Self {
        let base = config.server.url.clone().or_else(|| setup.public_url.clone());
        Self {
            base: base.map(|url| url.trim_end_matches('/').to_owned()),
            strangers: Arc::default(),
            rates: rates::MessageRates::default(),
            attempts: Mutex::default(),
            config,
        }
    }

    /// Validators that were refused, by address.
    fn attempts(&self) -> MutexGuard<'_, Throttle> {
        // A count is whole after every step, also after a panic elsewhere.
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The space that this protocol shows.
    pub fn space<'a>(&self, state: &'a State) -> Option<&'a Arc<Space>> {
        match self.config.space.as_str() {
            "" | "main" => state.directory.default_space(),
            name => state.directory.space_named(name),
        }
    }

    /// What renderings look things up in; nothing while there is no such space.
    pub fn view<'a>(&'a self, state: &'a State) -> Option<View<'a>> {
        let space = self.space(state)?;
        Some(View { directory: &state.directory, live: &state.live, space, base: self.base.as_deref() })
    }
}

/// The adapter for one mount of this protocol.
pub fn adapter(config: Config, setup: Setup) -> Arc<dyn Adapter> {
    Arc::new(OriginChats { shared: Arc::new(Shared::new(config, &setup)) })
}

struct OriginChats {
    shared: Arc<Shared>,
}

impl Adapter for OriginChats {
    fn protocol(&self) -> Protocol {
        Protocol::OriginChats
    }

    fn open(&self, opening: &Opening) -> Box<dyn Session> {
        Box::new(session::OriginSession::new(self.shared.clone(), opening))
    }

    fn render(&self, happening: &Happening, variant: Variant, state: &State, frames: &mut Frames) {
        for frame in encode::frames(&self.shared, happening, variant, state) {
            frames.text(&frame);
        }
    }

    fn first_limit(&self) -> usize {
        commonroom_hub::limits::STRANGER_BYTES
    }
}
