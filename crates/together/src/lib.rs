//! Together: servers and channels over REST, events over a gateway (docs/protocols/together.md).
//!
//! Everything that changes state is a REST request; the gateway at `/ws?token=` pushes what happened and takes
//! heartbeats, presence, typing and WebRTC signals.
//!
//! The path of one message: `http/messages.rs` checks the caller (`http/caller.rs`), reads the body
//! (`http/body.rs`) and runs `Command::PostMessage`; the answer becomes a `wire::Message` in `encode/message.rs`. The
//! event comes back to every `session.rs` as a happening: `show` says which rendering, and `encode/event.rs` makes the
//! `MESSAGE_CREATE` once for all of them. A message of another protocol takes the same way from the event on.

mod config;
mod decode;
mod encode;
mod http;
mod invite_page;
mod limits;
mod presence;
mod quirks;
mod rate;
mod session;
mod signal;
mod token;
mod wire;
mod world;

pub use invite_page::page as invite_page;

pub use config::{
    Config, GatewayConfig, PresenceConfig, RateLimitConfig, TokensConfig, TurnConfig, VoiceConfig,
    WebhooksConfig,
};

use commonroom_hub::session::{Adapter, Setup};
use std::sync::Arc;

/// The gateway's side of the protocol.
pub fn adapter(config: Config, setup: Setup) -> Arc<dyn Adapter> {
    Arc::new(session::Together::new(config, &setup))
}

/// The path of every route of [`router`], `{name}` for what varies, without `/api`: for tests that leave none out.
pub fn paths() -> Vec<String> {
    http::paths()
}

/// The REST side, under `/api/...` and `/...` alike, with `/health*`.
pub fn router(config: Config, setup: Setup, gateway: commonroom_hub::Gateway) -> axum::Router {
    http::router(config, setup, gateway)
}
