//! Medians.

use std::time::Duration;

use serde::Serialize;

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
            p50_ms: at(0.5),
            p95_ms: at(0.95),
        }
    }
}

pub(super) fn milliseconds(time: Duration) -> f64 {
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
