//! Slash commands, as clients list them, and calls of them (originchats.md 5.13).

use super::{View, message, people};
use crate::slash::{BuiltIn, Definition};
use crate::wire;
use commonroom_core::channel::Home;
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::message::Message;
use commonroom_hub::live::{Offered, Scope};
use serde_json::{Map, Value, json};

/// A command with who registered it.
fn listed(definition: &Definition, by: &str) -> Value {
    let mut shape = serde_json::to_value(definition).expect("a definition is plain data");
    shape["registeredBy"] = Value::String(by.to_owned());
    shape
}

/// The definition in what a connection offers.
pub fn definition(offered: &Offered) -> Option<Definition> {
    serde_json::from_str(&offered.body).ok()
}

/// Every command of the community: this server's own first.
pub fn all(view: &View<'_>) -> Vec<Value> {
    let own = BuiltIn::ALL.map(|built_in| listed(&built_in.definition(), wire::SERVER_USER));
    let bots = view.live.offers().filter_map(|(session, offered)| {
        let session = view.live.session(session)?;
        let here = session.scope == Scope::Space(view.space.id);
        let by = people::username(view.directory, session.account);
        here.then(|| definition(offered)).flatten().map(|definition| listed(&definition, &by))
    });
    own.into_iter().chain(bots).collect()
}

/// `slash_add`
pub fn added(view: &View<'_>, by: AccountId, commands: &[Offered]) -> String {
    let by = people::username(view.directory, by);
    let commands: Vec<Value> =
        commands.iter().filter_map(definition).map(|definition| listed(&definition, &by)).collect();
    wire::frame("slash_add", json!({"commands": commands}), None)
}

/// `slash_remove`
pub fn removed(commands: &[Offered]) -> String {
    let names: Vec<&str> = commands.iter().map(|command| command.name.as_str()).collect();
    wire::frame("slash_remove", json!({"commands": names}), None)
}

/// `slash_call`: for the bot, and as the answer to who called.
pub fn call(
    view: &View<'_>,
    (command, args, channel): (&str, &Map<String, Value>, &str),
    (bot, invoker): (AccountId, AccountId),
    listener: Option<&str>,
) -> String {
    let body = json!({
        "val": {"command": command, "args": args, "commander": people::username(view.directory, bot)},
        "invoker": people::id(view.directory, invoker),
        "invokerUsername": people::username(view.directory, invoker),
        "channel": channel,
    });
    wire::frame("slash_call", body, listener)
}

/// The name of a channel and the id of the thread, if it is one: a thread goes by its channel's name.
pub fn place(view: &View<'_>, id: ChannelId) -> Option<(String, Option<String>)> {
    let channel = view.directory.channel(id)?;
    match channel.home {
        Home::Thread { parent, .. } => {
            let parent = view.directory.channel(parent)?;
            Some((parent.name.clone(), Some(id.to_string())))
        }
        Home::Space(_) | Home::Conversation(..) => Some((channel.name.clone(), None)),
    }
}

/// `message_new` of a message that is not kept, for one person.
pub fn ephemeral(view: &View<'_>, whispered: &Message, listener: Option<&str>) -> String {
    let (channel, thread) = place(view, whispered.channel).unzip();
    let message = message::message(view, whispered);
    let body = json!({"message": message, "channel": channel, "thread_id": thread.flatten()});
    wire::frame("message_new", body, listener)
}
