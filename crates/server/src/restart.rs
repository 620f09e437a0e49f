//! A wish to be started anew: the process ends as at any other orderly stop, and its supervisor starts it again.

use std::sync::OnceLock;
use std::time::Duration;
use tokio::sync::Notify;

/// At most one wish in the life of a process.
#[derive(Default)]
pub struct Restart {
    after: OnceLock<Duration>,
    told: Notify,
}

impl Restart {
    /// Wishes it; false when it was wished before.
    pub fn wish(&self, seconds: u64) -> bool {
        let first = self.after.set(Duration::from_secs(seconds)).is_ok();
        self.told.notify_one();
        first
    }

    /// Waits until it is wished and its time has come.
    pub async fn due(&self) {
        let after = loop {
            match self.after.get() {
                Some(after) => break *after,
                None => self.told.notified().await,
            }
        };
        tokio::time::sleep(after).await;
    }
}
