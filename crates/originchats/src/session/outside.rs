//! Signing in with an identity kept elsewhere: the service named by the operator says who a validator belongs to
//! (originchats.md 3.2).

use super::OriginSession;
use super::requests::Asked;
use crate::limits;
use crate::wording::{Deed, refusal, text};
use commonroom_core::account::{ExternalId, Protocol};
use commonroom_core::command::{Actor, Command, OutsideProfile};
use commonroom_core::{Refusal, Reply};
use commonroom_hub::request::{Answer, Outside, Request};
use commonroom_hub::session::Context;
use serde::Deserialize;
use std::fmt::Write as _;

/// What the service answers.
#[derive(Deserialize)]
struct Validation {
    #[serde(default)]
    valid: bool,
    #[serde(default)]
    id: String,
    #[serde(default)]
    username: String,
}

impl OriginSession {
    /// `auth`: asks the service. Nothing else of this connection goes on meanwhile, and nobody else waits.
    pub(super) fn outside(&mut self, asked: Asked, validator: Option<String>, cx: &mut Context<'_>) {
        let rotur = &self.shared.config.rotur;
        let validator = validator.filter(|text| rotur.enabled && text.len() <= limits::VALIDATOR_BYTES);
        let Some(validator) = validator else { return self.reject(&asked, text::BAD_VALIDATOR, cx) };
        if self.throttled()
            && self.shared.attempts().refuses(self.address, "", limits::OUTSIDE_THROTTLE, cx.now)
        {
            return self.reject(&asked, text::TOO_MANY, cx);
        }
        let url = question(&rotur.validate_url, &self.validator_key, &validator);
        let request = Request::Outside(Outside { url, seconds: rotur.timeout });
        self.request(asked, request, Self::validated, cx);
    }

    /// The service answered, or not.
    fn validated(&mut self, asked: Asked, answer: Answer, cx: &mut Context<'_>) {
        let said = match answer {
            Ok(Reply::Outside(said)) => said,
            // That the service is down is no failure of the client.
            Ok(_) | Err(_) => return self.reject(&asked, text::BAD_VALIDATOR, cx),
        };
        let Some((id, username)) = person(&said) else {
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

/// Id and username in an answer that vouches for somebody.
fn person(said: &str) -> Option<(String, String)> {
    let Validation { valid, id, username } = serde_json::from_str(said).ok()?;
    let fits = valid && !username.is_empty() && (1..=limits::OUTSIDE_ID_BYTES).contains(&id.len());
    fits.then_some((id, username))
}

/// The whole URL of a question.
fn question(url: &str, key: &str, validator: &str) -> String {
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}key={}&v={}", encoded(key), encoded(validator))
}

/// A text as part of a query (RFC 3986: what is not unreserved is percent-encoded).
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_validator_can_change_the_question() {
        let url = question("https://id.example/validate", "originChats-a", "x&key=b#/ü");
        assert_eq!(url, "https://id.example/validate?key=originChats-a&v=x%26key%3Db%23%2F%C3%BC");
        assert!(question("https://id.example/?app=1", "a", "b").ends_with("/?app=1&key=a&v=b"));
    }

    #[test]
    fn only_a_whole_answer_vouches_for_somebody() {
        let good = r#"{"valid":true,"id":"USR:1","username":"mira","more":[1]}"#;
        assert_eq!(person(good), Some(("USR:1".to_owned(), "mira".to_owned())));
        for bad in [
            "",
            "true",
            "{}",
            r#"{"valid":false,"id":"USR:1","username":"mira"}"#,
            r#"{"valid":"true","id":"USR:1","username":"mira"}"#,
            r#"{"valid":true,"id":7,"username":"mira"}"#,
            r#"{"valid":true,"id":"","username":"mira"}"#,
            r#"{"valid":true,"id":"USR:1","username":""}"#,
        ] {
            assert_eq!(person(bad), None, "{bad}");
        }
    }
}
