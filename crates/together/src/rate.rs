//! Counting within limits: frames of a connection, requests of an account or address.

use crate::limits;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::AccountId;
use std::collections::{BTreeMap, VecDeque};

/// Admits so many within each rolling second.
#[derive(Debug)]
pub struct Window {
    most: usize,
    times: VecDeque<Timestamp>,
}

impl Window {
    /// A window that admits `most`.
    pub fn new(most: usize) -> Self {
        Self { most, times: VecDeque::new() }
    }

    /// The moment at which one more is admitted, when that is not now.
    pub fn opens_at(&self) -> Option<Timestamp> {
        let full = self.times.len() >= self.most;
        self.times.front().filter(|_| full).map(|first| first.plus_seconds(1))
    }

    /// True when one more is admitted now.
    pub fn admits(&mut self, now: Timestamp) -> bool {
        while self.times.front().is_some_and(|first| first.plus_seconds(1) <= now) {
            self.times.pop_front();
        }
        if self.times.len() >= self.most {
            return false;
        }
        self.times.push_back(now);
        true
    }
}

/// Whose requests are counted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Who {
    /// An account's.
    Account(AccountId),
    /// An address's, in the form of [`commonroom_hub::throttle::network`].
    Address(String),
}

/// Which rate a request counts towards.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    /// Reading.
    Read,
    /// Everything else.
    Write,
    /// Signing in.
    Auth,
}

/// A rate with a burst.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Requests a second.
    pub per_second: u32,
    /// Requests at once.
    pub burst: u32,
}

const UNIT: i64 = 1_000_000;

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Millionths of requests left.
    level: i64,
    at: Timestamp,
    rate: Rate,
}

impl Bucket {
    fn fill(&mut self, now: Timestamp) {
        let elapsed = now.0.saturating_sub(self.at.0).max(0);
        let gained = elapsed.saturating_mul(i64::from(self.rate.per_second));
        self.level = self.level.saturating_add(gained).min(i64::from(self.rate.burst) * UNIT);
        self.at = now;
    }
}

/// The buckets of everybody, bounded in number.
#[derive(Debug, Default)]
pub struct Limiter {
    buckets: BTreeMap<(Who, Class), Bucket>,
    swept: Timestamp,
}

impl Limiter {
    /// Takes one request.
    ///
    /// # Errors
    /// Seconds until the next one is admitted.
    pub fn take(&mut self, who: Who, class: Class, rate: Rate, now: Timestamp) -> Result<(), i64> {
        let key = (who, class);
        if !self.buckets.contains_key(&key) {
            self.make_room(now);
        }
        let full = Bucket { level: i64::from(rate.burst) * UNIT, at: now, rate };
        let bucket = self.buckets.entry(key).or_insert(full);
        bucket.fill(now);
        if bucket.level >= UNIT {
            bucket.level -= UNIT;
            return Ok(());
        }
        let missing = (UNIT - bucket.level).max(1);
        let per_second = i64::from(rate.per_second).max(1) * UNIT;
        Err((missing + per_second - 1) / per_second)
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.buckets.len() < limits::BUCKETS {
            return;
        }
        if now >= self.swept.plus_millis(limits::BUCKET_SWEEP_MILLIS) {
            self.swept = now;
            self.buckets.retain(|_, bucket| {
                bucket.fill(now);
                bucket.level < i64::from(bucket.rate.burst) * UNIT
            });
        }
        if self.buckets.len() >= limits::BUCKETS {
            self.buckets.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_rolls() {
        let mut window = Window::new(2);
        let start = Timestamp(0);
        assert!(window.admits(start));
        assert!(window.admits(start.plus_millis(900)));
        assert!(!window.admits(start.plus_millis(999)));
        assert!(window.admits(start.plus_millis(1_000)));
        assert!(!window.admits(start.plus_millis(1_001)));
    }

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let mut limiter = Limiter::default();
        let rate = Rate { per_second: 2, burst: 3 };
        let who = || Who::Address("a".to_owned());
        let now = Timestamp(0);
        for _ in 0..3 {
            assert_eq!(limiter.take(who(), Class::Read, rate, now), Ok(()));
        }
        assert_eq!(limiter.take(who(), Class::Read, rate, now), Err(1));
        assert_eq!(limiter.take(who(), Class::Write, rate, now), Ok(()), "classes are counted apart");
        assert_eq!(limiter.take(Who::Address("b".to_owned()), Class::Read, rate, now), Ok(()));
        assert_eq!(limiter.take(who(), Class::Read, rate, now.plus_millis(500)), Ok(()));
        assert_eq!(limiter.take(who(), Class::Read, rate, now.plus_millis(500)), Err(1));
    }

    #[test]
    fn buckets_are_bounded() {
        let mut limiter = Limiter::default();
        let rate = Rate { per_second: 1, burst: 1 };
        for number in 0..limits::BUCKETS + 10 {
            let _ = limiter.take(Who::Address(number.to_string()), Class::Read, rate, Timestamp(0));
        }
        assert!(limiter.buckets.len() <= limits::BUCKETS);
        let _ = limiter.take(Who::Address("x".to_owned()), Class::Read, rate, Timestamp(0).plus_seconds(5));
        assert_eq!(limiter.buckets.len(), 1, "full buckets are forgotten");
    }
}
