//! Drives one run: posts messages, takes in what is delivered, and measures.

use crate::load::{Complete, Load};
use crate::post::Post;
use crate::stats::median;
use crate::swarm::{ConnId, Swarm};
use anyhow::{Context as _, Result, bail};
use std::time::{Duration, Instant};

/// How long nothing may be delivered before a run is given up.
const STALL: Duration = Duration::from_secs(10);
/// How long the last deliveries of a run may take.
const DRAIN: Duration = Duration::from_secs(15);

/// When the next message is due.
#[derive(Clone, Copy, Debug)]
pub enum Rhythm {
    /// As soon as fewer than so many messages of a stream are under way.
    Window(u32),
    /// So many a second over all streams, whatever happens.
    PerSecond(f64),
}

/// What is posted, over which connections, how fast.
#[derive(Debug)]
pub struct Plan {
    /// The protocol's words.
    pub post: Post,
    /// One connection per stream.
    pub streams: Vec<ConnId>,
    /// How fast.
    pub rhythm: Rhythm,
    /// When a message is over.
    pub complete: Complete,
    /// Bytes of a message's text.
    pub text_bytes: usize,
}

/// How long to run.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Before measuring.
    pub warm: Duration,
    /// Measuring.
    pub measure: Duration,
}

/// What was measured.
#[derive(Clone, Copy, Default, Debug)]
pub struct Figures {
    /// Messages that were over, a second.
    pub messages: f64,
    /// Deliveries a second.
    pub deliveries: f64,
    /// CPU seconds of the server per million deliveries.
    pub cpu: f64,
    /// Milliseconds from posting to delivery, the middle one.
    pub p50: f64,
    /// And the one that 99 of 100 stay under.
    pub p99: f64,
    /// Bytes of a delivered frame, header included.
    pub frame: f64,
}

impl Figures {
    /// The median of each figure.
    pub fn median(runs: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(&runs.iter().map(figure).collect::<Vec<_>>());
        Self {
            messages: of(|run| run.messages),
            deliveries: of(|run| run.deliveries),
            cpu: of(|run| run.cpu),
            p50: of(|run| run.p50),
            p99: of(|run| run.p99),
            frame: of(|run| run.frame),
        }
    }
}

/// People who hear each other.
#[derive(Debug)]
pub struct Room {
    /// All connections, also those that are not counted.
    pub swarm: Swarm,
    receivers: Vec<ConnId>,
    run: u16,
}

impl Room {
    /// A room in which deliveries to these connections are counted.
    pub fn new(swarm: Swarm, receivers: Vec<ConnId>) -> Self {
        Self { swarm, receivers, run: 0 }
    }

    /// How many connections are counted.
    pub fn size(&self) -> usize {
        self.receivers.len()
    }

    /// One run; `cpu` reads the server's CPU seconds.
    ///
    /// # Errors
    /// When a message was lost, repeated or out of order, a connection was closed, or nothing moved.
    pub fn drive(&mut self, plan: &Plan, timing: Timing, cpu: &dyn Fn() -> Result<f64>) -> Result<Figures> {
        self.run = self.run.wrapping_add(1);
        let mut load = Load::new(self.run, plan, &self.receivers, self.swarm.size());
        let start = Instant::now();
        let (warm, end) = (start + timing.warm, start + timing.warm + timing.measure);
        let mut cpu_before = cpu()?;
        let mut measured_from = None;
        loop {
            let now = Instant::now();
            if now >= warm && measured_from.is_none() {
                cpu_before = cpu()?;
                load.begin(now);
                measured_from = Some(now);
            }
            if now >= end {
                break;
            }
            let next = load.post(plan, start, now, &mut self.swarm.out);
            let timeout = next.min(end.saturating_duration_since(now)).min(Duration::from_millis(100));
            self.swarm.turn(timeout, &mut load)?;
            load.health(STALL)?;
        }
        let seconds = measured_from.context("the run ended before it began")?.elapsed().as_secs_f64();
        let used = cpu()? - cpu_before;
        let figures = load.figures(seconds, used);
        load.stop();
        let drained = Instant::now();
        while !load.is_over() && drained.elapsed() < DRAIN {
            self.swarm.turn(Duration::from_millis(20), &mut load)?;
            load.health(DRAIN)?;
        }
        load.verdict()?;
        if figures.messages == 0.0 {
            bail!("no message was over in {seconds:.1} s");
        }
        Ok(figures)
    }
}
