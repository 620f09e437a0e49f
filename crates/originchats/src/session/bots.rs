//! Slash commands, the bots that answer them, and rates (originchats.md 5.13, 5.18).

use super::OriginSession;
use super::requests::Asked;
use crate::decode::bots::Ask;
use commonroom_hub::session::Context;

impl OriginSession {
    /// Carries out a request of `decode::bots`.
    pub(super) fn slash(&mut self, ask: Ask, _asked: Asked, _cx: &mut Context<'_>) {
        match ask {}
    }
}
