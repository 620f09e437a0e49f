//! Whether every receiver got every message of every stream exactly once and in order.

use anyhow::{Result, bail};

/// What each receiver must get next of each stream, and what went wrong so far.
#[derive(Debug)]
pub struct Checker {
    streams: usize,
    receivers: usize,
    next: Vec<u32>,
    delivered: u64,
    skipped: u64,
    repeated: u64,
}

impl Checker {
    /// Nothing was delivered yet.
    pub fn new(receivers: usize, streams: usize) -> Self {
        Self { streams, receivers, next: vec![0; receivers * streams], delivered: 0, skipped: 0, repeated: 0 }
    }

    /// A receiver got a message.
    pub fn delivered(&mut self, receiver: usize, stream: usize, seq: u32) {
        let Some(next) =
            self.next.get_mut(receiver * self.streams + stream).filter(|_| stream < self.streams)
        else {
            self.repeated += 1;
            return;
        };
        if seq < *next {
            self.repeated += 1;
            return;
        }
        self.skipped += u64::from(seq - *next);
        self.delivered += 1;
        *next = seq + 1;
    }

    /// True when everybody got everything; `sent` has the number of messages of each stream.
    pub fn is_complete(&self, sent: &[u32]) -> bool {
        self.delivered + self.skipped >= self.due(sent)
    }

    /// Judges when all is over.
    ///
    /// # Errors
    /// For messages lost, repeated or out of order.
    pub fn verdict(&self, sent: &[u32]) -> Result<()> {
        let due = self.due(sent);
        if self.skipped > 0 || self.repeated > 0 || self.delivered != due {
            bail!(
                "{} of {due} deliveries came; {} were skipped, {} came twice or too late",
                self.delivered,
                self.skipped,
                self.repeated
            );
        }
        Ok(())
    }

    fn due(&self, sent: &[u32]) -> u64 {
        self.receivers as u64 * sent.iter().map(|count| u64::from(*count)).sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_once_in_order_is_good() {
        let mut checker = Checker::new(2, 2);
        for (receiver, stream, seq) in [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 0, 1), (0, 1, 0), (1, 0, 1)] {
            assert!(!checker.is_complete(&[2, 1]));
            checker.delivered(receiver, stream, seq);
        }
        assert!(checker.is_complete(&[2, 1]));
        assert!(checker.verdict(&[2, 1]).is_ok());
    }

    #[test]
    fn a_loss_at_the_end_is_seen() {
        let mut checker = Checker::new(1, 1);
        checker.delivered(0, 0, 0);
        assert!(!checker.is_complete(&[2]));
        assert!(checker.verdict(&[2]).is_err());
    }

    #[test]
    fn a_gap_a_repetition_and_a_swap_are_seen() {
        for wrong in [&[0, 2][..], &[0, 1, 1], &[1, 0], &[0, 2, 1]] {
            let mut checker = Checker::new(1, 1);
            for seq in wrong {
                checker.delivered(0, 0, *seq);
            }
            let sent = wrong.iter().max().expect("not empty") + 1;
            assert!(checker.verdict(&[sent]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_stream_that_nobody_sends_is_wrong() {
        let mut checker = Checker::new(1, 1);
        checker.delivered(0, 7, 0);
        assert!(checker.verdict(&[0]).is_err());
    }
}
