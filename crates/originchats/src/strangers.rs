//! Connections of one address that have not signed in: a client keeps its socket open while its login form is shown, for
//! minutes, so their number is bounded instead of their time (originchats.md 2.4).

use crate::limits;
use commonroom_hub::throttle::network;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many there are of each address.
#[derive(Debug, Default)]
pub struct Strangers(Mutex<BTreeMap<String, u32>>);

/// One of them: counted until it is dropped.
#[derive(Debug)]
pub struct Stranger {
    all: Arc<Strangers>,
    address: String,
}

impl Strangers {
    /// Counts another connection; nothing when there are too many of its address.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Stranger> {
        let address = network(address);
        let mut counts = self.counts();
        let count = counts.entry(address.clone()).or_default();
        if *count >= limits::STRANGERS_PER_ADDRESS {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Stranger { all: self.clone(), address })
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<String, u32>> {
        // A count is whole after every step, also after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let mut counts = self.all.counts();
        if let Some(count) = counts.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_its_number_and_gets_it_back() {
        let all = Arc::new(Strangers::default());
        let home: IpAddr = "10.0.0.1".parse().expect("an address");
        let mut inside: Vec<Stranger> =
            (0..limits::STRANGERS_PER_ADDRESS).map(|_| all.admit(home).expect("room")).collect();
        assert!(all.admit(home).is_none());
        assert!(all.admit("10.0.0.2".parse().expect("an address")).is_some());
        inside.pop();
        assert!(all.admit(home).is_some());
        inside.clear();
        assert!(all.counts().is_empty());
    }
}
