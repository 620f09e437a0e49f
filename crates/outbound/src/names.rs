//! Looking names up, and judging what they lead to.

use crate::addresses::Reach;
use crate::{Trouble, limits};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The addresses of a name, in the order in which to try them.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Where names are looked up. A connection asks once, and what is found is judged and connected to.
pub trait Names: Send + Sync {
    /// Looks up the addresses of a host name.
    fn find(&self, host: &str) -> Found;
}

/// The system's lookup, with at most [`limits::LOOKUPS`] under way.
pub struct SystemNames {
    places: Arc<Semaphore>,
}

impl Default for SystemNames {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(limits::LOOKUPS)) }
    }
}

impl Names for SystemNames {
    fn find(&self, host: &str) -> Found {
        let (places, host) = (Arc::clone(&self.places), host.to_owned());
        Box::pin(async move {
            let place = places.acquire_owned().await.map_err(io::Error::other)?;
            // The thread holds the place: an ask that runs out of time leaves it behind.
            let lookup = tokio::task::spawn_blocking(move || {
                let found = (host.as_str(), 0).to_socket_addrs()?.map(|found| found.ip()).collect();
                drop(place);
                Ok(found)
            });
            lookup.await.map_err(io::Error::other)?
        })
    }
}

/// Lookup for connections: gives only addresses that may be connected to.
pub(crate) struct JudgedNames {
    pub(crate) names: Arc<dyn Names>,
    /// Where connections may go; `None` is anywhere.
    pub(crate) reach: Option<Arc<Reach>>,
}

impl Resolve for JudgedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, reach) = (self.names.find(name.as_str()), self.reach.clone());
        Box::pin(async move {
            let found = found.await.map_err(|_| Trouble::NoSuchHost)?;
            // One bad address spoils the name: nobody but an attacker mixes them.
            if reach.is_some_and(|reach| !found.iter().all(|address| reach.permits(*address))) {
                return Err(Trouble::Forbidden.into());
            }
            if found.is_empty() {
                return Err(Trouble::NoSuchHost.into());
            }
            // Port 0 is replaced by the URL's.
            let addresses = found.into_iter().take(limits::ADDRESSES).map(|ip| SocketAddr::new(ip, 0));
            Ok::<Addrs, _>(Box::new(addresses))
        })
    }
}
