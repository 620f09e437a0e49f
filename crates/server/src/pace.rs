//! How often a shard writes: at once while it is idle, in steps of a few milliseconds when it is busy, because joining
//! what arrives meanwhile into one write per socket costs a tenth of writing each alone.

use commonroom_core::env::Timestamp;

/// Share of time busy (per mille) from which on writes are joined, and the gap between them in microseconds.
const STEPS: [(i64, i64); 2] = [(800, 10_000), (500, 5_000)];
/// Weight of the newest pass in the running mean, as one part in so many.
const WEIGHT: i64 = 16;

/// The pace of one shard.
#[derive(Default, Debug)]
pub struct Pace {
    busy_permille: i64,
    awake_since: Timestamp,
    last_write: Timestamp,
    write_at: Option<Timestamp>,
    hurry: bool,
}

impl Pace {
    /// The loop slept from `slept` to `now`.
    pub fn woke(&mut self, slept: Timestamp, now: Timestamp) {
        let awake = (slept.0 - self.awake_since.0).max(0);
        let asleep = (now.0 - slept.0).max(0);
        if awake + asleep > 0 {
            let share = awake * 1_000 / (awake + asleep);
            self.busy_permille += (share - self.busy_permille) / WEIGHT;
        }
        self.awake_since = now;
        self.hurry = false;
    }

    /// True when a pass may write now; otherwise remembers when it may.
    pub fn may_write(&mut self, now: Timestamp) -> bool {
        let gap = STEPS.iter().find(|(share, _)| self.busy_permille > *share).map_or(0, |(_, gap)| *gap);
        let at = Timestamp(self.last_write.0 + gap);
        self.write_at = (now < at).then_some(at);
        self.write_at.is_none()
    }

    /// Something was written.
    pub fn wrote(&mut self, now: Timestamp) {
        self.last_write = now;
    }

    /// When the next pass must write.
    pub fn write_at(&self) -> Option<Timestamp> {
        self.write_at
    }

    /// The next pass must not sleep.
    pub fn hurry(&mut self) {
        self.hurry = true;
    }

    /// True when it must not.
    pub fn hurries(&self) -> bool {
        self.hurry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_shard_writes_at_once() {
        let mut pace = Pace::default();
        pace.woke(Timestamp(10), Timestamp(1_000_000));
        pace.wrote(Timestamp(1_000_000));
        assert!(pace.may_write(Timestamp(1_000_001)));
    }

    #[test]
    fn a_busy_shard_joins_writes() {
        let mut pace = Pace::default();
        for pass in 0..200 {
            pace.woke(Timestamp(pass * 1_000 + 990), Timestamp((pass + 1) * 1_000));
        }
        pace.wrote(Timestamp(200_000));
        assert!(!pace.may_write(Timestamp(200_001)));
        assert_eq!(pace.write_at(), Some(Timestamp(210_000)));
        assert!(pace.may_write(Timestamp(210_000)));
    }
}
