//! The website's signed tokens: who somebody is, and what the website says of them (barertc.md 3.2).
//!
//! Times are judged here with the caller's clock; the library only checks the signature.

use crate::limits;
use commonroom_core::env::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a token says, and all of it as it came, for renewal.
#[derive(Clone, PartialEq, Debug)]
pub struct Claims {
    /// Username.
    pub sub: String,
    /// Operator.
    pub op: bool,
    /// VIP.
    pub vip: bool,
    /// Display name.
    pub nick: Option<String>,
    /// Avatar.
    pub img: Option<String>,
    /// Profile page.
    pub url: Option<String>,
    /// Shown beside the name.
    pub emoji: Option<String>,
    /// Gender word.
    pub gender: Option<String>,
    /// What moderation asks of this person.
    pub rules: Rules,
    raw: Map<String, Value>,
}

/// What moderation asks of somebody (barertc.md 8.3), under the names of the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[allow(clippy::struct_excessive_bools)]
pub struct Rules {
    /// May not watch or share cameras.
    #[serde(rename = "IsNoVideoRule")]
    pub no_video: bool,
    /// May not share pictures.
    #[serde(rename = "IsNoImageRule")]
    pub no_image: bool,
    /// May not share a camera.
    #[serde(rename = "IsNoBroadcastRule")]
    pub no_broadcast: bool,
    /// The camera is always explicit.
    #[serde(rename = "IsRedCamRule")]
    pub red_camera: bool,
    /// Exempt from the client's cut of dark cameras.
    #[serde(rename = "IsNoDarkVideoRule")]
    pub no_dark_video: bool,
}

impl Rules {
    /// What either asks.
    pub fn and(self, other: Self) -> Self {
        Self {
            no_video: self.no_video || other.no_video,
            no_image: self.no_image || other.no_image,
            no_broadcast: self.no_broadcast || other.no_broadcast,
            red_camera: self.red_camera || other.red_camera,
            no_dark_video: self.no_dark_video || other.no_dark_video,
        }
    }

    fn of(labels: &[String]) -> Self {
        let has = |label: &str| labels.iter().any(|other| other == label);
        Self {
            no_video: has("novideo"),
            no_image: has("noimage"),
            no_broadcast: has("nobroadcast") || has("novideo"),
            red_camera: has("redcam"),
            no_dark_video: has("nodvd"),
        }
    }
}

/// Why a token is not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenError {
    /// Tokens are switched off.
    Disabled,
    /// No token, another algorithm, a wrong signature or wrong types.
    Invalid,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYet,
}

impl std::fmt::Display for TokenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Disabled => "tokens are not accepted here",
            Self::Invalid => "token is invalid",
            Self::Expired => "token has expired",
            Self::NotYet => "token is not valid yet",
        })
    }
}

#[derive(Deserialize)]
struct Wire {
    sub: String,
    op: Option<bool>,
    vip: Option<bool>,
    nick: Option<String>,
    img: Option<String>,
    url: Option<String>,
    emoji: Option<String>,
    gender: Option<String>,
    rules: Option<Vec<String>>,
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
}

/// Reads a token. An empty secret accepts none.
///
/// # Errors
/// Why it is not accepted.
pub fn read(secret: &str, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
    if secret.len() < limits::SECRET_BYTES {
        return Err(TokenError::Disabled);
    }
    if token.len() > limits::TOKEN_BYTES {
        return Err(TokenError::Invalid);
    }
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let key = DecodingKey::from_secret(secret.as_bytes());
    let raw = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation)
        .map_err(|_| TokenError::Invalid)?
        .claims;
    let wire: Wire = serde_json::from_value(Value::Object(raw.clone())).map_err(|_| TokenError::Invalid)?;
    #[allow(clippy::cast_precision_loss)]
    let (now, leeway) = (now.seconds() as f64, limits::LEEWAY_SECONDS as f64);
    if wire.exp.is_some_and(|end| now > end + leeway) {
        return Err(TokenError::Expired);
    }
    if [wire.nbf, wire.iat].into_iter().flatten().any(|start| now < start - leeway) {
        return Err(TokenError::NotYet);
    }
    if wire.sub.trim().is_empty() {
        return Err(TokenError::Invalid);
    }
    Ok(Claims {
        sub: wire.sub,
        op: wire.op.unwrap_or(false),
        vip: wire.vip.unwrap_or(false),
        nick: wire.nick,
        img: wire.img.filter(|address| is_address(address)),
        url: wire.url.filter(|address| is_address(address)),
        emoji: wire.emoji.and_then(|text| plain(&text)),
        gender: wire.gender.and_then(|text| plain(&text)),
        rules: Rules::of(&wire.rules.unwrap_or_default()),
        raw,
    })
}

/// The same claims, good from now on for a few minutes. Only what a person brought is ever signed (13 D1b).
pub fn renew(secret: &str, claims: &Claims, now: Timestamp) -> Option<String> {
    sign(secret, claims.raw.clone(), now)
}

/// A token that says what the website asks for, good from now on for a few minutes (barertc.md 7.2).
///
/// # Errors
/// For claims that would not be accepted.
pub fn issue(secret: &str, claims: Map<String, Value>, now: Timestamp) -> Result<String, TokenError> {
    let token = sign(secret, claims, now).ok_or(TokenError::Invalid)?;
    read(secret, &token, now).map(|_| token)
}

fn sign(secret: &str, mut raw: Map<String, Value>, now: Timestamp) -> Option<String> {
    let now = now.seconds();
    raw.insert("iat".to_owned(), now.into());
    raw.insert("nbf".to_owned(), now.into());
    raw.insert("exp".to_owned(), (now + limits::TOKEN_SECONDS).into());
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &raw, &key).ok()
}

impl Claims {
    /// All claims as JSON, for the page.
    pub fn json(&self) -> Value {
        Value::Object(self.raw.clone())
    }
}

/// True for an http(s) address or a path of the website.
fn is_address(text: &str) -> bool {
    let absolute = text.starts_with("https://") || text.starts_with("http://");
    let path = text.starts_with('/') && !text.starts_with("//");
    let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"'\\`".contains(c));
    (absolute || path) && clean && text.len() <= limits::ADDRESS_BYTES
}

/// A short text without markup.
fn plain(text: &str) -> Option<String> {
    let fits = (1..=limits::EMOJI_CHARS).contains(&text.chars().count());
    let clean = !text.contains(|c: char| c.is_control() || "<>&\"'".contains(c));
    (fits && clean).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const NOW: Timestamp = Timestamp(1_795_262_400_000_000);

    fn signed(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).expect("claims can be signed")
    }

    #[test]
    fn only_hs256_with_the_secret_is_accepted() {
        let claims = json!({"sub": "ann", "op": true, "flair": "new", "rules": ["novideo"]});
        let good = read(SECRET, &signed(Algorithm::HS256, SECRET, &claims), NOW).expect("a good token");
        assert_eq!((good.sub.as_str(), good.op, good.rules.no_broadcast), ("ann", true, true));
        for (algorithm, secret) in [
            (Algorithm::HS512, SECRET),
            (Algorithm::HS256, ""),
            (Algorithm::HS256, "another secret of thirty-two bytes"),
        ] {
            assert_eq!(read(SECRET, &signed(algorithm, secret, &claims), NOW), Err(TokenError::Invalid));
        }
        let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhbm4ifQ.";
        assert_eq!(read(SECRET, unsigned, NOW), Err(TokenError::Invalid));
        assert_eq!(read(SECRET, "", NOW), Err(TokenError::Invalid));
    }

    #[test]
    fn no_secret_accepts_no_token() {
        let claims = json!({"sub": "ann", "op": true});
        for secret in ["", "short"] {
            assert_eq!(
                read(secret, &signed(Algorithm::HS256, secret, &claims), NOW),
                Err(TokenError::Disabled)
            );
        }
    }

    #[test]
    fn times_are_judged_with_a_minute_of_leeway() {
        let at = NOW.seconds();
        let read_times = |claims: Value| read(SECRET, &signed(Algorithm::HS256, SECRET, &claims), NOW).err();
        assert_eq!(read_times(json!({"sub": "ann", "exp": at - 60})), None);
        assert_eq!(read_times(json!({"sub": "ann", "exp": at - 61})), Some(TokenError::Expired));
        assert_eq!(read_times(json!({"sub": "ann", "nbf": at + 60})), None);
        assert_eq!(read_times(json!({"sub": "ann", "nbf": at + 61})), Some(TokenError::NotYet));
        assert_eq!(read_times(json!({"sub": "ann", "exp": at as f64 + 0.5})), None);
    }

    #[test]
    fn claims_of_wrong_types_are_refused() {
        for claims in
            [json!({"sub": 7}), json!({"op": true}), json!({"sub": "a", "op": "yes"}), json!({"sub": " "})]
        {
            let token = signed(Algorithm::HS256, SECRET, &claims);
            assert_eq!(read(SECRET, &token, NOW), Err(TokenError::Invalid), "{claims}");
        }
    }

    #[test]
    fn a_renewed_token_says_the_same_and_lasts_five_minutes() {
        let claims =
            json!({"sub": "ann", "flair": "kept", "exp": NOW.seconds() + 5, "url": "javascript:alert(1)"});
        let first = read(SECRET, &signed(Algorithm::HS256, SECRET, &claims), NOW).expect("a good token");
        assert_eq!(first.url, None);
        let later = NOW.plus_seconds(30);
        let renewed = renew(SECRET, &first, later).expect("claims can be signed");
        let second = read(SECRET, &renewed, later).expect("a good token");
        assert_eq!(second.json()["flair"], "kept");
        assert_eq!(second.json()["exp"], later.seconds() + 300);
        assert_eq!(second.json()["nbf"], later.seconds());
    }

    #[test]
    fn what_is_issued_is_what_would_be_accepted() {
        let claims = |value: Value| value.as_object().cloned().unwrap_or_default();
        let token = issue(SECRET, claims(json!({"sub": "ann", "op": true, "exp": 1})), NOW).expect("a token");
        let read_back = read(SECRET, &token, NOW).expect("a good token");
        assert!(read_back.op && read_back.json()["exp"] == NOW.seconds() + 300);
        assert_eq!(issue(SECRET, claims(json!({"op": true})), NOW), Err(TokenError::Invalid));
        assert_eq!(issue("short", claims(json!({"sub": "ann"})), NOW), Err(TokenError::Disabled));
    }

    proptest! {
        #[test]
        fn no_text_is_a_token_by_chance(text in "\\PC{0,200}") {
            prop_assert!(read(SECRET, &text, NOW).is_err());
        }

        #[test]
        fn a_token_changed_anywhere_is_none(at in 0_usize..200, to in proptest::char::range('!', '~')) {
            let good = signed(Algorithm::HS256, SECRET, &json!({"sub": "ann", "op": false}));
            let mut changed: Vec<char> = good.chars().collect();
            let at = at % changed.len();
            // The last digit of each part may hold bits that mean nothing; the library refuses those too.
            prop_assume!(changed[at] != to);
            changed[at] = to;
            let changed: String = changed.into_iter().collect();
            prop_assert!(read(SECRET, &changed, NOW).is_err(), "{changed}");
        }

        #[test]
        fn claims_of_any_shape_are_read_or_refused(
            sub in proptest::option::of("\\PC{0,40}"),
            rules in proptest::collection::vec("[a-z]{0,12}", 0..8),
            exp in any::<f64>(),
            odd in any::<i64>(),
        ) {
            let claims = json!({"sub": sub, "rules": rules, "exp": exp, "emoji": "<b>", "more": {"odd": odd}});
            if let Ok(read) = read(SECRET, &signed(Algorithm::HS256, SECRET, &claims), NOW) {
                prop_assert!(!read.sub.trim().is_empty() && read.emoji.is_none());
                prop_assert!(!read.rules.no_video || read.rules.no_broadcast);
                let again = renew(SECRET, &read, NOW).and_then(|token| super::read(SECRET, &token, NOW).ok());
                prop_assert_eq!(again.map(|again| again.sub), Some(read.sub));
            }
        }
    }
}
