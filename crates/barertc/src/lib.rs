//! BareRTC: webcam chat bolted onto websites (`docs/protocols/barertc.md`). One page, one WebSocket, one list of people,
//! a few public channels, direct messages, and cameras that go from browser to browser.
//!
//! The path of one message: the shard hands a text frame to [`session::Connection`]; [`decode`] reads it; [`talk`]
//! checks the channel and asks the core for `PostMessage`; the core stores it and tells `MessagePosted`; the shard asks
//! every session what it shows ([`seen`]) and renders the shared form once ([`shown`], with [`encode`] and [`markup`] making safe
//! HTML of the Markdown typed). Nothing is acknowledged: the author sees the same frame as everybody else.
//!
//! What differs per viewer is the who list ([`who`]) and direct messages. What only this protocol has, cameras and
//! the wishes not to meet somebody, lives in the hub's live sessions; [`world`] reads it, [`cameras`] and [`stances`]
//! change it.

pub mod attached;
pub mod banned;
pub mod blocklists;
pub mod cameras;
pub mod config;
pub mod decode;
pub mod deeds;
pub mod direct;
pub mod encode;
pub mod entry;
pub mod filters;
pub mod here;
pub mod hidden;
pub mod http;
pub mod limits;
pub mod links;
pub mod logbook;
pub mod markup;
pub mod operator;
pub mod orders;
pub mod page;
pub mod pictures;
pub mod quirks;
pub mod quotes;
pub mod reports;
pub mod seen;
pub mod session;
pub mod settings;
pub mod shown;
pub mod site;
pub mod spam;
pub mod stances;
pub mod talk;
pub mod token;
pub mod webhook;
pub mod who;
pub mod wire;
pub mod world;

pub use config::Config;
pub use settings::Settings;

use commonroom_core::account::Protocol;
use commonroom_hub::Gateway;
use commonroom_hub::session::{Adapter, Frames, Happening, Opening, Session, Setup, State, Variant};
use std::sync::Arc;

/// What all sessions of this protocol share.
#[derive(Debug)]
pub struct Shared {
    /// The operator's settings.
    pub config: Config,
    /// The newest census.
    pub counter: who::Counter,
    /// What may be quoted.
    pub quotes: Arc<quotes::Quotes>,
    /// Where shared files are loaded.
    pub links: links::Links,
    /// Who sent which link to whom.
    pub spam: Arc<spam::Watch>,
}

impl Shared {
    fn new(config: Config, setup: &Setup) -> Self {
        Self {
            config: config.shown(),
            counter: who::Counter::default(),
            quotes: Arc::default(),
            links: links::Links::new(setup.signer.clone()),
            spam: Arc::default(),
        }
    }

    /// The same under other settings.
    fn under(&self, config: Config) -> Self {
        Self {
            config,
            counter: who::Counter::default(),
            quotes: self.quotes.clone(),
            links: self.links.clone(),
            spam: self.spam.clone(),
        }
    }
}

struct BareRtc {
    settings: Arc<Settings>,
}

/// The adapter.
pub fn adapter(config: Config, setup: Setup) -> Arc<dyn Adapter> {
    Arc::new(BareRtc { settings: Settings::begin(config, &setup) })
}

/// The HTTP routes: the page and `/api`.
pub fn router(config: Config, setup: Setup, gateway: Gateway) -> axum::Router {
    http::router(Settings::begin(config, &setup), &setup, gateway)
}

impl Adapter for BareRtc {
    fn protocol(&self) -> Protocol {
        Protocol::BareRtc
    }

    fn open(&self, opening: &Opening) -> Box<dyn Session> {
        Box::new(session::Connection::new(self.settings.clone(), opening))
    }

    fn render(&self, happening: &Happening, variant: Variant, state: &State, frames: &mut Frames) {
        shown::render(&self.settings.now(), happening, variant, state, frames);
    }

    fn resident(&self) -> Option<Box<dyn Session>> {
        let enabled = self.settings.now().config.logging.enabled;
        enabled.then(|| Box::new(logbook::Clerk::new(self.settings.clone())) as Box<dyn Session>)
    }

    /// Clients told 1001 stay away; told 1012 they come back (barertc.md 2.7).
    fn going_away(&self) -> (u16, &'static str) {
        (1012, "server is restarting")
    }

    fn first_limit(&self) -> usize {
        limits::FRAME_BYTES
    }
}
