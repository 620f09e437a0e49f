//! Files, emoji, webhooks, pictures and push (originchats.md 5.14 to 5.17).

use super::OriginSession;
use super::requests::Asked;
use crate::decode::keep::Ask;
use commonroom_hub::session::Context;

impl OriginSession {
    /// Carries out a request of `decode::keep`.
    pub(super) fn keep(&mut self, ask: Ask, _asked: Asked, _cx: &mut Context<'_>) {
        match ask {}
    }
}
