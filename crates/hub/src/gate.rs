//! Puts events of one stream in order: delivers the next one, drops old ones, notices gaps.

use commonroom_core::event::Stream;
use std::collections::BTreeMap;

/// What to do with an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admission {
    /// It is the next one.
    Deliver,
    /// It was delivered before.
    Drop,
    /// Events are missing before it: read those after this number from the store first.
    GapAfter(u64),
}

/// The newest number delivered, per stream.
#[derive(Default, Debug)]
pub struct Gate {
    heads: BTreeMap<Stream, u64>,
}

impl Gate {
    /// Judges an event with number `seq`. A stream seen for the first time begins there.
    pub fn admit(&mut self, stream: Stream, seq: u64) -> Admission {
        let head = *self.heads.entry(stream).or_insert(seq - 1);
        if seq <= head {
            Admission::Drop
        } else if seq == head + 1 {
            self.heads.insert(stream, seq);
            Admission::Deliver
        } else {
            Admission::GapAfter(head)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rule_covers_repeats_races_and_losses() {
        let mut gate = Gate::default();
        let stream = Stream::Instance;
        assert_eq!(gate.admit(stream, 7), Admission::Deliver);
        assert_eq!(gate.admit(stream, 7), Admission::Drop);
        assert_eq!(gate.admit(stream, 10), Admission::GapAfter(7));
        assert_eq!(gate.admit(stream, 8), Admission::Deliver);
        assert_eq!(gate.admit(stream, 9), Admission::Deliver);
        assert_eq!(gate.admit(stream, 10), Admission::Deliver);
    }
}
