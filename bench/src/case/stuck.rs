//! Somebody stops reading: whether the others notice, what it costs, and when it ends.

use super::{QUIET, SETTLE, Setup, say};
use crate::crowd::gather;
use crate::drive::{Figures, Plan, Rhythm, Room, Timing};
use crate::load::Complete;
use crate::post::Post;
use crate::process::tcp_end;
use crate::report::{Aim, Row};
use crate::server::Protocol;
use crate::swarm::Swarm;
use anyhow::{Context as _, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// People who go on reading.
const MEMBERS: usize = 100;
/// Messages a second.
const RATE: f64 = 150.0;
/// Bytes of a message: enough to fill the kernel's buffers within a second.
const TEXT_BYTES: usize = 1_500;
/// Bytes that the stuck reader's kernel takes before the server must wait.
const RECEIVE_BUFFER: usize = 16 << 10;
/// How long to wait for the server to close the stuck reader.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the stuck reader's socket is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// When the stuck reader's buffer was full, and when the server closed it.
#[derive(Clone, Copy, Default, Debug)]
struct Ending {
    full: Option<Duration>,
    closed: Option<Duration>,
}

/// Measures OriginChats.
///
/// # Errors
/// When one of the others is closed or loses something.
pub fn run(setup: &Setup) -> Result<Vec<Row>> {
    say("stuck: 100 OriginChats people, one of whom stops reading");
    let server = setup.server()?;
    let address = server.address(Protocol::OriginChats);
    let mut swarm = Swarm::new()?;
    let members = gather(&mut swarm, &server, Protocol::OriginChats, MEMBERS, "member")?;
    let conns: Vec<_> = members.iter().map(|member| member.conn).collect();
    swarm.receive_buffer = Some(RECEIVE_BUFFER);
    let stuck = gather(&mut swarm, &server, Protocol::OriginChats, 1, "stuck")?.pop().context("nobody")?.conn;
    swarm.receive_buffer = None;
    swarm.settle(QUIET, SETTLE)?;
    let port = swarm.port(stuck).context("no port")?;
    let plan = Plan {
        post: Post::OriginChats,
        streams: conns[..1].to_vec(),
        rhythm: Rhythm::PerSecond(RATE),
        complete: Complete::Everywhere,
        text_bytes: TEXT_BYTES,
    };
    let timing = Timing { warm: Duration::from_millis(200), measure: setup.sizes.stuck };
    let mut room = Room::new(swarm, conns);
    let mut drive = |room: &mut Room| server.explain(room.drive(&plan, timing, &server.cpu()));
    // The store and its caches grow with every message: only what comes on top is the stuck reader's.
    drive(&mut room)?;
    let start = server.resident_bytes()?;
    let before = drive(&mut room)?;
    let held = server.resident_bytes()?;
    let usual = held - start;
    room.swarm.stop_reading(stuck)?;
    let stop = AtomicBool::new(false);
    let (after, grown, ending) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| watch(address.port(), port, &stop));
        let grown = |runs: f64| Ok(server.resident_bytes()? - held - usual * runs);
        let outcome = watched(&mut room, &mut drive, || watch.is_finished(), grown);
        stop.store(true, Ordering::Relaxed);
        let ending = watch.join().map_err(|_| anyhow::anyhow!("the watch failed"))??;
        let (after, grown) = outcome?;
        anyhow::Ok((after, grown, ending))
    })?;
    Ok(rows(&before, &after, grown, ending))
}

/// Goes on until the stuck reader was closed, at least once; returns the figures with the worst tail, and the most memory
/// on top of what so many runs usually need.
fn watched(
    room: &mut Room,
    drive: &mut impl FnMut(&mut Room) -> Result<Figures>,
    is_closed: impl Fn() -> bool,
    grown: impl Fn(f64) -> Result<f64>,
) -> Result<(Figures, f64)> {
    let start = Instant::now();
    let mut worst = drive(room)?;
    let mut runs = 1.0;
    let mut most = grown(runs)?;
    while !is_closed() && start.elapsed() < PATIENCE {
        let figures = drive(room)?;
        runs += 1.0;
        if figures.p99 > worst.p99 {
            worst = figures;
        }
        most = most.max(grown(runs)?);
    }
    Ok((worst, most))
}

/// Looks at both ends of the stuck connection until the server has closed its own.
fn watch(server: u16, client: u16, stop: &AtomicBool) -> Result<Ending> {
    let start = Instant::now();
    let mut ending = Ending::default();
    let mut unread = 0;
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(LOOK);
        if let Some(end) = tcp_end(client, server)? {
            if end.unread > 0 && end.unread == unread && ending.full.is_none() {
                ending.full = Some(start.elapsed());
            }
            unread = end.unread;
        }
        if !tcp_end(server, client)?.is_some_and(|end| end.established) {
            ending.closed = Some(start.elapsed());
            break;
        }
    }
    Ok(ending)
}

fn rows(before: &Figures, after: &Figures, grown: f64, ending: Ending) -> Vec<Row> {
    let case = "stuck reader, 100 OriginChats people, 150 messages/s of 1.5 kB";
    let ratio = after.p99 / before.p99;
    let closed = match (ending.full, ending.closed) {
        (full, Some(closed)) => {
            // The server can notice only from when the kernels' buffers are full.
            let since = closed.saturating_sub(full.unwrap_or_default()).as_secs_f64();
            let figure = "closed after its receive buffer was full";
            let text = format!("{since:.1} s ({:.1} s after its last read)", closed.as_secs_f64());
            Row::new(case, figure, text).aim(Aim::at_most(since, 10.0, "<= 10 s"))
        }
        (_, None) => {
            Row::new(case, "closed after", "never").aim(Aim::missed("<= 10 s", "missed: still open"))
        }
    };
    vec![
        Row::new(case, "the others' p99", format!("{:.2} ms", after.p99))
            .beside(format!("before {:.2} ms", before.p99), ratio)
            .aim(Aim::at_most(ratio, 1.2, "<= 1.2 x before")),
        Row::new(case, "server's memory grew by, on top of the usual", format!("{:.2} MB", grown / 1e6))
            .aim(Aim::at_most(grown.max(0.0), (1 << 20) as f64, "<= 1.05 MB (1 MiB)")),
        closed,
    ]
}
