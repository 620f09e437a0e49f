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

/// Remembers failures. Bounded: when too many keys are kept, those whose window is over go, then the oldest ones.
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
        if self.failures.len() + 2 > limits::THROTTLE_KEYS {
            self.make_room(now.plus_seconds(-rule.seconds));
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

    /// Forgets what is over; if that is too little, the oldest eighth, so that not every failure has to look for room.
    fn make_room(&mut self, over: Timestamp) {
        self.failures.retain(|_, times| times.back().is_some_and(|last| *last > over));
        if self.failures.len() + 2 > limits::THROTTLE_KEYS {
            let mut last: Vec<Timestamp> =
                self.failures.values().filter_map(|times| times.back().copied()).collect();
            let (_, oldest, _) = last.select_nth_unstable(limits::THROTTLE_KEYS / 8);
            let oldest = *oldest;
            self.failures.retain(|_, times| times.back().is_some_and(|last| *last > oldest));
        }
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

    #[test]
    fn what_is_remembered_is_bounded_and_the_oldest_goes_first() {
        let mut throttle = Throttle::default();
        let address = |number: u32| IpAddr::V4(std::net::Ipv4Addr::from(number));
        let many = u32::try_from(limits::THROTTLE_KEYS / 2).expect("a small number");
        for number in (0..many + 3).rev() {
            let second = i64::from(many + 3 - number) / 3_000;
            throttle.failed(address(number), "ann", RULE, Timestamp(0).plus_seconds(second));
        }
        assert!(throttle.failures.len() <= limits::THROTTLE_KEYS, "{}", throttle.failures.len());
        let known = |number| throttle.failures.contains_key(&(network(address(number)), "ann".to_owned()));
        assert!(known(0) && known(1_000), "the newest are remembered");
    }

    #[test]
    fn neighbours_of_one_network_are_one_address() {
        let mut throttle = Throttle::default();
        for name in ["a", "b", "c", "d"] {
            throttle.failed(
                format!("2001:db8::{name}").parse().expect("an address"),
                name,
                RULE,
                Timestamp(0),
            );
        }
        assert!(throttle.refuses("2001:db8::1234".parse().expect("an address"), "e", RULE, Timestamp(0)));
        assert!(!throttle.refuses("2001:db8:0:1::1".parse().expect("an address"), "e", RULE, Timestamp(0)));
    }
}
