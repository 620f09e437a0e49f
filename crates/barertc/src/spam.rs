//! One link sent to many people (barertc.md 10.4): the first time its sender is sent out, the next time kept out. What
//! was sent is remembered by name, so that coming back changes nothing.

use crate::Shared;
use crate::config::LinkSpam;
use crate::encode;
use crate::here::Here;
use crate::limits;
use crate::quirks;
use crate::reports::Matter;
use crate::talk::Place;
use crate::world;
use commonroom_core::command::{Actor, Command};
use commonroom_core::env::Timestamp;
use commonroom_core::name::NameKey;
use commonroom_hub::request::Request;
use commonroom_hub::session::Context;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Ends of host names that make a word a link also without a scheme, a path or `www.`.
const DOMAINS: [&str; 22] = [
    "com", "net", "org", "info", "biz", "io", "co", "me", "tv", "gg", "link", "site", "online", "website",
    "xyz", "app", "chat", "club", "live", "shop", "top", "ru",
];
/// Bytes of a link that are compared.
const LINK_BYTES: usize = 256;
/// Why a report comes by itself.
const REASON: &str = "Spam Detected";
const WARNING: &str = "You have sent the same link to too many people, so your message has not been sent. Please do not \
                       do that again.";

/// What is to become of a sender.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Nothing.
    Fine,
    /// Sent out.
    Kick,
    /// Kept out.
    Ban,
}

/// One link of one sender.
#[derive(Debug)]
struct Spread {
    since: Timestamp,
    to: BTreeSet<NameKey>,
    warned: bool,
}

/// Who sent which link to whom, for all connections.
#[derive(Default, Debug)]
pub struct Watch {
    links: Mutex<BTreeMap<(NameKey, String), Spread>>,
}

impl Watch {
    /// Notes a direct message.
    pub fn note(&self, from: &NameKey, to: &NameKey, text: &str, rule: &LinkSpam, now: Timestamp) -> Verdict {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let current = |spread: &Spread| now < spread.since.plus_seconds(rule.time_limit);
        let mut verdict = Verdict::Fine;
        for link in links_of(text) {
            if links.len() >= limits::SPREAD_LINKS {
                links.retain(|_, spread| current(spread));
            }
            if links.len() >= limits::SPREAD_LINKS {
                return verdict;
            }
            let new = || Spread { since: now, to: BTreeSet::new(), warned: false };
            let spread = links.entry((from.clone(), link)).or_insert_with(new);
            if !current(spread) {
                *spread = new();
            }
            if spread.warned {
                return Verdict::Ban;
            }
            spread.to.insert(to.clone());
            if spread.to.len() > rule.max_threads {
                spread.warned = true;
                verdict = Verdict::Kick;
            }
        }
        verdict
    }
}

/// The links of a text in one spelling each.
fn links_of(text: &str) -> BTreeSet<String> {
    let edge = |c: char| c.is_whitespace() || "<>()[]{}\"'`|,*_~".contains(c);
    text.split(edge).filter_map(link).collect()
}

fn link(word: &str) -> Option<String> {
    let word = word.trim_end_matches(['.', ';', ':', '!', '?']);
    let (scheme, rest) = match word.split_once("://") {
        Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
        None => (None, word),
    };
    if scheme.as_deref().is_some_and(|scheme| !matches!(scheme, "http" | "https")) {
        return None;
    }
    let rest = rest.split('#').next()?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_ascii_lowercase();
    let bare = host.strip_prefix("www.").unwrap_or(&host);
    let (before, domain) = bare.rsplit_once('.')?;
    let named = domain.len() >= 2 && domain.bytes().all(|byte| byte.is_ascii_lowercase());
    let meant = scheme.is_some() || bare.len() < host.len() || !path.is_empty() || DOMAINS.contains(&domain);
    if before.is_empty() || !named || !meant {
        return None;
    }
    let link = format!("{bare}/{}", path.trim_end_matches('/'));
    let end = link.floor_char_boundary(LINK_BYTES);
    Some(link[..end].to_owned())
}

impl Here {
    /// True when a direct message is not sent since its sender spreads a link.
    pub(crate) fn spreads_links(
        &mut self,
        name: &str,
        text: &str,
        shared: &Shared,
        cx: &mut Context<'_>,
    ) -> bool {
        let rule = &shared.config.dm_link_spam;
        let me = self.account();
        let to = NameKey::of(name);
        if !rule.enabled || to == self.key || world::is_operator(cx.state, self.space, me) {
            return false;
        }
        let verdict = shared.spam.note(&self.key, &to, text, rule, cx.now);
        let (space, reason) = (self.space, Some(format!("{}{}", quirks::ACTED_BY, encode::SERVER)));
        let command = match verdict {
            Verdict::Fine => return false,
            Verdict::Kick => Command::Kick { space, account: me, reason },
            Verdict::Ban => {
                let until = Some(cx.now.plus_seconds(rule.ban_hours.saturating_mul(3_600)));
                Command::Ban { space, account: me, reason, until }
            }
        };
        let place = Place::Direct(name.to_owned());
        let channel = self.channel_word(&place, shared, cx.state);
        let matter = Matter::automatic(self.username.clone(), channel, REASON, text, cx.now);
        self.deliver(matter, shared, cx);
        cx.send(&encode::error(WARNING));
        cx.run(0, Request::Command(Actor::System, command));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_one_spelling() {
        let one: BTreeSet<String> = ["spam.example/a".to_owned()].into();
        for text in [
            "look: https://spam.example/a",
            "HTTP://WWW.Spam.Example/a/#x",
            "(spam.example/a)!",
            "[x](http://spam.example/a)",
            "www.spam.example/a.",
        ] {
            assert_eq!(links_of(text), one, "{text}");
        }
        for text in ["hello.there", "e.g. this", "ftp://spam.example/a", "1.5", "...", "a@b", "http://"] {
            assert_eq!(links_of(text), BTreeSet::new(), "{text}");
        }
        assert!(links_of("spam.technology/x").contains("spam.technology/x"));
        assert_eq!(links_of("buy at spam.com now").len(), 1);
        assert!(links_of(&format!("http://a.com/{}", "é".repeat(300))).iter().all(|link| link.len() <= 256));
    }

    #[test]
    fn many_people_are_too_many_and_the_next_time_is_the_last() {
        let watch = Watch::default();
        let rule = LinkSpam::default();
        let now = Timestamp(0).plus_seconds(1_000);
        let note =
            |to: &str, now| watch.note(&NameKey::of("ann"), &NameKey::of(to), "http://a.com", &rule, now);
        for to in ["a", "b", "c", "d", "e", "e", "E"] {
            assert_eq!(note(to, now), Verdict::Fine, "{to}");
        }
        assert_eq!(note("f", now), Verdict::Kick);
        assert_eq!(note("a", now.plus_seconds(3_599)), Verdict::Ban);
        assert_eq!(note("a", now.plus_seconds(3_600)), Verdict::Fine);
    }

    #[test]
    fn memory_is_bounded() {
        let watch = Watch::default();
        let (rule, key) = (LinkSpam::default(), NameKey::of("ann"));
        for number in 0..2 * limits::SPREAD_LINKS {
            watch.note(&key, &key, &format!("http://a{number}.com"), &rule, Timestamp(0));
        }
        assert!(watch.links.lock().expect("not poisoned").len() <= limits::SPREAD_LINKS);
    }
}
