//! `/msg`: private messages, which the protocol itself does not have (crossing.md C3).

use crate::encode::Scene;
use crate::session::{Player, say, tag};
use commonroom_core::command::{Command, NewMessage, Reply};
use commonroom_core::ids::AccountId;
use commonroom_core::name::NameKey;
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;

/// `/msg NAME TEXT`: opens the conversation; the text follows it.
pub(crate) fn whisper(scene: Scene<'_>, player: &mut Player, rest: &str, cx: &mut Context<'_>) {
    let rest = rest.trim_start();
    if rest.is_empty() {
        return say(cx, "Usage: /msg <name> <message>");
    }
    let Some((with, text)) = addressee(scene, player.account, rest) else {
        let name = rest.split(' ').next().unwrap_or_default();
        return say(cx, &format!("Nobody here is called {name}."));
    };
    if text.trim().is_empty() {
        return say(cx, "Usage: /msg <name> <message>");
    }
    player.whispering = Some(text.trim_start().to_owned());
    cx.command(tag::WHISPER, player.account, Command::OpenConversation { with });
}

/// The conversation is there: now the message.
pub(crate) fn opened(player: &mut Player, answer: Answer, cx: &mut Context<'_>) {
    let Some(text) = player.whispering.take() else { return };
    match answer {
        Ok(Reply::Channel { channel, .. }) => {
            let message = NewMessage::said(channel, &text);
            cx.command(tag::CHAT, player.account, Command::PostMessage(message));
        }
        Ok(_) | Err(_) => say(cx, "Your message could not be delivered."),
    }
}

/// Whose name a line begins with, and what follows the name. Names may hold blanks: the longest that fits is meant.
fn addressee<'a>(scene: Scene<'_>, own: AccountId, line: &'a str) -> Option<(AccountId, &'a str)> {
    let directory = &scene.state.directory;
    let ends = line.match_indices(' ').map(|(at, _)| at).chain([line.len()]);
    let mut stems: Vec<(NameKey, usize)> =
        ends.take(MOST_WORDS).map(|at| (NameKey::of(&line[..at]), at)).collect();
    stems.reverse();
    stems.into_iter().find_map(|(key, end)| {
        let goes_by = |account: AccountId| {
            let named = directory
                .account(account)
                .is_some_and(|known| known.key == key || NameKey::of(&known.handle) == key);
            named || NameKey::of(&scene.name(account)) == key
        };
        let members = directory.members(scene.id()).map(|member| member.account);
        let found = members.filter(|account| *account != own).find(|account| goes_by(*account))?;
        Some((found, &line[end..]))
    })
}

/// Words of the longest name looked for.
const MOST_WORDS: usize = 8;
