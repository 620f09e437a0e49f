//! Slash commands, the bots that answer them, and rates (originchats.md 5.13, 5.18).

use super::embed;
use super::fields::Fields;
use super::places::{self, Place};
use crate::limits;
use crate::slash::{self, Definition};
use crate::wording::Wrong;
use commonroom_core::embed::Embed;
use serde_json::{Map, Value};

/// The commands of this file.
pub const COMMANDS: [&str; 6] =
    ["slash_list", "slash_register", "slash_call", "slash_response", "rate_limit_status", "rate_limit_reset"];

const NO_CHANNEL: Wrong = Wrong::Plain("Channel parameter is required for slash commands");

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    /// The slash commands.
    List,
    /// From now on this connection answers these.
    Register(Vec<Definition>),
    /// Use one.
    Call(Call),
    /// The answer to a call.
    Respond(Box<Response>),
    /// How somebody stands with their messages; `None` is oneself.
    Standing(Option<String>),
    /// Forget how somebody stands.
    Reset(String),
}

/// The use of a slash command.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// Where.
    pub place: Place,
    /// Its name.
    pub command: String,
    /// What it is given.
    pub args: Map<String, Value>,
}

/// The answer to the use of a slash command.
#[derive(Clone, PartialEq, Debug)]
pub struct Response {
    /// Where it was used.
    pub place: Place,
    /// The text, trimmed.
    pub content: String,
    /// Cards.
    pub embeds: Vec<Embed>,
    /// The command's name.
    pub command: Option<String>,
    /// Who used it, by id or username.
    pub invoker: Option<String>,
    /// Only for who used it.
    pub ephemeral: bool,
}

/// The request of one of [`COMMANDS`].
///
/// # Errors
/// What is wrong with it, in the words of its command.
pub(super) fn ask(name: &str, fields: &Fields) -> Result<Ask, Wrong> {
    match name {
        "slash_list" => Ok(Ask::List),
        "slash_register" => match fields.value("commands") {
            Some(Value::Array(commands)) => {
                slash::definitions(commands).map(Ask::Register).map_err(Wrong::CommandSchema)
            }
            _ => Err(Wrong::Plain("Commands must be provided as a list")),
        },
        "slash_call" => call(fields).map(Ask::Call),
        "slash_response" => response(fields).map(|response| Ask::Respond(Box::new(response))),
        "rate_limit_status" => fields.filled("user").map(Ask::Standing),
        "rate_limit_reset" => fields.user().map(Ask::Reset),
        other => Err(Wrong::UnknownCommand(other.to_owned())),
    }
}

fn call(fields: &Fields) -> Result<Call, Wrong> {
    let place = fields.place()?.ok_or(NO_CHANNEL)?;
    let Some(Value::String(command)) = fields.value("command") else {
        return Err(Wrong::Plain("Command name must be a string"));
    };
    let args = match fields.value("args") {
        None => Map::new(),
        Some(Value::Object(args)) => args.clone(),
        Some(_) => return Err(Wrong::Plain("Command args must be an object")),
    };
    let bytes = serde_json::to_string(&args).map_or(usize::MAX, |text| text.len());
    if bytes > limits::SLASH_ARGS_BYTES {
        return Err(Wrong::FieldTooLong("args", limits::SLASH_ARGS_BYTES));
    }
    // People type the slash; clients leave it away.
    let command = command.strip_prefix('/').unwrap_or(command).to_owned();
    Ok(Call { place, command, args })
}

fn response(fields: &Fields) -> Result<Response, Wrong> {
    let place = fields.place()?.ok_or(NO_CHANNEL)?;
    let content = match fields.value("response") {
        None => String::new(),
        Some(Value::String(text)) => places::clean(text)?,
        Some(_) => return Err(Wrong::Plain("Slash response must be a string")),
    };
    let embeds = embed::embeds(fields.value("embeds"))?.unwrap_or_default();
    if content.is_empty() && embeds.is_empty() {
        return Err(Wrong::Plain("Slash response must have content or embeds"));
    }
    Ok(Response {
        place,
        content,
        embeds,
        command: fields.filled("command")?,
        invoker: fields.filled("invoker")?,
        ephemeral: fields.flag("ephemeral")?.unwrap_or(false),
    })
}
