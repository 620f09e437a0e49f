//! Threads, polls, pins, answers and searches (originchats.md 5.4 to 5.6).

use super::OriginSession;
use super::requests::Asked;
use crate::decode::talk::Ask;
use commonroom_hub::session::Context;

impl OriginSession {
    /// Carries out a request of `decode::talk`.
    pub(super) fn discuss(&mut self, ask: Ask, _asked: Asked, _cx: &mut Context<'_>) {
        match ask {}
    }
}
