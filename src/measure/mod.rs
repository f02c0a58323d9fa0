//! Durations in; the time of each named stage, percentiles and peak memory out.

#[cfg(feature = "jobs")]
pub mod memory;
#[cfg(feature = "jobs")]
pub mod percentiles;

use std::time::{Duration, Instant};

/// Durations of the stages of one job, in the order in which the stages first ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timings {
    stages: Vec<(&'static str, Duration)>,
}

impl Timings {
    /// Run `work` and add its wall time to `stage`.
    pub fn time<T>(&mut self, stage: &'static str, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = work();
        self.add(stage, began.elapsed());
        result
    }

    /// Add `spent` to `stage`.
    pub fn add(&mut self, stage: &'static str, spent: Duration) {
        match self.stages.iter_mut().find(|(name, _)| *name == stage) {
            Some((_, total)) => *total += spent,
            None => self.stages.push((stage, spent)),
        }
    }

    /// Add every stage of `other`.
    pub fn merge(&mut self, other: &Timings) {
        for (stage, spent) in other.iter() {
            self.add(stage, spent);
        }
    }

    /// The stages in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Duration)> + '_ {
        self.stages.iter().copied()
    }

    /// The time of `stage`; zero when it never ran.
    pub fn get(&self, stage: &str) -> Duration {
        self.iter()
            .find(|(name, _)| *name == stage)
            .map_or(Duration::ZERO, |(_, spent)| spent)
    }

    /// The sum of all stages.
    pub fn total(&self) -> Duration {
        self.iter().map(|(_, spent)| spent).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_add_up_and_keep_their_order() {
        let mut timings = Timings::default();
        timings.add("decode", Duration::from_millis(2));
        timings.add("transformer", Duration::from_millis(5));
        timings.add("decode", Duration::from_millis(1));
        let mut both = Timings::default();
        both.add("encode", Duration::from_millis(4));
        both.merge(&timings);
        assert_eq!(
            both.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            ["encode", "decode", "transformer"]
        );
        assert_eq!(both.get("decode"), Duration::from_millis(3));
        assert_eq!(both.get("never"), Duration::ZERO);
        assert_eq!(both.total(), Duration::from_millis(12));
    }
}
