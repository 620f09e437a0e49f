//! Counts failures per key in a sliding window: wrong passwords, registrations, refused tokens.

use crate::limits;
use commonroom_core::env::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

/// How many failures in how many seconds are too many, per address and per address and name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Throttling {
    /// Failures of one address.
    pub per_address: u32,
    /// Failures of one address on one name.
    pub per_name: u32,
    /// The window in seconds.
    pub seconds: i64,
}

/// Remembers failures. Bounded: when too many keys are kept, those whose window is over go, then the oldest.
#[derive(Default, Debug)]
pub struct Throttle {
    failures: BTreeMap<(String, String), VecDeque<Timestamp>>,
}

impl Throttle {
    /// True when an attempt must be refused unseen.
    pub fn refuses(&mut self, address: IpAddr, name: &str, rule: Throttling, now: Timestamp) -> bool {
        let address = network(address);
        self.count(&address, "", rule.seconds, now) >= rule.per_address as usize
            || self.count(&address, name, rule.seconds, now) >= rule.per_name as usize
    }

    /// Counts a failure.
    pub fn failed(&mut self, address: IpAddr, name: &str, rule: Throttling, now: Timestamp) {
        let address = network(address);
        if self.failures.len() >= limits::THROTTLE_KEYS {
            let oldest = now.plus_seconds(-rule.seconds);
            self.failures.retain(|_, times| times.back().is_some_and(|last| *last > oldest));
            if self.failures.len() >= limits::THROTTLE_KEYS {
                self.failures.pop_first();
            }
        }
        let mut keys = vec![(address.clone(), String::new()), (address, name.to_lowercase())];
        keys.dedup();
        for key in keys {
            let times = self.failures.entry(key).or_default();
            times.push_back(now);
            let most = rule.per_address.max(rule.per_name) as usize;
            while times.len() > most {
                times.pop_front();
            }
        }
    }

    /// Forgets the failures on one name: the right password came.
    pub fn succeeded(&mut self, address: IpAddr, name: &str) {
        self.failures.remove(&(network(address), name.to_lowercase()));
    }

    fn count(&mut self, address: &str, name: &str, seconds: i64, now: Timestamp) -> usize {
        let key = (address.to_owned(), name.to_lowercase());
        let Some(times) = self.failures.get_mut(&key) else { return 0 };
        let oldest = now.plus_seconds(-seconds);
        while times.front().is_some_and(|first| *first <= oldest) {
            times.pop_front();
        }
        times.len()
    }
}

/// The part of an address that one person holds: all of IPv4, the /64 of IPv6.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Throttling = Throttling { per_address: 4, per_name: 2, seconds: 30 };
    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn one_name_is_refused_before_the_address_is() {
        let mut throttle = Throttle::default();
        let now = Timestamp(0);
        throttle.failed(HOME, "ann", RULE, now);
        assert!(!throttle.refuses(HOME, "ann", RULE, now));
        throttle.failed(HOME, "Ann", RULE, now);
        assert!(throttle.refuses(HOME, "ANN", RULE, now));
        assert!(!throttle.refuses(HOME, "bob", RULE, now));
        assert!(!throttle.refuses(HOME, "ann", RULE, now.plus_seconds(31)));
    }

    #[test]
    fn many_names_from_one_address_are_refused() {
        let mut throttle = Throttle::default();
        for name in ["a", "b", "c", "d"] {
            throttle.failed(HOME, name, RULE, Timestamp(0));
        }
        assert!(throttle.refuses(HOME, "e", RULE, Timestamp(0)));
    }
}
