//! Waits until the next frame is due: a rate goes in, pauses of the right length come out.

use std::thread;
use std::time::{Duration, Instant};

/// Keeps a frame rate. A delay is not made up for: the frames after it come at the rate, not faster.
#[derive(Debug)]
pub(super) struct Pacer {
    period: Duration,
    next: Option<Instant>,
}

impl Pacer {
    /// `rate` frames a second, 0.01..=1000; others are clamped to that.
    pub(super) fn new(rate: f64) -> Self {
        let rate = if rate.is_finite() {
            rate.clamp(0.01, 1000.0)
        } else {
            25.0
        };
        Self {
            period: Duration::from_secs_f64(1.0 / rate),
            next: None,
        }
    }

    /// Sleep until the next frame is due; the first is due at once.
    pub(super) fn wait(&mut self) {
        let now = Instant::now();
        let next = self.next.unwrap_or(now);
        thread::sleep(next.saturating_duration_since(now));
        let late = now.saturating_duration_since(next);
        self.next = Some(if late < self.period {
            next + self.period
        } else {
            now + self.period
        });
    }
}
