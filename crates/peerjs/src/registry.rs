//! Which session has which id: the one thing that the sessions of all shards share. Its lock is held for single steps.

use crate::decode::{Introduction, Kind};
use crate::limits;
use crate::waiting::{Kept, Waiting};
use commonroom_core::ids::SessionId;
use commonroom_hub::throttle::network;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The peers that are there, and what waits for those who are not.
#[derive(Debug, Default)]
pub struct Registry(Mutex<Peers>);

#[derive(Debug, Default)]
struct Peers {
    by_id: BTreeMap<String, Peer>,
    per_network: BTreeMap<String, u32>,
    waiting: Waiting,
}

#[derive(Debug)]
struct Peer {
    session: SessionId,
    token: String,
    network: String,
}

/// A peer that has been let in.
#[derive(Debug, Default)]
pub struct Entry {
    /// The session that had the id until now.
    pub displaced: Option<SessionId>,
    /// What waited for the id.
    pub messages: Vec<String>,
}

/// Why a peer is not let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// Somebody else has the id.
    Taken,
    /// Too many peers, of this address or in total.
    Full,
}

/// Where a message goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    /// To this session.
    To(SessionId, String),
    /// It waits, with others of this sender or as the first.
    Waits {
        /// The time that it may wait begins with it.
        first: bool,
    },
    /// Nowhere, and it does not wait.
    Nowhere,
    /// Nowhere, and there is no room to wait.
    NoRoom,
}

impl Registry {
    /// Lets a peer in. Who knows the token of an id takes it over.
    ///
    /// # Errors
    /// Why not.
    pub fn enter(
        &self,
        introduction: &Introduction,
        session: SessionId,
        address: IpAddr,
    ) -> Result<Entry, Refused> {
        let Introduction { id, token, .. } = introduction;
        let network = network(address);
        let mut peers = self.peers();
        let displaced = match peers.by_id.get(id) {
            Some(known) if known.token != *token => return Err(Refused::Taken),
            Some(known) => Some(known.session),
            None => None,
        };
        if displaced.is_some() {
            peers.remove(id);
        } else if peers.by_id.len() >= limits::PEERS
            || peers.per_network.get(&network).is_some_and(|count| *count >= limits::PEERS_PER_ADDRESS)
        {
            return Err(Refused::Full);
        }
        *peers.per_network.entry(network.clone()).or_default() += 1;
        peers.by_id.insert(id.clone(), Peer { session, token: token.clone(), network });
        let messages = peers.waiting.take_all(id);
        Ok(Entry { displaced, messages })
    }

    /// A session is gone: its id is free again, unless another session has taken it over.
    pub fn leave(&self, id: &str, session: SessionId) {
        let mut peers = self.peers();
        if peers.by_id.get(id).is_some_and(|peer| peer.session == session) {
            peers.remove(id);
        }
    }

    /// Finds where a message goes, and keeps it if its receiver is not there.
    pub fn route(&self, kind: Kind, dst: &str, from: SessionId, message: String) -> Route {
        let mut peers = self.peers();
        if let Some(peer) = peers.by_id.get(dst) {
            return Route::To(peer.session, message);
        }
        if !kind.waits() {
            return Route::Nowhere;
        }
        match peers.waiting.keep(dst, from, message) {
            Kept::First => Route::Waits { first: true },
            Kept::Behind => Route::Waits { first: false },
            Kept::NoRoom => Route::NoRoom,
        }
    }

    /// Forgets what a session has waiting for a peer; true when there was something.
    pub fn forget(&self, dst: &str, from: SessionId) -> bool {
        !self.peers().waiting.take(dst, from).is_empty()
    }

    fn peers(&self) -> MutexGuard<'_, Peers> {
        // Every step leaves it whole, also after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peers {
    fn remove(&mut self, id: &str) {
        let Some(peer) = self.by_id.remove(id) else { return };
        if let Some(count) = self.per_network.get_mut(&peer.network) {
            *count -= 1;
            if *count == 0 {
                self.per_network.remove(&peer.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::introduction;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn who(id: &str, token: &str) -> Introduction {
        introduction(&format!("/peerjs?key=peerjs&id={id}&token={token}")).expect("whole")
    }

    #[test]
    fn an_id_belongs_to_its_token_until_its_session_goes() {
        let registry = Registry::default();
        let (old, new) = (SessionId::MIN, SessionId::MAX);
        registry.enter(&who("ann", "secret"), old, HOME).expect("free");
        assert_eq!(registry.enter(&who("ann", "guess"), new, HOME).err(), Some(Refused::Taken));
        let entry = registry.enter(&who("ann", "secret"), new, HOME).expect("its own");
        assert_eq!(entry.displaced, Some(old));
        registry.leave("ann", old);
        assert!(registry.enter(&who("ann", "guess"), old, HOME).is_err());
        registry.leave("ann", new);
        assert!(registry.peers().by_id.is_empty() && registry.peers().per_network.is_empty());
    }

    #[test]
    fn one_address_has_its_number_and_gets_it_back() {
        let registry = Registry::default();
        for number in 0..limits::PEERS_PER_ADDRESS {
            registry.enter(&who(&format!("p{number}"), "t"), SessionId::MIN, HOME).expect("room");
        }
        assert_eq!(registry.enter(&who("more", "t"), SessionId::MIN, HOME).err(), Some(Refused::Full));
        registry.enter(&who("p0", "t"), SessionId::MAX, HOME).expect("a place of its own");
        let elsewhere = "10.0.0.2".parse().expect("an address");
        registry.enter(&who("other", "t"), SessionId::MIN, elsewhere).expect("room elsewhere");
        registry.leave("p1", SessionId::MIN);
        registry.enter(&who("more", "t"), SessionId::MIN, HOME).expect("room again");
    }

    #[test]
    fn there_is_a_number_for_all_addresses_together() {
        let registry = Registry::default();
        let address = |number: u32| IpAddr::V4(std::net::Ipv4Addr::from(0x0a00_0000 + number / 50));
        let most = u32::try_from(limits::PEERS).expect("few");
        for number in 0..most {
            let who = who(&format!("p{number}"), "t");
            registry.enter(&who, SessionId::MIN, address(number)).expect("room");
        }
        let one_more = registry.enter(&who("more", "t"), SessionId::MIN, address(most));
        assert_eq!(one_more.err(), Some(Refused::Full));
    }
}
