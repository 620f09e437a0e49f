//! The cases: each starts a server of its own, measures, and tells rows for the table.

pub mod durable;
pub mod fanout;
pub mod floor;
pub mod memory;
pub mod quiet;
pub mod storm;
pub mod stuck;

use crate::drive::Timing;
use crate::server::Server;
use anyhow::Result;
use std::path::PathBuf;
use std::time::Duration;

/// Characters of a message's text, where it does not matter.
pub const TEXT_BYTES: usize = 100;
/// No frame for this long means that everybody has heard of everybody.
pub const QUIET: Duration = Duration::from_millis(600);
/// How long the wait for that may be.
pub const SETTLE: Duration = Duration::from_secs(60);

/// How much to measure.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// Receivers of the fan-out.
    pub receivers: usize,
    /// How often each run is repeated; medians are told.
    pub rounds: usize,
    /// Of one run.
    pub timing: Timing,
    /// Idle connections.
    pub idle: usize,
    /// Connections that come back at once.
    pub storms: Vec<usize>,
    /// People who write as fast as they can.
    pub writers: usize,
    /// Seconds before and after a reader gets stuck.
    pub stuck: Duration,
}

impl Sizes {
    /// What `make bench` measures.
    pub fn full() -> Self {
        Self {
            receivers: 1_000,
            rounds: 3,
            timing: Timing { warm: Duration::from_millis(700), measure: Duration::from_secs(3) },
            idle: 2_000,
            storms: vec![500, 5_000],
            writers: 100,
            stuck: Duration::from_secs(5),
        }
    }

    /// Just enough to see that everything works.
    pub fn quick() -> Self {
        Self {
            receivers: 200,
            rounds: 1,
            timing: Timing { warm: Duration::from_millis(200), measure: Duration::from_millis(800) },
            idle: 200,
            storms: vec![100],
            writers: 20,
            stuck: Duration::from_secs(2),
        }
    }
}

/// What every case needs.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The server's program.
    pub program: PathBuf,
    /// A directory on a real disk.
    pub place: PathBuf,
    /// How much to measure.
    pub sizes: Sizes,
}

impl Setup {
    /// Starts a server.
    ///
    /// # Errors
    /// When it does not start.
    pub fn server(&self) -> Result<Server> {
        Server::start(&self.program, &self.place)
    }
}

/// Tells the operator what is going on.
pub fn say(text: &str) {
    eprintln!("bench: {text}");
}
