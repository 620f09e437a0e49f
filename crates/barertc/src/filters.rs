//! What the operator does not want to be said (barertc.md 10.3).
//!
//! Expressions are searched for in what was typed and in what is read of it, so that markup hides nothing; the engine
//! takes linear time.

use crate::Shared;
use crate::encode;
use crate::here::Here;
use crate::markup;
use crate::reports::Matter;
use crate::talk::{Place, Said};
use crate::world;
use commonroom_hub::session::Context;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer};

/// Bytes that one compiled expression may take.
const EXPRESSION_BYTES: usize = 1 << 20;
/// Why a report comes by itself.
const REASON: &str = "Server Side Message Filter";
const WOULD_REPORT: &str = "Your recent chat context would have been reported to your main website.";

/// `[[barertc.message_filters]]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)]
pub struct MessageFilter {
    /// It is used.
    pub enabled: bool,
    /// In public channels.
    pub public_channels: bool,
    /// In direct messages of which neither side is an operator.
    pub private_channels: bool,
    /// What is searched for.
    pub keyword_phrases: Vec<Phrase>,
    /// What is found is replaced by asterisks.
    pub censor_message: bool,
    /// Others see the message all the same.
    pub forward_message: bool,
    /// The website is told.
    pub report_message: bool,
    /// Markdown told to the author; empty for nothing.
    pub chat_server_response: String,
}

/// A regular expression.
#[derive(Clone, Debug)]
pub struct Phrase(Regex);

impl<'de> Deserialize<'de> for Phrase {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let built = RegexBuilder::new(&text).size_limit(EXPRESSION_BYTES).build();
        built.map(Self).map_err(serde::de::Error::custom)
    }
}

impl MessageFilter {
    fn finds(&self, text: &str) -> bool {
        self.keyword_phrases.iter().any(|phrase| phrase.0.is_match(text))
    }

    fn censored(&self, text: &str) -> String {
        let stars = |found: &regex::Captures<'_>| "\\*".repeat(found[0].chars().count());
        self.keyword_phrases
            .iter()
            .fold(text.to_owned(), |text, phrase| phrase.0.replace_all(&text, stars).into_owned())
    }
}

/// The first filter that finds something, and the text as it may be shown.
fn judge<'a>(
    filters: &'a [MessageFilter],
    direct: bool,
    text: &str,
    remote_images: bool,
) -> Option<(&'a MessageFilter, String)> {
    let applies = |filter: &&MessageFilter| {
        filter.enabled && if direct { filter.private_channels } else { filter.public_channels }
    };
    let mut read = None;
    for filter in filters.iter().filter(applies) {
        let read: &String = read.get_or_insert_with(|| markup::words(&markup::render(text, remote_images)));
        let typed = filter.finds(text);
        if !typed && !filter.finds(read) {
            continue;
        }
        let shown = match (filter.censor_message, typed) {
            (false, _) => text.to_owned(),
            (true, true) if !filter.finds(&markup::words(&markup::render(&filter.censored(text), false))) => {
                filter.censored(text)
            }
            // Markup cut the words to pieces: what is read is shown instead.
            (true, _) => filter.censored(&markup::escape(read)),
        };
        return Some((filter, shown));
    }
    None
}

impl Here {
    /// What of a text goes on to others, after the filters; nothing when it stays with its author.
    pub(crate) fn filtered(
        &mut self,
        place: &Place,
        text: &str,
        shared: &Shared,
        cx: &mut Context<'_>,
    ) -> Option<String> {
        let state = cx.state;
        let operator = world::is_operator(state, self.space, self.account());
        let other = match place {
            Place::Direct(name) => state.directory.account_named(name).map(|account| account.id),
            Place::Channel(_) => None,
        };
        let direct = matches!(place, Place::Direct(_));
        let waived =
            direct && (operator || other.is_some_and(|id| world::is_operator(state, self.space, id)));
        let config = &shared.config;
        let judged =
            (!waived).then(|| judge(&config.message_filters, direct, text, config.remote_images)).flatten();
        let Some((filter, shown)) = judged else { return Some(text.to_owned()) };
        let channel = self.channel_word(place, shared, state);
        let mut notices = Vec::new();
        if filter.report_message && operator {
            notices.push(encode::error(WOULD_REPORT));
        } else if filter.report_message {
            let matter = Matter::automatic(self.username.clone(), channel.clone(), REASON, text, cx.now);
            self.report_with_context(matter, place, cx);
        }
        if !filter.chat_server_response.is_empty() {
            notices.push(encode::error(&markup::render(&filter.chat_server_response, true)));
        }
        if !filter.forward_message {
            self.echo_alone(channel, &Said::Text(shown), notices, shared, cx);
            return None;
        }
        for notice in notices {
            cx.send(&notice);
        }
        Some(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(phrase: &str) -> MessageFilter {
        let json = serde_json::json!({
            "enabled": true, "public_channels": true, "censor_message": true, "keyword_phrases": [phrase],
        });
        serde_json::from_value(json).expect("a filter")
    }

    fn shown(filters: &[MessageFilter], text: &str) -> Option<String> {
        judge(filters, false, text, false).map(|(_, shown)| markup::words(&markup::render(&shown, false)))
    }

    #[test]
    fn what_is_found_becomes_asterisks_of_equal_length() {
        let filters = [filter("(?i)darn")];
        assert_eq!(shown(&filters, "well, DARN it").as_deref(), Some("well, **** it"));
        assert_eq!(shown(&filters, "all is well"), None);
    }

    #[test]
    fn markup_hides_nothing() {
        let filters = [filter("(?i)darn")];
        for text in ["da**rn** it", "d<b>arn</b> it", "&#100;arn it", "da\\rn *d*arn"] {
            let shown = shown(&filters, text).unwrap_or_default();
            assert!(!shown.is_empty() && !shown.contains("arn"), "{text} became {shown}");
        }
    }

    #[test]
    fn a_filter_keeps_to_its_channels_and_the_first_one_decides() {
        let private = MessageFilter { public_channels: false, private_channels: true, ..filter("darn") };
        assert!(judge(std::slice::from_ref(&private), false, "darn", false).is_none());
        assert!(judge(&[private], true, "darn", false).is_some());
        let off = MessageFilter { enabled: false, ..filter("darn") };
        assert!(judge(&[off], false, "darn", false).is_none());
        let first = MessageFilter { censor_message: false, ..filter("darn") };
        assert_eq!(shown(&[first, filter("darn")], "darn").as_deref(), Some("darn"));
    }

    #[test]
    fn an_expression_that_is_none_is_refused_with_the_configuration() {
        assert!(serde_json::from_str::<MessageFilter>(r#"{"keyword_phrases":["("]}"#).is_err());
    }
}
