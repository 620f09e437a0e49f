//! Chat Grid: an audio-first walkable grid, used mostly by blind people; see `docs/protocols/chatgrid.md`.
//!
//! The path of one message: a frame reaches [`session`], which lets [`decode`] read it; what signs in goes to [`signin`],
//! what happens in the world to [`play`] (chat, walking, names, signals) and [`thing`] (items). They ask the server
//! for commands. What has happened comes back to [`show`], which decides what this connection sees of it, and is
//! written once for all of them by [`encode`], with [`talk`] for messages and [`news`] for what people of the other
//! protocols do. [`wire`] holds the frames, [`texts`] the sentences of the sign-in, [`items`] and [`definitions`] the
//! types of items, [`rights`] the permissions in this protocol's words, [`world`] who and what is on the grid.
//! [`admin`] is the administration menu over the [`roles`] of the space, [`whisper`] the private line. What happens on the
//! grid by itself is [`resident`]'s; pianos are played on [`keyboard`], and their tunes are [`song`]s. [`http`] serves the
//! cookie helpers, [`media`] hands on sound of other servers; [`quirks`] names deviations; every number is in [`limits`].

pub mod admin;
pub mod config;
pub mod cookie;
pub mod decode;
pub mod definitions;
pub mod encode;
pub mod http;
pub mod items;
pub mod keyboard;
pub mod limits;
pub mod media;
pub mod news;
pub mod origin;
pub mod plain;
pub mod play;
pub mod quirks;
pub mod resident;
pub mod rights;
pub mod roles;
pub mod session;
pub mod show;
pub mod signin;
pub mod song;
pub mod talk;
pub mod texts;
pub mod thing;
pub mod whisper;
pub mod wire;
pub mod world;

pub use config::Config;
pub use http::router;

use commonroom_core::account::Protocol;
use commonroom_hub::session::{Adapter, Frames, Happening, Opening, Session, Setup, State, Variant};
use encode::Scene;
use std::sync::Arc;

/// What all connections of this protocol share.
#[derive(Debug)]
pub struct Grid {
    /// The operator's settings.
    pub config: Config,
    /// What the server told at its start.
    pub setup: Setup,
    /// Metadata of items and menus.
    pub definitions: definitions::Definitions,
    /// What only this protocol keeps.
    pub world: world::World,
    /// The id of this run as text.
    pub run: String,
}

impl Grid {
    /// What names and passwords may be.
    pub fn policy(&self) -> wire::Policy {
        wire::Policy {
            username_min_length: self.config.auth.username_min_length,
            username_max_length: self.config.auth.username_max_length,
            password_min_length: self.config.auth.password_min_length,
            password_max_length: self.config.auth.password_max_length,
        }
    }
}

#[derive(Debug)]
struct ChatGrid(Arc<Grid>);

/// The adapter of this protocol.
pub fn adapter(config: Config, setup: Setup) -> Arc<dyn Adapter> {
    let run = setup.run.to_string();
    let config = config.at(&setup);
    let grid = Grid { config, setup, definitions: Default::default(), world: Default::default(), run };
    Arc::new(ChatGrid(Arc::new(grid)))
}

impl Adapter for ChatGrid {
    fn protocol(&self) -> Protocol {
        Protocol::ChatGrid
    }

    fn open(&self, opening: &Opening) -> Box<dyn Session> {
        Box::new(session::GridSession::new(self.0.clone(), opening))
    }

    fn refuse(&self, opening: &Opening) -> Option<u16> {
        signin::is_foreign(&self.0.config, &self.0.setup, opening).then_some(403)
    }

    fn upgrade_headers(&self, opening: &Opening, state: &State) -> Vec<(String, String)> {
        let cookie = signin::taken_back(&self.0.config, &self.0.setup, state, opening);
        cookie.map(|cookie| ("set-cookie".to_owned(), cookie)).into_iter().collect()
    }

    fn render(&self, happening: &Happening, variant: Variant, state: &State, frames: &mut Frames) {
        if let Some(scene) = Scene::new(&self.0.config, state) {
            encode::happening(scene, happening, variant, &mut |frame| frames.text(frame));
        }
    }

    fn too_slow(&self) -> (u16, &'static str) {
        (1013, "connection too slow to keep up")
    }

    fn going_away(&self) -> (u16, &'static str) {
        (1012, "server restart")
    }

    fn resident(&self) -> Option<Box<dyn Session>> {
        Some(Box::new(resident::Resident::new(self.0.clone())))
    }

    fn first_limit(&self) -> usize {
        commonroom_hub::limits::STRANGER_BYTES.min(self.0.config.network.max_message_bytes)
    }
}
