//! A steady rate with some credit. Pure: every question carries its moment.

use commonroom_core::env::Timestamp;

/// So many units a second after a burst.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    per_second: i64,
    burst: i64,
    /// Credit in millionths of a unit.
    credit: i64,
    at: Timestamp,
}

/// Millionths in one unit, and microseconds in one second.
const MILLION: i64 = 1_000_000;

impl Pace {
    /// A pace of `per_second` units after `burst` of them at once.
    pub fn new(per_second: i64, burst: i64, now: Timestamp) -> Self {
        Self { per_second, burst, credit: burst * MILLION, at: now }
    }

    /// Takes some units; false when there is no credit for them.
    pub fn take(&mut self, units: i64, now: Timestamp) -> bool {
        let passed = now.0.saturating_sub(self.at.0).max(0);
        self.at = self.at.max(now);
        let most = self.burst * MILLION;
        self.credit = self.credit.saturating_add(passed.saturating_mul(self.per_second)).min(most);
        let price = units.saturating_mul(MILLION);
        if price > self.credit {
            return false;
        }
        self.credit -= price;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_is_spent_and_comes_back_at_its_rate() {
        let start = Timestamp(7);
        let mut pace = Pace::new(2, 10, start);
        assert!(pace.take(10, start));
        assert!(!pace.take(1, start.plus_millis(499)));
        assert!(pace.take(1, start.plus_millis(500)));
        assert!(!pace.take(11, start.plus_seconds(1_000)));
        assert!(pace.take(10, start.plus_seconds(1_000)));
        assert!(!pace.take(1, start));
    }
}
