//! A push, sealed and ready to be sent.

use super::encrypt::{SALT_BYTES, encrypt};
use super::{BadSubscription, Subscription, VapidKey};
use crate::{Ask, Guard, limits};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use p256::SecretKey;
use std::{error, fmt};

/// Bytes of a push service's answer: only its status matters.
const ANSWER_BYTES: usize = 4 * 1024;

/// A push that only its receiver can read.
#[derive(Clone)]
pub struct SealedPush {
    /// Where to POST it: the subscription's endpoint.
    pub url: String,
    /// `Authorization`, `Content-Encoding`, `Content-Type` and `TTL`; `Urgency` and `Topic` (RFC 8030 section 5) may be
    /// added.
    pub headers: HeaderMap,
    /// The encrypted payload.
    pub body: Bytes,
}

impl SealedPush {
    /// The request to the push service: public addresses, `https`, no redirects; large answers are cut.
    #[must_use]
    pub fn into_ask(self) -> Ask {
        let mut ask = Ask::post(self.url, Guard::Public, "application/octet-stream", self.body);
        ask.headers = self.headers;
        ask.max_bytes = ANSWER_BYTES;
        ask.overflow = crate::Overflow::Cut;
        ask.https_only = true;
        ask.keep = true; // all browsers together have a handful of push services
        ask
    }
}

impl fmt::Debug for SealedPush {
    /// Without its values: they are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedPush").field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// Encrypts a payload of at most [`limits::PUSH_BYTES`] for a subscription and signs who sends it. Every call gives other
/// bytes.
///
/// `subject` is how push services reach the operator: a `mailto:` or `https:` URI. `ttl_seconds` is how long the service
/// keeps the push for a browser that is away (0: not at all), cut to [`limits::PUSH_TTL_SECONDS`]. `now_unix` is in
/// seconds since 1970; the signature is good for [`limits::VAPID_SECONDS`] from then.
///
/// # Errors
/// When the payload is too large, or the subscription or the subject is not valid.
pub fn seal(
    key: &VapidKey,
    subject: &str,
    subscription: &Subscription,
    payload: &[u8],
    ttl_seconds: u32,
    now_unix: u64,
) -> Result<SealedPush, CannotSeal> {
    if payload.len() > limits::PUSH_BYTES {
        return Err(CannotSeal::TooLarge);
    }
    let contact = subject.starts_with("mailto:") || subject.starts_with("https://");
    if !contact || subject.len() > limits::SUBJECT_BYTES {
        return Err(CannotSeal::Subject);
    }
    let receiver = subscription.receiver().map_err(CannotSeal::Subscription)?;

    let salt = random::<SALT_BYTES>();
    let body = encrypt(&receiver.key, &receiver.auth, &new_key(), &salt, payload);
    let audience = receiver.endpoint.origin().ascii_serialization();
    let expires = now_unix.saturating_add(limits::VAPID_SECONDS);
    let authorization = key.authorization(&audience, subject, expires);
    let mut authorization =
        HeaderValue::try_from(authorization).expect("base64url and a few ASCII letters are a header value");
    authorization.set_sensitive(true);

    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, authorization);
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    let ttl = ttl_seconds.min(limits::PUSH_TTL_SECONDS);
    headers.insert(HeaderName::from_static("ttl"), HeaderValue::from(ttl)); // RFC 8030 section 5.2
    Ok(SealedPush { url: receiver.endpoint.into(), headers, body: body.into() })
}

/// A key pair for one push.
fn new_key() -> SecretKey {
    loop {
        // Fails with a chance of 2^-32.
        if let Ok(key) = SecretKey::from_slice(&random::<32>()) {
            return key;
        }
    }
}

fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Why a push cannot be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotSeal {
    /// The payload is larger than [`limits::PUSH_BYTES`].
    TooLarge,
    /// The subject is no `mailto:` or `https:` URI of at most [`limits::SUBJECT_BYTES`].
    Subject,
    /// The subscription is not valid: forget it.
    Subscription(BadSubscription),
}

impl fmt::Display for CannotSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "a push holds at most {} bytes", limits::PUSH_BYTES),
            Self::Subject => f.write_str("the contact for push services is no mailto: or https: address"),
            Self::Subscription(bad) => write!(f, "the push subscription is not valid: {bad}"),
        }
    }
}

impl error::Error for CannotSeal {}
