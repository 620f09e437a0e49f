//! What waits to be written to one connection: whole frames, shared with other connections, bounded in bytes.

use crate::limits;
use crate::live::{Carriage, LiveEvent};
use crate::session::Happening;
use bytes::Bytes;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId, ItemId, SessionId};
use std::collections::VecDeque;

/// How much a frame matters to a reader that falls behind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Must arrive.
    Kept,
    /// Only the newest of its kind matters: somebody is writing.
    Typing(AccountId, ChannelId),
    /// Only the newest of its kind matters: where somebody stands.
    Position(SessionId),
    /// Only the newest of its kind matters: where something is carried.
    Item(ItemId),
    /// Only the newest of its kind matters: a list of who is there.
    Roster,
}

impl Kind {
    /// The kind of a happening.
    pub fn of(happening: &Happening) -> Self {
        match happening {
            Happening::Event(_) => Self::Kept,
            Happening::Live(event) => match &**event {
                LiveEvent::Typing { account, channel, .. } => Self::Typing(*account, *channel),
                LiveEvent::Moved { session, teleport: false } => Self::Position(session.id),
                LiveEvent::Carried { item, how: Carriage::Walked, .. } => Self::Item(*item),
                LiveEvent::Moved { .. }
                | LiveEvent::Attached { .. }
                | LiveEvent::Ready { .. }
                | LiveEvent::Changed { .. }
                | LiveEvent::Detached { .. }
                | LiveEvent::Online { .. }
                | LiveEvent::Offline { .. }
                | LiveEvent::CallJoined { .. }
                | LiveEvent::CallChanged { .. }
                | LiveEvent::CallLeft { .. }
                | LiveEvent::BroadcastBegun { .. }
                | LiveEvent::BroadcastEnded { .. }
                | LiveEvent::Signal { .. }
                | LiveEvent::Relayed { .. }
                | LiveEvent::Displaced { .. }
                | LiveEvent::Offered { .. }
                | LiveEvent::Carried { .. }
                | LiveEvent::Withdrawn { .. }
                | LiveEvent::Effect { .. } => Self::Kept,
            },
        }
    }
}

/// The queue of one connection.
#[derive(Default, Debug)]
pub struct Outbox {
    queue: VecDeque<(Bytes, Kind)>,
    bytes: usize,
    /// Bytes of the first frame that are already written.
    written: usize,
    stalled_since: Option<Timestamp>,
    overflowed: bool,
}

impl Outbox {
    /// Adds frames. Over half the limit a fleeting frame replaces the older ones of its kind; over the limit the reader
    /// is too slow.
    pub fn push(&mut self, frames: Bytes, kind: Kind) {
        if frames.is_empty() || self.overflowed {
            return;
        }
        if self.bytes > limits::OUTBOX_FLEETING_BYTES && kind != Kind::Kept {
            self.forget(kind);
        }
        self.bytes += frames.len();
        self.queue.push_back((frames, kind));
        // One frame larger than the limit may still pass an empty outbox: sizes of single frames have limits of their own.
        self.overflowed = self.bytes > limits::OUTBOX_BYTES && self.queue.len() > 1;
    }

    fn forget(&mut self, kind: Kind) {
        let started = usize::from(self.written > 0);
        let mut index = 0;
        let mut freed = 0;
        self.queue.retain(|(frames, other)| {
            let keep = index < started || *other != kind;
            index += 1;
            if !keep {
                freed += frames.len();
            }
            keep
        });
        self.bytes -= freed;
    }

    /// Up to `slots.len()` slices to write next; returns how many.
    pub fn slices<'a>(&'a self, slots: &mut [std::io::IoSlice<'a>]) -> usize {
        let mut used = 0;
        for (slot, (frames, _)) in slots.iter_mut().zip(&self.queue) {
            let skip = if used == 0 { self.written } else { 0 };
            *slot = std::io::IoSlice::new(&frames[skip..]);
            used += 1;
        }
        used
    }

    /// Takes note that `count` bytes were written at `now`.
    pub fn advance(&mut self, mut count: usize, now: Timestamp) {
        if count > 0 {
            self.stalled_since = None;
        }
        self.bytes -= count.min(self.bytes);
        count += self.written;
        self.written = 0;
        while let Some((frames, _)) = self.queue.front() {
            if count < frames.len() {
                self.written = count;
                break;
            }
            count -= frames.len();
            self.queue.pop_front();
        }
        if self.queue.is_empty() {
            self.stalled_since = None;
            self.queue.shrink_to(8);
        } else if self.stalled_since.is_none() {
            self.stalled_since = Some(now);
        }
    }

    /// True when nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// True when the reader must be closed: too much waits, or nothing moved for too long.
    pub fn is_too_slow(&self, now: Timestamp) -> bool {
        self.overflowed
            || self.stalled_since.is_some_and(|since| now > since.plus_seconds(limits::OUTBOX_STALL_SECONDS))
    }

    /// Drops everything that has not begun to be written, so that a close frame can follow.
    pub fn clear(&mut self) {
        let started = usize::from(self.written > 0);
        self.queue.truncate(started);
        self.bytes = self.queue.front().map_or(0, |(frames, _)| frames.len() - self.written);
        self.overflowed = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(size: usize) -> Bytes {
        Bytes::from(vec![b'x'; size])
    }

    #[test]
    fn positions_are_replaced_only_when_the_reader_falls_behind() {
        let kind = Kind::Position(SessionId::MIN);
        let mut outbox = Outbox::default();
        outbox.push(frame(10), kind);
        outbox.push(frame(10), kind);
        assert_eq!(outbox.bytes(), 20);
        outbox.push(frame(limits::OUTBOX_FLEETING_BYTES), Kind::Kept);
        outbox.push(frame(10), kind);
        assert_eq!(outbox.bytes(), limits::OUTBOX_FLEETING_BYTES + 10);
        assert!(!outbox.is_too_slow(Timestamp(0)));
    }

    #[test]
    fn too_much_waiting_is_too_slow() {
        let mut outbox = Outbox::default();
        for _ in 0..=(limits::OUTBOX_BYTES / 1_000) {
            outbox.push(frame(1_000), Kind::Kept);
        }
        assert!(outbox.is_too_slow(Timestamp(0)));
        outbox.clear();
        assert!(outbox.is_empty() && !outbox.is_too_slow(Timestamp(0)));
    }

    #[test]
    fn a_begun_frame_is_finished_before_anything_else() {
        let mut outbox = Outbox::default();
        outbox.push(frame(10), Kind::Kept);
        outbox.push(frame(10), Kind::Kept);
        outbox.advance(4, Timestamp(0));
        outbox.clear();
        assert_eq!(outbox.bytes(), 6);
        let mut slots = [std::io::IoSlice::new(&[]); 4];
        assert_eq!(outbox.slices(&mut slots), 1);
        assert_eq!(slots[0].len(), 6);
    }

    #[test]
    fn no_progress_for_ten_seconds_is_too_slow() {
        let mut outbox = Outbox::default();
        outbox.push(frame(10), Kind::Kept);
        outbox.advance(0, Timestamp(0));
        assert!(!outbox.is_too_slow(Timestamp(0).plus_seconds(10)));
        assert!(outbox.is_too_slow(Timestamp(0).plus_seconds(11)));
        outbox.advance(1, Timestamp(0).plus_seconds(11));
        assert!(!outbox.is_too_slow(Timestamp(0).plus_seconds(12)));
    }
}
