//! The newest messages' first lines, for replies: events name the message replied to, not its text.

use crate::encode::Quote;
use crate::limits;
use commonroom_core::ids::MessageId;
use commonroom_core::message::{Message, ReplyTo, excerpt};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// A bounded memory shared by the sessions of this protocol.
#[derive(Default, Debug)]
pub struct Quotes {
    lines: Mutex<VecDeque<(MessageId, String)>>,
}

impl Quotes {
    /// Remembers a message, or its new text.
    pub fn note(&self, message: &Message) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let line = excerpt(&message.text, limits::QUOTE_CHARS);
        match lines.iter_mut().rev().find(|(id, _)| *id == message.id) {
            Some(known) => known.1 = line,
            None => {
                if lines.len() >= limits::QUOTABLE_MESSAGES {
                    lines.pop_front();
                }
                lines.push_back((message.id, line));
            }
        }
    }

    /// Forgets a message that was taken back.
    pub fn forget(&self, id: MessageId) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _)| *known != id);
    }

    /// The quotation for a reply.
    pub fn of(&self, reply: ReplyTo) -> Quote {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.iter().rev().find(|(id, _)| *id == reply.id).map(|(_, line)| line.clone());
        Quote { author: reply.author, line: line.unwrap_or_default() }
    }
}
