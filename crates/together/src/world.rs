//! What all gateway connections share: what tokens open, and which addresses present bad ones.

use crate::config::Config;
use crate::limits;
use crate::token::Access;
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::secret::Signer;
use commonroom_hub::throttle::{Throttle, Throttling};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

const REFUSED: Throttling = Throttling {
    per_address: limits::REFUSED_TOKENS,
    per_name: limits::REFUSED_TOKENS,
    seconds: limits::REFUSED_WINDOW_SECONDS,
};
const TOKEN: &str = "token";

/// Shared by the connections of every shard.
#[derive(Debug)]
pub struct World {
    /// The operator's settings.
    pub config: Config,
    signer: Signer,
    refused: Mutex<Throttle>,
}

impl World {
    /// A world that has seen nothing.
    pub fn new(config: Config, signer: Signer) -> Self {
        Self { config, signer, refused: Mutex::default() }
    }

    /// What a presented token opens: a good one always, an expired one only again (together.md 2.6).
    pub fn admits(&self, directory: &Directory, token: &str, now: Timestamp) -> Option<Access> {
        let access = Access::read(&self.signer, token)?;
        access.account(directory, now).ok()?;
        let again = || {
            self.config.gateway.reconnect_grace
                && access.has_opened(directory)
                && now <= access.expires_at.plus_seconds(limits::RECONNECT_SECONDS)
        };
        (access.expires_at > now || again()).then_some(access)
    }

    /// Counts a bad token.
    pub fn refused(&self, address: IpAddr, now: Timestamp) {
        if !self.config.rate_limit.is_exempt(address) {
            lock(&self.refused).failed(address, TOKEN, REFUSED, now);
        }
    }

    /// True for an upgrade with a token that is certainly bad, from an address that has presented too many (2.3).
    pub fn refuses(&self, address: IpAddr, token: Option<&str>, now: Timestamp) -> bool {
        let signed = token.is_some_and(|token| Access::read(&self.signer, token).is_some());
        !signed
            && !self.config.rate_limit.is_exempt(address)
            && lock(&self.refused).refuses(address, TOKEN, REFUSED, now)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_bad_tokens_are_enough() {
        let world = World::new(Config::default(), Signer::new([1; 32]));
        let home = IpAddr::from([127, 0, 0, 1]);
        for second in 0..20 {
            let now = Timestamp(0).plus_seconds(second);
            assert!(!world.refuses(home, Some("zzz"), now), "{second}");
            world.refused(home, now);
        }
        let now = Timestamp(0).plus_seconds(20);
        assert!(world.refuses(home, Some("zzz"), now));
        assert!(world.refuses(home, None, now));
        assert!(!world.refuses(IpAddr::from([10, 0, 0, 1]), None, now));
        assert!(!world.refuses(home, None, now.plus_seconds(120)));
    }

    #[test]
    fn exempt_addresses_are_not_counted() {
        let config: Config =
            serde_json::from_str(r#"{"rate_limit":{"exempt":["127.0.0.0/8"]}}"#).expect("a config");
        let world = World::new(config, Signer::new([1; 32]));
        let home = IpAddr::from([127, 0, 0, 1]);
        for _ in 0..50 {
            world.refused(home, Timestamp(0));
        }
        assert!(!world.refuses(home, None, Timestamp(0)));
    }
}
