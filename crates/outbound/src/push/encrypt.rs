//! Encryption of a push for its receiver (RFC 8291) as one record of `aes128gcm` (RFC 8188).

use super::subscription::{AUTH_BYTES, POINT_BYTES};
use crate::limits;
use aes_gcm::aead::Aead as _;
use aes_gcm::{Aes128Gcm, KeyInit as _, Nonce};
use hkdf::Hkdf;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use p256::{PublicKey, SecretKey, ecdh};
use sha2::Sha256;

/// Bytes of the salt in the header of the body (RFC 8188 section 2.1).
pub(super) const SALT_BYTES: usize = 16;
/// Size of a record, told to the receiver: large enough that there is only one (RFC 8291 section 4).
const RECORD_BYTES: u32 = 4096;
/// Marks the end of the last record's text (RFC 8188 section 2).
const LAST_RECORD: u8 = 2;

// Header, text, mark and tag of the largest push fill what every push service takes.
const _: () = assert!(SALT_BYTES + 4 + 1 + POINT_BYTES + limits::PUSH_BYTES + 1 + 16 == 4096);

/// The body for the push service. `sender` and `salt` must be new for every push.
pub(super) fn encrypt(
    receiver: &PublicKey,
    auth: &[u8; AUTH_BYTES],
    sender: &SecretKey,
    salt: &[u8; SALT_BYTES],
    payload: &[u8],
) -> Vec<u8> {
    let own = sender.public_key().to_encoded_point(false);
    let theirs = receiver.to_encoded_point(false);
    let shared = ecdh::diffie_hellman(sender.to_nonzero_scalar(), receiver.as_affine());

    // RFC 8291 section 3.4: the secret of both sides, then key and nonce.
    let mut secret = [0; 32];
    expand(
        auth,
        shared.raw_secret_bytes(),
        &[b"WebPush: info\0", theirs.as_bytes(), own.as_bytes()],
        &mut secret,
    );
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    expand(salt, &secret, &[b"Content-Encoding: aes128gcm\0"], &mut key);
    expand(salt, &secret, &[b"Content-Encoding: nonce\0"], &mut nonce);

    let text = [payload, &[LAST_RECORD]].concat();
    let sealed = Aes128Gcm::new(&key.into())
        .encrypt(Nonce::from_slice(&nonce), text.as_slice())
        .expect("a push is far shorter than what the cipher can take");
    let key_bytes = [POINT_BYTES as u8];
    [salt, RECORD_BYTES.to_be_bytes().as_slice(), &key_bytes, own.as_bytes(), &sealed].concat()
}

/// HKDF with SHA-256 (RFC 5869).
fn expand(salt: &[u8], secret: &[u8], info: &[&[u8]], out: &mut [u8]) {
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand_multi_info(info, out)
        .expect("HKDF gives up to 8160 bytes, asked are 32 at most");
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

    #[test]
    fn the_example_of_rfc_8291_section_5_comes_out_byte_for_byte() {
        let decode = |text: &str| BASE64.decode(text).expect("base64url");
        let receiver =
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let body = encrypt(
            &PublicKey::from_sec1_bytes(&decode(receiver)).expect("a point"),
            &decode("BTBZMqHH6r4Tts7J_aSIgg").try_into().expect("16 bytes"),
            &SecretKey::from_slice(&decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).expect("a key"),
            &decode("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes"),
            b"When I grow up, I want to be a watermelon",
        );
        assert_eq!(
            BASE64.encode(body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T\
             lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }
}
