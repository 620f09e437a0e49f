//! Signing in with an identity kept elsewhere: the service named by the operator says who a validator belongs to
//! (originchats.md 3.2).

use super::OriginSession;
use super::requests::Asked;
use crate::limits;
use crate::rotur::{self, Identity};
use crate::wording::{Deed, refusal, text};
use commonroom_core::account::{ExternalId, Protocol};
use commonroom_core::command::{Actor, Command, OutsideProfile};
use commonroom_core::{Refusal, Reply};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;

impl OriginSession {
    /// `auth`: asks the service. Nothing else of this connection goes on meanwhile, and nobody else waits.
    pub(super) fn outside(&mut self, asked: Asked, validator: Option<String>, cx: &mut Context<'_>) {
        let config = &self.shared.config.rotur;
        let validator = validator.unwrap_or_default();
        let Some(question) = rotur::question(config, &self.validator_key, &validator) else {
            return self.reject(&asked, text::BAD_VALIDATOR, cx);
        };
        if self.throttled()
            && self.shared.attempts().refuses(self.address, "", limits::OUTSIDE_THROTTLE, cx.now)
        {
            return self.reject(&asked, text::TOO_MANY, cx);
        }
        self.request(asked, Request::Outside(question), Self::validated, cx);
    }

    /// The service answered, or not.
    fn validated(&mut self, asked: Asked, answer: Answer, cx: &mut Context<'_>) {
        let said = match answer {
            Ok(Reply::Outside(said)) => said,
            // That the service is down is no failure of the client.
            Ok(_) | Err(_) => return self.reject(&asked, text::BAD_VALIDATOR, cx),
        };
        let Some(Identity { id, username }) = rotur::identity(&said) else {
            if self.throttled() {
                self.shared.attempts().failed(self.address, "", limits::OUTSIDE_THROTTLE, cx.now);
            }
            return self.reject(&asked, text::BAD_VALIDATOR, cx);
        };
        let Some(space) = self.shared.space(cx.state).map(|space| space.id) else {
            return self.reject(&asked, text::FAULT, cx);
        };
        let identity = ExternalId::Rotur(id);
        let known = cx.state.directory.account_outside(&identity);
        let first = known.is_none_or(|known| cx.state.directory.member(space, known.id).is_none());
        let profile = OutsideProfile { username, ..OutsideProfile::default() };
        let command = Command::SignInOutside { identity, profile, space, via: Protocol::OriginChats };
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| match answer
        {
            Ok(Reply::Account(account)) => session.enter(&asked, account, first, cx),
            Ok(_) => session.reject(&asked, text::FAULT, cx),
            Err(Refusal::BadName) => session.reject(&asked, text::BAD_VALIDATOR, cx),
            Err(why) => session.reject(&asked, refusal(why, Deed::Other), cx),
        };
        self.request(asked, Request::Command(Actor::System, command), then, cx);
    }
}
