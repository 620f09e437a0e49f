//! Messages that are on the disk before anybody hears of them, as many as the server takes.

use super::{QUIET, SETTLE, Setup, TEXT_BYTES, say};
use crate::conn::Kind;
use crate::crowd::{gather, together_accounts, together_channel};
use crate::drive::{Figures, Plan, Rhythm, Room};
use crate::load::Complete;
use crate::marker::STREAMS;
use crate::post::Post;
use crate::report::{Aim, Row, count};
use crate::server::{Home, Protocol};
use crate::swarm::{ConnId, Swarm};
use anyhow::Result;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// Messages a second that should be acknowledged.
const TARGET: f64 = 20_000.0;
/// Milliseconds in which 99 of 100 people should hear their own message.
const TARGET_P99: f64 = 5.0;
/// Senders with many messages under way, and how many.
const FEW: (usize, u32) = (4, 32);
/// Bytes of a write of the disk's own measure: about one message in the log.
const WRITE_BYTES: usize = 4_096;

/// How many small writes the disk makes durable in a second, one after the other.
fn syncs_per_second(place: &Path, time: Duration) -> Result<f64> {
    let home = Home::new(place)?;
    let mut file = std::fs::File::create(home.path().join("probe"))?;
    let (start, mut syncs) = (Instant::now(), 0_u32);
    while start.elapsed() < time {
        file.write_all(&[0; WRITE_BYTES])?;
        file.sync_data()?;
        syncs += 1;
    }
    Ok(f64::from(syncs) / start.elapsed().as_secs_f64())
}

/// Measures people of OriginChats, and of Together without anybody who listens.
///
/// # Errors
/// When a message is refused or lost.
pub fn run(setup: &Setup) -> Result<Vec<Row>> {
    let writers = setup.sizes.writers.min(STREAMS);
    let syncs = syncs_per_second(&setup.place, setup.sizes.timing.measure)?;
    say(&format!("durable: {writers} OriginChats people, the disk syncs {} times a second", count(syncs)));
    let server = setup.server()?;
    let mut swarm = Swarm::new()?;
    let members = gather(&mut swarm, &server, Protocol::OriginChats, writers, "writer")?;
    let conns: Vec<ConnId> = members.iter().map(|member| member.conn).collect();
    swarm.settle(QUIET, SETTLE)?;
    let mut room = Room::new(swarm, conns.clone());
    let plan = |streams: &[ConnId], window| Plan {
        post: Post::OriginChats,
        streams: streams.to_vec(),
        rhythm: Rhythm::Window(window),
        complete: Complete::Echo,
        text_bytes: TEXT_BYTES,
    };
    let mut rows = Vec::new();
    let few = FEW.0.min(writers);
    for (streams, window) in [(writers, 1), (few, FEW.1)] {
        let plan = plan(&conns[..streams], window);
        let figures = server.explain(room.drive(&plan, setup.sizes.timing, &server.cpu()))?;
        let case =
            format!("durable, OriginChats, {streams} senders x {window} in flight, {writers} hear all");
        rows.extend(told(&case, &figures, syncs, window == 1));
    }
    drop((room, server));
    rows.extend(together(setup, writers, syncs)?);
    Ok(rows)
}

/// Requests only: nobody listens, so that it is the store and HTTP that are measured.
fn together(setup: &Setup, writers: usize, syncs: f64) -> Result<Vec<Row>> {
    say(&format!("durable: {writers} Together people"));
    let server = setup.server()?;
    let address = server.address(Protocol::Together);
    let tokens = together_accounts(address, writers, "writer")?;
    let channel = together_channel(address, &tokens[0])?;
    let mut swarm = Swarm::new()?;
    let streams: Vec<ConnId> =
        (0..writers).map(|_| swarm.connect(address, &Kind::Http)).collect::<Result<_>>()?;
    let plan = Plan {
        post: Post::Together { channel, tokens },
        streams,
        rhythm: Rhythm::Window(1),
        complete: Complete::Answer,
        text_bytes: TEXT_BYTES,
    };
    let mut room = Room::new(swarm, Vec::new());
    let figures = server.explain(room.drive(&plan, setup.sizes.timing, &server.cpu()))?;
    let case = format!("durable, Together, {writers} senders x 1 in flight, nobody listens");
    Ok(told(&case, &figures, syncs, false))
}

fn told(case: &str, figures: &Figures, syncs: f64, is_echo: bool) -> Vec<Row> {
    let messages = Row::new(case, "acknowledged messages", format!("{}/s", count(figures.messages)))
        .beside(format!("fdatasync {}/s", count(syncs)), figures.messages / syncs)
        .aim(Aim::at_least(figures.messages, TARGET, ">= 20,000/s"));
    let mut latency =
        Row::new(case, "acknowledged after p50 / p99", format!("{:.2} / {:.2} ms", figures.p50, figures.p99));
    if is_echo {
        latency = latency.aim(Aim::at_most(figures.p99, TARGET_P99, "p99 <= 5 ms"));
    }
    vec![messages, latency]
}
