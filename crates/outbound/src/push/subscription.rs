//! Where and for whom to push: what a browser's `PushSubscription` says.

use crate::limits;
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use p256::PublicKey;
use std::{error, fmt};
use url::{Host, Url};

/// Base64url, with or without padding: browsers leave it out, some libraries put it in.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Bytes of an uncompressed P-256 point (SEC 1 section 2.3.3).
pub(super) const POINT_BYTES: usize = 65;
/// Bytes of the authentication secret (RFC 8291 section 3.2).
pub(super) const AUTH_BYTES: usize = 16;

/// What a browser's `PushSubscription` says, as it wrote it. Nothing is checked until [`check`](Self::check).
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    /// URL of the push service for this browser. Whoever knows it can be heard by the service: a secret.
    pub endpoint: String,
    /// The browser's public key: 65 bytes, base64url.
    pub p256dh: String,
    /// The authentication secret: 16 bytes, base64url.
    pub auth: String,
}

/// A subscription that can be sealed for.
pub(super) struct Receiver {
    pub(super) endpoint: Url,
    pub(super) key: PublicKey,
    pub(super) auth: [u8; AUTH_BYTES],
}

impl Subscription {
    /// Checks all that can be told without asking anybody: an `https` endpoint without credentials on an address that may
    /// be public, a key that is a point of the curve, a secret of the right length.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), BadSubscription> {
        self.receiver().map(drop)
    }

    pub(super) fn receiver(&self) -> Result<Receiver, BadSubscription> {
        let endpoint = endpoint(&self.endpoint).ok_or(BadSubscription::Endpoint)?;
        let point = bytes::<POINT_BYTES>(&self.p256dh).ok_or(BadSubscription::Key)?;
        // Lengths being equal, only the uncompressed form is read; a point off the curve is refused.
        let key = PublicKey::from_sec1_bytes(&point).map_err(|_| BadSubscription::Key)?;
        let auth = bytes(&self.auth).ok_or(BadSubscription::Auth)?;
        Ok(Receiver { endpoint, key, auth })
    }
}

impl fmt::Debug for Subscription {
    /// Without its values: they are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

fn endpoint(text: &str) -> Option<Url> {
    let url = (text.len() <= limits::ENDPOINT_BYTES).then(|| Url::parse(text).ok())??;
    let plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    let public = match url.host()? {
        Host::Domain(_) => true, // judged when it is looked up
        Host::Ipv4(address) => crate::is_public(address.into()),
        Host::Ipv6(address) => crate::is_public(address.into()),
    };
    (plain && public).then_some(url)
}

/// Base64url of exactly so many bytes.
fn bytes<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    // Longer text is not worth decoding: 4 characters stand for 3 bytes.
    let short = text.len() <= LENGTH.div_ceil(3) * 4;
    short.then(|| LENIENT.decode(text).ok())??.try_into().ok()
}

/// Why nothing can be sealed for a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSubscription {
    /// The endpoint is no `https` URL of a public host.
    Endpoint,
    /// The key is no uncompressed point of P-256 in base64url.
    Key,
    /// The authentication secret is not 16 bytes in base64url.
    Auth,
}

impl fmt::Display for BadSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Endpoint => "the endpoint is no public https address",
            Self::Key => "p256dh is no public key of P-256",
            Self::Auth => "auth is no secret of 16 bytes",
        })
    }
}

impl error::Error for BadSubscription {}
