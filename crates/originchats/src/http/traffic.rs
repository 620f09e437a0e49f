//! What uploads and webhooks take up: bytes at this moment, and calls in the last minute. One for all listeners.

use crate::limits;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, WebhookId};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// The traffic of this protocol over HTTP.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    held: Arc<Mutex<u64>>,
    uploads: Mutex<Minutes<AccountId>>,
    webhooks: Mutex<Minutes<WebhookId>>,
}

impl Traffic {
    /// A share of the memory of uploads, empty at first.
    pub(super) fn share(&self) -> Share {
        Share { all: self.held.clone(), held: 0 }
    }

    /// Counts an upload of an account; false when it is one too many.
    pub(super) fn upload(&self, account: AccountId, most: usize, now: Timestamp) -> bool {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner).take(account, most, now)
    }

    /// Counts a message of a webhook; false when it is one too many.
    pub(super) fn webhook(&self, webhook: WebhookId, now: Timestamp) -> bool {
        let most = limits::WEBHOOK_PER_MINUTE;
        self.webhooks.lock().unwrap_or_else(PoisonError::into_inner).take(webhook, most, now)
    }
}

/// Memory that one upload holds, given back when it ends.
#[derive(Debug)]
pub(super) struct Share {
    all: Arc<Mutex<u64>>,
    held: u64,
}

impl Share {
    /// Takes more; false when all uploads together would hold too much. One alone may always go on.
    pub(super) fn take(&mut self, bytes: u64) -> bool {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let alone = *all == self.held;
        let then = all.saturating_add(bytes);
        if then > limits::UPLOADS_BYTES && !alone {
            return false;
        }
        self.held += bytes;
        *all = then;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        *all = all.saturating_sub(self.held);
    }
}

/// Moments of the last minute, by whom.
#[derive(Debug)]
struct Minutes<K>(BTreeMap<K, VecDeque<Timestamp>>);

impl<K> Default for Minutes<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Copy> Minutes<K> {
    fn take(&mut self, key: K, most: usize, now: Timestamp) -> bool {
        let begin = now.plus_seconds(-limits::MINUTE_SECONDS);
        if self.0.len() >= limits::RATED && !self.0.contains_key(&key) {
            self.0.retain(|_, moments| moments.back().is_some_and(|last| *last > begin));
            if self.0.len() >= limits::RATED {
                return false;
            }
        }
        let moments = self.0.entry(key).or_default();
        while moments.front().is_some_and(|first| *first <= begin) {
            moments.pop_front();
        }
        if moments.len() >= most {
            return false;
        }
        moments.push_back(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_holds_so_many_and_then_the_next_begins() {
        let (mut minutes, at) = (Minutes::default(), |seconds| Timestamp(0).plus_seconds(seconds));
        assert!(minutes.take(1, 2, at(0)) && minutes.take(1, 2, at(10)) && !minutes.take(1, 2, at(59)));
        assert!(minutes.take(2, 2, at(59)));
        assert!(minutes.take(1, 2, at(60)) && !minutes.take(1, 2, at(69)) && minutes.take(1, 2, at(70)));
    }

    #[test]
    fn memory_is_shared_given_back_and_never_denied_to_one_alone() {
        let traffic = Traffic::default();
        let (mut one, mut other) = (traffic.share(), traffic.share());
        assert!(one.take(limits::UPLOADS_BYTES + 1));
        assert!(!other.take(1));
        drop(one);
        assert!(other.take(limits::UPLOADS_BYTES));
        assert!(!traffic.share().take(1));
    }
}
