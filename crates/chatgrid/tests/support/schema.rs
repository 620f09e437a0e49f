//! What the client's schema demands of every frame (chatgrid.md 2.2, 4 and 6), written down a second time and on purpose
//! not with the types that produce the frames.

use serde_json::{Map, Value};

type Fields = Map<String, Value>;

/// Checks a frame.
pub fn check(text: &str) -> Result<(), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let frame = value.as_object().ok_or("not an object")?;
    nulls(&value, "")?;
    let kind = frame.get("type").and_then(Value::as_str).ok_or("no type")?;
    let shape = FRAMES.iter().find(|(name, _)| *name == kind).ok_or(format!("unknown type {kind}"))?;
    fields(frame, shape.1)?;
    match kind {
        "welcome" => welcome(frame),
        "item_upsert" => item(object(frame, "item")?),
        "update_nickname" => nickname(frame, "nickname"),
        "auth_result" => auth_result(frame),
        "item_use_sound" => positive(frame, "range"),
        "admin_roles_list" => rows(
            frame,
            "roles",
            &[("id", 'n'), ("name", 's'), ("isSystem", 'b'), ("userCount", 'n'), ("permissions", 'a')],
        ),
        "admin_users_list" => {
            rows(frame, "users", &[("id", 's'), ("username", 's'), ("role", 's'), ("status", 's')])
        }
        "item_clock_announce" => announcement(frame),
        "item_piano_note" => note(frame),
        "item_piano_status" => piano_status(frame),
        "item_action_result" => word_of(frame, "action", ACTIONS),
        "item_transfer_targets" => array(frame, "targets")?.iter().try_for_each(target),
        _ => Ok(()),
    }
}

/// A field: its name, `?` when it may be absent, and its type.
type Shape = &'static [(&'static str, char)];

/// s string, S string or absent, n whole number, N whole number or absent, b bool, B bool or absent, o object,
/// O object or absent, a array, A array or absent.
const FRAMES: &[(&str, Shape)] = &[
    (
        "auth_required",
        &[
            ("message", 's'),
            ("authPolicy", 'O'),
            ("gridName", 'S'),
            ("welcomeMessage", 'S'),
            ("releaseVersion", 'S'),
            ("serverVersion", 'S'),
        ],
    ),
    (
        "auth_result",
        &[
            ("ok", 'b'),
            ("message", 's'),
            ("sessionToken", 'S'),
            ("username", 'S'),
            ("role", 'S'),
            ("permissions", 'A'),
            ("adminMenuActions", 'A'),
            ("nickname", 'S'),
            ("authPolicy", 'O'),
        ],
    ),
    ("auth_permissions", &[("role", 's'), ("permissions", 'a'), ("adminMenuActions", 'A')]),
    (
        "welcome",
        &[
            ("id", 's'),
            ("player", 'o'),
            ("users", 'a'),
            ("items", 'A'),
            ("worldConfig", 'O'),
            ("uiDefinitions", 'O'),
            ("serverInfo", 'O'),
            ("auth", 'O'),
        ],
    ),
    ("update_position", &[("id", 's'), ("x", 'n'), ("y", 'n')]),
    ("teleport_complete", &[("id", 's'), ("x", 'n'), ("y", 'n')]),
    (
        "signal",
        &[("senderId", 's'), ("senderNickname", 'S'), ("x", 'N'), ("y", 'N'), ("sdp", 'O'), ("ice", 'O')],
    ),
    ("update_nickname", &[("id", 's'), ("nickname", 's')]),
    (
        "nickname_result",
        &[("accepted", 'b'), ("requestedNickname", 's'), ("effectiveNickname", 's'), ("reason", 'S')],
    ),
    ("user_left", &[("id", 's')]),
    (
        "chat_message",
        &[("message", 's'), ("senderId", 'S'), ("senderNickname", 'S'), ("system", 'B'), ("action", 'B')],
    ),
    ("pong", &[("clientSentAt", 'n')]),
    ("item_upsert", &[("item", 'o')]),
    ("item_remove", &[("itemId", 's')]),
    ("item_action_result", &[("ok", 'b'), ("action", 's'), ("message", 's'), ("itemId", 'S')]),
    ("item_use_sound", &[("itemId", 's'), ("sound", 's'), ("x", 'n'), ("y", 'n'), ("range", 'n')]),
    ("admin_roles_list", &[("roles", 'a'), ("permissionKeys", 'a'), ("permissionTooltips", 'O')]),
    ("admin_users_list", &[("users", 'a')]),
    ("item_clock_announce", &[("itemId", 's'), ("sounds", 'a'), ("x", 'n'), ("y", 'n'), ("range", 'n')]),
    (
        "item_piano_note",
        &[
            ("itemId", 's'),
            ("senderId", 's'),
            ("keyId", 's'),
            ("midi", 'n'),
            ("on", 'b'),
            ("instrument", 's'),
            ("voiceMode", 's'),
            ("octave", 'n'),
            ("attack", 'n'),
            ("decay", 'n'),
            ("release", 'n'),
            ("brightness", 'n'),
            ("x", 'n'),
            ("y", 'n'),
            ("emitRange", 'n'),
        ],
    ),
    ("item_piano_status", &[("itemId", 's'), ("event", 's'), ("recordingState", 'S')]),
    ("item_transfer_targets", &[("itemId", 's'), ("targets", 'a')]),
    ("admin_action_result", &[("ok", 'b'), ("action", 's'), ("message", 's')]),
];

fn nulls(value: &Value, path: &str) -> Result<(), String> {
    match value {
        Value::Null if path.ends_with(".carrierId") || path.ends_with(".userId") => Ok(()),
        Value::Null => Err(format!("{path} is null")),
        Value::Array(all) => {
            all.iter().enumerate().try_for_each(|(at, one)| nulls(one, &format!("{path}[{at}]")))
        }
        Value::Object(all) => all.iter().try_for_each(|(key, one)| nulls(one, &format!("{path}.{key}"))),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn whole(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number.is_finite() && number.fract() == 0.0)
}

fn fields(frame: &Fields, shape: Shape) -> Result<(), String> {
    for (key, kind) in shape {
        let fits = match (frame.get(*key), kind) {
            (None, kind) => kind.is_uppercase(),
            (Some(value), 's' | 'S') => value.is_string(),
            (Some(value), 'n' | 'N') => whole(value),
            (Some(value), 'b' | 'B') => value.is_boolean(),
            (Some(value), 'o' | 'O') => value.is_object(),
            (Some(value), _) => value.is_array(),
        };
        if !fits {
            return Err(format!("{key}: {:?}", frame.get(*key)));
        }
    }
    match frame.keys().find(|key| *key != "type" && !shape.iter().any(|(name, _)| name == key)) {
        Some(extra) => Err(format!("{extra} is not of the protocol")),
        None => Ok(()),
    }
}

fn object<'a>(frame: &'a Fields, key: &str) -> Result<&'a Fields, String> {
    frame.get(key).and_then(Value::as_object).ok_or(format!("{key}: no object"))
}

fn array<'a>(frame: &'a Fields, key: &str) -> Result<&'a Vec<Value>, String> {
    frame.get(key).and_then(Value::as_array).ok_or(format!("{key}: no array"))
}

fn nickname(frame: &Fields, key: &str) -> Result<(), String> {
    let count = frame.get(key).and_then(Value::as_str).map_or(0, |name| name.chars().count());
    if (1..=32).contains(&count) { Ok(()) } else { Err(format!("{key} has {count} characters")) }
}

fn positive(frame: &Fields, key: &str) -> Result<(), String> {
    let fits = frame.get(key).and_then(Value::as_i64).is_some_and(|number| number > 0);
    if fits { Ok(()) } else { Err(format!("{key} is not above 0")) }
}

const ACTIONS: &[&str] = &["add", "pickup", "drop", "delete", "use", "secondary_use", "update", "transfer"];

fn word_of(frame: &Fields, key: &str, words: &[&str]) -> Result<(), String> {
    let word = frame.get(key).and_then(Value::as_str).unwrap_or_default();
    if words.contains(&word) { Ok(()) } else { Err(format!("{key} is {word}")) }
}

fn within(frame: &Fields, key: &str, min: i64, max: i64) -> Result<(), String> {
    let fits = frame.get(key).and_then(Value::as_i64).is_some_and(|number| (min..=max).contains(&number));
    if fits { Ok(()) } else { Err(format!("{key} is not from {min} to {max}")) }
}

fn announcement(frame: &Fields) -> Result<(), String> {
    positive(frame, "range")?;
    let sounds = array(frame, "sounds")?;
    let spoken = |sound: &Value| {
        sound.as_str().is_some_and(|s| s.starts_with("/sounds/clock/el640/") && s.ends_with(".ogg"))
    };
    if !sounds.is_empty() && sounds.iter().all(spoken) {
        Ok(())
    } else {
        Err("not a clock's words".to_owned())
    }
}

fn note(frame: &Fields) -> Result<(), String> {
    within(frame, "midi", 0, 127)?;
    within(frame, "octave", -2, 2)?;
    for key in ["attack", "decay", "release", "brightness"] {
        within(frame, key, 0, 100)?;
    }
    word_of(frame, "voiceMode", &["mono", "poly"])?;
    positive(frame, "emitRange")
}

fn piano_status(frame: &Fields) -> Result<(), String> {
    let events = [
        "use_mode_entered",
        "record_started",
        "record_paused",
        "record_resumed",
        "record_stopped",
        "playback_started",
        "playback_stopped",
    ];
    word_of(frame, "event", &events)?;
    word_of(frame, "recordingState", &["idle", "recording", "paused", "playback"])
}

fn target(value: &Value) -> Result<(), String> {
    let target = value.as_object().ok_or("a target is no object")?;
    fields(target, &[("userId", 's'), ("username", 's'), ("online", 'b')])
}

fn auth_result(frame: &Fields) -> Result<(), String> {
    let message = frame["message"].as_str().unwrap_or_default().to_lowercase();
    let about_token = message.starts_with("we couldn't restore");
    if frame["ok"] == false && message.contains("session") != about_token {
        return Err("the word session means a bad token, and nothing else".to_owned());
    }
    if frame.contains_key("nickname") { nickname(frame, "nickname") } else { Ok(()) }
}

fn user(value: &Value) -> Result<(), String> {
    let user = value.as_object().ok_or("a user is no object")?;
    fields(user, &[("id", 's'), ("userId", 'S'), ("nickname", 's'), ("x", 'n'), ("y", 'n')])?;
    nickname(user, "nickname")?;
    let inside = |key: &str| user[key].as_i64().is_some_and(|at| (0..41).contains(&at));
    if inside("x") && inside("y") { Ok(()) } else { Err("a user is outside of the grid".to_owned()) }
}

fn welcome(frame: &Fields) -> Result<(), String> {
    user(&frame["player"])?;
    let own = frame["id"].as_str().unwrap_or_default();
    for other in array(frame, "users")? {
        user(other)?;
        if other["id"] == own {
            return Err("users holds the receiver".to_owned());
        }
    }
    for one in array(frame, "items")? {
        item(one.as_object().ok_or("an item is no object")?)?;
    }
    fields(
        object(frame, "worldConfig")?,
        &[("gridSize", 'n'), ("movementTickMs", 'n'), ("movementMaxStepsPerTick", 'n')],
    )?;
    let info = object(frame, "serverInfo")?;
    if info.get("version").is_some_and(|version| version != "unknown")
        || info.contains_key("expectedClientRevision")
    {
        return Err("the client would reload for ever".to_owned());
    }
    let auth = object(frame, "auth")?;
    let permissions = array(auth, "permissions")?;
    if !permissions.is_sorted_by_key(|word| word.as_str().map(str::to_owned)) {
        return Err("permissions are not sorted".to_owned());
    }
    definitions(object(frame, "uiDefinitions")?)
}

fn definitions(all: &Fields) -> Result<(), String> {
    if array(all, "itemTypeOrder")?.len() != 6 {
        return Err("not six types".to_owned());
    }
    for kind in array(all, "itemTypes")? {
        let kind = kind.as_object().ok_or("a type is no object")?;
        let shape: Shape = &[
            ("type", 's'),
            ("label", 's'),
            ("tooltip", 's'),
            ("capabilities", 'a'),
            ("editableProperties", 'a'),
            ("propertyMetadata", 'o'),
            ("globalProperties", 'o'),
        ];
        // The key `type` is ours here, not a frame's.
        fields(kind, shape)?;
    }
    let management = object(all, "itemManagement")?;
    for action in array(management, "actions")? {
        let shape: Shape =
            &[("id", 's'), ("label", 's'), ("tooltip", 's'), ("anyPermission", 's'), ("ownPermission", 's')];
        fields(action.as_object().ok_or("an action is no object")?, shape)?;
    }
    array(object(all, "adminMenu")?, "actions")?;
    array(object(all, "commandMetadata")?, "mainModeActions").map(|_| ())
}

fn rows(frame: &Fields, key: &str, shape: Shape) -> Result<(), String> {
    for row in frame.get(key).and_then(Value::as_array).ok_or("no rows")? {
        fields(row.as_object().ok_or("a row is no object")?, shape)?;
    }
    Ok(())
}

fn item(item: &Fields) -> Result<(), String> {
    let shape: Shape = &[
        ("id", 's'),
        ("type", 's'),
        ("title", 's'),
        ("x", 'n'),
        ("y", 'n'),
        ("createdBy", 's'),
        ("createdByName", 'S'),
        ("updatedBy", 's'),
        ("updatedByName", 'S'),
        ("createdAt", 'n'),
        ("updatedAt", 'n'),
        ("version", 'n'),
        ("capabilities", 'a'),
        ("useSound", 'S'),
        ("emitSound", 'S'),
        ("params", 'o'),
        ("display", 'O'),
        ("carrierId", 'S'),
    ];
    fields(item, shape)?;
    let texts = object(item, "display")?.values().all(Value::is_string);
    if texts { Ok(()) } else { Err("display holds more than texts".to_owned()) }
}
