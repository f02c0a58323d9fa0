//! How fast a client may ask: a bucket that fills with time and is emptied by requests.

use std::time::Instant;

/// A bucket.
#[derive(Debug)]
pub(super) struct Rate {
    a_second: f64,
    most: f64,
    left: f64,
    at: Instant,
}

impl Rate {
    /// `a_second` requests, and `at_once` after a pause.
    pub(super) fn new(a_second: u32, at_once: u32, now: Instant) -> Self {
        let most = f64::from(at_once);
        Self {
            a_second: f64::from(a_second),
            most,
            left: most,
            at: now,
        }
    }

    /// Whether one more is allowed at `now`.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.left = (self.left + passed * self.a_second).min(self.most);
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_flood_is_refused_and_a_steady_stream_is_not() {
        let mut now = Instant::now();
        let mut rate = Rate::new(100, 20, now);
        let allowed = (0..500).filter(|_| rate.allows(now)).count();
        assert_eq!(allowed, 20);
        for _ in 0..500 {
            now += Duration::from_millis(11);
            assert!(rate.allows(now));
        }
    }
}
