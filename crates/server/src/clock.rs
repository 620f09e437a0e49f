//! The one clock of the process: wall time that never goes back.

use commonroom_core::env::Timestamp;
use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Now, in microseconds since 1970; moves with the monotonic clock after the first reading, so that a clock set back
/// neither reorders nor ends anything.
pub fn now() -> Timestamp {
    static START: OnceLock<(i64, Instant)> = OnceLock::new();
    let (wall, instant) = START.get_or_init(|| {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
        (i64::try_from(wall).unwrap_or(0), Instant::now())
    });
    Timestamp(wall + i64::try_from(instant.elapsed().as_micros()).unwrap_or(0))
}

/// 32 bytes from the operating system.
pub fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("the operating system gives random bytes");
    seed
}
