//! Measures a session: durations of stages and times of frames go in, percentiles and the frame rate come out. Its memory
//! does not grow with time.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::measure::percentiles::DurationHistogram;

/// Seconds over which the frame rate is averaged, and over which where there are fewer than three frames in that time.
const WINDOW: f64 = 1.0;
const LONG_WINDOW: f64 = 10.0;

/// The most frames that the rate is averaged over.
const MOST_FRAMES: usize = 512;

/// What one stage took, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageSummary {
    /// Its name.
    pub stage: &'static str,
    /// How often it ran.
    pub count: u64,
    /// The median.
    pub p50_ms: f64,
    /// The 95th percentile.
    pub p95_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// Durations of stages, and times of frames. Allocates only when a stage is named for the first time. It reads no clock:
/// `now` is the time since some fixed moment.
#[derive(Debug)]
pub struct Meter {
    stages: Vec<(&'static str, DurationHistogram)>,
    recent: VecDeque<f64>,
}

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

impl Meter {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            stages: Vec::new(),
            recent: VecDeque::with_capacity(MOST_FRAMES),
        }
    }

    /// `stage` took `spent`; see [`DurationHistogram::record`].
    pub fn record(&mut self, stage: &'static str, spent: Duration) {
        if let Some((_, times)) = self.stages.iter_mut().find(|(name, _)| *name == stage) {
            times.record(spent);
        } else if let Some(mut times) = DurationHistogram::new() {
            times.record(spent);
            self.stages.push((stage, times));
        }
    }

    /// A frame was shown or written at `now`.
    pub fn frame(&mut self, now: Duration) {
        let now = now.as_secs_f64();
        if self.recent.len() == MOST_FRAMES {
            self.recent.pop_front();
        }
        while self.recent.front().is_some_and(|at| now - at > LONG_WINDOW) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
    }

    /// Frames a second over the last second, or over the last three frames where those are fewer. Falls when no
    /// frames come; 0 before the second frame.
    pub fn fps(&self, now: Duration) -> f64 {
        let now = now.as_secs_f64();
        let Some(newest) = self.recent.back() else {
            return 0.0;
        };
        let in_window = self
            .recent
            .iter()
            .rev()
            .take_while(|at| now - **at <= WINDOW);
        let in_long_window = self
            .recent
            .iter()
            .rev()
            .take_while(|at| now - **at <= LONG_WINDOW);
        let count = in_window.count().max(in_long_window.take(3).count());
        if count < 2 {
            return 0.0;
        }
        let oldest = self.recent[self.recent.len() - count];
        let gaps = (count - 1) as f64;
        // The time since the newest frame counts as a gap once it is longer than the others.
        let gap = ((newest - oldest) / gaps).max((now - oldest) / (gaps + 1.0));
        if gap > 0.0 { 1.0 / gap } else { 0.0 }
    }

    /// Every stage, in the order in which they were first named.
    pub fn summary(&self) -> Vec<StageSummary> {
        self.stages
            .iter()
            .map(|(stage, times)| StageSummary {
                stage,
                count: times.count(),
                p50_ms: times.p50_ms(),
                p95_ms: times.p95_ms(),
                max_ms: times.max_ms(),
            })
            .collect()
    }
}

/// The meter, also after a thread panicked while it held the lock: its numbers are still valid.
pub(super) fn lock(meter: &Mutex<Meter>) -> MutexGuard<'_, Meter> {
    meter.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn assert_near(a: f64, b: f64) {
        assert!((a - b).abs() <= b * 0.002, "{a} is not {b}");
    }

    #[test]
    fn percentiles_are_those_of_the_times() {
        let mut meter = Meter::new();
        for n in 1..=100 {
            meter.record("paint", Duration::from_micros(n * 1000));
            meter.record("show", Duration::from_micros(250));
        }
        let summary = meter.summary();
        assert_eq!(summary.len(), 2);
        assert_eq!((summary[0].stage, summary[0].count), ("paint", 100));
        assert_near(summary[0].p50_ms, 50.0);
        assert_near(summary[0].p95_ms, 95.0);
        assert_near(summary[0].max_ms, 100.0);
        assert_eq!(summary[1].stage, "show");
        assert_near(summary[1].p95_ms, 0.25);
    }

    #[test]
    fn times_out_of_bounds_count_as_the_bound() {
        let mut meter = Meter::new();
        meter.record("never", Duration::ZERO);
        meter.record("ever", Duration::MAX);
        let summary = meter.summary();
        assert_near(summary[0].max_ms, 0.001);
        assert_eq!(summary[1].count, 1);
        assert_near(summary[1].max_ms, 100_000.0);
    }

    #[test]
    fn memory_stays_what_it_was_over_eight_hours() {
        let mut meter = Meter::new();
        let size = |meter: &Meter| {
            let (_, times) = &meter.stages[0];
            (times.distinct_values(), meter.recent.capacity())
        };
        meter.record("paint", seconds(0.03));
        let before = size(&meter);
        for n in 0..8 * 3600 * 30u64 {
            meter.record("paint", Duration::from_micros(1 + n * 131 % 200_000));
            meter.frame(seconds(n as f64 / 30.0));
        }
        assert_eq!(size(&meter), before);
        assert_eq!(meter.summary()[0].count, 8 * 3600 * 30 + 1);
    }

    #[test]
    fn the_rate_is_of_the_last_second_and_falls_when_no_frames_come() {
        let mut meter = Meter::new();
        assert_eq!(meter.fps(seconds(0.0)), 0.0);
        let mut now = 5.0;
        meter.frame(seconds(now));
        assert_eq!(meter.fps(seconds(now)), 0.0);
        for fps in [24.0, 60.0, 1000.0, 2.0, 0.5] {
            for _ in 0..(3.0 * fps) as u32 + 4 {
                now += 1.0 / fps;
                meter.frame(seconds(now));
            }
            let measured = meter.fps(seconds(now));
            assert!(
                (measured - fps).abs() < 0.02 * fps,
                "{measured} is not {fps}"
            );
        }
        let rate = |late: f64| meter.fps(seconds(now + late));
        assert!(rate(1.0) > 0.4, "the next is not late yet");
        assert!(rate(6.0) < 0.4, "{}", rate(6.0));
        assert_eq!(rate(60.0), 0.0);
    }
}
