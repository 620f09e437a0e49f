//! PeerJS signalling: introduces the clients of an OriginChats call to each other (docs/protocols/peerjs.md).
//!
//! The path of one offer through this crate:
//! 1. [`decode`] reads the frame; [`session`] counts it against the peer's rates;
//! 2. [`registry`] knows the session of the id it is for, or keeps it for some seconds ([`waiting`]);
//! 3. the hub hands it to that session, on whichever shard it is, in the words of [`encode`].
//!
//! Peers are strangers: they have no account, see nothing of the community and are never in its live state. What they
//! send is relayed unread.

pub mod decode;
pub mod encode;
pub mod http;
pub mod limits;
pub mod pace;
pub mod registry;
pub mod session;
pub mod waiting;
pub mod wire;

pub use http::router;

use commonroom_core::account::Protocol;
use commonroom_hub::live::LiveEvent;
use commonroom_hub::session::{Adapter, Frames, Happening, Opening, Session, State, Variant};
use registry::Registry;
use std::sync::Arc;

/// The adapter. One serves every listener: peers find each other wherever they connect.
pub fn adapter() -> Arc<dyn Adapter> {
    Arc::new(PeerJs { registry: Arc::default() })
}

struct PeerJs {
    registry: Arc<Registry>,
}

impl Adapter for PeerJs {
    fn protocol(&self) -> Protocol {
        // Its sessions sign nobody in, so no account is ever made or shown by it; the calls it serves are these.
        Protocol::OriginChats
    }

    fn open(&self, opening: &Opening) -> Box<dyn Session> {
        Box::new(session::PeerSession::new(self.registry.clone(), opening))
    }

    fn render(&self, happening: &Happening, _variant: Variant, _state: &State, frames: &mut Frames) {
        if let Happening::Live(event) = happening
            && let LiveEvent::Relayed { body, .. } = &**event
        {
            frames.text(body);
        }
    }

    fn first_limit(&self) -> usize {
        limits::FRAME_BYTES
    }
}
