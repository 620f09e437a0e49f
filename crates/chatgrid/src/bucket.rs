//! A token bucket: how often something may be done.

use commonroom_core::env::Timestamp;

/// How often, and how many at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// Milliseconds in which one more may be done.
    pub every_millis: i64,
    /// How many may be done at once after a rest.
    pub burst: i64,
}

/// What has been done lately.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Bucket {
    /// When everything may be done again.
    full_at: Timestamp,
}

impl Bucket {
    /// Does `count` if that many may be done now.
    pub fn take(&mut self, count: i64, rate: Rate, now: Timestamp) -> bool {
        let from = self.full_at.max(now);
        let after = from.plus_millis(rate.every_millis.saturating_mul(count));
        let fits = after <= now.plus_millis(rate.every_millis.saturating_mul(rate.burst));
        if fits {
            self.full_at = after;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { every_millis: 200, burst: 3 };

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let mut bucket = Bucket::default();
        let now = Timestamp(1_000_000_000);
        assert!(!bucket.take(4, RATE, now));
        assert!(bucket.take(3, RATE, now));
        assert!(!bucket.take(1, RATE, now.plus_millis(199)));
        assert!(bucket.take(1, RATE, now.plus_millis(200)));
        assert!(!bucket.take(1, RATE, now.plus_millis(200)));
        assert!(bucket.take(0, RATE, now.plus_millis(200)));
        assert!(bucket.take(3, RATE, now.plus_millis(10_000)));
    }

    #[test]
    fn jitter_of_forty_milliseconds_rejects_nobody() {
        let mut bucket = Bucket::default();
        let start = Timestamp(1_000_000_000);
        for step in 0..200_i64 {
            let jitter = [0, 40, -40, 25, -40][(step % 5) as usize];
            assert!(bucket.take(1, RATE, start.plus_millis(step * 200 + jitter)), "step {step}");
        }
    }
}
