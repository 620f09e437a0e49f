//! Counts the connections of each address.

use commonroom_hub::limits;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The counts, shared by all listeners.
#[derive(Clone, Default, Debug)]
pub struct Addresses(Arc<Mutex<BTreeMap<IpAddr, usize>>>);

impl Addresses {
    /// Counts a connection; `None` when the address has too many.
    pub fn enter(&self, address: IpAddr) -> Option<Guard> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_insert(0);
        // Loopback is a proxy or a test, behind which everybody shares one address.
        if *count >= limits::CONNECTIONS_PER_ADDRESS && !address.is_loopback() {
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
        let mut counts = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}
