//! One sender, many receivers: one message at a time and 32 under way, beside the floor with frames of the same size.

use super::{QUIET, SETTLE, Setup, TEXT_BYTES, floor, say};
use crate::conn::Kind;
use crate::crowd::{gather, together_accounts, together_channel};
use crate::drive::{Figures, Plan, Rhythm, Room, Timing};
use crate::load::Complete;
use crate::post::Post;
use crate::report::{Aim, Row, count};
use crate::server::{Protocol, Server};
use crate::swarm::{ConnId, Swarm};
use anyhow::{Context as _, Result};
use std::time::Duration;

/// Messages under way in the busy room.
const WINDOW: u32 = 32;
/// Receivers that the targets were set for.
const TARGET_RECEIVERS: f64 = 500.0;
/// Milliseconds that 99 of 100 deliveries to so many should take at most.
const TARGET_P99: f64 = 2.0;
/// Deliveries a second in the busy room.
const TARGET_DELIVERIES: f64 = 4e6;

/// Who is in the room and who writes.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// What the case is called.
    pub name: String,
    /// How many receivers of each protocol.
    pub receivers: Vec<(Protocol, usize)>,
    /// What the sender speaks.
    pub poster: Protocol,
}

impl Crowd {
    /// Everybody speaks one protocol.
    pub fn of(protocol: Protocol, receivers: usize) -> Self {
        // Chat Grid allows one line a second and has no switch for that.
        let poster = if protocol == Protocol::ChatGrid { Protocol::OriginChats } else { protocol };
        let note = if poster == protocol { String::new() } else { format!(" (sender: {})", poster.name()) };
        Self {
            name: format!("{}{note}, {} receivers", protocol.name(), count(receivers as f64)),
            receivers: vec![(protocol, receivers)],
            poster,
        }
    }

    /// A quarter of each.
    pub fn mixed(receivers: usize) -> Self {
        let quarter = receivers / Protocol::ALL.len();
        Self {
            name: format!("4 x {} receivers of 4 protocols", count(quarter as f64)),
            receivers: Protocol::ALL.map(|protocol| (protocol, quarter)).to_vec(),
            poster: Protocol::OriginChats,
        }
    }
}

/// One message at a time, and the busy room.
#[derive(Clone, Copy, Default, Debug)]
pub struct Pair {
    /// One message at a time.
    pub single: Figures,
    /// 32 under way.
    pub busy: Figures,
}

/// What a fan-out measured, with its floors.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The rows.
    pub rows: Vec<Row>,
    /// The server's figures.
    pub server: Pair,
}

/// Measures a crowd.
///
/// # Errors
/// When the server refuses somebody or loses something.
pub fn run(setup: &Setup, crowd: &Crowd) -> Result<Outcome> {
    let sizes = &setup.sizes;
    let server = setup.server()?;
    let mut swarm = Swarm::new()?;
    let mut receivers = Vec::new();
    for (protocol, number) in &crowd.receivers {
        say(&format!("{}: signing in {number} over {}", crowd.name, protocol.name()));
        let tag = format!("p{}", *protocol as usize);
        let members = server.explain(gather(&mut swarm, &server, *protocol, *number, &tag))?;
        receivers.extend(members.iter().map(|member| member.conn));
    }
    let (mut single, mut busy) = posters(&mut swarm, &server, crowd.poster)?;
    swarm.settle(QUIET, SETTLE)?;
    let held = server.resident_bytes()?;
    let mut room = Room::new(swarm, receivers);
    say(&format!("{}: measuring", crowd.name));
    let cpu = server.cpu();
    let sample = Timing { warm: Duration::from_millis(100), measure: Duration::from_millis(300) };
    let frame = server.explain(room.drive(&single, sample, &cpu))?.frame.round() as usize;
    let [mut ours, mut floors] = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
    for _ in 0..sizes.rounds {
        floors.0.push(floor::measure(frame, 1, room.size(), sizes.timing)?);
        reconnect(&mut room, &mut single, &server)?;
        ours.0.push(server.explain(room.drive(&single, sizes.timing, &cpu))?);
        floors.1.push(floor::measure(frame, WINDOW, room.size(), sizes.timing)?);
        reconnect(&mut room, &mut busy, &server)?;
        ours.1.push(server.explain(room.drive(&busy, sizes.timing, &cpu))?);
    }
    let server = Pair { single: Figures::median(&ours.0), busy: Figures::median(&ours.1) };
    let floor = Pair { single: Figures::median(&floors.0), busy: Figures::median(&floors.1) };
    let mut rows = rows(crowd, &server, &floor, room.size());
    rows.push(Row::new(&crowd.name, "server's memory with everybody in", format!("{:.1} MB", held / 1e6)));
    Ok(Outcome { rows, server })
}

/// How the sender posts one message at a time, and how 32.
fn posters(swarm: &mut Swarm, server: &Server, protocol: Protocol) -> Result<(Plan, Plan)> {
    let plan = |post, streams, window| Plan {
        post,
        streams,
        rhythm: Rhythm::Window(window),
        complete: Complete::Everywhere,
        text_bytes: TEXT_BYTES,
    };
    if protocol == Protocol::Together {
        // A request must be answered before the next on its connection: as many connections as messages.
        let address = server.address(protocol);
        let token = together_accounts(address, 1, "sender")?.pop().context("no token")?;
        let channel = together_channel(address, &token)?;
        let conns: Vec<ConnId> =
            (0..WINDOW).map(|_| swarm.connect(address, &Kind::Http)).collect::<Result<_>>()?;
        let post =
            || Post::Together { channel: channel.clone(), tokens: vec![token.clone(); WINDOW as usize] };
        return Ok((plan(post(), conns[..1].to_vec(), 1), plan(post(), conns, 1)));
    }
    let sender = gather(swarm, server, protocol, 1, "sender")?.pop().context("no sender")?.conn;
    let post = || match protocol {
        Protocol::OriginChats => Post::OriginChats,
        Protocol::ChatGrid => Post::ChatGrid,
        Protocol::BareRtc | Protocol::Together => Post::BareRtc,
    };
    Ok((plan(post(), vec![sender], 1), plan(post(), vec![sender], WINDOW)))
}

/// Makes the connections for requests anew: the server closes those that were idle for seconds.
fn reconnect(room: &mut Room, plan: &mut Plan, server: &Server) -> Result<()> {
    if plan.post.is_answered() {
        for stream in &mut plan.streams {
            room.swarm.close(*stream);
            *stream = room.swarm.connect(server.address(Protocol::Together), &Kind::Http)?;
        }
    }
    Ok(())
}

fn rows(crowd: &Crowd, server: &Pair, floor: &Pair, receivers: usize) -> Vec<Row> {
    let bytes = format!("{:.0} B", server.single.frame);
    let limit = TARGET_P99 * receivers as f64 / TARGET_RECEIVERS;
    let mut rows = Vec::new();
    for (ours, floor, window, most) in [
        (&server.single, &floor.single, "1 in flight", 1.15),
        (&server.busy, &floor.busy, "32 in flight", 1.3),
    ] {
        let case = format!("{}, {window}", crowd.name);
        let is_single = window.starts_with("1 ");
        let ratio = ours.cpu / floor.cpu;
        let cpu = Row::new(&case, "server CPU", format!("{:.3} cpu-s/M", ours.cpu))
            .beside(format!("floor {:.3} ({bytes})", floor.cpu), ratio)
            .aim(Aim::at_most(ratio, most, format!("<= {most} x floor")));
        let mut deliveries = Row::new(&case, "deliveries", format!("{}/s", count(ours.deliveries)))
            .beside(format!("floor {}/s", count(floor.deliveries)), ours.deliveries / floor.deliveries);
        let mut latency =
            Row::new(&case, "latency p50 / p99", format!("{:.2} / {:.2} ms", ours.p50, ours.p99))
                .beside(format!("floor {:.2} / {:.2} ms", floor.p50, floor.p99), ours.p99 / floor.p99);
        if is_single {
            let text = format!("p99 <= {limit:.1} ms ({TARGET_P99:.0} at {TARGET_RECEIVERS:.0} receivers)");
            latency = latency.aim(Aim::at_most(ours.p99, limit, text));
        } else {
            deliveries = deliveries.aim(Aim::at_least(ours.deliveries, TARGET_DELIVERIES, ">= 4,000,000/s"));
        }
        rows.extend([cpu, deliveries, latency]);
    }
    rows
}

/// How four protocols in one room compare with each alone.
pub fn compare(mixed: &Outcome, alone: &[Outcome]) -> Vec<Row> {
    if alone.len() < Protocol::ALL.len() {
        return Vec::new();
    }
    let mean = |figure: fn(&Pair) -> f64| {
        alone.iter().map(|outcome| figure(&outcome.server)).sum::<f64>() / alone.len() as f64
    };
    let row = |what: &str, figure: fn(&Pair) -> f64| {
        let (ours, single) = (figure(&mixed.server), mean(figure));
        Row::new("4 protocols beside one", what, format!("{ours:.3} cpu-s/M"))
            .beside(format!("mean of each alone {single:.3}"), ours / single)
            .aim(Aim::at_most(ours / single, 1.5, "<= 1.5 x a single protocol"))
    };
    vec![
        row("server CPU, 1 in flight", |pair| pair.single.cpu),
        row("server CPU, 32 in flight", |pair| pair.busy.cpu),
    ]
}
