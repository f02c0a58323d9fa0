//! Durations in; percentiles in milliseconds out: exact for a list, approximate for any number of durations in fixed
//! memory.

use std::time::Duration;

#[cfg(feature = "live")]
use hdrhistogram::Histogram;
use serde::Serialize;

/// The quantiles of `p50_ms` and `p95_ms`.
const P50: f64 = 0.5;
const P95: f64 = 0.95;

/// The durations of many runs, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Spread {
    /// The number of runs.
    pub count: usize,
    /// The minimum.
    pub least_ms: f64,
    /// The median.
    pub p50_ms: f64,
    /// The 95th percentile.
    pub p95_ms: f64,
}

impl Spread {
    /// The spread of `times`; all zero for none.
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

/// The longest duration that a [`DurationHistogram`] resolves, in microseconds; a longer one counts as this.
#[cfg(feature = "live")]
const LONGEST: u64 = 100_000_000;

/// Significant digits of a [`DurationHistogram`]: 7.48 ms, not 7.481. It takes about 150 kB.
#[cfg(feature = "live")]
const DIGITS: u8 = 3;

/// Durations collected for hours. Allocates when it is made, and never after.
#[cfg(feature = "live")]
#[derive(Debug)]
pub(crate) struct DurationHistogram(Histogram<u64>);

#[cfg(feature = "live")]
impl DurationHistogram {
    /// An empty one. Never `None`: the bounds are constants, and a test makes one.
    pub(crate) fn new() -> Option<Self> {
        Histogram::new_with_bounds(1, LONGEST, DIGITS)
            .ok()
            .map(Self)
    }

    /// Add a duration: kept in microseconds, from 1 to 100 seconds.
    pub(crate) fn record(&mut self, spent: Duration) {
        let micros = u64::try_from(spent.as_micros()).unwrap_or(LONGEST).max(1);
        self.0.saturating_record(micros);
    }

    /// The number of durations.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// The median.
    pub(crate) fn p50_ms(&self) -> f64 {
        self.at(P50)
    }

    /// The 95th percentile.
    pub(crate) fn p95_ms(&self) -> f64 {
        self.at(P95)
    }

    /// The maximum.
    pub(crate) fn max_ms(&self) -> f64 {
        self.0.max() as f64 / 1000.0
    }

    /// The number of counters, which decides its memory.
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
    fn the_median_is_the_middle_value() {
        let times: Vec<_> = (0..=100).rev().map(Duration::from_millis).collect();
        let spread = Spread::of(&times);
        assert_eq!(
            (spread.count, spread.least_ms, spread.p50_ms, spread.p95_ms),
            (101, 0.0, 50.0, 95.0)
        );
        assert_eq!(Spread::of(&[]).p50_ms, 0.0);
    }
}
