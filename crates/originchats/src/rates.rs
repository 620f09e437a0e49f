//! How fast a client may go: the sliding windows of messages, and steady rates for everything else. Pure: every
//! question carries its moment.

use crate::limits;
use crate::wording::Slow;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::AccountId;
use commonroom_hub::bucket::Bucket;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes one event of a steady rate.
///
/// # Errors
/// How long to wait for the next, at least a millisecond.
pub fn steady(bucket: &mut Bucket, now: Timestamp) -> Result<(), Slow> {
    if bucket.take(now) {
        return Ok(());
    }
    Err(Slow::Rate(((bucket.ready_at().0 - now.0) / 1_000).max(1)))
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

    /// How things stand, without taking anything.
    pub fn standing(&mut self, now: Timestamp) -> Standing {
        self.forget(now);
        let lately = now.plus_seconds(-limits::BURST_SECONDS);
        Standing {
            minute: self.accepted.len(),
            burst: self.accepted.iter().rev().take_while(|moment| **moment > lately).count(),
            first: self.accepted.front().copied(),
            cooldown_until: self.cooldown_until.filter(|until| *until > now),
        }
    }

    /// True when nothing of it counts any more.
    fn is_over(&mut self, now: Timestamp) -> bool {
        self.forget(now);
        self.accepted.is_empty() && self.cooldown_until.is_none_or(|until| until <= now)
    }

    fn forget(&mut self, now: Timestamp) {
        let oldest = now.plus_seconds(-limits::MINUTE_SECONDS);
        while self.accepted.front().is_some_and(|moment| *moment <= oldest) {
            self.accepted.pop_front();
        }
    }
}

/// How an account stands with its messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// Messages in the last 60 seconds.
    pub minute: usize,
    /// Messages in the last 10 seconds.
    pub burst: usize,
    /// When the first of the last 60 seconds came.
    pub first: Option<Timestamp>,
    /// When the silence after a burst ends.
    pub cooldown_until: Option<Timestamp>,
}

impl Standing {
    /// Until when nothing is accepted, if so.
    pub fn waits_until(&self, rule: MessageRule, now: Timestamp) -> Option<Timestamp> {
        let full = self.minute >= rule.per_minute;
        let minute = full.then(|| self.first.unwrap_or(now).plus_seconds(limits::MINUTE_SECONDS));
        self.cooldown_until.into_iter().chain(minute).max()
    }
}

/// The messages of every account over all its connections of this protocol. Kept for a look-up's time, and only as long
/// as it counts.
#[derive(Debug, Default)]
pub struct MessageRates(Mutex<Accounts>);

#[derive(Debug, Default)]
struct Accounts {
    rates: BTreeMap<AccountId, MessageRate>,
    /// From that many accounts on, those whose messages no longer count are forgotten.
    tidy_at: usize,
}

impl MessageRates {
    /// Accepts a message of an account, or says why not yet.
    ///
    /// # Errors
    /// The rule that was hit.
    pub fn take(&self, account: AccountId, rule: MessageRule, now: Timestamp) -> Result<(), Slow> {
        let mut accounts = self.accounts();
        accounts.tidy(now);
        accounts.rates.entry(account).or_default().take(rule, now)
    }

    /// How an account stands.
    pub fn standing(&self, account: AccountId, now: Timestamp) -> Standing {
        self.accounts().rates.get_mut(&account).map(|rate| rate.standing(now)).unwrap_or_default()
    }

    /// Forgets what an account has sent, and a silence it earned.
    pub fn reset(&self, account: AccountId) {
        self.accounts().rates.remove(&account);
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        // Every change of a rate is whole, also after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accounts {
    fn tidy(&mut self, now: Timestamp) {
        if self.rates.len() < self.tidy_at.max(limits::RATED_ACCOUNTS_TIDY) {
            return;
        }
        self.rates.retain(|_, rate| !rate.is_over(now));
        while self.rates.len() >= limits::RATED_ACCOUNTS {
            self.rates.pop_first();
        }
        self.tidy_at = 2 * self.rates.len();
    }
}

/// Milliseconds from one moment to a later one, at least 1.
pub fn millis_between(now: Timestamp, later: Timestamp) -> i64 {
    (later.0.saturating_sub(now.0) / 1_000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use commonroom_hub::bucket::Rate;

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

    fn account(number: u128) -> AccountId {
        AccountId(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn every_account_has_its_own_windows_which_can_be_looked_at_and_forgotten() {
        let rates = MessageRates::default();
        for _ in 0..10 {
            assert_eq!(rates.take(account(1), RULE, second(1)), Ok(()));
        }
        assert_eq!(rates.take(account(1), RULE, second(1)), Err(Slow::Burst(30_000)));
        assert_eq!(rates.take(account(2), RULE, second(1)), Ok(()));
        let standing = rates.standing(account(1), second(2));
        assert_eq!((standing.minute, standing.burst), (10, 10));
        assert_eq!(standing.waits_until(RULE, second(2)), Some(second(31)));
        rates.reset(account(1));
        assert_eq!(rates.standing(account(1), second(2)), Standing::default());
        assert_eq!(rates.take(account(1), RULE, second(2)), Ok(()));
    }

    #[test]
    fn accounts_whose_messages_no_longer_count_are_forgotten() {
        let rates = MessageRates::default();
        for number in 0..limits::RATED_ACCOUNTS_TIDY as u128 {
            assert_eq!(rates.take(account(number), RULE, second(0)), Ok(()));
        }
        assert_eq!(rates.take(account(0), RULE, second(61)), Ok(()));
        assert_eq!(rates.accounts().rates.len(), 1);
    }

    #[test]
    fn a_steady_rate_gives_its_credit_and_then_its_rate() {
        let mut bucket = Bucket::new(Rate { every_millis: 1_000, burst: 3 });
        for _ in 0..3 {
            assert_eq!(steady(&mut bucket, second(0)), Ok(()));
        }
        assert_eq!(steady(&mut bucket, second(0)), Err(Slow::Rate(1_000)));
        assert_eq!(steady(&mut bucket, second(1)), Ok(()));
        assert!(steady(&mut bucket, second(1)).is_err());
    }
}
