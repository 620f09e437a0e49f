//! Offers of a connection to another one that wait for their answer. Of two that cross only one passes, or both clients
//! fail (chatgrid.md 6.7). Whoever offered second takes that back and answers; in some browsers no candidates come after
//! that. So their answer waits for the first of them. If none comes, the answer is forgotten, and the offer that passed is
//! told to them once more, as if by somebody new.

use crate::limits;
use crate::live::{Signal, SignalKind};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::SessionId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who offers, and to whom.
type Pair = (SessionId, SessionId);

/// Offers that wait.
#[derive(Default, Debug)]
pub struct Negotiations {
    waiting: BTreeMap<Pair, Waiting>,
    /// The same, oldest first.
    by_age: BTreeSet<(Timestamp, Pair)>,
    /// Bytes kept of what each connection offers, counted as they come: a newcomer offers to everybody at once.
    kept: BTreeMap<SessionId, usize>,
    /// Answers to crossed offers, which wait for a candidate until then.
    held: BTreeMap<Pair, (Timestamp, Arc<Signal>)>,
}

/// An offer without answer.
#[derive(Debug)]
struct Waiting {
    since: Timestamp,
    /// The offer and the candidates that followed; empty when they would be too much to keep.
    parts: Vec<Arc<Signal>>,
    /// The other side has offered too.
    crossed: bool,
}

/// What becomes of a signal.
#[derive(PartialEq, Debug)]
pub enum Course {
    /// It goes on.
    Pass,
    /// It goes on after this one, which was held.
    After(Arc<Signal>),
    /// It does not go on, or not yet.
    Stop,
}

impl Negotiations {
    /// Takes note of a signal to one connection.
    pub fn course(&mut self, to: SessionId, signal: &Arc<Signal>, now: Timestamp) -> Course {
        match signal.kind {
            SignalKind::Offer => self.offer(to, signal, now),
            SignalKind::Answer => self.answer((to, signal.from), signal, now),
            SignalKind::Other => self.candidate(to, signal),
        }
    }

    fn offer(&mut self, to: SessionId, signal: &Arc<Signal>, now: Timestamp) -> Course {
        let from = signal.from;
        self.expire(now);
        if let Some(waiting) = self.waiting.get_mut(&(to, from)) {
            waiting.crossed = !waiting.parts.is_empty();
            return Course::Stop;
        }
        self.end((from, to));
        let fits = signal.body.len() <= self.room(from);
        let parts = if fits { vec![signal.clone()] } else { Vec::new() };
        let waiting = Waiting { since: now, parts, crossed: false };
        self.count(from, 0, waiting.bytes());
        self.by_age.insert((now, (from, to)));
        self.waiting.insert((from, to), waiting);
        Course::Pass
    }

    fn answer(&mut self, pair: Pair, signal: &Arc<Signal>, now: Timestamp) -> Course {
        if let Some(waiting) = self.waiting.get_mut(&pair)
            && waiting.crossed
        {
            // It may be told once more, and then waits as if new.
            self.by_age.remove(&(waiting.since, pair));
            self.by_age.insert((now, pair));
            waiting.since = now;
            let until = now.plus_millis(limits::ANSWER_HELD_MILLIS);
            self.held.insert(pair, (until, signal.clone()));
            return Course::Stop;
        }
        self.end(pair);
        Course::Pass
    }

    fn candidate(&mut self, to: SessionId, signal: &Arc<Signal>) -> Course {
        let from = signal.from;
        if let Some((_, answer)) = self.held.remove(&(to, from)) {
            self.end((to, from));
            return Course::After(answer);
        }
        let room = self.room(from);
        if let Some(waiting) = self.waiting.get_mut(&(from, to)) {
            let before = waiting.bytes();
            waiting.keep(signal, room);
            let after = waiting.bytes();
            self.count(from, before, after);
        }
        // Those of the offer that did not pass.
        let useless = self.waiting.get(&(to, from)).is_some_and(|waiting| waiting.crossed);
        if useless { Course::Stop } else { Course::Pass }
    }

    /// When [`Negotiations::due`] has something next.
    pub fn deadline(&self) -> Option<Timestamp> {
        let oldest = self.by_age.first().map(|(since, _)| since.plus_seconds(limits::OFFER_SECONDS));
        self.held.values().map(|(until, _)| *until).chain(oldest).min()
    }

    /// Offers to be told once more, with their candidates, because the answers to them are worth nothing.
    pub fn due(&mut self, now: Timestamp) -> Vec<Arc<Signal>> {
        let mut again = Vec::new();
        for (pair, _) in self.held.extract_if(.., |_, (until, _)| *until <= now) {
            if let Some(waiting) = self.waiting.get_mut(&pair) {
                waiting.crossed = false;
                again.extend(waiting.parts.iter().cloned());
            }
        }
        self.expire(now);
        again
    }

    /// Bytes that may still be kept of what a connection offers.
    fn room(&self, from: SessionId) -> usize {
        limits::OFFER_BYTES.saturating_sub(self.kept.get(&from).copied().unwrap_or(0))
    }

    fn count(&mut self, from: SessionId, before: usize, after: usize) {
        let kept = self.kept.entry(from).or_default();
        *kept = *kept + after - before;
        if *kept == 0 {
            self.kept.remove(&from);
        }
    }

    /// An offer waits no longer, nor does an answer to it.
    fn end(&mut self, pair: Pair) {
        self.held.remove(&pair);
        if let Some(waiting) = self.waiting.remove(&pair) {
            self.by_age.remove(&(waiting.since, pair));
            self.count(pair.0, waiting.bytes(), 0);
        }
    }

    /// Offers that nobody has answered for too long wait no longer.
    fn expire(&mut self, now: Timestamp) {
        while let Some((since, pair)) = self.by_age.first().copied()
            && since.plus_seconds(limits::OFFER_SECONDS) <= now
        {
            self.end(pair);
        }
    }

    /// Somebody is gone.
    pub fn forget(&mut self, session: SessionId) {
        let concerns = |(from, to): &&Pair| *from == session || *to == session;
        let pairs: Vec<Pair> = self.waiting.keys().filter(concerns).copied().collect();
        for pair in pairs {
            self.end(pair);
        }
    }
}

impl Waiting {
    fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.body.len()).sum()
    }

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

    /// How many signals are told again when ann offers with so many candidates, bob offers too, answers, and is silent.
    fn crossed(negotiations: &mut Negotiations, candidates: usize, bytes: usize) -> usize {
        let mut ann = |kind| negotiations.course(BOB, &signal(ANN, BOB, kind, bytes), NOW);
        assert_eq!(ann(SignalKind::Offer), Course::Pass);
        for _ in 0..candidates {
            assert_eq!(ann(SignalKind::Other), Course::Pass);
        }
        let mut bob = |kind| negotiations.course(ANN, &signal(BOB, ANN, kind, 1), NOW);
        assert_eq!(bob(SignalKind::Offer), Course::Stop);
        let held = bob(SignalKind::Answer) == Course::Stop;
        let soon = |at| at < NOW.plus_seconds(limits::OFFER_SECONDS);
        assert_eq!(negotiations.deadline().is_some_and(soon), held);
        let again = negotiations.due(NOW.plus_seconds(10));
        assert_eq!(again.is_empty(), !held);
        assert!(again.first().is_none_or(|first| first.kind == SignalKind::Offer));
        again.len()
    }

    #[test]
    fn an_offer_that_was_crossed_comes_again_with_all_its_candidates() {
        assert_eq!(crossed(&mut Negotiations::default(), 3, 10), 4);
    }

    #[test]
    fn what_is_too_much_to_keep_is_not_said_again() {
        assert_eq!(crossed(&mut Negotiations::default(), limits::OFFER_PARTS, 10), 0);
        assert_eq!(crossed(&mut Negotiations::default(), 0, limits::OFFER_BYTES + 1), 0);
        // What others are offered counts too.
        let mut negotiations = Negotiations::default();
        let eve: SessionId = "00000000-0000-4000-8000-000000000000".parse().expect("an id");
        negotiations.course(eve, &signal(ANN, eve, SignalKind::Offer, limits::OFFER_BYTES), NOW);
        assert_eq!(crossed(&mut negotiations, 0, 1), 0);
        negotiations.forget(eve);
        assert_eq!(crossed(&mut negotiations, 0, 1), 1);
    }

    #[test]
    fn nothing_waits_for_ever() {
        let mut negotiations = Negotiations::default();
        let offer = |negotiations: &mut Negotiations, from, to, seconds| {
            negotiations.course(to, &signal(from, to, SignalKind::Offer, 1), NOW.plus_seconds(seconds))
        };
        assert_eq!(offer(&mut negotiations, ANN, BOB, 0), Course::Pass);
        assert_eq!(offer(&mut negotiations, BOB, ANN, limits::OFFER_SECONDS - 1), Course::Stop);
        assert_eq!(offer(&mut negotiations, BOB, ANN, limits::OFFER_SECONDS), Course::Pass);
        assert_eq!(offer(&mut negotiations, ANN, BOB, limits::OFFER_SECONDS), Course::Stop);
        negotiations.forget(ANN);
        assert_empty(&negotiations);
    }

    fn assert_empty(negotiations: &Negotiations) {
        assert!(negotiations.waiting.is_empty() && negotiations.held.is_empty());
        assert!(negotiations.by_age.is_empty() && negotiations.kept.is_empty());
    }

    #[test]
    fn what_nobody_answers_is_kept_for_its_time_and_what_is_answered_no_longer() {
        let mut negotiations = Negotiations::default();
        let offer = signal(ANN, BOB, SignalKind::Offer, limits::OFFER_BYTES);
        let end = NOW.plus_seconds(limits::OFFER_SECONDS);
        negotiations.course(BOB, &offer, NOW);
        assert_eq!(negotiations.deadline(), Some(end));
        assert!(negotiations.due(end).is_empty());
        assert_empty(&negotiations);
        negotiations.course(BOB, &offer, NOW);
        negotiations.course(ANN, &signal(BOB, ANN, SignalKind::Answer, 1), NOW);
        assert_empty(&negotiations);
        // One candidate too many, and nothing of the offer is kept.
        negotiations.course(BOB, &offer, NOW);
        negotiations.course(BOB, &signal(ANN, BOB, SignalKind::Other, 1), NOW);
        assert!(negotiations.kept.is_empty());
    }

    #[test]
    fn an_offer_that_is_answered_late_is_told_again_all_the_same() {
        let mut negotiations = Negotiations::default();
        let late = NOW.plus_seconds(limits::OFFER_SECONDS - 1);
        negotiations.course(BOB, &signal(ANN, BOB, SignalKind::Offer, 1), NOW);
        negotiations.course(ANN, &signal(BOB, ANN, SignalKind::Offer, 1), NOW);
        negotiations.course(ANN, &signal(BOB, ANN, SignalKind::Answer, 1), late);
        assert!(negotiations.due(late.plus_seconds(1)).is_empty());
        assert_eq!(negotiations.due(late.plus_millis(limits::ANSWER_HELD_MILLIS)).len(), 1);
    }
}
