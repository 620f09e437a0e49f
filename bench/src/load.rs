//! The books of one run: what was posted, what came, how long it took.

use crate::check::Checker;
use crate::conn::Input;
use crate::drive::{Figures, Plan, Rhythm};
use crate::flights::Stream;
use crate::marker::Markers;
use crate::stats::Histogram;
use crate::swarm::{ConnId, Handler, Outgoing};
use anyhow::{Context as _, Result, bail};
use commonroom_websocket::MAX_CONTROL_PAYLOAD;
use std::time::{Duration, Instant};

/// When a message is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Complete {
    /// When every receiver has it.
    Everywhere,
    /// When its own sender hears it.
    Echo,
    /// When its request is answered.
    Answer,
}

/// A connection's part in the run.
#[derive(Clone, Copy, Default, Debug)]
struct Part {
    receiver: Option<usize>,
    stream: Option<usize>,
}

/// The books.
#[derive(Debug)]
pub struct Load {
    markers: Markers,
    checker: Checker,
    complete: Complete,
    parts: Vec<Part>,
    receivers: usize,
    streams: Vec<Stream>,
    unanswered: Vec<bool>,
    posted: u64,
    is_stopped: bool,
    since: Option<Instant>,
    progress: Instant,
    over: u64,
    deliveries: u64,
    bytes: u64,
    latencies: Histogram,
    trouble: Option<String>,
}

impl Load {
    /// Nothing was posted yet.
    pub fn new(run: u16, plan: &Plan, receivers: &[ConnId], conns: usize) -> Self {
        let mut parts = vec![Part::default(); conns];
        for (index, conn) in receivers.iter().enumerate() {
            parts[*conn].receiver = Some(index);
        }
        for (index, conn) in plan.streams.iter().enumerate() {
            parts[*conn].stream = Some(index);
        }
        Self {
            markers: Markers::of(run),
            checker: Checker::new(receivers.len(), plan.streams.len()),
            complete: plan.complete,
            parts,
            receivers: receivers.len(),
            streams: plan.streams.iter().map(|_| Stream::default()).collect(),
            unanswered: vec![false; plan.streams.len()],
            posted: 0,
            is_stopped: false,
            since: None,
            progress: Instant::now(),
            over: 0,
            deliveries: 0,
            bytes: 0,
            latencies: Histogram::default(),
            trouble: None,
        }
    }

    /// From now on it counts.
    pub fn begin(&mut self, now: Instant) {
        self.since = Some(now);
    }

    /// From now on nothing counts and nothing is posted.
    pub fn stop(&mut self) {
        self.since = None;
        self.is_stopped = true;
    }

    /// Posts what is due; returns how long until more will be, if time alone makes it so.
    pub fn post(&mut self, plan: &Plan, start: Instant, now: Instant, out: &mut Outgoing) -> Duration {
        match plan.rhythm {
            _ if self.is_stopped => Duration::MAX,
            Rhythm::Window(window) => {
                for stream in 0..self.streams.len() {
                    while self.streams[stream].under_way() < window && !self.unanswered[stream] {
                        self.post_one(plan, stream, now, out);
                    }
                }
                Duration::MAX
            }
            Rhythm::PerSecond(rate) => {
                let elapsed = now.saturating_duration_since(start).as_secs_f64();
                while (self.posted as f64) < elapsed * rate {
                    let stream = usize::try_from(self.posted).unwrap_or(0) % self.streams.len();
                    self.post_one(plan, stream, now, out);
                }
                Duration::from_secs_f64((self.posted as f64 / rate - elapsed).max(0.0))
            }
        }
    }

    fn post_one(&mut self, plan: &Plan, stream: usize, now: Instant, out: &mut Outgoing) {
        let receivers = match self.complete {
            Complete::Everywhere => self.receivers,
            Complete::Echo | Complete::Answer => 1,
        };
        let seq = self.streams[stream].post(receivers, now);
        let text = self.markers.text(stream, seq, plan.text_bytes);
        plan.post.write(stream, plan.streams[stream], &text, out);
        self.unanswered[stream] = plan.post.is_answered();
        self.posted += 1;
    }

    /// What was measured in that many seconds with that many CPU seconds.
    pub fn figures(&self, seconds: f64, cpu: f64) -> Figures {
        // Where nothing is delivered, the messages themselves are counted.
        let counted = if self.receivers == 0 { self.over } else { self.deliveries } as f64;
        Figures {
            messages: self.over as f64 / seconds,
            deliveries: counted / seconds,
            cpu: cpu * 1e6 / counted.max(1.0),
            p50: self.latencies.millis(500),
            p99: self.latencies.millis(990),
            frame: self.bytes as f64 / (self.deliveries as f64).max(1.0),
        }
    }

    /// Whether it makes sense to go on.
    ///
    /// # Errors
    /// When a connection was closed, a message refused, or nothing has come for `stall` although something should.
    pub fn health(&mut self, stall: Duration) -> Result<()> {
        if let Some(trouble) = self.trouble.take() {
            bail!("{trouble}");
        }
        if self.streams.iter().any(|stream| stream.under_way() > 0) && self.progress.elapsed() > stall {
            let waiting: u32 = self.streams.iter().map(Stream::under_way).sum();
            bail!(
                "nothing was delivered for {} s, {waiting} messages are under way, the oldest has number {:?}: {:?}",
                stall.as_secs(),
                self.streams.iter().find_map(Stream::oldest),
                self.verdict().map_err(|error| error.to_string())
            );
        }
        Ok(())
    }

    /// True when everything posted has arrived.
    pub fn is_over(&self) -> bool {
        self.checker.is_complete(&self.sent())
            && self.streams.iter().all(|stream| stream.under_way() == 0)
            && !self.unanswered.contains(&true)
    }

    /// The checker's judgement.
    ///
    /// # Errors
    /// For messages lost, repeated or out of order.
    pub fn verdict(&self) -> Result<()> {
        self.checker.verdict(&self.sent()).context("not every receiver got every message once and in order")
    }

    fn sent(&self) -> Vec<u32> {
        self.streams.iter().map(Stream::posted).collect()
    }

    fn landed(&mut self, stream: usize, seq: u32, now: Instant) {
        let Some(landing) = self.streams.get_mut(stream).and_then(|stream| stream.land(seq, now)) else {
            return;
        };
        if self.since.is_some_and(|since| landing.posted >= since) {
            self.latencies.record(landing.took);
        }
        self.over += u64::from(landing.is_last && self.since.is_some());
    }

    fn text(&mut self, part: Part, frame: &[u8], now: Instant) {
        let Some((stream, seq)) = self.markers.find(frame) else { return };
        let Some(receiver) = part.receiver else { return };
        self.progress = now;
        self.checker.delivered(receiver, stream, seq);
        if self.since.is_some() {
            self.deliveries += 1;
            self.bytes += wire_bytes(frame.len());
        }
        match self.complete {
            Complete::Everywhere => self.landed(stream, seq, now),
            Complete::Echo if part.stream == Some(stream) => self.landed(stream, seq, now),
            Complete::Echo | Complete::Answer => {}
        }
    }
}

impl Handler for Load {
    fn input(&mut self, conn: ConnId, input: Input<'_>, now: Instant, _: &mut Outgoing) {
        // Connections made since are not part of this run.
        let Some(part) = self.parts.get(conn).copied() else { return };
        match input {
            Input::Open => {}
            Input::Text(frame) => self.text(part, frame, now),
            Input::Response(response) => {
                let Some(stream) = part.stream else { return };
                self.unanswered[stream] = false;
                self.progress = now;
                if response.status != 201 {
                    let body = String::from_utf8_lossy(response.body);
                    self.trouble.get_or_insert(format!("a message was answered {}: {body}", response.status));
                }
                if self.complete == Complete::Answer
                    && let Some(seq) = self.streams[stream].oldest()
                {
                    self.landed(stream, seq, now);
                }
            }
            Input::Closed(reason) => {
                if part.receiver.is_some() || part.stream.is_some() {
                    self.trouble.get_or_insert(format!("a connection was closed: {reason}"));
                }
            }
        }
    }
}

/// Bytes of an unmasked frame around a payload.
pub fn wire_bytes(payload: usize) -> u64 {
    let header = match payload {
        0..=MAX_CONTROL_PAYLOAD => 2,
        126..=0xffff => 4,
        _ => 10,
    };
    payload as u64 + header
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Post;

    fn frame(load: &mut Load, conn: ConnId, text: &str) {
        load.input(conn, Input::Text(text.as_bytes()), Instant::now(), &mut Outgoing::default());
    }

    fn plan(complete: Complete) -> Plan {
        Plan { post: Post::BareRtc, streams: vec![0], rhythm: Rhythm::Window(2), complete, text_bytes: 0 }
    }

    #[test]
    fn a_window_is_refilled_when_everybody_has_a_message() {
        let plan = plan(Complete::Everywhere);
        let mut load = Load::new(9, &plan, &[1, 2], 3);
        let now = Instant::now();
        load.begin(now);
        let mut out = Outgoing::default();
        load.post(&plan, now, now, &mut out);
        assert_eq!(load.sent(), [2]);
        frame(&mut load, 1, "qzb0009s00n000000z");
        load.post(&plan, now, now, &mut out);
        assert_eq!(load.sent(), [2]);
        frame(&mut load, 2, "qzb0009s00n000000z");
        frame(&mut load, 0, "qzb0009s00n000000z");
        load.post(&plan, now, now, &mut out);
        assert_eq!(load.sent(), [3]);
        assert!(!load.is_over() && load.verdict().is_err());
        for seq in 1..3 {
            for conn in [1, 2] {
                frame(&mut load, conn, &format!("qzb0009s00n{seq:06x}z"));
            }
        }
        assert!(load.is_over() && load.verdict().is_ok());
        assert!((load.figures(1.0, 1.0).messages - 3.0).abs() < 1e-9);
        assert!((load.figures(1.0, 1.0).deliveries - 6.0).abs() < 1e-9);
    }

    #[test]
    fn with_echoes_only_the_own_one_completes_and_all_are_checked() {
        let plan = plan(Complete::Echo);
        let mut load = Load::new(9, &plan, &[0, 1], 2);
        let now = Instant::now();
        load.post(&plan, now, now, &mut Outgoing::default());
        frame(&mut load, 1, "qzb0009s00n000000z");
        assert_eq!(load.streams[0].under_way(), 2);
        frame(&mut load, 0, "qzb0009s00n000000z");
        assert_eq!(load.streams[0].under_way(), 1);
        frame(&mut load, 0, "qzb0009s00n000001z");
        assert!(!load.is_over());
        frame(&mut load, 1, "qzb0009s00n000001z");
        assert!(load.is_over());
    }

    #[test]
    fn time_alone_makes_messages_due() {
        let plan = Plan { rhythm: Rhythm::PerSecond(10.0), ..plan(Complete::Everywhere) };
        let mut load = Load::new(9, &plan, &[1], 2);
        let start = Instant::now();
        let wait = load.post(&plan, start, start + Duration::from_millis(250), &mut Outgoing::default());
        assert_eq!((load.sent(), wait.as_millis()), (vec![3], 50));
        assert_eq!(wire_bytes(125) + wire_bytes(126) + wire_bytes(70_000), 127 + 130 + 70_010);
    }

    #[test]
    fn a_closed_receiver_is_trouble() {
        let plan = plan(Complete::Everywhere);
        let mut load = Load::new(9, &plan, &[1], 3);
        let close = |load: &mut Load, conn| {
            load.input(conn, Input::Closed("bye"), Instant::now(), &mut Outgoing::default());
        };
        close(&mut load, 2);
        assert!(load.health(Duration::MAX).is_ok());
        close(&mut load, 1);
        assert!(load.health(Duration::MAX).is_err());
    }
}
