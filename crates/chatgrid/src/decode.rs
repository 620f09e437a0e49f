//! Frames of clients to typed packets (chatgrid.md 5). Whatever is malformed, mistyped or out of range is no packet at
//! all: it is ignored by the protocol (2.2) and counted by the session.

mod admin;
mod item;

pub use item::{ItemAction, Reel};

use crate::limits;
use crate::song::Key;
use commonroom_hub::live::SignalKind;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

/// A signal to be handed on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignalPacket {
    /// For whom.
    pub target: String,
    /// Which part of the negotiation.
    pub kind: SignalKind,
    /// `{"sdp":..,"ice":..}` as received.
    pub body: String,
}

/// What a list of users is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UsersFor {
    /// Who can be banned.
    Ban,
    /// Who can come back.
    Unban,
    /// Anything else: everybody.
    Anything,
}

/// What an administrator asks for (5.19), as typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AdminAction {
    /// `admin_roles_list`.
    RolesList,
    /// `admin_users_list`.
    UsersList {
        /// Who is of interest.
        purpose: UsersFor,
    },
    /// `admin_role_create`.
    RoleCreate {
        /// Its name.
        name: String,
    },
    /// `admin_role_update_permissions`.
    RoleUpdate {
        /// Which.
        role: String,
        /// All that it allows.
        permissions: Vec<String>,
    },
    /// `admin_role_delete`.
    RoleDelete {
        /// Which.
        role: String,
        /// The role of its holders from then on.
        replacement: String,
    },
    /// `admin_user_set_role`.
    SetRole {
        /// Whose.
        username: String,
        /// Which.
        role: String,
    },
    /// `admin_user_ban`.
    Ban {
        /// Whom.
        username: String,
    },
    /// `admin_user_unban`.
    Unban {
        /// Whom.
        username: String,
    },
    /// `admin_user_delete`.
    Delete {
        /// Whom.
        username: String,
    },
}

/// What a client says.
#[derive(Clone, PartialEq, Debug)]
pub enum Packet {
    /// 3.3.
    Register {
        /// As typed.
        username: String,
        /// As typed.
        password: String,
        /// As typed.
        email: Option<String>,
    },
    /// 3.3.
    Login {
        /// As typed.
        username: String,
        /// As typed.
        password: String,
    },
    /// 3.3.
    Resume {
        /// The token.
        token: String,
    },
    /// 3.3.
    Logout,
    /// 5.2.
    WelcomeReady,
    /// 5.3.
    Ping {
        /// Sent back as it came.
        sent_at: Number,
    },
    /// 5.4.
    Position {
        /// The square.
        square: (i64, i64),
    },
    /// 5.5.
    Teleport {
        /// The square.
        square: (i64, i64),
    },
    /// 5.6.
    Nickname {
        /// As typed.
        nickname: String,
    },
    /// 5.7.
    Chat {
        /// As typed.
        message: String,
    },
    /// 5.8.
    Signal(SignalPacket),
    /// 5.9.
    ItemAdd {
        /// Type word.
        kind: String,
    },
    /// 5.10 to 5.18.
    Item {
        /// What to do.
        action: ItemAction,
        /// With which.
        item: String,
    },
    /// 5.17: a note of a piano.
    PianoNote {
        /// Which piano.
        item: String,
        /// What its player did.
        key: Key,
    },
    /// 5.19.
    Admin(AdminAction),
}

impl Packet {
    /// True for the packets that sign in or out.
    pub fn is_auth(&self) -> bool {
        matches!(self, Self::Register { .. } | Self::Login { .. } | Self::Resume { .. } | Self::Logout)
    }
}

/// Reads a packet.
pub fn decode(text: &str) -> Option<Packet> {
    if text.len() > limits::PACKET_BYTES {
        return None;
    }
    // Into a value first: that refuses deep nesting, infinite numbers and lone surrogates anywhere in the frame.
    let Value::Object(fields) = serde_json::from_str(text).ok()? else { return None };
    let packet = match fields.get("type")?.as_str()? {
        "auth_register" => Packet::Register {
            username: string(&fields, "username", 1, limits::USERNAME_CHARS)?,
            password: string(&fields, "password", 1, limits::PASSWORD_CHARS)?,
            email: optional(&fields, "email", limits::EMAIL_CHARS)?,
        },
        "auth_login" => Packet::Login {
            username: string(&fields, "username", 1, limits::USERNAME_CHARS)?,
            password: string(&fields, "password", 1, limits::PASSWORD_CHARS)?,
        },
        "auth_resume" => Packet::Resume { token: string(&fields, "sessionToken", 1, limits::TOKEN_CHARS)? },
        "auth_logout" => Packet::Logout,
        "welcome_ready" => Packet::WelcomeReady,
        "ping" => Packet::Ping { sent_at: integral(fields.get("clientSentAt")?)? },
        "update_position" => Packet::Position { square: square(&fields)? },
        "teleport_complete" => Packet::Teleport { square: square(&fields)? },
        "update_nickname" => {
            Packet::Nickname { nickname: string(&fields, "nickname", 1, limits::NICKNAME_CHARS)? }
        }
        "chat_message" => Packet::Chat { message: string(&fields, "message", 1, limits::CHAT_CHARS)? },
        "signal" => Packet::Signal(signal(text, &fields)?),
        "item_add" => Packet::ItemAdd { kind: string(&fields, "itemType", 1, limits::ID_CHARS)? },
        "item_piano_note" => item::note(&fields)?,
        other => {
            return item::item(other, &fields).or_else(|| admin::admin(other, &fields).map(Packet::Admin));
        }
    };
    Some(packet)
}

fn string(fields: &Map<String, Value>, key: &str, least: usize, most: usize) -> Option<String> {
    let text = fields.get(key)?.as_str()?;
    (least..=most).contains(&text.chars().count()).then(|| text.to_owned())
}

/// `Some(None)` for an absent or null field, `None` for a wrong one.
fn optional(fields: &Map<String, Value>, key: &str, most: usize) -> Option<Option<String>> {
    match fields.get(key) {
        None | Some(Value::Null) => Some(None),
        Some(_) => string(fields, key, 0, most).map(Some),
    }
}

fn square(fields: &Map<String, Value>) -> Option<(i64, i64)> {
    Some((coordinate(fields.get("x")?)?, coordinate(fields.get("y")?)?))
}

/// A coordinate; one outside of 64 bits is as far out of bounds as any other.
fn coordinate(value: &Value) -> Option<i64> {
    let number = integral(value)?;
    Some(number.as_i64().unwrap_or(if number.as_f64().is_some_and(|real| real < 0.0) {
        i64::MIN
    } else {
        i64::MAX
    }))
}

/// Numbers without a fraction, and strings of digits (2.2).
fn integral(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) if number.is_f64() => {
            let real = number.as_f64().filter(|real| real.fract() == 0.0)?;
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let small = (real.abs() < 9_007_199_254_740_992.0).then_some(real as i64);
            Some(small.map_or_else(|| number.clone(), Number::from))
        }
        Value::Number(number) => Some(number.clone()),
        Value::String(digits) => digits.trim().parse::<i64>().ok().map(Number::from),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[derive(Deserialize)]
struct RawSignal<'a> {
    #[serde(borrow)]
    sdp: Option<&'a RawValue>,
    #[serde(borrow)]
    ice: Option<&'a RawValue>,
}

fn signal(text: &str, fields: &Map<String, Value>) -> Option<SignalPacket> {
    let target = string(fields, "targetId", 1, limits::ID_CHARS)?;
    let given = |key: &str| fields.get(key).filter(|value| !value.is_null());
    if [given("sdp"), given("ice")].into_iter().flatten().any(|value| !value.is_object()) {
        return None;
    }
    let raw: RawSignal<'_> = serde_json::from_str(text).ok()?;
    let mut body = String::from("{");
    for (key, value) in [("sdp", raw.sdp), ("ice", raw.ice)] {
        let Some(value) = value.filter(|value| value.get() != "null") else { continue };
        if body.len() > 1 {
            body.push(',');
        }
        body.push_str(&format!("\"{key}\":{}", value.get()));
    }
    body.push('}');
    let kind = match given("sdp").and_then(|sdp| sdp.get("type")).and_then(Value::as_str) {
        Some("offer") => SignalKind::Offer,
        Some("answer") => SignalKind::Answer,
        _ => SignalKind::Other,
    };
    Some(SignalPacket { target, kind, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_no_packet() {
        let deep = "[".repeat(100_000);
        let long = format!(r#"{{"type":"chat_message","message":"{}"}}"#, "x".repeat(501));
        let huge = format!(r#"{{"type":"chat_message","message":"{}"}}"#, "x".repeat(300_000));
        let garbage = [
            "",
            "[]",
            "\"x\"",
            "null",
            "{}",
            r#"{"type":5}"#,
            r#"{"type":"fly"}"#,
            r#"{"type":"chat_message"}"#,
            r#"{"type":"chat_message","message":5}"#,
            r#"{"type":"chat_message","message":""}"#,
            r#"{"type":"chat_message","message":"\ud800"}"#,
            r#"{"type":"signal","targetId":"a","sdp":{"x":"\ud800"}}"#,
            r#"{"type":"signal","targetId":"a","sdp":"offer"}"#,
            r#"{"type":"signal","sdp":{}}"#,
            r#"{"type":"ping","clientSentAt":NaN}"#,
            r#"{"type":"ping","clientSentAt":1e999}"#,
            r#"{"type":"ping","clientSentAt":1.5}"#,
            r#"{"type":"ping","clientSentAt":true}"#,
            r#"{"type":"update_position","x":1}"#,
            r#"{"type":"update_position","x":1,"y":"up"}"#,
            r#"{"type":"update_nickname","nickname":"123456789012345678901234567890123"}"#,
            r#"{"type":"auth_resume","sessionToken":null}"#,
            r#"{"type":"item_update","itemId":"a","params":[]}"#,
            r#"{"type":"item_piano_recording","itemId":"a","action":"fly"}"#,
            &deep,
            &long,
            &huge,
        ];
        for text in garbage {
            assert_eq!(decode(text), None, "{}", &text[..text.len().min(80)]);
        }
    }

    #[test]
    fn no_damage_to_a_packet_breaks_the_reader() {
        let packets = [
            r#"{"type":"signal","targetId":"a","sdp":{"type":"offer","sdp":"v=0"},"ice":null}"#,
            r#"{"type":"update_position","x":-12,"y":4.0e1}"#,
            r#"{"type":"chat_message","message":"a\u00e9\n\ud83d\ude00"}"#,
        ];
        for packet in packets {
            assert!(decode(packet).is_some(), "{packet}");
            for at in 0..packet.len() {
                for byte in [b'"', b'\\', b'{', b'}', b'[', b'0', b'9', b'e', b'-', b' ', b'\0'] {
                    let mut damaged = packet.as_bytes().to_vec();
                    damaged[at] = byte;
                    let _ = std::str::from_utf8(&damaged).ok().and_then(decode);
                    damaged.truncate(at);
                    let _ = std::str::from_utf8(&damaged).ok().and_then(decode);
                }
            }
        }
    }

    #[test]
    fn whole_numbers_may_come_in_any_clothes() {
        for (text, sent_at) in [
            ("-1", "-1"),
            ("7.0", "7"),
            ("\"7\"", "7"),
            ("1e20", "1e20"),
            ("18446744073709551615", "18446744073709551615"),
        ] {
            let packet = decode(&format!(r#"{{"type":"ping","clientSentAt":{text},"more":null}}"#));
            let wanted: Number = serde_json::from_str(sent_at).expect("a number");
            assert_eq!(packet, Some(Packet::Ping { sent_at: wanted }), "{text}");
        }
        assert_eq!(
            decode(r#"{"type":"update_position","x":1e30,"y":-1e30}"#),
            Some(Packet::Position { square: (i64::MAX, i64::MIN) })
        );
    }

    #[test]
    fn a_signal_is_kept_as_it_came() {
        let packet =
            decode(r#"{"type":"signal","targetId":"t","ice":null,"sdp":{"type":"offer","z":1.50,"a":[ ]}}"#);
        let Some(Packet::Signal(signal)) = packet else { panic!("{packet:?}") };
        assert_eq!(signal.kind, SignalKind::Offer);
        assert_eq!(signal.body, r#"{"sdp":{"type":"offer","z":1.50,"a":[ ]}}"#);
    }

    #[test]
    fn an_absent_and_a_null_email_are_none() {
        let with = |email: &str| {
            decode(&format!(r#"{{"type":"auth_register","username":"a","password":"b"{email}}}"#))
        };
        let email = |packet| match packet {
            Some(Packet::Register { email, .. }) => Some(email),
            _ => None,
        };
        assert_eq!(email(with("")), Some(None));
        assert_eq!(email(with(r#","email":null"#)), Some(None));
        assert_eq!(email(with(r#","email":"a@b.c""#)), Some(Some("a@b.c".to_owned())));
        assert_eq!(email(with(r#","email":5"#)), None);
    }
}
