//! What all gateway connections share: what tokens open, and which addresses present bad ones.

use crate::config::Config;
use crate::limits;
use crate::token::Access;
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::LoginId;
use commonroom_core::secret::Signer;
use commonroom_hub::throttle::{Throttle, Throttling};
use std::collections::BTreeMap;
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
    /// Tokens of ours that were refused, and when last: past their end, or of a sign-in that is over.
    spent: Mutex<BTreeMap<(LoginId, Timestamp), Timestamp>>,
}

impl World {
    /// A world that has seen nothing.
    pub fn new(config: Config, signer: Signer) -> Self {
        Self { config, signer, refused: Mutex::default(), spent: Mutex::default() }
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
    pub fn refused(&self, address: IpAddr, token: Option<&str>, now: Timestamp) {
        if self.config.rate_limit.is_exempt(address) {
            return;
        }
        lock(&self.refused).failed(address, TOKEN, REFUSED, now);
        if let Some(access) = token.and_then(|token| Access::read(&self.signer, token)) {
            let mut spent = lock(&self.spent);
            if spent.len() >= limits::REFUSED_REMEMBERED {
                spent.retain(|_, last| is_recent(*last, now));
            }
            if spent.len() < limits::REFUSED_REMEMBERED {
                spent.insert((access.login, access.expires_at), now);
            }
        }
    }

    /// True for an upgrade with a token that is certainly bad, from an address that has presented too many (2.3).
    pub fn refuses(&self, address: IpAddr, token: Option<&str>, now: Timestamp) -> bool {
        let access = token.and_then(|token| Access::read(&self.signer, token));
        let maybe_good = access.is_some_and(|access| {
            let spent = lock(&self.spent).get(&(access.login, access.expires_at)).copied();
            spent.is_none_or(|last| !is_recent(last, now))
        });
        !maybe_good
            && !self.config.rate_limit.is_exempt(address)
            && lock(&self.refused).refuses(address, TOKEN, REFUSED, now)
    }
}

fn is_recent(refused: Timestamp, now: Timestamp) -> bool {
    now < refused.plus_seconds(limits::REFUSED_WINDOW_SECONDS)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use commonroom_core::ids::AccountId;

    #[test]
    fn twenty_bad_tokens_are_enough() {
        let world = World::new(Config::default(), Signer::new([1; 32]));
        let home = IpAddr::from([127, 0, 0, 1]);
        for second in 0..20 {
            let now = Timestamp(0).plus_seconds(second);
            assert!(!world.refuses(home, Some("zzz"), now), "{second}");
            world.refused(home, Some("zzz"), now);
        }
        let now = Timestamp(0).plus_seconds(20);
        assert!(world.refuses(home, Some("zzz"), now));
        assert!(world.refuses(home, None, now));
        assert!(!world.refuses(IpAddr::from([10, 0, 0, 1]), None, now));
        assert!(!world.refuses(home, None, now.plus_seconds(120)));
    }

    #[test]
    fn a_token_of_ours_is_let_in_until_it_was_refused() {
        let signer = Signer::new([1; 32]);
        let id = uuid::Uuid::from_u128(7);
        let access = Access { account: AccountId(id), login: LoginId(id), expires_at: Timestamp(0) };
        let (ended, world) = (access.sign(&signer), World::new(Config::default(), signer));
        let home = IpAddr::from([127, 0, 0, 1]);
        (0..20).for_each(|_| world.refused(home, None, Timestamp(0)));
        assert!(!world.refuses(home, Some(&ended), Timestamp(0)));
        world.refused(home, Some(&ended), Timestamp(0));
        assert!(world.refuses(home, Some(&ended), Timestamp(0)));
    }

    #[test]
    fn exempt_addresses_are_not_counted() {
        let config: Config =
            serde_json::from_str(r#"{"rate_limit":{"exempt":["127.0.0.0/8"]}}"#).expect("a config");
        let world = World::new(config, Signer::new([1; 32]));
        let home = IpAddr::from([127, 0, 0, 1]);
        for _ in 0..50 {
            world.refused(home, None, Timestamp(0));
        }
        assert!(!world.refuses(home, None, Timestamp(0)));
    }
}
