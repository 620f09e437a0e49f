//! What an idle connection costs in memory.

use super::{QUIET, SETTLE, Setup, say};
use crate::crowd::{gather, together_accounts, together_accounts_for, together_people};
use crate::report::{Aim, Row, count};
use crate::server::{Protocol, Server};
use crate::signin::sign_in;
use crate::swarm::Swarm;
use anyhow::Result;
use std::time::Duration;

/// Bytes per idle connection at most.
const TARGET: f64 = 4_096.0;
/// Sign-ins under way at once.
const AT_ONCE: usize = 64;
/// BareRTC's who lists grow with the square of the people: this part of them comes as guests.
const GUEST_SHARE: usize = 4;

/// Measures Together sockets, and fewer BareRTC guests.
///
/// # Errors
/// When somebody is refused.
pub fn run(setup: &Setup) -> Result<Vec<Row>> {
    let idle = setup.sizes.idle;
    say(&format!("memory: {idle} idle Together sockets"));
    let server = setup.server()?;
    let address = server.address(Protocol::Together);
    let tokens = together_accounts(address, together_accounts_for(idle), "idle")?;
    let mut swarm = Swarm::new()?;
    // What the first connection needs for all is not what each needs.
    sign_in(&mut swarm, |protocol| server.address(protocol), together_people(&tokens, 1), 1)?;
    let people = together_people(&tokens, idle);
    let together = grown(&server, &mut swarm, idle, |swarm| {
        sign_in(swarm, |protocol| server.address(protocol), people, AT_ONCE).map(|_| ())
    })?;
    drop((swarm, server));

    let guests = idle / GUEST_SHARE;
    say(&format!("memory: {guests} idle BareRTC guests"));
    let server = setup.server()?;
    let mut swarm = Swarm::new()?;
    gather(&mut swarm, &server, Protocol::BareRtc, 1, "first")?;
    let barertc = grown(&server, &mut swarm, guests, |swarm| {
        gather(swarm, &server, Protocol::BareRtc, guests, "guest").map(|_| ())
    })?;
    Ok(vec![row("Together", idle, together), row("BareRTC, account of each included", guests, barertc)])
}

fn grown(
    server: &Server,
    swarm: &mut Swarm,
    connections: usize,
    come: impl FnOnce(&mut Swarm) -> Result<()>,
) -> Result<f64> {
    swarm.settle(QUIET, SETTLE)?;
    let before = server.resident_bytes()?;
    server.explain(come(swarm))?;
    swarm.settle(QUIET, SETTLE)?;
    std::thread::sleep(Duration::from_secs(1));
    swarm.settle(QUIET, SETTLE)?;
    Ok((server.resident_bytes()? - before) / connections as f64)
}

fn row(what: &str, connections: usize, bytes: f64) -> Row {
    let case = format!("idle, {} connections", count(connections as f64));
    Row::new(case, format!("memory per connection ({what})"), format!("{:.1} kB", bytes / 1e3))
        .aim(Aim::at_most(bytes, TARGET, "<= 4.1 kB (4 KiB)"))
}
