//! A room in which little is said: how long somebody waits for their own message.

use super::{QUIET, SETTLE, Setup, TEXT_BYTES, say};
use crate::crowd::gather;
use crate::drive::{Plan, Rhythm, Room, Timing};
use crate::load::Complete;
use crate::post::Post;
use crate::report::{Aim, Row};
use crate::server::Protocol;
use crate::swarm::Swarm;
use anyhow::Result;

/// People in the room.
const PEOPLE: usize = 50;
/// Messages a second of each.
const RATE: f64 = 2.0;
/// Milliseconds that half, and that 99 of 100, should wait at most: with the disk's part.
const TARGET: (f64, f64) = (0.6, 2.0);

/// Measures OriginChats.
///
/// # Errors
/// When a message is lost.
pub fn run(setup: &Setup) -> Result<Vec<Row>> {
    say("quiet: 50 OriginChats people, 2 messages/s each");
    let server = setup.server()?;
    let mut swarm = Swarm::new()?;
    let members = gather(&mut swarm, &server, Protocol::OriginChats, PEOPLE, "quiet")?;
    let conns: Vec<_> = members.iter().map(|member| member.conn).collect();
    swarm.settle(QUIET, SETTLE)?;
    let plan = Plan {
        post: Post::OriginChats,
        streams: conns.clone(),
        rhythm: Rhythm::PerSecond(RATE * PEOPLE as f64),
        complete: Complete::Echo,
        text_bytes: TEXT_BYTES,
    };
    let timing = Timing { measure: setup.sizes.timing.measure * 2, ..setup.sizes.timing };
    let figures = server.explain(Room::new(swarm, conns).drive(&plan, timing, &server.cpu()))?;
    let case = "quiet, 50 OriginChats people, 2 messages/s each";
    let row =
        |what: &str, measured: f64, most: f64| {
            Row::new(case, format!("own message after, {what}"), format!("{measured:.2} ms"))
                .aim(Aim::at_most(measured, most, format!("<= {most} ms (durable)")))
        };
    Ok(vec![row("p50", figures.p50, TARGET.0), row("p99", figures.p99, TARGET.1)])
}
