//! How often one client may do something: a burst, then one at a time. Pure: every question carries its moment.

use commonroom_core::env::Timestamp;

/// How often, and how many at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// Milliseconds in which one more may be done.
    pub every_millis: i64,
    /// How many may be done at once after a rest.
    pub burst: i64,
}

/// What is left of a [`Rate`]: kept as the moment at which all of it is there again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bucket {
    rate: Rate,
    full_at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub const fn new(rate: Rate) -> Self {
        Self { rate, full_at: Timestamp(i64::MIN) }
    }

    /// Takes one; false when none is left.
    pub fn take(&mut self, now: Timestamp) -> bool {
        self.take_many(1, now)
    }

    /// Takes `count`, or nothing when not so many are left.
    pub fn take_many(&mut self, count: i64, now: Timestamp) -> bool {
        let after = self.full_at.max(now).plus_millis(self.rate.every_millis.saturating_mul(count));
        let fits = after <= now.plus_millis(self.rate.every_millis.saturating_mul(self.rate.burst));
        if fits {
            self.full_at = after;
        }
        fits
    }

    /// The moment from which one can be taken.
    pub fn ready_at(&self) -> Timestamp {
        self.full_at.plus_millis((1 - self.rate.burst) * self.rate.every_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_per_refill() {
        let mut bucket = Bucket::new(Rate { burst: 3, every_millis: 1_000 });
        let now = Timestamp(0).plus_seconds(1_000);
        assert_eq!([(); 4].map(|()| bucket.take(now)), [true, true, true, false]);
        assert_eq!(bucket.ready_at(), now.plus_seconds(1));
        assert!(!bucket.take(now.plus_millis(999)));
        assert!(bucket.take(now.plus_seconds(1)));
        assert!(!bucket.take(now.plus_seconds(1)));
        assert_eq!([(); 4].map(|()| bucket.take(now.plus_seconds(60))), [true, true, true, false]);
    }

    const RATE: Rate = Rate { every_millis: 200, burst: 3 };

    #[test]
    fn many_are_taken_together_or_not_at_all() {
        let mut bucket = Bucket::new(RATE);
        let now = Timestamp(1_000_000_000);
        assert!(!bucket.take_many(4, now));
        assert!(bucket.take_many(3, now));
        assert!(!bucket.take_many(1, now.plus_millis(199)));
        assert!(bucket.take_many(1, now.plus_millis(200)));
        assert!(!bucket.take_many(1, now.plus_millis(200)));
        assert!(bucket.take_many(0, now.plus_millis(200)));
        assert!(bucket.take_many(3, now.plus_millis(10_000)));
    }

    #[test]
    fn jitter_of_forty_milliseconds_rejects_nobody() {
        let mut bucket = Bucket::new(RATE);
        let start = Timestamp(1_000_000_000);
        for step in 0..200_i64 {
            let jitter = [0, 40, -40, 25, -40][(step % 5) as usize];
            assert!(bucket.take(start.plus_millis(step * 200 + jitter)), "step {step}");
        }
    }
}
