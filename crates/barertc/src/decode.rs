//! Text of a frame, read as what was asked. `None` is a frame that is ignored: no JSON object, or a field of a wrong
//! type (barertc.md 2.2).

use crate::limits;
use crate::wire::{About, Login, Me, Named, Names, Payload, Picture, Report, Say, Sent, Stance, Word};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default)]
    action: Cow<'a, str>,
}

/// Reads a frame.
pub fn decode(text: &str) -> Option<Sent> {
    let text = text.trim_start();
    if !text.starts_with('{') {
        return None;
    }
    read(text).or_else(|| {
        let mended = mend(text)?;
        read(&mended)
    })
}

fn read(text: &str) -> Option<Sent> {
    let head: Head<'_> = serde_json::from_str(text).ok()?;
    let sent = match &*head.action {
        "login" => Sent::Login(parse::<Login>(text)?),
        "message" => Sent::Message(parse::<Say>(text)?),
        "file" => Sent::File(parse::<Picture>(text)?),
        "me" => Sent::Me(parse::<Me>(text)?),
        "open" => Sent::Open(parse::<Named>(text)?),
        "sdp" => relay(Word::Sdp, text)?,
        "candidate" => relay(Word::Candidate, text)?,
        "watch" => relay(Word::Watch, text)?,
        "unwatch" => relay(Word::Unwatch, text)?,
        "takeback" => Sent::Takeback(parse::<About>(text)?.number),
        "react" => {
            let about = parse::<About>(text)?;
            Sent::React(about.number, about.message)
        }
        "mute" => one(Stance::Mute, true, text)?,
        "unmute" => one(Stance::Mute, false, text)?,
        "block" => one(Stance::Block, true, text)?,
        "boot" => one(Stance::Boot, true, text)?,
        "unboot" => one(Stance::Boot, false, text)?,
        "blocklist" => many(Stance::Blocklist, text)?,
        "video-invite" => many(Stance::Invite, text)?,
        "report" => Sent::Report(parse::<Report>(text)?),
        "ping" | "typing" => Sent::Quiet,
        other => Sent::Unknown(other.to_owned()),
    };
    Some(sent)
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn one(stance: Stance, on: bool, text: &str) -> Option<Sent> {
    Some(Sent::Relate(stance, on, vec![parse::<Named>(text)?.username]))
}

fn many(stance: Stance, text: &str) -> Option<Sent> {
    let mut names = parse::<Names>(text)?.usernames;
    names.truncate(limits::NAMES);
    Some(Sent::Relate(stance, true, names))
}

/// The payload stays as it came, byte for byte: some browsers depend on the order of its keys (barertc.md 5.6).
fn relay(word: Word, text: &str) -> Option<Sent> {
    let named = parse::<Named>(text)?;
    let payload = parse::<Payload<'_>>(text)?;
    let body = match word {
        Word::Sdp => payload.description,
        Word::Candidate => payload.candidate,
        Word::Watch | Word::Unwatch => None,
    };
    Some(Sent::Relay(word, named, body.map_or_else(String::new, |body| body.get().to_owned())))
}

/// Replaces escapes of half a character pair, which are no text: the rest of the message is not lost for them.
/// `None` when there is none.
fn mend(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut from = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        let unit = escaped_unit(bytes, at);
        match unit {
            Some(0xd800..=0xdbff) if matches!(escaped_unit(bytes, at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                out.push_str(&text[from..at]);
                out.push_str("\\ufffd");
                at += 6;
                from = at;
            }
            Some(_) => at += 6,
            None => at += 2,
        }
    }
    if from == 0 {
        return None;
    }
    out.push_str(text.get(from..)?);
    Some(out)
}

/// The number of a `\uXXXX` at a place.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    if !escape.starts_with(b"\\u") {
        return None;
    }
    let digits = std::str::from_utf8(&escape[2..]).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_object_is_ignored() {
        for text in
            ["", "[]", "7", "\"login\"", "{", "null", "{\"action\":7}", "{\"action\":\"me\",\"video\":\"1\"}"]
        {
            assert_eq!(decode(text), None, "{text}");
        }
        assert_eq!(decode("{}"), Some(Sent::Unknown(String::new())));
        assert_eq!(decode("{\"action\":\"dance\"}"), Some(Sent::Unknown("dance".to_owned())));
    }

    #[test]
    fn absent_is_unchanged_and_unknown_fields_are_ignored() {
        let me = decode(r#"{"action":"me","video":1,"flair":{"a":[]}}"#);
        assert_eq!(me, Some(Sent::Me(Me { video: Some(1), status: None, dnd: None })));
        assert_eq!(decode(r#"{"action":"me","video":1e300}"#), None);
        assert_eq!(decode(r#"{"action":"me","video":99999999999999999999}"#), None);
    }

    #[test]
    fn payloads_stay_byte_for_byte() {
        let text = r#"{"action":"sdp","username":"ann","description":"{\"b\":1,\u0022a\":\"\ud800\"}"}"#;
        let Some(Sent::Relay(Word::Sdp, named, body)) = decode(text) else { panic!("an sdp frame") };
        assert_eq!((named.username.as_str(), body.as_str()), ("ann", r#""{\"b\":1,\u0022a\":\"\ud800\"}""#));
        let object = decode(r#"{"action":"candidate","username":"ann","candidate":{"b":1,"a": 2}}"#);
        let Some(Sent::Relay(Word::Candidate, _, body)) = object else { panic!("a candidate frame") };
        assert_eq!(body, r#"{"b":1,"a": 2}"#);
    }

    #[test]
    fn half_a_character_loses_only_itself() {
        let read = |text: &str| match decode(text) {
            Some(Sent::Message(say)) => say.message,
            other => panic!("{text} became {other:?}"),
        };
        assert_eq!(
            read(r#"{"action":"message","message":"a\ud83db\ude00\\ud800"}"#),
            "a\u{fffd}b\u{fffd}\\ud800"
        );
        assert_eq!(read(r#"{"action":"message","message":"\ud83d\ude00\udc00"}"#), "😀\u{fffd}");
    }

    #[test]
    fn depth_and_length_are_no_danger() {
        let deep = format!("{{\"action\":\"me\",\"x\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
        let _ = decode(&deep);
        let names = vec!["\"x\""; 6_000].join(",");
        let Some(Sent::Relate(Stance::Blocklist, true, names)) =
            decode(&format!("{{\"action\":\"blocklist\",\"usernames\":[{names}]}}"))
        else {
            panic!("a block list")
        };
        assert_eq!(names.len(), limits::NAMES);
    }
}
