//! The floor alone, for machines without a server.

use super::{Setup, TEXT_BYTES, say};
use crate::drive::{Figures, Plan, Rhythm, Timing};
use crate::floor::Floor;
use crate::load::Complete;
use crate::post::Post;
use crate::report::{Row, count};
use anyhow::Result;

/// Bytes of a frame when no protocol says how large its frames are.
const FRAME_BYTES: usize = 400;

/// One run of the floor with frames of that size and so many messages under way: joined when more than one.
///
/// # Errors
/// When it fails or loses something.
pub fn measure(frame: usize, window: u32, receivers: usize, timing: Timing) -> Result<Figures> {
    let mut floor = Floor::start(frame, window > 1, receivers)?;
    let plan = Plan {
        post: Post::Floor { size: frame },
        streams: vec![floor.sender],
        rhythm: Rhythm::Window(window),
        complete: Complete::Everywhere,
        text_bytes: TEXT_BYTES.min(frame / 2),
    };
    let cpu = Floor::cpu(floor.pid());
    floor.room.drive(&plan, timing, &cpu)
}

/// The floor of both kinds.
///
/// # Errors
/// When it fails.
pub fn run(setup: &Setup) -> Result<Vec<Row>> {
    let sizes = &setup.sizes;
    say("the floor alone");
    let mut rows = Vec::new();
    for (window, what) in [(1, "1 in flight"), (32, "32 joined")] {
        let runs = (0..sizes.rounds)
            .map(|_| measure(FRAME_BYTES, window, sizes.receivers, sizes.timing))
            .collect::<Result<Vec<_>>>()?;
        let figures = Figures::median(&runs);
        let case = format!("floor, {} receivers, {what}, {FRAME_BYTES} B", count(sizes.receivers as f64));
        rows.push(Row::new(&case, "server CPU", format!("{:.3} cpu-s/M", figures.cpu)));
        rows.push(Row::new(&case, "deliveries", format!("{}/s", count(figures.deliveries))));
        rows.push(Row::new(
            &case,
            "latency p50 / p99",
            format!("{:.2} / {:.2} ms", figures.p50, figures.p99),
        ));
    }
    Ok(rows)
}
