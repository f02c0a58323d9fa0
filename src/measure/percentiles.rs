//! How long things take, as percentiles in milliseconds: exact ones of a list, or close ones of any number of times in
//! fixed memory.

use std::time::Duration;

#[cfg(feature = "live")]
use hdrhistogram::Histogram;
use serde::Serialize;

/// The shares of all times that `p50_ms` and `p95_ms` stand for.
const P50: f64 = 0.5;
const P95: f64 = 0.95;

/// How long something took, of many times, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Spread {
    /// How many times.
    pub count: usize,
    /// The shortest.
    pub least_ms: f64,
    /// The median.
    pub p50_ms: f64,
    /// 95 of 100 were shorter.
    pub p95_ms: f64,
}

impl Spread {
    /// Of these; all zero for none.
    pub fn of(times: &[Duration]) -> Self {
        let mut sorted: Vec<f64> = times.iter().copied().map(milliseconds).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
            sorted.get(place).copied().unwrap_or(0.0)
        };
        Self {
            count: sorted.len(),
            least_ms: at(0.0),
            p50_ms: at(P50),
            p95_ms: at(P95),
        }
    }
}

/// The longest time that a [`Tally`] tells apart, in microseconds; a longer one counts as this.
#[cfg(feature = "live")]
const LONGEST: u64 = 100_000_000;

/// Significant digits of a [`Tally`]: 7.48 ms, not 7.481. It takes about 150 kB.
#[cfg(feature = "live")]
const DIGITS: u8 = 3;

/// Times of what happens for hours. Allocates when it is made, and never after.
#[cfg(feature = "live")]
#[derive(Debug)]
pub(crate) struct Tally(Histogram<u64>);

#[cfg(feature = "live")]
impl Tally {
    /// An empty one. Always there: the bounds are constants, and a test makes one.
    pub(crate) fn new() -> Option<Self> {
        Histogram::new_with_bounds(1, LONGEST, DIGITS)
            .ok()
            .map(Self)
    }

    /// One more time: kept in microseconds, from 1 to 100 seconds.
    pub(crate) fn record(&mut self, spent: Duration) {
        let micros = u64::try_from(spent.as_micros()).unwrap_or(LONGEST).max(1);
        self.0.saturating_record(micros);
    }

    /// How many times.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// Half of the times were no longer.
    pub(crate) fn p50_ms(&self) -> f64 {
        self.at(P50)
    }

    /// 95 of 100 times were no longer.
    pub(crate) fn p95_ms(&self) -> f64 {
        self.at(P95)
    }

    /// The longest.
    pub(crate) fn max_ms(&self) -> f64 {
        self.0.max() as f64 / 1000.0
    }

    /// What its memory is measured by.
    #[cfg(test)]
    pub(crate) fn distinct_values(&self) -> usize {
        self.0.distinct_values()
    }

    fn at(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1000.0
    }
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_in_the_middle() {
        let times: Vec<_> = (0..=100).rev().map(Duration::from_millis).collect();
        let spread = Spread::of(&times);
        assert_eq!(
            (spread.count, spread.least_ms, spread.p50_ms, spread.p95_ms),
            (101, 0.0, 50.0, 95.0)
        );
        assert_eq!(Spread::of(&[]).p50_ms, 0.0);
    }
}
