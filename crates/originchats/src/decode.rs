//! From a frame to a typed request. Decides nothing and answers nothing: what is wrong with a frame is a [`Wrong`].

use crate::limits;
use crate::wording::{Wrong, text};
use serde_json::{Map, Value};

pub mod admin;
pub mod bots;
pub mod embed;
mod fields;
pub mod keep;
mod places;
pub mod talk;

use fields::Fields;
pub(crate) use places::clean;
pub use places::{Edited, NewMessage, Place, Start};

/// Commands that this adapter carries out: also the capabilities of the handshake.
pub fn commands() -> impl Iterator<Item = &'static str> {
    let more = [&admin::COMMANDS[..], &bots::COMMANDS[..], &keep::COMMANDS[..], &talk::COMMANDS[..]];
    COMMANDS.into_iter().chain(more.into_iter().flatten().copied())
}

/// The commands that need no file of their own, and those for signing in.
const COMMANDS: [&str; 34] = [
    "ping",
    "channels_get",
    "message_new",
    "message_edit",
    "message_delete",
    "message_get",
    "messages_get",
    "messages_around",
    "message_react_add",
    "message_react_remove",
    "typing",
    "users_list",
    "users_online",
    "user_roles_get",
    "roles_list",
    "server_info",
    "status_set",
    "status_get",
    "unreads_get",
    "unreads_ack",
    "unreads_count",
    "user_leave",
    "user_ban",
    "user_unban",
    "user_timeout",
    "users_banned_list",
    "voice_join",
    "voice_leave",
    "voice_mute",
    "voice_unmute",
    "voice_state",
    // Signing in: no longer known once it is done.
    "auth",
    "login",
    "register",
];

/// A frame taken apart.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The command's name; `None` when there is none or it is no text.
    pub cmd: Option<String>,
    /// What to repeat in the direct answer.
    pub listener: Option<String>,
    fields: Fields,
}

/// How somebody wants to sign in (originchats.md 3).
#[derive(Clone, PartialEq, Eq)]
pub enum SignIn {
    /// With a validator of an identity kept elsewhere; `None` when it is no text or empty.
    Outside(Option<String>),
    /// With an account kept here: name trimmed and lower-cased, password as typed; `None` when either is missing.
    Login(Option<(String, String)>),
    /// By making one.
    Register(Option<(String, String)>),
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Outside(_) => "Outside",
            Self::Login(_) => "Login",
            Self::Register(_) => "Register",
        })
    }
}

/// A request of somebody who has signed in.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    /// Are you there.
    Ping,
    /// The channels I may view.
    Channels,
    /// The members.
    Users,
    /// Who is here.
    Online,
    /// The roles.
    Roles,
    /// Somebody's roles.
    RolesOf(String),
    /// What the server is called.
    Server,
    /// My status from now on: its word and text.
    SetStatus(String, Option<String>),
    /// Somebody's status.
    StatusOf(String),
    /// A page of a history.
    History(Place, Start, usize),
    /// One message.
    Message(Place, String),
    /// The messages around one: id, newer ones, older ones.
    Around(Place, String, usize, usize),
    /// Say something.
    Post(Box<NewMessage>),
    /// Change what I said: id, new text, and new cards if they are to change.
    Edit(Place, String, places::Edited),
    /// Take a message back.
    Delete(Place, String),
    /// Put an emoji on a message, or take it away.
    React(Place, String, String, bool),
    /// I am writing.
    Typing(Place),
    /// What I have not read.
    Unreads,
    /// I have read up to a message; `None` is all.
    Read(Place, Option<String>),
    /// What I have not read there.
    UnreadsOf(Place),
    /// Join a call under a peer id.
    JoinVoice(String, String),
    /// Leave the call, or that one.
    LeaveVoice(Option<String>),
    /// Microphone off or on.
    MuteVoice(bool),
    /// Who is in a call.
    VoiceState(String),
    /// I leave the community.
    Leave,
    /// Keep somebody out.
    Ban(String, Option<String>),
    /// Let somebody in again.
    Unban(String),
    /// Silence somebody for that many seconds; 0 lifts it.
    Timeout(String, i64),
    /// Who is kept out.
    BannedList,
    /// About roles, channels, people and what was done to them.
    Admin(admin::Ask),
    /// About slash commands, bots and rates.
    Bots(bots::Ask),
    /// About files, emoji, webhooks, pictures and push.
    Keep(keep::Ask),
    /// About threads, polls, pins, answers and searches.
    Talk(talk::Ask),
}

/// Takes a frame apart.
///
/// # Errors
/// `InvalidJson` or `NotAnObject`.
pub fn envelope(frame: &str) -> Result<Envelope, Wrong> {
    if too_deep(frame) {
        return Err(Wrong::InvalidJson);
    }
    let fields: Map<String, Value> = match serde_json::from_str(frame) {
        Ok(Value::Object(fields)) => fields,
        Ok(Value::Array(_)) => return Err(Wrong::NotAnObject("list")),
        Ok(Value::String(_)) => return Err(Wrong::NotAnObject("str")),
        Ok(Value::Bool(_)) => return Err(Wrong::NotAnObject("bool")),
        Ok(Value::Null) => return Err(Wrong::NotAnObject("NoneType")),
        Ok(Value::Number(number)) if number.is_f64() => return Err(Wrong::NotAnObject("float")),
        Ok(Value::Number(_)) => return Err(Wrong::NotAnObject("int")),
        Err(_) => return Err(Wrong::InvalidJson),
    };
    let listener = fields
        .get("listener")
        .and_then(Value::as_str)
        .filter(|listener| listener.chars().count() <= limits::LISTENER_CHARS)
        .map(str::to_owned);
    let cmd = fields.get("cmd").and_then(Value::as_str).map(str::to_owned);
    Ok(Envelope { cmd, listener, fields: Fields(fields) })
}

/// True when a frame nests objects and arrays deeper than allowed: found out before any of it is parsed.
fn too_deep(frame: &str) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in frame.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > limits::JSON_DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

impl Envelope {
    /// The command's name as one of [`commands`].
    pub fn known(&self) -> Option<&'static str> {
        let cmd = self.cmd.as_deref()?;
        commands().find(|known| *known == cmd)
    }

    /// The error for a command that is none.
    pub fn unknown(&self) -> Wrong {
        match (&self.cmd, self.fields.0.get("cmd")) {
            (Some(name), _) => {
                Wrong::UnknownCommand(name.chars().take(limits::UNKNOWN_COMMAND_CHARS).collect())
            }
            (None, None | Some(Value::Null)) => Wrong::UnknownCommand("None".to_owned()),
            (None, Some(_)) => Wrong::Field("cmd", "a string"),
        }
    }

    /// The request to sign in, if it is one.
    pub fn sign_in(&self) -> Option<SignIn> {
        let field = |name: &str| self.fields.0.get(name).and_then(Value::as_str).unwrap_or_default();
        let pair = || {
            let (name, password) = (field("username").trim().to_lowercase(), field("password").to_owned());
            (!name.is_empty() && !password.is_empty()).then_some((name, password))
        };
        match self.cmd.as_deref()? {
            "auth" => {
                let validator = field("validator");
                Some(SignIn::Outside((!validator.is_empty()).then(|| validator.to_owned())))
            }
            "login" => Some(SignIn::Login(pair())),
            "register" => Some(SignIn::Register(pair())),
            _ => None,
        }
    }

    /// The request, for somebody who has signed in.
    ///
    /// # Errors
    /// What is wrong with it, in the words of its command.
    pub fn ask(&self) -> Result<Ask, Wrong> {
        let fields = &self.fields;
        match self.known().unwrap_or_default() {
            "ping" => Ok(Ask::Ping),
            "channels_get" => Ok(Ask::Channels),
            "users_list" => Ok(Ask::Users),
            "users_online" => Ok(Ask::Online),
            "roles_list" => Ok(Ask::Roles),
            "server_info" => Ok(Ask::Server),
            "unreads_get" => Ok(Ask::Unreads),
            "user_leave" => Ok(Ask::Leave),
            "users_banned_list" => Ok(Ask::BannedList),
            "user_roles_get" => fields.user().map(Ask::RolesOf),
            "status_get" => fields.user().map(Ask::StatusOf),
            "user_unban" => fields.user().map(Ask::Unban),
            "user_ban" => Ok(Ask::Ban(fields.user()?, fields.text("reason")?)),
            "user_timeout" => Ok(Ask::Timeout(fields.user()?, fields.seconds("timeout")?)),
            "status_set" => {
                let status = fields.filled("status")?.ok_or(Wrong::Plain("Status is required"))?;
                Ok(Ask::SetStatus(status, fields.text("text")?))
            }
            name => self.ask_about_messages(name),
        }
    }

    fn ask_about_messages(&self, name: &str) -> Result<Ask, Wrong> {
        let fields = &self.fields;
        let gone = |text: &'static str| Wrong::Plain(text);
        match name {
            "message_new" => places::new_message(fields).map(|new| Ask::Post(Box::new(new))),
            "message_edit" => places::edit(fields),
            "message_delete" => {
                let missing = || gone("Invalid message delete format");
                let place = fields.place()?.ok_or_else(missing)?;
                Ok(Ask::Delete(place, fields.filled("id")?.ok_or_else(missing)?))
            }
            "message_get" => {
                let missing = || gone("Channel/thread and message ID are required");
                let place = fields.place()?.ok_or_else(missing)?;
                Ok(Ask::Message(place, fields.filled("id")?.ok_or_else(missing)?))
            }
            "messages_get" => {
                let place = fields.place()?.ok_or(gone(text::NO_PLACE))?;
                Ok(Ask::History(place, fields.start()?, fields.limit()?))
            }
            "messages_around" => places::around(fields),
            "message_react_add" | "message_react_remove" => {
                places::react(fields, name == "message_react_add")
            }
            "typing" => {
                fields.place()?.map(Ask::Typing).ok_or(gone("Channel name or thread_id not provided"))
            }
            "unreads_ack" => {
                let place = fields.place()?.ok_or(gone(text::NO_UNREAD_PLACE))?;
                Ok(Ask::Read(place, fields.filled("message_id")?))
            }
            "unreads_count" => fields.place()?.map(Ask::UnreadsOf).ok_or(gone(text::NO_UNREAD_PLACE)),
            name => self.ask_about_voice(name),
        }
    }

    fn ask_about_voice(&self, name: &str) -> Result<Ask, Wrong> {
        let fields = &self.fields;
        let channel = || fields.filled("channel")?.ok_or(Wrong::Plain("Channel name is required"));
        match name {
            "voice_join" => {
                let peer_id = fields.filled("peer_id")?.ok_or(Wrong::Plain("Peer ID is required"))?;
                if peer_id.chars().count() > limits::PEER_ID_CHARS {
                    return Err(Wrong::FieldTooLong("peer_id", limits::PEER_ID_CHARS));
                }
                Ok(Ask::JoinVoice(channel()?, peer_id))
            }
            "voice_leave" => fields.filled("channel").map(Ask::LeaveVoice),
            "voice_mute" => Ok(Ask::MuteVoice(true)),
            "voice_unmute" => Ok(Ask::MuteVoice(false)),
            "voice_state" => channel().map(Ask::VoiceState),
            name if admin::COMMANDS.contains(&name) => admin::ask(name, fields).map(Ask::Admin),
            name if bots::COMMANDS.contains(&name) => bots::ask(name, fields).map(Ask::Bots),
            name if keep::COMMANDS.contains(&name) => keep::ask(name, fields).map(Ask::Keep),
            name if talk::COMMANDS.contains(&name) => talk::ask(name, fields).map(Ask::Talk),
            _ => Err(self.unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(frame: &str) -> Result<Ask, String> {
        envelope(frame).and_then(|envelope| envelope.ask()).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn frames_that_are_no_objects_are_named() {
        let said = |frame: &str| envelope(frame).map(|_| ()).map_err(|wrong| wrong.to_string());
        assert_eq!(said("{nope"), Err("Invalid JSON".to_owned()));
        for (frame, kind) in [
            ("[1]", "list"),
            ("\"x\"", "str"),
            ("1", "int"),
            ("1.5", "float"),
            ("true", "bool"),
            ("null", "NoneType"),
        ] {
            assert_eq!(
                said(frame),
                Err(format!("Invalid message format: expected a dictionary, got {kind}"))
            );
        }
    }

    #[test]
    fn hostile_frames_are_errors_and_never_panics() {
        let deep = |count: usize| format!("{{\"cmd\":{}1{}}}", "[".repeat(count), "]".repeat(count));
        assert!(envelope(&deep(63)).is_ok());
        assert!(envelope(&deep(64)).is_err());
        assert!(envelope(&deep(100_000)).is_err());
        assert!(envelope(r#"{"cmd":"\ud800"}"#).is_err());
        assert!(envelope(r#"{"cmd":1e999}"#).is_err());
        assert!(envelope("\u{feff}{}").is_err());
        assert!(envelope(r#"{"text":"[[[[ \" {{{{","cmd":"ping"}"#).is_ok());
    }

    #[test]
    fn a_command_that_is_none_is_said_by_its_name() {
        assert_eq!(ask("{}"), Err("Unknown command: None".to_owned()));
        assert_eq!(ask(r#"{"cmd":"dance"}"#), Err("Unknown command: dance".to_owned()));
        assert_eq!(ask(r#"{"cmd":7}"#), Err("Field 'cmd' must be a string".to_owned()));
        assert_eq!(ask(r#"{"cmd":"login"}"#), Err("Unknown command: login".to_owned()));
    }

    #[test]
    fn listeners_are_texts_of_bounded_length() {
        let listener = |frame: &str| envelope(frame).expect("an object").listener;
        assert_eq!(listener(r#"{"listener":"n1"}"#), Some("n1".to_owned()));
        assert_eq!(listener(r#"{"listener":7}"#), None);
        assert_eq!(listener(&format!("{{\"listener\":\"{}\"}}", "x".repeat(129))), None);
    }

    #[test]
    fn names_are_trimmed_and_lowered_and_passwords_are_not() {
        let frame = r#"{"cmd":"login","username":" Alice ","password":" a b "}"#;
        let sign_in = envelope(frame).expect("an object").sign_in();
        assert_eq!(sign_in, Some(SignIn::Login(Some(("alice".to_owned(), " a b ".to_owned())))));
        let empty =
            envelope(r#"{"cmd":"register","username":"x","password":7}"#).expect("an object").sign_in();
        assert_eq!(empty, Some(SignIn::Register(None)));
    }

    #[test]
    fn required_fields_are_asked_for_in_the_words_of_the_command() {
        let said = |frame: &str| ask(frame).expect_err("incomplete");
        assert_eq!(
            said(r#"{"cmd":"message_new"}"#),
            "Missing fields: channel or thread_id, content or attachments"
        );
        assert_eq!(said(r#"{"cmd":"message_edit","id":"x"}"#), "Invalid message edit format");
        assert_eq!(said(r#"{"cmd":"message_delete"}"#), "Invalid message delete format");
        assert_eq!(said(r#"{"cmd":"messages_get"}"#), "Channel or thread_id required");
        assert_eq!(said(r#"{"cmd":"messages_around"}"#), "around (message ID) is required");
        assert_eq!(said(r#"{"cmd":"message_get","id":"x"}"#), "Channel/thread and message ID are required");
        assert_eq!(said(r#"{"cmd":"message_react_add"}"#), "Message ID and emoji are required");
        assert_eq!(said(r#"{"cmd":"typing"}"#), "Channel name or thread_id not provided");
        assert_eq!(said(r#"{"cmd":"voice_join","channel":"a"}"#), "Peer ID is required");
        assert_eq!(said(r#"{"cmd":"user_ban"}"#), "User parameter is required");
        assert_eq!(
            said(r#"{"cmd":"user_timeout","user":"x","timeout":-1}"#),
            "Timeout must be a positive integer"
        );
        assert_eq!(said(r#"{"cmd":"unreads_ack"}"#), "Channel or thread_id is required");
        assert_eq!(said(r#"{"cmd":"messages_get","channel":5}"#), "Field 'channel' must be a string");
    }

    #[test]
    fn pages_are_clamped() {
        let limit =
            |limit: &str| match ask(&format!(r#"{{"cmd":"messages_get","channel":"a","limit":{limit}}}"#)) {
                Ok(Ask::History(_, _, limit)) => limit,
                other => panic!("{other:?}"),
            };
        assert_eq!(
            [limit("500"), limit("0"), limit("-3"), limit("null"), limit("7")],
            [200, 100, 100, 100, 7]
        );
    }
}
