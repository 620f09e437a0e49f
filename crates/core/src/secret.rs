//! Tokens: how they are kept (hashed) and how short-lived ones are signed.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// SHA-256 of a token of at least 256 random bits: what the store keeps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a presented token. Looking it up leaks no timing of the token itself.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

/// The password that a TURN server with a shared secret expects of a user name, which begins with the Unix second at which
/// it ends (coturn's REST scheme): base64 of HMAC-SHA-1.
pub fn turn_credential(secret: &str, username: &str) -> String {
    let mut mac =
        <Hmac<Sha1> as Mac>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(username.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Signs short texts with the instance key: access tokens, cookies, signed links.
#[derive(Clone)]
pub struct Signer {
    key: [u8; 32],
}

impl Signer {
    /// A signer with the instance's secret key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// `payload` and its HMAC-SHA-256 for `purpose`, as URL-safe text.
    pub fn sign(&self, purpose: &str, payload: &str) -> String {
        let mac = self.mac(purpose, payload).finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(mac))
    }

    /// The payload of a text made by [`Signer::sign`] for the same purpose; `None` for any other text.
    pub fn verify(&self, purpose: &str, signed: &str) -> Option<String> {
        let (payload, mac) = signed.split_once('.')?;
        let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        self.mac(purpose, &payload).verify_slice(&mac).ok()?;
        Some(payload)
    }

    /// 32 secret bytes for a purpose, always the same: keys that need not be kept.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        self.mac("derive", purpose).finalize().into_bytes().into()
    }

    fn mac(&self, purpose: &str, payload: &str) -> Hmac<Sha256> {
        let mut mac =
            <Hmac<Sha256> as Mac>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(payload.as_bytes());
        mac
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_credential_is_what_turn_servers_compute() {
        // RFC 2202, test case 2 for HMAC-SHA-1.
        let credential = turn_credential("Jefe", "what do ya want for nothing?");
        assert_eq!(credential, "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }

    #[test]
    fn a_signature_is_good_for_its_purpose_and_payload_only() {
        let signer = Signer::new([7; 32]);
        let signed = signer.sign("access", "ann");
        assert_eq!(signer.verify("access", &signed).as_deref(), Some("ann"));
        assert_eq!(signer.verify("cookie", &signed), None);
        assert_eq!(Signer::new([8; 32]).verify("access", &signed), None);
        let forged =
            format!("{}.{}", URL_SAFE_NO_PAD.encode("bob"), signed.split_once('.').expect("two parts").1);
        assert_eq!(signer.verify("access", &forged), None);
        assert_eq!(signer.verify("access", "..."), None);
    }
}
