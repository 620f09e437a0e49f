//! The messages under way: when each was posted, and how many have still to get it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

#[derive(Debug)]
struct Flight {
    posted: Instant,
    left: usize,
}

/// The messages of one stream.
#[derive(Default, Debug)]
pub struct Stream {
    flights: VecDeque<Flight>,
    first: u32,
    under_way: u32,
}

/// What a delivery meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Landing {
    /// Since it was posted.
    pub took: Duration,
    /// When it was posted.
    pub posted: Instant,
    /// It was the last one of that message.
    pub is_last: bool,
}

impl Stream {
    /// Posts the next message to so many receivers; returns its number.
    pub fn post(&mut self, receivers: usize, now: Instant) -> u32 {
        let seq = self.posted();
        self.flights.push_back(Flight { posted: now, left: receivers });
        self.under_way += 1;
        seq
    }

    /// How many were posted.
    pub fn posted(&self) -> u32 {
        self.first + u32::try_from(self.flights.len()).unwrap_or(u32::MAX)
    }

    /// How many are under way.
    pub fn under_way(&self) -> u32 {
        self.under_way
    }

    /// The oldest message under way.
    pub fn oldest(&self) -> Option<u32> {
        self.flights.front().map(|_| self.first)
    }

    /// One receiver has a message; `None` when it is not under way.
    pub fn land(&mut self, seq: u32, now: Instant) -> Option<Landing> {
        let index = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        let flight = self.flights.get_mut(index).filter(|flight| flight.left > 0)?;
        flight.left -= 1;
        let landing = Landing {
            took: now.saturating_duration_since(flight.posted),
            posted: flight.posted,
            is_last: flight.left == 0,
        };
        if landing.is_last {
            self.under_way -= 1;
            while self.flights.front().is_some_and(|flight| flight.left == 0) {
                self.flights.pop_front();
                self.first += 1;
            }
        }
        Some(landing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_over_when_the_last_receiver_has_it() {
        let now = Instant::now();
        let mut stream = Stream::default();
        assert_eq!((stream.post(2, now), stream.post(2, now)), (0, 1));
        let later = now + Duration::from_millis(3);
        assert_eq!(
            stream.land(0, later).map(|landing| (landing.took.as_millis(), landing.is_last)),
            Some((3, false))
        );
        assert_eq!(stream.land(1, later).map(|landing| landing.is_last), Some(false));
        assert_eq!(stream.land(1, later).map(|landing| landing.is_last), Some(true));
        assert_eq!((stream.under_way(), stream.posted(), stream.oldest()), (1, 2, Some(0)));
        assert_eq!(stream.land(0, later).map(|landing| landing.is_last), Some(true));
        assert_eq!((stream.under_way(), stream.posted(), stream.oldest()), (0, 2, None));
        assert_eq!(stream.post(1, now), 2);
    }

    #[test]
    fn what_is_not_under_way_does_not_land() {
        let now = Instant::now();
        let mut stream = Stream::default();
        assert_eq!(stream.land(0, now), None);
        stream.post(1, now);
        assert!(stream.land(0, now).is_some());
        assert_eq!((stream.land(0, now), stream.land(1, now)), (None, None));
    }
}
