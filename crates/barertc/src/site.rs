//! What everything made from one configuration remembers together, in memory and bounded: who comes too
//! often, and how many guests an address has (barertc.md 9.1, 13 D20).

use crate::limits;
use commonroom_core::env::Timestamp;
use commonroom_hub::throttle::{Throttle, Throttling, network};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The memory; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Site(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    logins: Throttle,
    failures: Throttle,
    calls: Throttle,
    guests: BTreeMap<String, usize>,
}

/// A guest's place at their address, free again when it is dropped.
#[derive(Debug)]
pub struct Seat {
    site: Site,
    network: Option<String>,
}

impl Site {
    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an attempt to sign in; false when the address made too many. Loopback is a proxy or the website itself.
    pub fn may_log_in(&self, address: IpAddr, per_minute: u32, now: Timestamp) -> bool {
        per_minute == 0 || address.is_loopback() || {
            let mut memory = self.lock();
            counted(&mut memory.logins, address, "", per_minute, now)
        }
    }

    /// Counts a call of somebody with a token; false when they made too many.
    pub fn may_call(&self, address: IpAddr, name: &str, now: Timestamp) -> bool {
        let mut memory = self.lock();
        counted(&mut memory.calls, address, name, limits::CALLS_PER_MINUTE, now)
    }

    /// False when an address came with too many wrong keys and tokens.
    pub fn may_try(&self, address: IpAddr, now: Timestamp) -> bool {
        !self.lock().failures.refuses(address, "", rule(limits::FAILURES_PER_MINUTE), now)
    }

    /// Counts a wrong key or token.
    pub fn failed(&self, address: IpAddr, now: Timestamp) {
        self.lock().failures.failed(address, "", rule(limits::FAILURES_PER_MINUTE), now);
    }

    /// A place for one more guest of an address; `None` when it has as many as it may. 0 is no limit.
    pub fn seat(&self, address: IpAddr, most: usize) -> Option<Seat> {
        if most == 0 || address.is_loopback() {
            return Some(Seat { site: self.clone(), network: None });
        }
        let network = network(address);
        let mut memory = self.lock();
        let count = memory.guests.entry(network.clone()).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Seat { site: self.clone(), network: Some(network) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(network) = &self.network else { return };
        let mut memory = self.site.lock();
        if let Some(count) = memory.guests.get_mut(network) {
            *count -= 1;
            if *count == 0 {
                memory.guests.remove(network);
            }
        }
    }
}

fn rule(per_minute: u32) -> Throttling {
    Throttling { per_address: u32::MAX, per_name: per_minute, seconds: 60 }
}

fn counted(throttle: &mut Throttle, address: IpAddr, name: &str, per_minute: u32, now: Timestamp) -> bool {
    let rule = rule(per_minute);
    if throttle.refuses(address, name, rule, now) {
        return false;
    }
    throttle.failed(address, name, rule, now);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_262_400_000_000);

    fn far() -> IpAddr {
        "203.0.113.9".parse().expect("an address")
    }

    #[test]
    fn an_address_signs_in_so_often_in_a_minute_and_again_later() {
        let site = Site::default();
        assert!((0..10).all(|_| site.may_log_in(far(), 10, NOW)));
        assert!(!site.may_log_in(far(), 10, NOW));
        assert!(site.may_log_in("203.0.113.10".parse().expect("an address"), 10, NOW));
        assert!(site.may_log_in(far(), 10, NOW.plus_seconds(61)));
        assert!((0..50).all(|_| site.may_log_in(far(), 0, NOW)));
        assert!((0..50).all(|_| site.may_log_in("127.0.0.1".parse().expect("an address"), 10, NOW)));
    }

    #[test]
    fn a_guest_who_goes_makes_room_for_another() {
        let site = Site::default();
        let first = site.seat(far(), 2);
        let second = site.seat(far(), 2);
        assert!(first.is_some() && second.is_some() && site.seat(far(), 2).is_none());
        drop(first);
        assert!(site.seat(far(), 2).is_some());
    }
}
