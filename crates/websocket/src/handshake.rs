//! The server's side of the opening handshake (RFC 6455 section 4.2). No extension and no subprotocol is
//! ever negotiated: the response names none, whatever the request offers.

use std::fmt;

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use http::header::{AsHeaderName, CONNECTION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha1::{Digest, Sha1};

/// The only version of the protocol (RFC 6455 section 4.1): the value of `Sec-WebSocket-Version` in a request,
/// and in the response that refuses another version.
pub const VERSION: &str = "13";

/// Appended to the key before it is hashed (RFC 6455 section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The nonce is never used decoded (RFC 6455 section 4.2.1, item 5), so bits beyond its 16 bytes do no harm.
const NONCE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Why a request is no opening handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandshakeError {
    /// `Upgrade` does not name `websocket` (section 4.2.1, item 3). Status 400.
    NoUpgrade,
    /// `Connection` does not name `upgrade` (section 4.2.1, item 4). Status 400.
    NoConnectionUpgrade,
    /// `Sec-WebSocket-Key` is missing, given twice, or not 16 bytes in base64 (section 4.2.1, item 5).
    /// Status 400.
    BadKey,
    /// `Sec-WebSocket-Version` is missing or given twice (section 4.2.1, item 6). Status 400.
    BadVersion,
    /// `Sec-WebSocket-Version` is not 13 (section 4.2.2, item 4, and section 4.4). Status 426; the response
    /// must hold `Sec-WebSocket-Version:` [`VERSION`].
    UnsupportedVersion,
}

impl HandshakeError {
    /// The HTTP status of the response: 400, or 426 for [`HandshakeError::UnsupportedVersion`].
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::NoUpgrade | Self::NoConnectionUpgrade | Self::BadKey | Self::BadVersion => {
                StatusCode::BAD_REQUEST
            }
            Self::UnsupportedVersion => StatusCode::UPGRADE_REQUIRED,
        }
    }

    /// A short English sentence for the body of the response and the log.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NoUpgrade => "the Upgrade header does not name websocket",
            Self::NoConnectionUpgrade => "the Connection header does not name upgrade",
            Self::BadKey => "Sec-WebSocket-Key is not one value of 16 bytes in base64",
            Self::BadVersion => "Sec-WebSocket-Version is not one value",
            Self::UnsupportedVersion => "the only supported WebSocket version is 13",
        }
    }
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl std::error::Error for HandshakeError {}

/// The value of `Sec-WebSocket-Accept` for the value of `Sec-WebSocket-Key` (RFC 6455 section 4.2.2, item 5):
/// 28 characters of base64. Whether `key` is well formed is the business of [`check_upgrade`].
#[must_use]
pub fn accept_key(key: &str) -> String {
    let hash = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    STANDARD.encode(hash)
}

/// Whether the request asks to be upgraded at all: `Upgrade` names `websocket`. For routes that also serve
/// plain HTTP.
#[must_use]
pub fn wants_upgrade(headers: &HeaderMap) -> bool {
    names(headers, UPGRADE, "websocket")
}

/// Checks the headers of an opening handshake (RFC 6455 section 4.2.1) and returns the value of
/// `Sec-WebSocket-Accept` for the response with status 101.
///
/// That the method is GET, the version at least HTTP/1.1, and the `Origin` welcome is the caller's part.
///
/// # Errors
///
/// The first rule in the order of [`HandshakeError`] that the request breaks.
pub fn check_upgrade(headers: &HeaderMap) -> Result<String, HandshakeError> {
    if !wants_upgrade(headers) {
        return Err(HandshakeError::NoUpgrade);
    }
    if !names(headers, CONNECTION, "upgrade") {
        return Err(HandshakeError::NoConnectionUpgrade);
    }
    let key = single(headers, SEC_WEBSOCKET_KEY).ok_or(HandshakeError::BadKey)?;
    let mut nonce = [0; 18]; // what 24 characters can hold at most
    let nonce_len = NONCE.decode_slice(key, &mut nonce).map_err(|_| HandshakeError::BadKey)?;
    if nonce_len != 16 {
        return Err(HandshakeError::BadKey);
    }
    match single(headers, SEC_WEBSOCKET_VERSION) {
        None => Err(HandshakeError::BadVersion),
        Some(VERSION) => Ok(accept_key(key)),
        Some(_) => Err(HandshakeError::UnsupportedVersion),
    }
}

/// Whether the comma-separated tokens of all headers called `name` contain `token`, in any case.
fn names(headers: &HeaderMap, name: impl AsHeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|candidate| candidate.trim_matches([' ', '\t']).eq_ignore_ascii_case(token))
}

/// The value of the header called `name`, without spaces around it, if there is exactly one.
fn single(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value: &HeaderValue = values.next()?;
    if values.next().is_some() {
        return None;
    }
    value.to_str().ok().map(|value| value.trim_matches([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::HeaderName;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn request() -> HeaderMap {
        HeaderMap::from_iter([
            (UPGRADE, HeaderValue::from_static("websocket")),
            (CONNECTION, HeaderValue::from_static("Upgrade")),
            (SEC_WEBSOCKET_KEY, HeaderValue::from_static(KEY)),
            (SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
        ])
    }

    fn with(name: HeaderName, value: &'static str) -> Result<String, HandshakeError> {
        let mut headers = request();
        headers.insert(name, HeaderValue::from_static(value));
        check_upgrade(&headers)
    }

    fn without(name: HeaderName) -> Result<String, HandshakeError> {
        let mut headers = request();
        headers.remove(name);
        check_upgrade(&headers)
    }

    fn twice(name: HeaderName, value: &'static str) -> Result<String, HandshakeError> {
        let mut headers = request();
        headers.append(name, HeaderValue::from_static(value));
        check_upgrade(&headers)
    }

    #[test]
    fn section_1_3_example_key() {
        assert_eq!(accept_key(KEY), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(check_upgrade(&request()).as_deref(), Ok("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    #[test]
    fn section_4_2_1_item_3_upgrade_names_websocket_in_any_case() {
        assert!(with(UPGRADE, "WebSocket").is_ok());
        assert!(with(UPGRADE, "h2c, websocket").is_ok());
        assert!(twice(UPGRADE, "h2c").is_ok());
        assert_eq!(with(UPGRADE, "h2c"), Err(HandshakeError::NoUpgrade));
        assert_eq!(with(UPGRADE, "websockets"), Err(HandshakeError::NoUpgrade));
        assert_eq!(without(UPGRADE), Err(HandshakeError::NoUpgrade));
        assert!(wants_upgrade(&request()));
        assert!(!wants_upgrade(&HeaderMap::new()));
    }

    #[test]
    fn section_4_2_1_item_4_connection_is_a_list_that_names_upgrade() {
        assert!(with(CONNECTION, "keep-alive, Upgrade").is_ok());
        assert!(with(CONNECTION, "keep-alive ,\tUPGRADE ").is_ok());
        assert!(twice(CONNECTION, "keep-alive").is_ok());
        assert_eq!(with(CONNECTION, "keep-alive"), Err(HandshakeError::NoConnectionUpgrade));
        assert_eq!(with(CONNECTION, "no-upgrade"), Err(HandshakeError::NoConnectionUpgrade));
        assert_eq!(without(CONNECTION), Err(HandshakeError::NoConnectionUpgrade));
    }

    #[test]
    fn section_4_2_1_item_5_the_key_is_one_value_of_16_bytes() {
        assert!(with(SEC_WEBSOCKET_KEY, "AAAAAAAAAAAAAAAAAAAAAA==").is_ok());
        assert!(with(SEC_WEBSOCKET_KEY, "AAAAAAAAAAAAAAAAAAAAAB==").is_ok(), "trailing bits");
        for bad in [
            "",
            "AAAA",
            "AAAAAAAAAAAAAAAAAAAA",         // 15 bytes
            "AAAAAAAAAAAAAAAAAAAAAAA=",     // 17 bytes
            "AAAAAAAAAAAAAAAAAAAAAAAA",     // 18 bytes
            "AAAAAAAAAAAAAAAAAAAAAA",       // no padding
            "AAAAAAAAAAAAAAAAAAAAA_==",     // the other alphabet
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", // longer than the space for it
        ] {
            assert_eq!(with(SEC_WEBSOCKET_KEY, bad), Err(HandshakeError::BadKey), "{bad}");
        }
        assert_eq!(without(SEC_WEBSOCKET_KEY), Err(HandshakeError::BadKey));
        assert_eq!(twice(SEC_WEBSOCKET_KEY, KEY), Err(HandshakeError::BadKey));
    }

    #[test]
    fn section_4_4_other_versions_get_426_and_malformed_requests_400() {
        for version in ["8", "0", "14", "013", "13, 8"] {
            assert_eq!(with(SEC_WEBSOCKET_VERSION, version), Err(HandshakeError::UnsupportedVersion));
        }
        assert_eq!(without(SEC_WEBSOCKET_VERSION), Err(HandshakeError::BadVersion));
        assert_eq!(twice(SEC_WEBSOCKET_VERSION, "13"), Err(HandshakeError::BadVersion));
        assert_eq!(HandshakeError::UnsupportedVersion.status().as_u16(), 426);
        for error in [
            HandshakeError::NoUpgrade,
            HandshakeError::NoConnectionUpgrade,
            HandshakeError::BadKey,
            HandshakeError::BadVersion,
        ] {
            assert_eq!(error.status().as_u16(), 400);
        }
    }
}
