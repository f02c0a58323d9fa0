//! Waiting for the next frame's time.

use std::thread;
use std::time::{Duration, Instant};

/// Keeps a rate: waits no longer than needed, and does not hurry to make up for what was lost.
#[derive(Debug)]
pub(super) struct Pacer {
    every: Duration,
    next: Option<Instant>,
}

impl Pacer {
    /// `rate` beats a second, 0.01..=1000; others count as the nearest of these.
    pub(super) fn new(rate: f64) -> Self {
        let rate = if rate.is_finite() {
            rate.clamp(0.01, 1000.0)
        } else {
            25.0
        };
        Self {
            every: Duration::from_secs_f64(1.0 / rate),
            next: None,
        }
    }

    /// Sleep until the next beat; the first is now.
    pub(super) fn wait(&mut self) {
        let now = Instant::now();
        let next = self.next.unwrap_or(now);
        thread::sleep(next.saturating_duration_since(now));
        let late = now.saturating_duration_since(next);
        self.next = Some(if late < self.every {
            next + self.every
        } else {
            now + self.every
        });
    }
}
