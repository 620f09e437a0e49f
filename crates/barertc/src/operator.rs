//! Commands that operators type as messages (barertc.md 5.17).

use crate::Shared;
use crate::encode;
use crate::here::{Here, Pending};
use crate::limits;
use crate::markup::escape;
use crate::quirks;
use crate::session::tags;
use crate::world;
use commonroom_core::command::{Actor, Command};
use commonroom_core::ids::AccountId;
use commonroom_core::name::NameKey;
use commonroom_core::permission::Permissions;
use commonroom_core::policy;
use commonroom_core::{Refusal, Reply};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::{Context, State};

/// Words that are commands whoever types them. Any other slash is an ordinary message.
const COMMANDS: [&str; 15] = [
    "kick",
    "ban",
    "unban",
    "bans",
    "nsfw",
    "cut",
    "unmute-all",
    "op",
    "deop",
    "kickall",
    "reconfigure",
    "shutdown",
    "help",
    "help-advanced",
    "reboot",
];
const BAN_USAGE: &str = "Usage: <code>/ban &lt;username&gt; [hours]</code>";
const REFUSED: &str = "You do not have permission to use that command.";
const HELP: &str = "The most common moderator commands on chat are:<br><br>\
                    <code>/kick &lt;username&gt;</code>: send somebody out of the room.<br>\
                    <code>/ban &lt;username&gt; [hours]</code>: keep somebody out, for 24 hours if you name none.<br>\
                    <code>/unban &lt;username&gt;</code>: lift a ban.<br>\
                    <code>/bans</code>: list the bans.<br>\
                    <code>/nsfw &lt;username&gt;</code>: mark somebody's camera as Explicit.<br>\
                    <code>/cut &lt;username&gt;</code>: turn somebody's camera off.<br>\
                    <code>/help</code>: this text.<br>\
                    <code>/help-advanced</code>: more commands.";
const HELP_ADVANCED: &str = "More moderator commands are:<br><br>\
                             <code>/unmute-all</code>: lift all your mutes, and let nobody block you.<br>\
                             <code>/op &lt;username&gt;</code>: make somebody an operator until they leave.<br>\
                             <code>/deop &lt;username&gt;</code>: take that back.<br>\
                             <code>/kickall</code>: send everybody out of the room.<br>\
                             <code>/reconfigure</code>: read the configuration again.<br>\
                             <code>/shutdown</code>: end the server, so that it starts anew.";
const RECONFIGURED: &str = "The configuration of this chat room has been read again. What stands outside of its own \
                            table takes effect when the server starts.";
const MISTAKEN: &str =
    "Error: the configuration has a mistake, of which the server's log tells, so nothing has changed.";
/// Bans that are listed.
const BANS: usize = 200;

/// A command under way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Deed {
    done: String,
}

/// True for a text that is a command.
pub(crate) fn is_command(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('/') else { return false };
    let word = rest.split_whitespace().next().unwrap_or("");
    !rest.starts_with(char::is_whitespace) && COMMANDS.contains(&word)
}

/// True for the command that changes what a connection asked for before it signed in.
pub(crate) fn is_unmute_all(text: &str) -> bool {
    text.trim_end() == "/unmute-all"
}

impl Here {
    pub(crate) fn command(&mut self, text: &str, shared: &Shared, cx: &mut Context<'_>) {
        if !world::is_operator(cx.state, self.space, self.account()) {
            return cx.send(&encode::error(REFUSED));
        }
        let Some(words) = split(text.trim_start_matches('/')) else {
            return cx.send(&encode::error("A quotation mark in that command is never closed."));
        };
        let name =
            words.get(1).map(|name| name.strip_prefix('@').unwrap_or(name)).filter(|name| !name.is_empty());
        let word = words.first().map_or("", String::as_str);
        match (word, name) {
            ("help", _) => cx.send(&encode::error(HELP)),
            ("help-advanced", _) => cx.send(&encode::error(HELP_ADVANCED)),
            ("bans", _) => {
                let list = self.bans(cx.state);
                cx.send(&encode::error(&list));
            }
            ("kick", Some(name)) => self.kick(name, cx),
            ("ban", Some(name)) => self.ban(name, words.get(2).map(String::as_str), cx),
            ("unban", Some(name)) => self.unban(name, cx),
            ("nsfw", Some(name)) => self.mark_explicit(name, shared, cx),
            ("cut", Some(name)) => self.cut(name, cx),
            ("op", Some(name)) => self.give_rights(name, cx),
            ("deop", Some(name)) => self.take_rights(name, cx),
            ("kickall", _) => self.kick_all(shared, cx),
            ("reconfigure", _) => cx.run(tags::RECONFIGURE, Request::Reconfigure),
            ("shutdown" | "reboot", _) => self.shutdown(shared, cx),
            ("ban", None) => cx.send(&encode::error(BAN_USAGE)),
            (word, _) => {
                cx.send(&encode::error(&format!("Usage: <code>/{} &lt;username&gt;</code>", escape(word))));
            }
        }
    }

    fn kick(&mut self, name: &str, cx: &mut Context<'_>) {
        let (state, space, me) = (cx.state, self.space, self.account());
        let target = state.directory.account_named(name).map(|account| account.id);
        let Some(account) = target.filter(|account| world::is_present(state, space, *account)) else {
            return cx.send(&encode::error(&format!("/kick: username not found: {}", escape(name))));
        };
        if account == me {
            return cx.send(&encode::error("/kick: did you really mean to kick yourself?"));
        }
        let Some((actor, reason)) = self.acts(Permissions::KICK_MEMBERS, Some(account), state) else {
            return cx.send(&encode::error(REFUSED));
        };
        let done = format!("{} has been kicked from the room", escape(world::name(state, account)));
        self.run(actor, Command::Kick { space, account, reason }, done, cx);
    }

    fn ban(&mut self, name: &str, hours: Option<&str>, cx: &mut Context<'_>) {
        let (state, space, me) = (cx.state, self.space, self.account());
        let hours = hours.map_or(Ok(limits::BAN_DEFAULT_HOURS), str::parse::<f64>);
        let Some(hours) = hours.ok().filter(|hours| *hours > 0.0 && *hours <= limits::BAN_HOURS) else {
            return cx.send(&encode::error(BAN_USAGE));
        };
        let Some(account) = anybody_named(name, state) else {
            return cx.send(&encode::error(&format!("/ban: username not found: {}", escape(name))));
        };
        if account == me {
            return cx.send(&encode::error("/ban: did you really mean to ban yourself?"));
        }
        let Some((actor, reason)) = self.acts(Permissions::BAN_MEMBERS, Some(account), state) else {
            return cx.send(&encode::error(REFUSED));
        };
        #[allow(clippy::cast_possible_truncation)]
        let until = Some(cx.now.plus_seconds((hours * 3_600.0) as i64));
        let shown = escape(world::name(state, account));
        let done = format!("{shown} has been banned from the room for {}.", encode::hours(hours));
        self.run(actor, Command::Ban { space, account, reason, until }, done, cx);
    }

    fn unban(&mut self, name: &str, cx: &mut Context<'_>) {
        let (state, space, now) = (cx.state, self.space, cx.now);
        let key = NameKey::of(name);
        let banned: Vec<AccountId> = state
            .directory
            .bans(space)
            .map(|ban| ban.account)
            .filter(|id| state.directory.account(*id).is_some_and(|account| account.key == key))
            .collect();
        let current = banned.iter().any(|account| policy::is_banned(&state.directory, space, *account, now));
        if !current {
            let text = format!(
                "/unban: user name was not found to be banned. Try <code>/bans</code> for the list. ({})",
                escape(name)
            );
            return cx.send(&encode::error(&text));
        }
        let Some((actor, _)) = self.acts(Permissions::BAN_MEMBERS, None, state) else {
            return cx.send(&encode::error(REFUSED));
        };
        let mut banned = banned.into_iter();
        let last = banned.next_back();
        for account in banned {
            cx.run(0, Request::Command(actor, Command::Unban { space, account }));
        }
        if let Some(account) = last {
            let done = format!("The ban on {} has been lifted.", escape(world::name(state, account)));
            self.run(actor, Command::Unban { space, account }, done, cx);
        }
    }

    fn bans(&self, state: &State) -> String {
        let mut lines = vec!["The following usernames are banned:<br>".to_owned()];
        for ban in state.directory.bans(self.space).take(BANS) {
            let until = ban.until.map_or_else(|| "never expires".to_owned(), |until| until.rfc3339());
            lines.push(format!("&bull; {}: {until}", escape(world::name(state, ban.account))));
        }
        if lines.len() == 1 { "There are no bans active.".to_owned() } else { lines.join("<br>") }
    }

    /// On whose behalf an operator acts: by their own right, or for who is one only by the word of the site, as the
    /// server, with their name as the reason. `None` when they may not.
    fn acts(
        &self,
        needed: Permissions,
        against: Option<AccountId>,
        state: &State,
    ) -> Option<(Actor, Option<String>)> {
        let me = self.account();
        if policy::permissions_in_space(&state.directory, self.space, me).has(needed) {
            return Some((Actor::Account(me), None));
        }
        let equal = against.is_some_and(|account| world::moderates(state, self.space, account));
        (self.badge.operator && !equal)
            .then(|| (Actor::System, Some(format!("{}{}", quirks::ACTED_BY, self.username))))
    }

    fn run(&mut self, actor: Actor, command: Command, done: String, cx: &mut Context<'_>) {
        self.pending = Some(Pending::Deed(Deed { done }));
        cx.run(tags::DEED, Request::Command(actor, command));
    }

    pub(crate) fn done(&mut self, answer: Answer, cx: &mut Context<'_>) {
        let Some(Pending::Deed(deed)) = self.take_pending() else { return };
        match answer {
            Ok(_) => cx.send(&encode::error(&deed.done)),
            Err(refusal) => cx.send(&encode::error(&encode::refusal(refusal))),
        }
    }
}

/// What became of `/reconfigure`.
pub(crate) fn reconfigured(answer: Answer) -> String {
    match answer {
        Ok(Reply::Reconfigured { later }) if later.is_empty() => RECONFIGURED.to_owned(),
        Ok(Reply::Reconfigured { later }) => {
            format!("{RECONFIGURED} So do the changes of: <code>{}</code>.", later.join(", "))
        }
        Err(Refusal::Invalid) => MISTAKEN.to_owned(),
        Err(refusal) => encode::refusal(refusal),
        Ok(_) => encode::refusal(Refusal::Fault),
    }
}

/// Who holds a name, or else who held it last: guests are gone when they are banned late.
fn anybody_named(name: &str, state: &State) -> Option<AccountId> {
    if let Some(account) = state.directory.account_named(name) {
        return Some(account.id);
    }
    let key = NameKey::of(name);
    let held = state.directory.accounts().filter(|account| account.key == key);
    held.max_by_key(|account| account.number).map(|account| account.id)
}

/// Splits like a shell: white space separates, quotes group, a backslash escapes. `None` when a quote stays open.
fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', _) => word.get_or_insert_default().extend(chars.next()),
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_like_a_shell_does() {
        let words = |text: &str| split(text);
        assert_eq!(words("kick \"sp ace\" 'x y'"), Some(vec!["kick".into(), "sp ace".into(), "x y".into()]));
        assert_eq!(words("kick sp\\ ace"), Some(vec!["kick".into(), "sp ace".into()]));
        assert_eq!(words("kick \"\""), Some(vec!["kick".into(), String::new()]));
        assert_eq!(words("kick \"open"), None);
        assert_eq!(words("  "), Some(Vec::new()));
    }

    #[test]
    fn only_known_words_are_commands() {
        assert!(is_command("/kick bob") && is_command("/help"));
        assert!(
            !is_command("/ kick bob") && !is_command("/me waves") && !is_command("kick") && !is_command("/")
        );
    }
}
