//! What the operator decides about asks.

use crate::{Names, SystemNames, limits};
use ipnet::IpNet;
use std::sync::Arc;
use std::{error, fmt};

/// What the operator decides about asks. The default is right for a server with nothing special.
#[derive(Clone)]
pub struct Options {
    /// Asks under way at the same time, at least 1.
    pub running: usize,
    /// Asks that wait for one under way to end; beyond them an ask is [`Trouble::Busy`](crate::Trouble::Busy) at once.
    pub waiting: usize,
    /// Networks that [`Guard::Public`](crate::Guard::Public) refuses beside those that are not public, such as this
    /// machine's own public addresses: behind a firewall, it reaches more of itself than others do.
    pub forbidden: Vec<IpNet>,
    /// Networks that [`Guard::Public`](crate::Guard::Public) takes for public, such as an intranet that everybody here
    /// may see.
    pub allowed: Vec<IpNet>,
    /// Certificate authorities trusted beside the public ones, as DER.
    pub authorities: Vec<Vec<u8>>,
    /// Where names are looked up.
    pub names: Arc<dyn Names>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            running: limits::RUNNING,
            waiting: limits::WAITING,
            forbidden: Vec::new(),
            allowed: Vec::new(),
            authorities: Vec::new(),
            names: Arc::new(SystemNames::default()),
        }
    }
}

impl Options {
    /// The TLS side of all asks.
    pub(crate) fn tls(&self) -> Result<rustls::ClientConfig, BadAuthority> {
        let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for (index, der) in self.authorities.iter().enumerate() {
            roots.add(der.as_slice().into()).map_err(|_| BadAuthority { index })?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider speaks the default versions")
            .with_root_certificates(roots)
            .with_no_client_auth())
    }
}

/// One of [`Options::authorities`] is no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadAuthority {
    /// Which one, counted from 0.
    pub index: usize,
}

impl fmt::Display for BadAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "certificate authority number {} is no certificate", self.index + 1)
    }
}

impl error::Error for BadAuthority {}
