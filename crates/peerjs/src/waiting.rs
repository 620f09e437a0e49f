//! Messages for peers that are not there: each sender's wait for themselves and go when the sender goes.

use crate::limits;
use commonroom_core::ids::SessionId;
use std::collections::BTreeMap;

/// What waits, by the id it is for and the session that sent it.
#[derive(Debug, Default)]
pub struct Waiting {
    messages: BTreeMap<(String, SessionId), Vec<String>>,
    bytes_of: BTreeMap<SessionId, usize>,
    bytes: usize,
}

/// What became of a message that should wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    /// It is the first of this sender for that peer.
    First,
    /// It waits behind others.
    Behind,
    /// There is no room for it.
    NoRoom,
}

impl Waiting {
    /// Keeps a message for a peer.
    pub fn keep(&mut self, dst: &str, from: SessionId, message: String) -> Kept {
        let own = self.bytes_of.get(&from).copied().unwrap_or(0) + message.len();
        let all = self.bytes + message.len();
        if own > limits::WAITING_BYTES_PER_PEER || all > limits::WAITING_BYTES {
            return Kept::NoRoom;
        }
        self.bytes_of.insert(from, own);
        self.bytes = all;
        let queue = self.messages.entry((dst.to_owned(), from)).or_default();
        queue.push(message);
        if queue.len() == 1 { Kept::First } else { Kept::Behind }
    }

    /// Takes everything that waits for a peer; each sender's messages in their order.
    pub fn take_all(&mut self, dst: &str) -> Vec<String> {
        let range = (dst.to_owned(), SessionId::MIN)..=(dst.to_owned(), SessionId::MAX);
        let senders: Vec<SessionId> = self.messages.range(range).map(|((_, from), _)| *from).collect();
        senders.into_iter().flat_map(|from| self.take(dst, from)).collect()
    }

    /// Takes what waits for a peer from one sender.
    pub fn take(&mut self, dst: &str, from: SessionId) -> Vec<String> {
        let taken = self.messages.remove(&(dst.to_owned(), from)).unwrap_or_default();
        let bytes: usize = taken.iter().map(String::len).sum();
        self.bytes -= bytes;
        if let Some(own) = self.bytes_of.get_mut(&from) {
            *own -= bytes;
            if *own == 0 {
                self.bytes_of.remove(&from);
            }
        }
        taken
    }

    /// True when nothing waits and nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.bytes_of.is_empty() && self.bytes == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_counted_and_taken_in_order() {
        let (ann, ben) = (SessionId::MIN, SessionId::MAX);
        let mut waiting = Waiting::default();
        assert_eq!(waiting.keep("eve", ann, "1".to_owned()), Kept::First);
        assert_eq!(waiting.keep("eve", ann, "2".to_owned()), Kept::Behind);
        assert_eq!(waiting.keep("eve", ben, "3".to_owned()), Kept::First);
        assert_eq!(waiting.keep("dan", ben, "4".to_owned()), Kept::First);
        let large = "x".repeat(limits::WAITING_BYTES_PER_PEER);
        assert_eq!(waiting.keep("dan", ann, large.clone()), Kept::NoRoom);
        assert_eq!(waiting.take_all("eve"), ["1", "2", "3"]);
        assert_eq!(waiting.keep("dan", ann, large), Kept::First);
        assert_eq!(waiting.take("dan", ben), ["4"]);
        assert!(waiting.take("dan", ben).is_empty());
        assert!(!waiting.is_empty());
        waiting.take("dan", ann);
        assert!(waiting.is_empty());
    }
}
