//! The time by which glides and tours run.

use std::time::{Duration, Instant};

use crate::video::Frame;

/// Seconds since a session began: by the wall while it is watched, by the frames' own numbers while it is written to
/// files, so that a film made on a slow machine is the same as one made on a fast one.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    began: Instant,
    rate: Option<f64>,
}

impl Clock {
    /// The wall's time.
    pub(super) fn wall() -> Self {
        Self {
            began: Instant::now(),
            rate: None,
        }
    }

    /// The film's time, at `rate` frames a second.
    pub(super) fn film(rate: f64) -> Self {
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

    /// Whether time is the film's.
    pub(super) fn is_film(&self) -> bool {
        self.rate.is_some()
    }

    /// Since it began, by the wall.
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
        assert_eq!(Clock::film(25.0).at(&frame), 2.0);
    }
}
