//! The time of glides and tours: a frame goes in, seconds come out.

use std::time::{Duration, Instant};

use crate::video::Frame;

/// Seconds since a session began: real time while somebody watches, the frame's number divided by the rate while files
/// are written, so that a film does not depend on the speed of the machine.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    began: Instant,
    rate: Option<f64>,
}

impl Clock {
    /// Real time.
    pub(super) fn real_time() -> Self {
        Self {
            began: Instant::now(),
            rate: None,
        }
    }

    /// The time in a film of `rate` frames a second.
    pub(super) fn film_time(rate: f64) -> Self {
        Self {
            began: Instant::now(),
            rate: Some(rate),
        }
    }

    /// When `frame` is shown, in seconds.
    pub(super) fn at(&self, frame: &Frame) -> f64 {
        match self.rate {
            Some(rate) => frame.number as f64 / rate,
            None => self.elapsed().as_secs_f64(),
        }
    }

    /// When `moment` was, in seconds; `None` in a film, whose time is not that of the user.
    pub(super) fn of(&self, moment: Instant) -> Option<f64> {
        let since = moment.saturating_duration_since(self.began);
        (!self.is_film()).then_some(since.as_secs_f64())
    }

    /// Whether it is the time in a film.
    pub(super) fn is_film(&self) -> bool {
        self.rate.is_some()
    }

    /// Real time since the session began.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_has_its_own_time() {
        let mut frame = Frame::empty();
        frame.number = 50;
        assert_eq!(Clock::film_time(25.0).at(&frame), 2.0);
    }
}
