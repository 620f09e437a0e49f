//! Roles, channels, people, and what was done to them (originchats.md 5.7 to 5.10, 5.18).

use super::OriginSession;
use super::requests::Asked;
use crate::decode::admin::Ask;
use commonroom_hub::session::Context;

impl OriginSession {
    /// Carries out a request of `decode::admin`.
    pub(super) fn administer(&mut self, ask: Ask, _asked: Asked, _cx: &mut Context<'_>) {
        match ask {}
    }
}
