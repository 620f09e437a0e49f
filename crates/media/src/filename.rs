//! File names that people choose: shown and sent in a header, never used as a path (checks.md F2).

use crate::limits::{EXTENSION_BYTES, NAME_BYTES, NAME_BYTES_MIN};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The name when nothing is left of one.
const FALLBACK: &str = "file";

/// What is escaped in a header: everything but a subset of `attr-char` (RFC 8187 3.2.1).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-');

/// A name that is safe to store and to show: the last part of a path of either slash, without control and direction
/// characters, without leading dots, never empty, at most `limit` bytes of UTF-8 (held to 16..=255). A name that is cut
/// keeps its extension. Applying it twice changes nothing.
pub fn safe(name: &str, limit: usize) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !clean(part).is_empty()).unwrap_or("");
    let name = clean(last);
    let limit = limit.clamp(NAME_BYTES_MIN, NAME_BYTES);
    if name.is_empty() { FALLBACK.to_owned() } else { shorten(&name, limit) }
}

/// Like [`safe`], of ASCII letters, digits, `.`, `_` and `-` only: everything else is `_` (together.md 7.8).
pub fn ascii(name: &str, limit: usize) -> String {
    let plain = |letter: char| if is_plain(letter) { letter } else { '_' };
    let name: String = safe(name, NAME_BYTES).chars().map(plain).collect();
    shorten(&name, limit.clamp(NAME_BYTES_MIN, NAME_BYTES))
}

/// The value of a `Content-Disposition` header (RFC 6266, with the extended notation of RFC 8187). The name passes
/// through [`safe`] first; nothing in it can end the value or the header.
pub fn content_disposition(name: &str, inline: bool) -> String {
    let disposition = if inline { "inline" } else { "attachment" };
    let name = safe(name, NAME_BYTES);
    let plain = ascii(&name, NAME_BYTES);
    if plain == name {
        return format!("{disposition}; filename=\"{plain}\"");
    }
    format!("{disposition}; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, ESCAPED))
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-')
}

/// Without what is not seen, and without what the ends of a name must not be.
fn clean(part: &str) -> String {
    let seen: String = part.chars().filter(|letter| !is_unseen(*letter)).collect();
    let blank_or_dot = |letter: char| letter == '.' || letter.is_whitespace();
    seen.trim_start_matches(blank_or_dot).trim_end_matches(blank_or_dot).to_owned()
}

/// Control characters, line and paragraph ends, and what changes direction or takes no room. The joiner U+200D stays:
/// emoji are made with it.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

fn shorten(name: &str, limit: usize) -> String {
    if name.len() <= limit {
        return name.to_owned();
    }
    let extension = name.rfind('.').map_or("", |dot| &name[dot..]);
    let extension = if extension.len() <= EXTENSION_BYTES { extension } else { "" };
    let stem = &name[..name.len() - extension.len()];
    let stem = &stem[..stem.floor_char_boundary(limit - extension.len())];
    let short =
        format!("{}{extension}", stem.trim_end_matches(|end: char| end == '.' || end.is_whitespace()));
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_try_to_be_something_else() {
        let cases = [
            ("cat.png", "cat.png"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\windows\\system.ini", "system.ini"),
            ("C:\\fakepath\\cat.png", "cat.png"),
            ("/", "file"),
            ("", "file"),
            ("..", "file"),
            ("a/..", "a"),
            ("photos/", "photos"),
            (".htaccess", "htaccess"),
            ("... .bashrc", "bashrc"),
            ("cat.png\0.html", "cat.png.html"),
            ("a\r\nSet-Cookie: b=c", "aSet-Cookie: b=c"),
            ("\u{202e}gnp.exe", "gnp.exe"),
            ("\u{200b}\u{feff}", "file"),
            ("cat.png. . ", "cat.png"),
            ("%2e%2e%2fpasswd", "%2e%2e%2fpasswd"),
            ("na\u{ef}ve caf\u{e9}.txt", "na\u{ef}ve caf\u{e9}.txt"),
        ];
        for (name, expected) in cases {
            assert_eq!(safe(name, 255), expected, "{name:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = safe(&format!("{}.png", "a".repeat(4_096)), 255);
        assert_eq!((name.len(), name.ends_with(".png")), (255, true));
        let wide = safe(&format!("{}.png", "\u{e9}".repeat(300)), 100);
        assert!(wide.len() <= 100 && wide.len() > 96 && wide.ends_with("\u{e9}.png"), "{wide}");
        let no_extension = safe(&format!("a.{}", "b".repeat(400)), 20);
        assert_eq!(no_extension, format!("a.{}", "b".repeat(18)));
        assert_eq!(safe(&"x".repeat(300), 0).len(), 16);
        assert_eq!(safe(&"x".repeat(300), 9_999).len(), 255);
    }

    #[test]
    fn ascii_names() {
        assert_eq!(ascii("d\u{e9}j\u{e0} vu!.png", 128), "d_j__vu_.png");
        assert_eq!(ascii("\u{732b}", 128), "_");
    }

    #[test]
    fn headers_hold_the_name_and_nothing_else() {
        assert_eq!(content_disposition("cat.png", true), "inline; filename=\"cat.png\"");
        assert_eq!(
            content_disposition("a\"; filename=evil.html", false),
            "attachment; filename=\"a___filename_evil.html\"; filename*=UTF-8''a%22%3B%20filename%3Devil.html"
        );
        assert_eq!(
            content_disposition("\u{20ac} rates.txt", false),
            "attachment; filename=\"__rates.txt\"; filename*=UTF-8''%E2%82%AC%20rates.txt"
        );
        let split = content_disposition("a\r\nX: y%0d%0a\\\"", true);
        assert!(!split.contains(['\r', '\n', '\\']) && split.matches('"').count() == 2, "{split}");
    }
}
