//! Slash commands: what bots register, what this server has of its own, and which arguments fit (originchats.md 5.13).
//! Pure: who may use them is the session's business.

use crate::limits;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// A slash command, in the shape that clients know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Definition {
    /// Its name, without the slash.
    pub name: String,
    /// What it does.
    pub description: String,
    /// What it takes.
    pub options: Vec<Argument>,
    /// Who may use it: holders of any of these roles.
    #[serde(rename = "whitelistRoles")]
    pub allowed: Option<Vec<String>>,
    /// Who may not: holders of any of these.
    #[serde(rename = "blacklistRoles")]
    pub denied: Option<Vec<String>>,
    /// Its answers are for the one who uses it only.
    pub ephemeral: bool,
}

/// Something that a command takes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it must be.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// It must be given.
    pub required: bool,
    /// What it may be; for [`Kind::Enum`].
    pub choices: Option<Vec<String>>,
}

/// What an argument must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A text.
    Str,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Yes or no.
    Bool,
    /// One of the choices.
    Enum,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        [Self::Str, Self::Int, Self::Float, Self::Bool, Self::Enum]
            .into_iter()
            .find(|kind| kind.word() == word)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Str => "str",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Enum => "enum",
        }
    }
}

/// A command that this server carries out itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BuiltIn {
    /// Sets or clears one's nickname.
    Nick,
    /// Lists the commands.
    Help,
    /// Keeps somebody out.
    Ban,
    /// Lets somebody in again.
    Unban,
    /// Silences somebody.
    Mute,
    /// Lifts that.
    Unmute,
}

impl BuiltIn {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Nick, Self::Help, Self::Ban, Self::Unban, Self::Mute, Self::Unmute];

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|built_in| built_in.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nick => "nick",
            Self::Help => "help",
            Self::Ban => "ban",
            Self::Unban => "unban",
            Self::Mute => "mute",
            Self::Unmute => "unmute",
        }
    }

    /// It, as clients list it.
    pub fn definition(self) -> Definition {
        let option = |name: &str, description: &str, kind, required| Argument {
            name: name.to_owned(),
            description: description.to_owned(),
            kind,
            required,
            choices: None,
        };
        let user = || option("username", "Who", Kind::Str, true);
        let reason = || option("reason", "Why", Kind::Str, false);
        let (description, options, guarded) = match self {
            Self::Nick => {
                let name = option("nickname", "Your new name here; empty to clear it", Kind::Str, false);
                ("Change your nickname", vec![name], false)
            }
            Self::Help => ("List the slash commands", Vec::new(), false),
            Self::Ban => ("Ban somebody from this server", vec![user(), reason()], true),
            Self::Unban => ("Lift somebody's ban", vec![user()], true),
            Self::Mute => {
                let duration = option("duration", "For how many seconds", Kind::Int, true);
                ("Silence somebody for a while", vec![user(), duration, reason()], true)
            }
            Self::Unmute => ("Let somebody speak again", vec![user()], true),
        };
        Definition {
            name: self.name().to_owned(),
            description: description.to_owned(),
            options,
            allowed: guarded.then(|| ["admin", "owner"].map(str::to_owned).to_vec()),
            denied: None,
            ephemeral: self == Self::Help,
        }
    }
}

/// Reads what a bot registers.
///
/// # Errors
/// Why it is no list of commands.
pub fn definitions(commands: &[Value]) -> Result<Vec<Definition>, String> {
    if commands.len() > limits::SLASH_COMMANDS {
        return Err(format!("cannot have more than {} commands", limits::SLASH_COMMANDS));
    }
    let mut read: Vec<Definition> = Vec::with_capacity(commands.len());
    for command in commands {
        let command = definition(command)?;
        if read.iter().any(|other| other.name == command.name) {
            return Err(format!("command '{}' appears twice", command.name));
        }
        read.push(command);
    }
    Ok(read)
}

fn definition(value: &Value) -> Result<Definition, String> {
    let fields = value.as_object().ok_or("each command must be an object")?;
    let name = name(fields, "command")?;
    if BuiltIn::named(&name).is_some() {
        return Err(format!("command '{name}' is built in"));
    }
    let options = match present(fields, "options") {
        None => Vec::new(),
        Some(Value::Array(options)) if options.len() > limits::SLASH_OPTIONS => {
            return Err(format!("command '{name}' cannot have more than {} options", limits::SLASH_OPTIONS));
        }
        Some(Value::Array(options)) => options.iter().map(argument).collect::<Result<Vec<_>, _>>()?,
        Some(_) => return Err("'options' must be a list".to_owned()),
    };
    let twice = |at: usize| options[..at].iter().any(|other| other.name == options[at].name);
    if let Some(at) = (0..options.len()).find(|at| twice(*at)) {
        return Err(format!("option '{}' appears twice", options[at].name));
    }
    Ok(Definition {
        name,
        description: description(fields)?,
        options,
        allowed: words(fields, "whitelistRoles", limits::SLASH_ROLES)?,
        denied: words(fields, "blacklistRoles", limits::SLASH_ROLES)?,
        ephemeral: flag(fields, "ephemeral")?.unwrap_or(false),
    })
}

fn argument(value: &Value) -> Result<Argument, String> {
    let fields = value.as_object().ok_or("each option must be an object")?;
    let name = name(fields, "option")?;
    let kind = present(fields, "type").and_then(Value::as_str).and_then(Kind::of);
    let kind =
        kind.ok_or_else(|| format!("the type of option '{name}' must be str, int, float, bool or enum"))?;
    let choices = words(fields, "choices", limits::SLASH_OPTIONS)?;
    if kind == Kind::Enum && choices.as_ref().is_none_or(Vec::is_empty) {
        return Err(format!("option '{name}' must have choices"));
    }
    let required = flag(fields, "required")?.unwrap_or(true);
    Ok(Argument { name, description: description(fields)?, kind, required, choices })
}

fn present<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

fn name(fields: &Map<String, Value>, what: &str) -> Result<String, String> {
    let name =
        present(fields, "name").and_then(Value::as_str).ok_or(format!("each {what} must have a name"))?;
    let plain = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    if plain && (1..=limits::SLASH_NAME_CHARS).contains(&name.len()) {
        Ok(name.to_owned())
    } else {
        Err(format!("a {what}'s name must be 1-{} of a-z, 0-9, _ and -", limits::SLASH_NAME_CHARS))
    }
}

fn description(fields: &Map<String, Value>) -> Result<String, String> {
    match present(fields, "description") {
        None => Ok(String::new()),
        Some(Value::String(text)) if text.chars().count() <= limits::SLASH_DESCRIPTION_CHARS => {
            Ok(text.clone())
        }
        Some(Value::String(_)) => {
            Err(format!("a description cannot have more than {} characters", limits::SLASH_DESCRIPTION_CHARS))
        }
        Some(_) => Err("'description' must be a string".to_owned()),
    }
}

fn flag(fields: &Map<String, Value>, name: &str) -> Result<Option<bool>, String> {
    match present(fields, name) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(format!("'{name}' must be a boolean")),
    }
}

fn words(fields: &Map<String, Value>, name: &str, most: usize) -> Result<Option<Vec<String>>, String> {
    let word = |value: &Value| {
        let word = value.as_str().filter(|word| word.chars().count() <= limits::SLASH_WORD_CHARS);
        word.map(str::to_owned)
    };
    match present(fields, name) {
        None => Ok(None),
        Some(Value::Array(list)) if list.len() <= most => {
            let words: Option<Vec<String>> = list.iter().map(word).collect();
            words.map(Some).ok_or_else(|| {
                format!("'{name}' must be strings of at most {} characters", limits::SLASH_WORD_CHARS)
            })
        }
        Some(Value::Array(_)) => Err(format!("'{name}' cannot have more than {most} entries")),
        Some(_) => Err(format!("'{name}' must be a list")),
    }
}

/// Why arguments do not fit a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Misfit {
    /// The command takes no such argument.
    Unknown(String),
    /// It must be given.
    Missing(String),
    /// It is of another type: argument, wanted, found.
    Type(String, &'static str, &'static str),
    /// It is none of the choices: argument, choices.
    Choice(String, Vec<String>),
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "Unknown argument: {name}"),
            Self::Missing(name) => write!(f, "Missing required argument: {name}"),
            Self::Type(name, wanted, found) => {
                write!(f, "Invalid type for argument '{name}': expected {wanted}, got {found}")
            }
            Self::Choice(name, choices) => {
                let choices: Vec<String> = choices.iter().map(|choice| format!("'{choice}'")).collect();
                write!(f, "Invalid value for argument '{name}': expected one of [{}]", choices.join(", "))
            }
        }
    }
}

/// Checks the arguments of a call.
///
/// # Errors
/// The first that does not fit.
pub fn check(definition: &Definition, args: &Map<String, Value>) -> Result<(), Misfit> {
    let known = |name: &str| definition.options.iter().any(|option| option.name == name);
    if let Some(name) = args.keys().find(|name| !known(name)) {
        return Err(Misfit::Unknown(name.chars().take(limits::SLASH_WORD_CHARS).collect()));
    }
    definition.options.iter().try_for_each(|option| match present(args, &option.name) {
        None if option.required => Err(Misfit::Missing(option.name.clone())),
        None => Ok(()),
        Some(value) => fits(option, value),
    })
}

fn fits(option: &Argument, value: &Value) -> Result<(), Misfit> {
    let right = match option.kind {
        Kind::Str => value.is_string(),
        Kind::Int => value.is_i64() || value.is_u64(),
        Kind::Float => value.is_number(),
        Kind::Bool => value.is_boolean(),
        Kind::Enum => {
            let choices = option.choices.as_deref().unwrap_or_default();
            return match value.as_str() {
                Some(word) if choices.iter().any(|choice| choice == word) => Ok(()),
                _ => Err(Misfit::Choice(option.name.clone(), choices.to_vec())),
            };
        }
    };
    if right { Ok(()) } else { Err(Misfit::Type(option.name.clone(), option.kind.word(), type_of(value))) }
}

/// The type of a value, in the words of this protocol.
pub fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(value: Value) -> Result<Vec<Definition>, String> {
        definitions(value.as_array().expect("a list"))
    }

    fn roll() -> Definition {
        let options = json!([
            {"name": "sides", "type": "int"},
            {"name": "bias", "type": "float", "required": false},
            {"name": "loud", "type": "bool", "required": false},
            {"name": "colour", "type": "enum", "choices": ["red", "blue"], "required": false},
            {"name": "note", "type": "str", "required": false, "description": "why"},
        ]);
        let read = read(json!([{"name": "roll", "description": "Rolls", "options": options}]));
        read.expect("a good command").remove(0)
    }

    #[test]
    fn what_is_left_out_has_its_default_and_clients_see_all_of_it() {
        let shape = serde_json::to_value(roll()).expect("plain data");
        assert_eq!(
            shape["options"][0],
            json!({"name": "sides", "description": "", "type": "int", "required": true, "choices": null})
        );
        assert_eq!((&shape["whitelistRoles"], &shape["ephemeral"]), (&json!(null), &json!(false)));
        let again: Definition = serde_json::from_value(shape).expect("the same shape");
        assert_eq!(again, roll());
    }

    #[test]
    fn what_is_no_command_is_said_to_be_none() {
        let many: Vec<Value> = (0..51).map(|number| json!({"name": format!("c{number}")})).collect();
        for bad in [
            json!(["x"]),
            json!([{}]),
            json!([{"name": "Echo"}]),
            json!([{"name": ""}]),
            json!([{"name": "a".repeat(33)}]),
            json!([{"name": "ban"}]),
            json!([{"name": "a"}, {"name": "a"}]),
            json!([{"name": "a", "options": {}}]),
            json!([{"name": "a", "options": [{"name": "x", "type": "text"}]}]),
            json!([{"name": "a", "options": [{"name": "x", "type": "enum"}]}]),
            json!([{"name": "a", "options": [{"name": "x", "type": "int"}, {"name": "x", "type": "int"}]}]),
            json!([{"name": "a", "whitelistRoles": "admin"}]),
            json!([{"name": "a", "ephemeral": 1}]),
            json!([{"name": "a", "description": "x".repeat(201)}]),
            Value::Array(many),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn arguments_fit_or_it_is_said_why() {
        let said =
            |args: Value| check(&roll(), args.as_object().expect("an object")).map_err(|why| why.to_string());
        assert_eq!(said(json!({"sides": 6, "bias": 1, "loud": true, "colour": "red", "note": null})), Ok(()));
        for (args, why) in [
            (json!({}), "Missing required argument: sides"),
            (json!({"sides": 6, "x": 1}), "Unknown argument: x"),
            (json!({"sides": "6"}), "Invalid type for argument 'sides': expected int, got str"),
            (json!({"sides": 6.5}), "Invalid type for argument 'sides': expected int, got float"),
            (json!({"sides": true}), "Invalid type for argument 'sides': expected int, got bool"),
            (json!({"sides": 6, "bias": []}), "Invalid type for argument 'bias': expected float, got list"),
            (json!({"sides": 6, "loud": {}}), "Invalid type for argument 'loud': expected bool, got dict"),
            (
                json!({"sides": 6, "colour": "green"}),
                "Invalid value for argument 'colour': expected one of ['red', 'blue']",
            ),
        ] {
            assert_eq!(said(args), Err(why.to_owned()));
        }
    }

    #[test]
    fn what_this_server_has_itself_is_well_formed() {
        for built_in in BuiltIn::ALL {
            let shape = serde_json::to_value(built_in.definition()).expect("plain data");
            assert_eq!(BuiltIn::named(shape["name"].as_str().expect("a name")), Some(built_in));
        }
    }

    proptest! {
        #[test]
        fn no_text_of_a_client_is_a_panic(text in "\\PC{0,60}", key in "[a-z]{1,12}") {
            let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
            let command = json!({"name": "a", key: value});
            let _ = definitions(&[command.clone(), value_of(&command)]);
            let _ = check(&roll(), command.as_object().expect("an object"));
        }
    }

    fn value_of(command: &Value) -> Value {
        command.get("name").cloned().unwrap_or_default()
    }
}
