//! How often something may be done: a bucket that refills with time.

use commonroom_core::env::Timestamp;

/// A burst, and the time in which one more is allowed again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// So many at once.
    pub burst: i64,
    /// Milliseconds per further one.
    pub refill_millis: i64,
}

/// What is left of a [`Rate`]: kept as the moment at which the bucket is full again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bucket {
    rate: Rate,
    full_at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub fn new(rate: Rate) -> Self {
        Self { rate, full_at: Timestamp(i64::MIN) }
    }

    /// Takes one; false when none is left.
    pub fn take(&mut self, now: Timestamp) -> bool {
        let next = self.full_at.max(now).plus_millis(self.rate.refill_millis);
        if next > now.plus_millis(self.rate.burst * self.rate.refill_millis) {
            return false;
        }
        self.full_at = next;
        true
    }

    /// The moment from which one can be taken.
    pub fn ready_at(&self) -> Timestamp {
        self.full_at.plus_millis((1 - self.rate.burst) * self.rate.refill_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_per_refill() {
        let mut bucket = Bucket::new(Rate { burst: 3, refill_millis: 1_000 });
        let now = Timestamp(0).plus_seconds(1_000);
        assert_eq!([(); 4].map(|()| bucket.take(now)), [true, true, true, false]);
        assert_eq!(bucket.ready_at(), now.plus_seconds(1));
        assert!(!bucket.take(now.plus_millis(999)));
        assert!(bucket.take(now.plus_seconds(1)));
        assert!(!bucket.take(now.plus_seconds(1)));
        assert_eq!([(); 4].map(|()| bucket.take(now.plus_seconds(60))), [true, true, true, false]);
    }
}
