//! Counts the connections of each address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The counts, shared by all listeners.
#[derive(Clone, Debug)]
pub struct Addresses {
    counts: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
    most: usize,
}

impl Addresses {
    /// No connections yet, at most so many per address.
    pub fn new(most: usize) -> Self {
        Self { counts: Arc::default(), most }
    }

    /// Counts a connection; `None` when the address has too many.
    pub fn enter(&self, address: IpAddr) -> Option<Guard> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_insert(0);
        // Loopback is a proxy or a test, behind which everybody shares one address.
        if *count >= self.most && !address.is_loopback() {
            return None;
        }
        *count += 1;
        Some(Guard { addresses: self.clone(), address })
    }
}

/// Counts one connection until it is dropped.
#[derive(Debug)]
pub struct Guard {
    addresses: Addresses,
    address: IpAddr,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut counts = self.addresses.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}
