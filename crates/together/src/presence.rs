//! How people are, and how that is spelled (together.md 6.3).

use crate::limits as own;
use crate::quirks;
use crate::rate::Window;
use crate::wire::request::given_text;
use commonroom_core::account::{Account, Status, StatusKind};
use commonroom_core::env::Timestamp;
use commonroom_core::limits;
use commonroom_hub::session::State;

/// How one connection spells "away": known once it has used one of the two words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Dialect {
    /// As it was sent.
    #[default]
    AsSent,
    /// `away`.
    Away,
    /// `idle`.
    Idle,
}

/// Reads a status word.
pub fn parse(word: &str) -> Option<StatusKind> {
    Some(match word {
        "online" => StatusKind::Online,
        "away" => StatusKind::Away,
        "idle" => StatusKind::Idle,
        "dnd" => StatusKind::Dnd,
        "offline" => StatusKind::Invisible,
        _ => return None,
    })
}

/// What a person chose, in their own words.
pub fn chosen(kind: StatusKind) -> &'static str {
    match kind {
        StatusKind::Online => "online",
        StatusKind::Away => "away",
        StatusKind::Idle => "idle",
        StatusKind::Dnd => "dnd",
        StatusKind::Invisible => "offline",
    }
}

/// What is shown of a person: `offline` unless connected and still there.
pub fn shown(state: &State, account: &Account, dialect: Dialect) -> &'static str {
    if account.retired || !state.live.is_online(account.id) {
        return "offline";
    }
    match (account.status.kind, dialect) {
        (StatusKind::Away | StatusKind::Idle, Dialect::Away) => "away",
        (StatusKind::Away | StatusKind::Idle, Dialect::Idle) => "idle",
        (StatusKind::Idle, Dialect::AsSent) if quirks::is_elsewhere(state, account.id) => "away",
        (kind, _) => chosen(kind),
    }
}

/// Changes of presence of one connection: a few at once, of more only the newest, so that a flood of them is not as
/// many writes (together.md 13 #29).
#[derive(Debug)]
pub struct Changes {
    window: Window,
    waiting: Option<Status>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { window: Window::new(own::PRESENCES_PER_SECOND), waiting: None }
    }
}

impl Changes {
    /// What the next change builds on: the one that waits, or what is in force.
    pub fn base<'a>(&'a self, account: &'a Account) -> &'a Status {
        self.waiting.as_ref().unwrap_or(&account.status)
    }

    /// A change: to be carried out now, or it waits in the place of the one before.
    pub fn put(&mut self, status: Status, now: Timestamp) -> Option<Status> {
        self.waiting = Some(status);
        self.due(now)
    }

    /// The change that has waited long enough.
    pub fn due(&mut self, now: Timestamp) -> Option<Status> {
        self.waiting.take_if(|_| self.window.admits(now))
    }

    /// The change that waits, when nothing is to be waited for any more.
    pub fn last(&mut self) -> Option<Status> {
        self.waiting.take()
    }

    /// When [`Changes::due`] has something.
    pub fn due_at(&self) -> Option<Timestamp> {
        self.waiting.as_ref().and_then(|_| self.window.opens_at())
    }
}

/// The status after a change; texts longer than allowed are cut (5.2).
pub fn changed(
    before: &Status,
    kind: StatusKind,
    text: Option<Option<String>>,
    activity: Option<Option<String>>,
) -> Status {
    let cut = |text: Option<String>| {
        given_text(text).map(|text| text.chars().take(limits::STATUS_CHARS).collect::<String>())
    };
    Status {
        kind,
        text: text.map_or_else(|| before.text.clone(), cut),
        activity: activity.map_or_else(|| before.activity.clone(), cut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_keeps_and_null_or_nothing_clears() {
        let before =
            Status { kind: StatusKind::Dnd, text: Some("a".to_owned()), activity: Some("b".to_owned()) };
        let after = changed(&before, StatusKind::Away, None, Some(None));
        assert_eq!(after, Status { kind: StatusKind::Away, text: Some("a".to_owned()), activity: None });
        assert_eq!(changed(&before, StatusKind::Dnd, Some(Some(String::new())), None).text, None);
        let long = changed(&before, StatusKind::Dnd, Some(Some("é".repeat(200))), None).text.expect("kept");
        assert_eq!(long.chars().count(), 128);
    }

    #[test]
    fn of_a_flood_of_changes_the_newest_is_carried_out_in_its_time() {
        let status = |text: usize| Status { text: Some(text.to_string()), ..Status::default() };
        let mut changes = Changes::default();
        let start = Timestamp(0);
        for number in 0..own::PRESENCES_PER_SECOND {
            assert_eq!(changes.put(status(number), start), Some(status(number)));
            assert_eq!(changes.due_at(), None);
        }
        for number in 10..20 {
            assert_eq!(changes.put(status(number), start.plus_millis(500)), None);
        }
        assert_eq!(changes.due_at(), Some(start.plus_seconds(1)));
        assert_eq!(changes.due(start.plus_millis(999)), None);
        assert_eq!(changes.due(start.plus_seconds(1)), Some(status(19)));
        assert_eq!((changes.due_at(), changes.last()), (None, None));
    }

    #[test]
    fn every_word_is_read_back() {
        for word in ["online", "away", "idle", "dnd", "offline"] {
            assert_eq!(parse(word).map(chosen), Some(word));
        }
        assert_eq!(parse("Online"), None);
    }
}
