//! Sealed pushes, opened by a receiver written after the RFCs alone.

use crate::site::{Site, answer};
use crate::tls::{identity, trusting};
use aes_gcm::aead::Aead as _;
use aes_gcm::{Aes128Gcm, KeyInit as _, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD as BASE64};
use commonroom_outbound::limits;
use commonroom_outbound::push::{BadSubscription, CannotSeal, SealedPush, Subscription, VapidKey, seal};
use hmac::{Hmac, Mac as _};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use p256::{PublicKey, SecretKey, ecdh};
use proptest::prelude::*;
use serde_json::Value;
use sha2::Sha256;

const NOW: u64 = 1_800_000_000;
const SUBJECT: &str = "mailto:owner@example.org";

/// A browser.
struct Browser {
    key: SecretKey,
    auth: [u8; 16],
}

impl Browser {
    fn new(seed: u8) -> Self {
        Self { key: SecretKey::from_slice(&[seed; 32]).expect("a key"), auth: [seed ^ 0xff; 16] }
    }

    fn point(&self) -> Vec<u8> {
        self.key.public_key().to_encoded_point(false).as_bytes().to_vec()
    }

    fn subscription(&self) -> Subscription {
        Subscription {
            endpoint: "https://push.test:8443/v1/abc?d=e".to_owned(),
            p256dh: BASE64.encode(self.point()),
            auth: BASE64.encode(self.auth),
        }
    }

    /// RFC 8188 section 2 and RFC 8291 section 3, with HKDF spelled out as HMAC (RFC 5869; one block is enough).
    fn open(&self, body: &[u8]) -> Option<Vec<u8>> {
        let (salt, rest) = body.split_at_checked(16)?;
        let (record, rest) = rest.split_at_checked(4)?;
        assert_eq!(u32::from_be_bytes(record.try_into().expect("4 bytes")), 4096);
        let (length, rest) = rest.split_first()?;
        let (sender, sealed) = rest.split_at_checked(usize::from(*length))?;
        let sender_key = PublicKey::from_sec1_bytes(sender).ok()?;
        let shared = ecdh::diffie_hellman(self.key.to_nonzero_scalar(), sender_key.as_affine());

        let mac = |key: &[u8], parts: &[&[u8]]| {
            let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(key).expect("any length");
            parts.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().to_vec()
        };
        let combined = mac(&self.auth, &[shared.raw_secret_bytes()]);
        let secret = mac(&combined, &[b"WebPush: info\0".as_slice(), &self.point(), sender, &[1]]);
        let master = mac(salt, &[&secret]);
        let key = mac(&master, &[b"Content-Encoding: aes128gcm\0\x01"]);
        let nonce = mac(&master, &[b"Content-Encoding: nonce\0\x01"]);
        let cipher = Aes128Gcm::new_from_slice(&key[..16]).expect("16 bytes");
        let mut text = cipher.decrypt(Nonce::from_slice(&nonce[..12]), sealed).ok()?;
        while text.last() == Some(&0) {
            text.pop();
        }
        (text.pop()? == 2).then_some(text)
    }
}

fn sealed(browser: &Browser, payload: &[u8]) -> SealedPush {
    let key = VapidKey::from_seed([1; 32]);
    seal(&key, SUBJECT, &browser.subscription(), payload, 60, NOW).expect("sealed")
}

#[test]
fn the_receiver_of_this_test_opens_the_example_of_rfc_8291() {
    let decode = |text: &str| BASE64.decode(text).expect("base64url");
    let browser = Browser {
        key: SecretKey::from_slice(&decode("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).expect("a key"),
        auth: decode("BTBZMqHH6r4Tts7J_aSIgg").try_into().expect("16 bytes"),
    };
    let body = decode(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T\
         lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
    );
    assert_eq!(browser.open(&body).expect("opened"), b"When I grow up, I want to be a watermelon");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_receiver_reads_what_was_sealed_and_nobody_else(
        payload in prop::collection::vec(any::<u8>(), 0..=limits::PUSH_BYTES),
        seed in 1..=0xfd_u8, // and the next one: 0xff throughout is no key
        flipped in any::<prop::sample::Index>(),
    ) {
        let browser = Browser::new(seed);
        let body = sealed(&browser, &payload).body;
        prop_assert!(body.len() <= 4096);
        // Padding and text are told apart by the mark, so trailing zeros of the text survive.
        prop_assert_eq!(browser.open(&body).expect("opened"), payload);
        prop_assert!(Browser::new(seed + 1).open(&body).is_none());
        let mut broken = body.to_vec();
        let sealed_part = 86..broken.len();
        broken[sealed_part.start + flipped.index(sealed_part.len())] ^= 1;
        prop_assert!(browser.open(&broken).is_none());
    }
}

#[test]
fn every_sealing_has_a_key_and_a_salt_of_its_own() {
    let browser = Browser::new(3);
    let (one, two) = (sealed(&browser, b"same").body, sealed(&browser, b"same").body);
    assert_ne!(one[..16], two[..16]);
    assert_ne!(one[21..86], two[21..86]);
    assert_ne!(one[86..], two[86..]);
}

#[test]
fn the_proof_of_sender_is_what_rfc_8292_asks_for() {
    let key = VapidKey::from_seed([1; 32]);
    let push = sealed(&Browser::new(3), b"hello");
    let field = push.headers["authorization"].to_str().expect("ASCII");
    let (token, public) =
        field.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("RFC 8292 section 3");
    assert_eq!(public, key.public());
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let point = BASE64.decode(public).expect("base64url");
    assert_eq!((point.len(), point[0]), (65, 4));
    let signature = Signature::from_slice(&BASE64.decode(signature).expect("base64url")).expect("64 bytes");
    let verifier = VerifyingKey::from_sec1_bytes(&point).expect("a point");
    verifier.verify(signed.as_bytes(), &signature).expect("signed by the key");
    assert!(verifier.verify(format!("{signed}x").as_bytes(), &signature).is_err());

    let part = |text: &str| -> Value {
        serde_json::from_slice(&BASE64.decode(text).expect("base64url")).expect("JSON")
    };
    let (header, claims) = signed.split_once('.').expect("two parts");
    assert_eq!(part(header), serde_json::json!({ "typ": "JWT", "alg": "ES256" }));
    let claims = part(claims);
    // The origin of the endpoint, with its port and nothing after it.
    assert_eq!(claims["aud"], "https://push.test:8443");
    assert_eq!(claims["sub"], SUBJECT);
    assert_eq!(claims["exp"], NOW + limits::VAPID_SECONDS);
    const { assert!(limits::VAPID_SECONDS <= 24 * 60 * 60, "RFC 8292 section 2") };
    assert_eq!(push.headers["ttl"], "60");
    assert_eq!(push.headers["content-encoding"], "aes128gcm");
}

#[test]
fn a_seed_gives_one_key() {
    let public = |seed| VapidKey::from_seed(seed).public();
    // Written down: another derivation would void every subscription that exists.
    assert_eq!(
        public([1; 32]),
        "BFbY67R7P2SrachswX10ux_5UUEiNZjbXmtH6lKR9uBmKeloZ8ejomBJT_TVZ2wVSK5SrOCApyYxh4Pk21uKmgQ"
    );
    assert_ne!(public([1; 32]), public([2; 32]));
    let shown = format!("{:?}", VapidKey::from_seed([1; 32]));
    assert_eq!(shown, format!("VapidKey({:?})", public([1; 32])));
}

#[test]
fn subscriptions_are_checked() {
    let good = Browser::new(3).subscription();
    assert_eq!(good.check(), Ok(()));
    let padded = Subscription {
        p256dh: URL_SAFE.encode(Browser::new(3).point()),
        auth: URL_SAFE.encode([0; 16]),
        ..good.clone()
    };
    assert!(padded.auth.ends_with("==") && padded.p256dh.ends_with('='));
    assert_eq!(padded.check(), Ok(()));

    let long = format!("https://push.test/{}", "x".repeat(limits::ENDPOINT_BYTES));
    for endpoint in [
        "",
        "push.test",
        "http://push.test/",
        "wss://push.test/",
        "https://user@push.test/",
        "https://127.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://0x7f000001/",
        &long,
    ] {
        let bad = Subscription { endpoint: endpoint.to_owned(), ..good.clone() };
        assert_eq!(bad.check(), Err(BadSubscription::Endpoint), "{endpoint}");
    }
    let point = Browser::new(3).point();
    let mut off_curve = point.clone();
    off_curve[64] ^= 1;
    let compressed = Browser::new(3).key.public_key().to_encoded_point(true).as_bytes().to_vec();
    let mut hybrid = point.clone();
    hybrid[0] = 6;
    let too_long = [point.as_slice(), &[0]].concat();
    let keys = [vec![], vec![0], vec![0; 65], vec![4; 65], compressed, off_curve, hybrid, too_long];
    let keys = keys.iter().map(|key| BASE64.encode(key));
    for p256dh in keys.chain(["*".repeat(87), "A".repeat(100_000), "é".repeat(44)]) {
        let bad = Subscription { p256dh, ..good.clone() };
        assert_eq!(bad.check(), Err(BadSubscription::Key), "{}", bad.p256dh.len());
    }
    for auth in [BASE64.encode([0; 15]), BASE64.encode([0; 17]), String::new(), "A".repeat(100_000)] {
        let bad = Subscription { auth, ..good.clone() };
        assert_eq!(bad.check(), Err(BadSubscription::Auth), "{}", bad.auth.len());
    }
    assert!(!format!("{good:?}").contains("push.test"), "an endpoint is a secret");
}

#[test]
fn what_cannot_be_sealed_is_told() {
    let key = VapidKey::from_seed([1; 32]);
    let good = Browser::new(3).subscription();
    let seal = |subject: &str, subscription: &Subscription, bytes: usize, ttl| {
        seal(&key, subject, subscription, &vec![0; bytes], ttl, NOW)
    };
    assert_eq!(seal(SUBJECT, &good, limits::PUSH_BYTES, 0).expect("just fits").body.len(), 4096);
    let large = seal(SUBJECT, &good, limits::PUSH_BYTES + 1, 0);
    assert_eq!(large.expect_err("too large"), CannotSeal::TooLarge);
    for subject in ["", "owner@example.org", "http://example.org", &format!("mailto:{}", "x".repeat(300))] {
        assert_eq!(seal(subject, &good, 1, 0).expect_err(subject), CannotSeal::Subject);
    }
    let odd = "mailto:\"ö\r\n\"@example.org";
    assert!(seal(odd, &good, 1, 0).is_ok(), "whatever the subject holds, the header is well formed");
    let bad = Subscription { auth: String::new(), ..good.clone() };
    let refused = seal(SUBJECT, &bad, 1, 0).expect_err("no secret");
    assert_eq!(refused, CannotSeal::Subscription(BadSubscription::Auth));
    assert_eq!(seal(SUBJECT, &good, 1, u32::MAX).expect("cut").headers["ttl"], "2419200");
}

#[tokio::test]
async fn a_push_arrives_at_its_service() {
    let (acceptor, certificate) = identity();
    let site = Site::tls(acceptor, |_| answer("201 Created", "location: /m/1\r\n", "")).await;
    let browser = Browser::new(3);
    let endpoint = site.url_of("https", "push.test", "/v1/abc");
    let subscription = Subscription { endpoint, ..browser.subscription() };
    let key = VapidKey::from_seed([1; 32]);
    let push = seal(&key, SUBJECT, &subscription, b"hello", 60, NOW).expect("sealed");
    let reply = trusting(certificate).ask(push.into_ask()).await.expect("an answer");
    assert_eq!(reply.status().as_u16(), 201);
    let seen = &site.requests()[0];
    assert!(seen.head.starts_with("post /v1/abc http/1.1\r\n"), "{}", seen.head);
    assert_eq!(seen.header("ttl"), Some("60"));
    assert_eq!(browser.open(&seen.body).expect("opened"), b"hello");
}
