//! Latencies and medians.

use std::time::Duration;

/// Bits of a value that a bucket keeps below its highest one: buckets are at most 1/32 wide.
const BITS: u32 = 5;
/// Buckets for all values of 64 bits.
const BUCKETS: usize = (64 - BITS as usize + 1) << BITS;

/// Counts durations in buckets whose width is a share of their value.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0 }
    }
}

impl Histogram {
    /// Counts one.
    pub fn record(&mut self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.counts[bucket(nanos)] += 1;
        self.total += 1;
    }

    /// The milliseconds that `permille` of all durations stay under; 0 when there is none.
    pub fn millis(&self, permille: u64) -> f64 {
        let wanted = (self.total * permille).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return middle(index) / 1e6;
            }
        }
        0.0
    }
}

fn bucket(value: u64) -> usize {
    let shift = (64 - BITS).saturating_sub(value.leading_zeros()).saturating_sub(1);
    ((u64::from(shift) << BITS) + (value >> shift)) as usize
}

/// The value in the middle of a bucket.
fn middle(index: usize) -> f64 {
    let shift = (index >> BITS).saturating_sub(1);
    let low = (index - (shift << BITS)) as f64;
    let width = 2_f64.powi(i32::try_from(shift).unwrap_or(0));
    (low + 0.5) * width
}

/// The middle one of some figures, or the mean of the middle two; 0 of none.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        count if count % 2 == 1 => sorted[count / 2],
        count => (sorted[count / 2 - 1] + sorted[count / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_rise_and_hold_their_values() {
        let mut last = 0;
        for value in
            (0..64).map(|bit| 1_u64 << bit).chain([0, 31, 32, 33, 63, 64, 65, 1_000, 999_999, u64::MAX])
        {
            let middle = middle(bucket(value));
            assert!((middle - value as f64).abs() <= 0.5 + value as f64 / 32.0, "{value} in {middle}");
        }
        for value in 0..100_000 {
            assert!(bucket(value) == last || bucket(value) == last + 1, "{value}");
            last = bucket(value);
        }
        assert!(bucket(u64::MAX) < BUCKETS);
    }

    #[test]
    fn percentiles_are_within_their_bucket() {
        let mut histogram = Histogram::default();
        assert!(histogram.millis(500) == 0.0);
        for micros in 1..=1_000 {
            histogram.record(Duration::from_micros(micros));
        }
        assert!((histogram.millis(500) - 0.5).abs() < 0.02, "{}", histogram.millis(500));
        assert!((histogram.millis(990) - 0.99).abs() < 0.04, "{}", histogram.millis(990));
        assert!((histogram.millis(1_000) - 1.0).abs() < 0.04, "{}", histogram.millis(1_000));
    }

    #[test]
    fn medians() {
        assert!(median(&[]) == 0.0 && median(&[3.0, 1.0, 2.0]) == 2.0 && median(&[4.0, 1.0]) == 2.5);
    }
}
