//! How fast a client may go: the sliding windows of messages, and steady rates for everything else. Pure: every
//! question carries its moment.

use crate::limits;
use crate::wording::Slow;
use commonroom_core::env::Timestamp;
use std::collections::VecDeque;

/// A steady rate with some credit: one event each `interval`, `burst` of them at once.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    interval: i64,
    burst: i64,
    /// When the credit would be whole again.
    full_at: Timestamp,
}

impl Pace {
    /// A pace of one event each `interval` microseconds after `burst` at once.
    pub fn new(interval: i64, burst: i64) -> Self {
        Self { interval, burst, full_at: Timestamp(i64::MIN) }
    }

    /// Takes one event, or says after how many milliseconds the next may come.
    ///
    /// # Errors
    /// The milliseconds to wait, at least 1.
    pub fn take(&mut self, now: Timestamp) -> Result<(), i64> {
        let start = self.full_at.max(now);
        let ahead = start.0 - now.0;
        let most = self.interval * (self.burst - 1);
        if ahead > most {
            return Err(((ahead - most) / 1_000).max(1));
        }
        self.full_at = Timestamp(start.0 + self.interval);
        Ok(())
    }
}

/// Numbers of [`MessageRate`].
#[derive(Clone, Copy, Debug)]
pub struct MessageRule {
    /// Messages in 60 seconds.
    pub per_minute: usize,
    /// Messages in 10 seconds.
    pub burst: usize,
    /// Seconds of silence after a burst.
    pub cooldown: i64,
}

/// The messages of one account that were accepted lately (originchats.md 9).
#[derive(Clone, Debug, Default)]
pub struct MessageRate {
    accepted: VecDeque<Timestamp>,
    cooldown_until: Option<Timestamp>,
}

impl MessageRate {
    /// Accepts a message, or says why not yet.
    ///
    /// # Errors
    /// The rule that was hit.
    pub fn take(&mut self, rule: MessageRule, now: Timestamp) -> Result<(), Slow> {
        if let Some(until) = self.cooldown_until {
            if until > now {
                return Err(Slow::Cooldown(millis_between(now, until)));
            }
            self.cooldown_until = None;
        }
        self.forget(now);
        if self.accepted.len() >= rule.per_minute {
            let first = self.accepted.front().copied().unwrap_or(now);
            return Err(Slow::Rate(millis_between(now, first.plus_seconds(limits::MINUTE_SECONDS))));
        }
        let lately = now.plus_seconds(-limits::BURST_SECONDS);
        if self.accepted.iter().rev().take_while(|moment| **moment > lately).count() >= rule.burst {
            self.cooldown_until = Some(now.plus_seconds(rule.cooldown));
            return Err(Slow::Burst(rule.cooldown * 1_000));
        }
        self.accepted.push_back(now);
        Ok(())
    }

    /// Counts a message that the same account sent over another connection.
    pub fn note(&mut self, at: Timestamp) {
        self.forget(at);
        if self.accepted.len() < limits::MESSAGES_PER_MINUTE_MAX as usize {
            self.accepted.push_back(at);
        }
    }

    fn forget(&mut self, now: Timestamp) {
        let oldest = now.plus_seconds(-limits::MINUTE_SECONDS);
        while self.accepted.front().is_some_and(|moment| *moment <= oldest) {
            self.accepted.pop_front();
        }
    }
}

/// Milliseconds from one moment to a later one, at least 1.
pub fn millis_between(now: Timestamp, later: Timestamp) -> i64 {
    (later.0.saturating_sub(now.0) / 1_000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: MessageRule = MessageRule { per_minute: 20, burst: 10, cooldown: 30 };

    fn second(number: i64) -> Timestamp {
        Timestamp(0).plus_seconds(number)
    }

    #[test]
    fn the_eleventh_message_in_ten_seconds_begins_a_silence_that_ends() {
        let mut rate = MessageRate::default();
        for _ in 0..10 {
            assert_eq!(rate.take(RULE, second(1)), Ok(()));
        }
        assert_eq!(rate.take(RULE, second(2)), Err(Slow::Burst(30_000)));
        assert_eq!(rate.take(RULE, second(12)), Err(Slow::Cooldown(20_000)));
        assert_eq!(rate.take(RULE, second(32)), Ok(()));
    }

    #[test]
    fn a_minute_takes_no_more_than_its_number() {
        let mut rate = MessageRate::default();
        for number in 0..20 {
            assert_eq!(rate.take(RULE, second(number * 2)), Ok(()));
        }
        assert_eq!(rate.take(RULE, second(40)), Err(Slow::Rate(20_000)));
        assert_eq!(rate.take(RULE, second(60)), Ok(()));
    }

    #[test]
    fn messages_of_other_connections_count() {
        let mut rate = MessageRate::default();
        for _ in 0..10 {
            rate.note(second(1));
        }
        assert_eq!(rate.take(RULE, second(1)), Err(Slow::Burst(30_000)));
    }

    #[test]
    fn a_pace_gives_its_credit_and_then_its_rate() {
        let mut pace = Pace::new(1_000_000, 3);
        for _ in 0..3 {
            assert_eq!(pace.take(second(0)), Ok(()));
        }
        assert_eq!(pace.take(second(0)), Err(1_000));
        assert_eq!(pace.take(second(1)), Ok(()));
        assert!(pace.take(second(1)).is_err());
    }
}
