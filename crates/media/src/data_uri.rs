//! Bytes that travel as text: data URIs (RFC 2397) and bare base64 (RFC 4648).

use crate::Trouble;
use crate::limits::MIME_BYTES;
use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// What a text carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataUri {
    /// The declared type in lower case without parameters: `None` for bare base64 and for a data URI that names none. A
    /// claim, to be held against [`crate::sniff::kind`].
    pub mime: Option<String>,
    /// The decoded bytes, at most as many as were asked for.
    pub bytes: Vec<u8>,
}

/// Reads a data URI or bare base64 of at most `max_bytes` decoded bytes (originchats.md 5.14, 7.4).
///
/// Both alphabets are taken, with or without padding; line ends may stand inside, as many as MIME wrapping makes. The
/// length is held against `max_bytes` before anything is decoded.
///
/// # Errors
/// `TooLarge`, `NotBase64`, `BadDataUri`.
pub fn parse(text: &str, max_bytes: usize) -> Result<DataUri, Trouble> {
    let text = text.trim_ascii();
    let Some(rest) = after_scheme(text) else {
        return Ok(DataUri { mime: None, bytes: base64(text, max_bytes)? });
    };
    let head_end = rest
        .as_bytes()
        .iter()
        .take(2 * MIME_BYTES)
        .position(|byte| *byte == b',')
        .ok_or(Trouble::BadDataUri)?;
    let (head, body) = (&rest[..head_end], &rest[head_end + 1..]);
    let mut parts = head.split(';').map(str::trim);
    let declared = parts.next().unwrap_or("");
    let mime = match declared {
        "" => None,
        named if is_mime(named) => Some(named.to_ascii_lowercase()),
        _other => return Err(Trouble::BadDataUri),
    };
    let is_base64 = parts.next_back().is_some_and(|last| last.eq_ignore_ascii_case("base64"));
    let bytes = if is_base64 { base64(body, max_bytes)? } else { percent(body, max_bytes)? };
    Ok(DataUri { mime, bytes })
}

/// Whether the text is `type/subtype` of token characters (RFC 6838 4.2).
fn is_mime(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.len() <= MIME_BYTES
        && text.split_once('/').is_some_and(|(family, subtype)| token(family) && token(subtype))
}

fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked(5)?;
    scheme.eq_ignore_ascii_case("data:").then_some(rest)
}

fn base64(text: &str, max_bytes: usize) -> Result<Vec<u8>, Trouble> {
    let too_large = Trouble::TooLarge { limit: max_bytes };
    // Four characters for three bytes, and room for a line end after each 64 characters.
    let most = max_bytes.div_ceil(3).saturating_mul(4);
    if text.len() > most.saturating_add(most / 32).saturating_add(2) {
        return Err(too_large);
    }
    let wrapped = text.bytes().any(|byte| byte.is_ascii_whitespace());
    let joined: String;
    let text = if wrapped {
        joined = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
        &joined
    } else {
        text
    };
    let characters = text.trim_end_matches('=').len();
    if characters / 4 * 3 + (characters % 4).saturating_sub(1) > max_bytes {
        return Err(too_large);
    }
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    engine(alphabet).decode(text).map_err(|_wrong| Trouble::NotBase64)
}

fn engine(alphabet: &Alphabet) -> GeneralPurpose {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(alphabet, lenient)
}

fn percent(text: &str, max_bytes: usize) -> Result<Vec<u8>, Trouble> {
    let escapes = text.bytes().filter(|byte| *byte == b'%').count();
    if text.len().saturating_sub(2 * escapes) > max_bytes {
        return Err(Trouble::TooLarge { limit: max_bytes });
    }
    let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (high, low) = (digit(rest.next()), digit(rest.next()));
        let (Some(high), Some(low)) = (high, low) else { return Err(Trouble::BadDataUri) };
        bytes.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits are a byte"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str, max_bytes: usize) -> Result<Vec<u8>, Trouble> {
        parse(text, max_bytes).map(|found| found.bytes)
    }

    #[test]
    fn data_uris_name_their_type() {
        let found = parse("data:image/PNG;base64,aGVsbG8=", 5).expect("valid");
        assert_eq!(found, DataUri { mime: Some("image/png".into()), bytes: b"hello".to_vec() });
        let with_parameter = parse("DATA:text/plain;charset=utf-8;BASE64,aGVsbG8", 5).expect("valid");
        assert_eq!(with_parameter.mime.as_deref(), Some("text/plain"));
        assert_eq!(with_parameter.bytes, b"hello");
        let plain = parse("data:,a%20b", 3).expect("valid");
        assert_eq!(plain, DataUri { mime: None, bytes: b"a b".to_vec() });
    }

    #[test]
    fn bare_base64_of_both_alphabets() {
        for text in ["+/+/", "-_-_"] {
            assert_eq!(bytes(text, 3), Ok(vec![0xfb, 0xff, 0xbf]), "{text}");
        }
        assert_eq!(bytes("aGVsbG8", 5), Ok(b"hello".to_vec()));
        assert_eq!(bytes(" aGVsbG8=\n", 5), Ok(b"hello".to_vec()));
        assert_eq!(bytes("", 0), Ok(vec![]));
    }

    #[test]
    fn lines_may_be_wrapped_but_not_blown_up() {
        let line = "A".repeat(76);
        let wrapped = format!("{line}\r\n{line}\r\n{line}");
        assert_eq!(bytes(&wrapped, 171), Ok(vec![0; 171]));
        let blown = format!("AAAA{}AAAA", " ".repeat(1_000));
        assert_eq!(bytes(&blown, 6), Err(Trouble::TooLarge { limit: 6 }));
    }

    #[test]
    fn the_cap_is_exact_and_comes_before_decoding() {
        assert_eq!(bytes("aGVsbG8=", 4), Err(Trouble::TooLarge { limit: 4 }));
        assert_eq!(bytes("aGVsbG8", 5), Ok(b"hello".to_vec()));
        // Not base64 at all, and never looked at.
        assert_eq!(bytes(&"!".repeat(1_000), 10), Err(Trouble::TooLarge { limit: 10 }));
        assert_eq!(bytes("data:,abcd", 3), Err(Trouble::TooLarge { limit: 3 }));
        assert_eq!(bytes("data:,%61%62%63", 3), Ok(b"abc".to_vec()));
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for text in ["a", "a-+b", "ab=c", "é", "====="] {
            assert_eq!(bytes(text, 100), Err(Trouble::NotBase64), "{text}");
        }
        for text in
            ["data:image/png", "data:image;base64,AA", "data:a/b\"c;base64,AA", "data:,%4", "data:,%zz"]
        {
            assert_eq!(bytes(text, 100), Err(Trouble::BadDataUri), "{text}");
        }
    }
}
