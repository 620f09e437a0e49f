//! WebRTC signals between members of one call: two shapes in, both shapes out (together.md 5.4 and 6.6).

use crate::decode::is_object;
use crate::limits;
use crate::wire::{SignalIn, SignalOut, text};
use commonroom_core::ids::AccountId;
use commonroom_hub::live::SignalKind;
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

/// A signal accepted for relaying.
#[derive(Debug)]
pub struct Relay {
    /// For whom.
    pub to: AccountId,
    /// Which part of a negotiation.
    pub kind: SignalKind,
    /// The payload as received, for [`superset`].
    pub body: String,
}

/// What the server needs to know of a `signal` object; the rest is opaque.
#[derive(Default, Deserialize)]
struct Nested {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    sdp: Option<String>,
    #[serde(default)]
    candidate: Option<serde::de::IgnoredAny>,
}

/// Reads the `d` of an inbound frame; `None` drops it.
pub fn accept(d: &str) -> Option<Relay> {
    let signal: SignalIn<'_> = serde_json::from_str(d).ok().filter(|_| is_object(d))?;
    if signal.stream_type.as_ref().is_some_and(|word| word.chars().count() > limits::STREAM_TYPE_CHARS) {
        return None;
    }
    let kind = match signal.signal {
        Some(raw) if raw.get().starts_with('{') => nested(raw).kind,
        Some(_) => return None,
        None => Some(signal.kind.filter(|kind| matches!(kind.as_str(), "offer" | "answer" | "candidate"))?),
    };
    let kind = match kind.as_deref() {
        Some("offer") => SignalKind::Offer,
        Some("answer") => SignalKind::Answer,
        Some(_) | None => SignalKind::Other,
    };
    Some(Relay { to: AccountId(signal.to_user_id), kind, body: d.to_owned() })
}

/// The delivered form of an accepted payload.
pub fn superset(from: Uuid, body: &str) -> Option<SignalOut> {
    let signal: SignalIn<'_> = serde_json::from_str(body).ok()?;
    let out = |kind, sdp, candidate, raw| SignalOut {
        from_user_id: from,
        kind,
        sdp,
        candidate,
        stream_type: signal.stream_type.clone(),
        signal: raw,
    };
    if let Some(raw) = signal.signal {
        let inner = nested(raw);
        return Some(match inner.kind.as_deref() {
            Some("offer" | "answer") => out(inner.kind, inner.sdp, None, raw.to_owned()),
            _ if inner.candidate.is_some() => {
                out(Some("candidate".to_owned()), None, Some(raw.get().to_owned()), raw.to_owned())
            }
            Some(_) | None => out(None, None, None, raw.to_owned()),
        });
    }
    let kind = signal.kind?;
    let raw = match (kind.as_str(), &signal.candidate) {
        ("candidate", Some(candidate)) => candidate_object(candidate),
        ("candidate", None) => raw(&serde_json::json!({ "candidate": null })),
        _ => raw(&serde_json::json!({ "type": kind, "sdp": signal.sdp })),
    };
    Some(out(Some(kind), signal.sdp.clone(), signal.candidate.clone(), raw))
}

fn nested(raw: &RawValue) -> Nested {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

/// The object that a candidate's JSON text holds, else an object around the text.
fn candidate_object(candidate: &str) -> Box<RawValue> {
    match RawValue::from_string(candidate.to_owned()) {
        Ok(object) if object.get().trim_start().starts_with('{') => object,
        Ok(_) | Err(_) => raw(&serde_json::json!({ "candidate": candidate })),
    }
}

fn raw(value: &serde_json::Value) -> Box<RawValue> {
    RawValue::from_string(text(value)).expect("a JSON value's text is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn relayed(rest: &str) -> Option<Value> {
        let d = format!(r#"{{"to_user_id":"{}",{rest}}}"#, Uuid::from_u128(2));
        let relay = accept(&d)?;
        assert_eq!(relay.to, AccountId(Uuid::from_u128(2)));
        superset(Uuid::from_u128(1), &relay.body).map(|out| serde_json::to_value(&out).expect("JSON"))
    }

    fn expected(kind: Value, sdp: Value, candidate: Value, signal: Value) -> Option<Value> {
        let from = Uuid::from_u128(1);
        Some(
            json!({"from_user_id": from, "type": kind, "sdp": sdp, "candidate": candidate, "stream_type": null,
            "signal": signal}),
        )
    }

    #[test]
    fn both_shapes_become_both_shapes() {
        let nil = || Value::Null;
        let offer = json!({"type":"offer","sdp":"v=0"});
        let both = expected(json!("offer"), json!("v=0"), nil(), offer);
        assert_eq!(relayed(r#""signal":{"type":"offer","sdp":"v=0"}"#), both);
        assert_eq!(relayed(r#""type":"offer","sdp":"v=0""#), both);
        let ice = json!({"candidate":"c","sdpMid":"0","sdpMLineIndex":0});
        let ice_text = r#"{"candidate":"c","sdpMid":"0","sdpMLineIndex":0}"#;
        let both = expected(json!("candidate"), nil(), json!(ice_text), ice);
        assert_eq!(relayed(&format!(r#""signal":{ice_text}"#)), both);
        assert_eq!(relayed(&format!(r#""type":"candidate","candidate":{}"#, json!(ice_text))), both);
        let plain = expected(json!("candidate"), nil(), json!("x"), json!({"candidate":"x"}));
        assert_eq!(relayed(r#""type":"candidate","candidate":"x""#), plain);
        assert_eq!(
            relayed(r#""signal":{"renegotiate":true}"#),
            expected(nil(), nil(), nil(), json!({"renegotiate":true}))
        );
    }

    #[test]
    fn unusable_signals_are_dropped() {
        for bad in [
            r#""type":"bye""#,
            r#""sdp":"x""#,
            r#""type":"offer","sdp":7"#,
            r#""signal":7"#,
            r#""signal":[]"#,
            r#""type":"offer","sdp":"x","stream_type":{}"#,
            &format!(r#""type":"offer","stream_type":"{}""#, "x".repeat(33)),
        ] {
            assert_eq!(relayed(bad), None, "{bad}");
        }
        assert!(accept(r#"{"type":"offer"}"#).is_none());
        assert_eq!(
            relayed(r#""type":"offer","sdp":"x","stream_type":"go_live""#).expect("kept")["stream_type"],
            "go_live"
        );
    }
}
