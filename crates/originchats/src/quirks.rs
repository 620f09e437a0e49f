//! Named deviations from what the specification's words alone would ask for, each with its reason.

use crate::encode::spot::Spot;
use crate::encode::{View, message};
use crate::limits;
use crate::wire;
use commonroom_core::ids::ChannelId;
use commonroom_core::message::Message;
use serde_json::json;
use std::collections::BTreeSet;

/// What a connection that behaves like the web client must be helped with. That client shows no new message in a channel
/// whose history was empty when it last asked (originchats.md 11, first row). A connection that has asked for `unreads_get` is taken for that client; for such a channel its next
/// `message_new` is followed by a `messages_get` that holds the message.
#[derive(Debug, Default)]
pub struct WebClient {
    web_client: bool,
    empty: BTreeSet<ChannelId>,
    /// The channel or thread whose newest messages were fetched last.
    current: Option<ChannelId>,
}

impl WebClient {
    /// The connection has sent `unreads_get`.
    pub fn is_web_client(&mut self) {
        self.web_client = true;
    }

    /// True when the connection behaves like the web client.
    pub fn web_client(&self) -> bool {
        self.web_client
    }

    /// The newest page of a channel was asked for: that is where the client is.
    pub fn looks_at(&mut self, channel: ChannelId) {
        self.current = Some(channel);
    }

    /// True when a poll in the channel must be drawn anew after each vote: the web client does not do it by itself
    /// (originchats.md 11, second row).
    pub fn redraws(&self, channel: ChannelId) -> bool {
        self.web_client && self.current == Some(channel)
    }

    /// A history page was answered.
    pub fn answered(&mut self, channel: ChannelId, empty: bool) {
        if !empty {
            self.empty.remove(&channel);
        } else if self.empty.len() < limits::EMPTY_CHANNELS {
            self.empty.insert(channel);
        }
    }

    /// True when a message in the channel must be shown twice.
    pub fn concerns(&self, channel: ChannelId) -> bool {
        self.web_client && self.empty.contains(&channel)
    }

    /// The frame that makes the client show the first message of an empty channel; once for each emptiness.
    pub fn first_message(&mut self, view: &View<'_>, first: &Message, spot: Spot<'_>) -> Option<String> {
        if !self.concerns(first.channel) {
            return None;
        }
        self.empty.remove(&first.channel);
        let range = json!({"start": 0, "end": 1});
        let messages = [message::message(view, first)];
        Some(wire::frame("messages_get", spot.on(json!({"messages": messages, "range": range})), None))
    }
}

/// The web client has no handler for `rate_limit`: what it sent just fades (originchats.md 9). It is told a second time
/// by an `error` that it does show.
pub const RATE_LIMITED: &str = "Rate limited";

/// What somebody did (`/me waves`) is shown as `*waves*`. When the client edits such a message it sends the asterisks
/// back; they are not part of the text.
pub fn edited_action(content: &str) -> &str {
    content
        .strip_prefix('*')
        .and_then(|rest| rest.strip_suffix('*'))
        .filter(|inner| !inner.trim().is_empty())
        .unwrap_or(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use commonroom_core::ids::ChannelId;

    #[test]
    fn only_the_web_client_is_helped_and_only_while_the_channel_was_empty() {
        let channel = ChannelId::MIN;
        let mut quirk = WebClient::default();
        quirk.answered(channel, true);
        assert!(!quirk.concerns(channel));
        quirk.is_web_client();
        assert!(quirk.concerns(channel));
        quirk.answered(channel, false);
        assert!(!quirk.concerns(channel));
    }

    #[test]
    fn polls_are_drawn_anew_where_the_web_client_is() {
        let mut quirk = WebClient::default();
        quirk.looks_at(ChannelId::MIN);
        assert!(!quirk.redraws(ChannelId::MIN));
        quirk.is_web_client();
        assert!(quirk.redraws(ChannelId::MIN) && !quirk.redraws(ChannelId::MAX));
        quirk.looks_at(ChannelId::MAX);
        assert!(!quirk.redraws(ChannelId::MIN));
    }

    #[test]
    fn asterisks_of_an_action_are_not_kept() {
        assert_eq!(edited_action("*waves again*"), "waves again");
        assert_eq!(edited_action("waves *a lot*"), "waves *a lot*");
        assert_eq!(edited_action("**"), "**");
    }
}
