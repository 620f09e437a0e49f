//! Everybody comes back at once.

use super::{QUIET, SETTLE, Setup, say};
use crate::crowd::{together_accounts, together_accounts_for, together_people};
use crate::floor::Floor;
use crate::report::{Aim, Row, count};
use crate::server::Protocol;
use crate::signin::sign_in;
use crate::stats::median;
use crate::swarm::Swarm;
use anyhow::Result;
use std::time::{Duration, Instant};

/// Sign-ins under way at once the first time.
const AT_ONCE: usize = 64;
/// Seconds for a storm of so many connections.
const TARGETS: [(usize, f64); 2] = [(500, 0.1), (5_000, 0.5)];
/// Bytes of a frame of the floor, which sends none here.
const FRAME_BYTES: usize = 400;
/// Between the end of the old connections and the storm: less than the grace after which people count as gone.
const PAUSE: Duration = Duration::from_secs(1);

/// Measures storms of Together sessions, each with the token of its first connection.
///
/// # Errors
/// When somebody is refused.
pub fn run(setup: &Setup) -> Result<Vec<Row>> {
    setup.sizes.storms.iter().map(|size| storm(setup, *size)).collect()
}

fn storm(setup: &Setup, size: usize) -> Result<Row> {
    say(&format!("storm: {size} Together sessions"));
    let server = setup.server()?;
    let tokens = together_accounts(server.address(Protocol::Together), together_accounts_for(size), "storm")?;
    let people = together_people(&tokens, size);
    let mut times = Vec::new();
    let mut cpu = Vec::new();
    let mut floors = Vec::new();
    let mut swarm = Swarm::new()?;
    let members = sign_in(&mut swarm, |protocol| server.address(protocol), people.clone(), AT_ONCE)?;
    let mut conns: Vec<_> = members.iter().map(|member| member.conn).collect();
    for _ in 0..setup.sizes.rounds {
        swarm.settle(QUIET, SETTLE)?;
        floors.push(Floor::start(FRAME_BYTES, false, size)?.took.as_secs_f64());
        conns.drain(..).for_each(|conn| swarm.close(conn));
        std::thread::sleep(PAUSE);
        let (start, before) = (Instant::now(), server.cpu()()?);
        let again = sign_in(&mut swarm, |protocol| server.address(protocol), people.clone(), size);
        let members = server.explain(again)?;
        times.push(start.elapsed().as_secs_f64());
        cpu.push((server.cpu()()? - before) * 1e3 / size as f64);
        conns.extend(members.iter().map(|member| member.conn));
    }
    let (seconds, cpu, floor) = (median(&times), median(&cpu), median(&floors));
    let figure = format!("until all are ready ({cpu:.2} cpu-ms each)");
    let row = Row::new(
        format!("storm, {} Together sessions", count(size as f64)),
        figure,
        format!("{seconds:.3} s"),
    )
    .beside(format!("floor (accepted) {floor:.3} s"), seconds / floor);
    // A size that no target was set for has that of the next larger one.
    let target = TARGETS.iter().find(|(most, _)| size <= *most).map(|(_, target)| *target);
    Ok(match target {
        Some(target) => row.aim(Aim::at_most(seconds, target, format!("<= {target} s"))),
        None => row,
    })
}
