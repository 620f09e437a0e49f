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

pub mod bases;
pub mod config;
pub mod credentials;
pub mod decode;
pub mod encode;
pub mod http;
pub mod limits;
pub mod notices;
pub mod permissions;
pub mod quirks;
pub mod rates;
pub mod rotur;
pub mod session;
pub mod slash;
pub mod strangers;
pub mod wire;
pub mod wording;

pub use config::Config;
pub use http::router;
pub use notices::{Notice, notices};

use commonroom_core::account::Protocol;
use commonroom_core::secret::Signer;
use commonroom_core::space::Space;
use commonroom_hub::session::{Adapter, Frames, Happening, Opening, Session, Setup, State, Variant};
use commonroom_hub::throttle::Throttle;
use encode::View;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What all sessions and routes of this protocol share.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The operator's settings.
    pub config: Arc<Config>,
    /// Signs with the instance key.
    pub signer: Signer,
    /// The key that browsers take pushes from.
    pub push_key: Option<String>,
    /// Who may upload.
    pub credentials: Arc<credentials::Credentials>,
    /// Public base URL without a trailing slash, if one is known.
    base: Option<String>,
    /// The number of that base.
    number: u8,
    /// Connections that have not signed in.
    strangers: Arc<strangers::Strangers>,
    /// How fast every account sends messages.
    rates: Arc<rates::MessageRates>,
    /// Validators that were refused.
    attempts: Arc<Mutex<Throttle>>,
}

impl Shared {
    /// Settings and what follows from them.
    pub fn new(config: Config, setup: &Setup) -> Self {
        let base = config.server.url.clone().or_else(|| setup.public_url.clone());
        Self {
            base: base.map(|url| url.trim_end_matches('/').to_owned()),
            number: 0,
            strangers: Arc::default(),
            config: Arc::new(config),
            signer: setup.signer.clone(),
            push_key: setup.push_key.clone(),
            credentials: setup.commons.of(),
            rates: Arc::default(),
            attempts: Arc::default(),
        }
    }

    /// Validators that were refused, by address.
    fn attempts(&self) -> MutexGuard<'_, Throttle> {
        // A count is whole after every step, also after a panic elsewhere.
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when addresses can be made absolute.
    pub fn has_base(&self) -> bool {
        self.base.is_some()
    }

    /// The same for another base.
    pub fn with_base(&self, base: String) -> Self {
        Self { base: Some(base), ..self.clone() }
    }

    /// An address of this server as an absolute one, as far as that is known; any other as it is.
    pub fn absolute(&self, address: &str) -> String {
        match &self.base {
            Some(base) if address.starts_with('/') => format!("{base}{address}"),
            Some(_) | None => address.to_owned(),
        }
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
    Arc::new(OriginChats { shared: Arc::new(Shared::new(config, &setup)), bases: bases::Bases::default() })
}

struct OriginChats {
    shared: Arc<Shared>,
    bases: bases::Bases,
}

impl Adapter for OriginChats {
    fn protocol(&self) -> Protocol {
        Protocol::OriginChats
    }

    fn open(&self, opening: &Opening) -> Box<dyn Session> {
        let base = bases::of_request(opening.header("host"), opening.secure);
        Box::new(session::OriginSession::new(self.bases.shared(&self.shared, base), opening))
    }

    fn render(&self, happening: &Happening, variant: Variant, state: &State, frames: &mut Frames) {
        let Some((shared, variant)) = self.bases.split(&self.shared, variant) else { return };
        for frame in encode::frames(&shared, happening, variant, state) {
            frames.text(&frame);
        }
    }

    fn first_limit(&self) -> usize {
        commonroom_hub::limits::STRANGER_BYTES
    }
}
