//! Offers of a connection to another one that wait for their answer. Of two that cross only one passes, or both clients
//! fail (chatgrid.md 6.7). Whoever offered second has begun something of their own by then: taking that back and
//! answering leaves a browser without candidates. So their first answer is kept from the other side, and the offer comes
//! to them once more, to somebody who knows nothing.

use crate::limits;
use crate::live::{Signal, SignalKind};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::SessionId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Offers that wait, by who offers and to whom.
#[derive(Default, Debug)]
pub struct Negotiations {
    waiting: BTreeMap<(SessionId, SessionId), Waiting>,
}

/// An offer without answer.
#[derive(Debug)]
struct Waiting {
    since: Timestamp,
    /// The offer and the candidates that followed; empty when they would be too much to keep.
    parts: Vec<Arc<Signal>>,
    /// The other side has offered too: its first answer is none.
    crossed: bool,
}

/// What becomes of a signal.
#[derive(PartialEq, Debug)]
pub enum Course {
    /// It goes on.
    Pass,
    /// It does not.
    Drop,
    /// Instead of it, these go the other way once more.
    Again(Vec<Arc<Signal>>),
}

impl Negotiations {
    /// Takes note of a signal to one connection.
    pub fn course(&mut self, to: SessionId, signal: &Arc<Signal>, now: Timestamp) -> Course {
        let from = signal.from;
        match signal.kind {
            SignalKind::Offer => self.offer(to, signal, now),
            SignalKind::Answer => match self.waiting.get_mut(&(to, from)) {
                Some(waiting) if waiting.crossed => {
                    waiting.crossed = false;
                    Course::Again(waiting.parts.clone())
                }
                Some(_) | None => {
                    self.waiting.remove(&(to, from));
                    Course::Pass
                }
            },
            SignalKind::Other => {
                let room = self.room(from);
                if let Some(waiting) = self.waiting.get_mut(&(from, to)) {
                    waiting.keep(signal, room);
                }
                let of_the_dropped = self.waiting.get(&(to, from)).is_some_and(|waiting| waiting.crossed);
                if of_the_dropped { Course::Drop } else { Course::Pass }
            }
        }
    }

    fn offer(&mut self, to: SessionId, signal: &Arc<Signal>, now: Timestamp) -> Course {
        let from = signal.from;
        if let Some(waiting) = self.waiting.get_mut(&(to, from))
            && now < waiting.since.plus_seconds(limits::OFFER_SECONDS)
        {
            waiting.crossed = !waiting.parts.is_empty();
            return Course::Drop;
        }
        self.waiting.remove(&(to, from));
        self.waiting.remove(&(from, to));
        let mut waiting = Waiting { since: now, parts: vec![signal.clone()], crossed: false };
        if signal.body.len() > self.room(from) {
            waiting.parts.clear();
        }
        self.waiting.insert((from, to), waiting);
        Course::Pass
    }

    /// Bytes that may still be kept of what a connection offers.
    fn room(&self, from: SessionId) -> usize {
        let own = self.waiting.range((from, SessionId::MIN)..=(from, SessionId::MAX));
        let kept: usize = own.flat_map(|(_, waiting)| &waiting.parts).map(|part| part.body.len()).sum();
        limits::OFFER_BYTES.saturating_sub(kept)
    }

    /// Somebody is gone.
    pub fn forget(&mut self, session: SessionId) {
        self.waiting.retain(|(from, to), _| *from != session && *to != session);
    }
}

impl Waiting {
    /// A candidate; an offer without all of its candidates is not worth keeping.
    fn keep(&mut self, signal: &Arc<Signal>, room: usize) {
        if self.parts.is_empty() {
            return;
        }
        if self.parts.len() < limits::OFFER_PARTS && signal.body.len() <= room {
            self.parts.push(signal.clone());
        } else {
            self.parts.clear();
            self.crossed = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::SignalTarget;
    use commonroom_core::account::Protocol;
    use commonroom_core::ids::AccountId;

    const ANN: SessionId = SessionId::MIN;
    const BOB: SessionId = SessionId::MAX;
    const NOW: Timestamp = Timestamp(0);

    fn signal(from: SessionId, to: SessionId, kind: SignalKind, bytes: usize) -> Arc<Signal> {
        Arc::new(Signal {
            from,
            sender: AccountId::MIN,
            protocol: Protocol::ChatGrid,
            to: SignalTarget::Session(to),
            kind,
            word: "signal",
            body: "x".repeat(bytes),
        })
    }

    /// What becomes of an offer of ann's with so many candidates when bob offers too, and answers.
    fn crossed(negotiations: &mut Negotiations, candidates: usize, bytes: usize) -> Course {
        let mut ann = |kind| negotiations.course(BOB, &signal(ANN, BOB, kind, bytes), NOW);
        assert_eq!(ann(SignalKind::Offer), Course::Pass);
        for _ in 0..candidates {
            assert_eq!(ann(SignalKind::Other), Course::Pass);
        }
        let mut bob = |kind| negotiations.course(ANN, &signal(BOB, ANN, kind, 1), NOW);
        assert_eq!(bob(SignalKind::Offer), Course::Drop);
        bob(SignalKind::Answer)
    }

    #[test]
    fn an_offer_that_was_crossed_comes_again_with_all_its_candidates() {
        let Course::Again(parts) = crossed(&mut Negotiations::default(), 3, 10) else {
            panic!("it does not")
        };
        assert_eq!(parts.len(), 4);
        assert_eq!(parts[0].kind, SignalKind::Offer);
    }

    #[test]
    fn what_is_too_much_to_keep_is_not_said_again() {
        assert_eq!(crossed(&mut Negotiations::default(), limits::OFFER_PARTS, 10), Course::Pass);
        assert_eq!(crossed(&mut Negotiations::default(), 0, limits::OFFER_BYTES + 1), Course::Pass);
        // What others are offered counts too.
        let mut negotiations = Negotiations::default();
        let eve: SessionId = "00000000-0000-4000-8000-000000000000".parse().expect("an id");
        negotiations.course(eve, &signal(ANN, eve, SignalKind::Offer, limits::OFFER_BYTES), NOW);
        assert_eq!(crossed(&mut negotiations, 0, 1), Course::Pass);
        negotiations.forget(eve);
        assert!(matches!(crossed(&mut negotiations, 0, 1), Course::Again(_)));
    }

    #[test]
    fn nothing_waits_for_ever() {
        let mut negotiations = Negotiations::default();
        let offer = |negotiations: &mut Negotiations, from, to, seconds| {
            negotiations.course(to, &signal(from, to, SignalKind::Offer, 1), NOW.plus_seconds(seconds))
        };
        assert_eq!(offer(&mut negotiations, ANN, BOB, 0), Course::Pass);
        assert_eq!(offer(&mut negotiations, BOB, ANN, limits::OFFER_SECONDS - 1), Course::Drop);
        assert_eq!(offer(&mut negotiations, BOB, ANN, limits::OFFER_SECONDS), Course::Pass);
        assert_eq!(offer(&mut negotiations, ANN, BOB, limits::OFFER_SECONDS), Course::Drop);
        negotiations.forget(ANN);
        assert!(negotiations.waiting.is_empty());
    }
}
