//! VAPID (RFC 8292): the key that tells push services who sends.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Separates keys made from a seed here from whatever else is made of the same seed.
const LABEL: &[u8] = b"commonroom vapid P-256 v1";

/// The server's key for push services. Browsers bind a subscription to it: with another key, all subscriptions are void.
#[derive(Clone)]
pub struct VapidKey(SigningKey);

impl VapidKey {
    /// The key that belongs to a secret seed: always the same one.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let candidate = |counter: u8| {
            let hash =
                Sha256::new().chain_update(LABEL).chain_update(seed).chain_update([counter]).finalize();
            SigningKey::from_bytes(&hash).ok()
        };
        // A hash is no key with a chance of 2^-32, all 256 with 2^-8192.
        Self((0..=u8::MAX).find_map(candidate).expect("one of 256 hashes is below the order of the curve"))
    }

    /// The public key for browsers (`applicationServerKey`): the uncompressed point of 65 bytes, base64url.
    #[must_use]
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.verifying_key().to_encoded_point(false).as_bytes())
    }

    /// The `Authorization` field for a push service (RFC 8292 section 3).
    ///
    /// `audience` is the service's origin, `subject` a contact URI, `expires` in seconds since 1970.
    pub(super) fn authorization(&self, audience: &str, subject: &str, expires: u64) -> String {
        let header = json!({ "typ": "JWT", "alg": "ES256" });
        let claims = json!({ "aud": audience, "exp": expires, "sub": subject });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        // Deterministic (RFC 6979): no random number to get wrong.
        let signature: Signature = self.0.sign(signed.as_bytes());
        format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.to_bytes()), self.public())
    }
}

impl fmt::Debug for VapidKey {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VapidKey").field(&self.public()).finish()
    }
}
