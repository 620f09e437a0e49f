//! A question on a message, and who voted for what.

use crate::env::Timestamp;
use crate::ids::AccountId;
use crate::limits;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// One answer to choose.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PollOption {
    /// What votes name it by, unique in its poll.
    pub id: String,
    /// Its words.
    pub text: String,
    /// Shown before them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// Who chose it, first one first.
    #[serde(default)]
    pub by: Vec<AccountId>,
}

/// A question. Its id is that of its message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Poll {
    /// The question.
    pub question: String,
    /// What may be chosen.
    pub options: Vec<PollOption>,
    /// More than one may be chosen.
    pub multiple: bool,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl Poll {
    /// True when votes count no more.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ended_at.is_some() || self.expires_at.is_some_and(|end| end <= now)
    }

    /// What somebody has chosen, by id.
    pub fn choice(&self, account: AccountId) -> Vec<&str> {
        let chosen = self.options.iter().filter(|option| option.by.contains(&account));
        chosen.map(|option| option.id.as_str()).collect()
    }

    /// Votes, counted once for each option chosen.
    pub fn votes(&self) -> usize {
        self.options.iter().map(|option| option.by.len()).sum()
    }

    /// Makes `wanted` the whole choice of an account; false when it was that already.
    pub(crate) fn choose(&mut self, account: AccountId, wanted: &[String]) -> bool {
        let mut changed = false;
        for option in &mut self.options {
            let has = option.by.contains(&account);
            let wants = wanted.contains(&option.id);
            if wants && !has {
                option.by.push(account);
            } else if has && !wants {
                option.by.retain(|other| *other != account);
            }
            changed |= has != wants;
        }
        changed
    }

    /// Checks a new poll: 1 to 500 characters of question, 2 to 10 options of 1 to 200 characters with different ids, no
    /// votes, an end that is yet to come.
    ///
    /// # Errors
    /// `Empty`, `TooLong` or `Invalid`.
    pub fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        let count = self.options.len();
        if self.question.trim().is_empty() || self.options.iter().any(|option| option.text.trim().is_empty())
        {
            return Err(Refusal::Empty);
        }
        let too_long = |text: &str, most: usize| text.chars().count() > most;
        if too_long(&self.question, limits::POLL_QUESTION_CHARS)
            || self.options.iter().any(|option| {
                too_long(&option.text, limits::POLL_OPTION_CHARS)
                    || too_long(&option.id, limits::POLL_ID_CHARS)
                    || option.emoji.as_ref().is_some_and(|emoji| too_long(emoji, limits::EMOJI_BYTES))
            })
        {
            return Err(Refusal::TooLong);
        }
        let twice = |at: usize| self.options[..at].iter().any(|other| other.id == self.options[at].id);
        let has_nul = |text: &str| text.contains('\0');
        let wrong = has_nul(&self.question)
            || self.options.iter().any(|option| has_nul(&option.text))
            || !(limits::POLL_OPTIONS_MIN..=limits::POLL_OPTIONS_MAX).contains(&count)
            || (0..count).any(twice)
            || self.options.iter().any(|option| !option.by.is_empty())
            || self.ended_at.is_some()
            || self.expires_at.is_some_and(|end| end <= now);
        if wrong { Err(Refusal::Invalid) } else { Ok(()) }
    }
}
