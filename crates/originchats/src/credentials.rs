//! What proves over HTTP whose connection somebody has or had just now (originchats.md 3.3, 7.4): the key that the
//! connection's handshake told, for which an identity provider vouches, and the token that it was given when it signed in.

use crate::limits;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::AccountId;
use commonroom_core::secret::TokenHash;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The keys and tokens of connections that are open, or were an hour ago. They are secrets or become ones: only their
/// hashes are kept.
#[derive(Debug, Default)]
pub struct Credentials(Mutex<BTreeMap<TokenHash, Holder>>);

/// Whose a key or token is.
#[derive(Clone, Copy, Debug)]
struct Holder {
    account: AccountId,
    kind: Kind,
    /// When the connection ended.
    closed: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Key,
    Token,
}

impl Credentials {
    /// Remembers the key and the token of a connection that signed in.
    pub fn opened(&self, account: AccountId, key: &str, token: &str, now: Timestamp) {
        let mut all = self.all();
        if all.len() >= limits::CREDENTIALS {
            forget(&mut all, now);
        }
        for (text, kind) in [(key, Kind::Key), (token, Kind::Token)] {
            all.insert(TokenHash::of(text), Holder { account, kind, closed: None });
        }
    }

    /// The connection is gone: its key and token are good for another hour.
    pub fn closed(&self, key: &str, token: &str, now: Timestamp) {
        let mut all = self.all();
        for text in [key, token] {
            if let Some(holder) = all.get_mut(&TokenHash::of(text)) {
                holder.closed = Some(now);
            }
        }
    }

    /// Whose token this is.
    pub fn of_token(&self, token: &str, now: Timestamp) -> Option<AccountId> {
        self.holder(token, Kind::Token, now).map(|holder| holder.account)
    }

    /// Whose connection was told this key.
    pub fn of_key(&self, key: &str, now: Timestamp) -> Option<AccountId> {
        self.holder(key, Kind::Key, now).map(|holder| holder.account)
    }

    fn holder(&self, text: &str, kind: Kind, now: Timestamp) -> Option<Holder> {
        let holder = *self.all().get(&TokenHash::of(text))?;
        (holder.kind == kind && !is_over(&holder, now)).then_some(holder)
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<TokenHash, Holder>> {
        // The map is whole after every step, also after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_over(holder: &Holder, now: Timestamp) -> bool {
    holder.closed.is_some_and(|closed| closed.plus_seconds(limits::CREDENTIAL_SECONDS) <= now)
}

/// Makes room: what is over goes, and when that is not enough, what belongs to connections that ended.
fn forget(all: &mut BTreeMap<TokenHash, Holder>, now: Timestamp) {
    all.retain(|_, holder| !is_over(holder, now));
    if all.len() >= limits::CREDENTIALS {
        all.retain(|_, holder| holder.closed.is_none());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_connection_and_an_hour_and_is_no_key() {
        let (all, account) = (Credentials::default(), AccountId::MAX);
        let at = |seconds| Timestamp(0).plus_seconds(seconds);
        all.opened(account, "key", "token", at(0));
        assert_eq!(all.of_token("token", at(100_000)), Some(account));
        assert_eq!((all.of_token("key", at(1)), all.of_key("token", at(1))), (None, None));
        all.closed("key", "token", at(100_000));
        assert_eq!(all.of_token("token", at(103_599)), Some(account));
        assert_eq!(all.of_key("key", at(103_599)), Some(account));
        assert_eq!((all.of_token("token", at(103_600)), all.of_key("key", at(103_600))), (None, None));
    }
}
