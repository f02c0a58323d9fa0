//! Exact times in; whole ticks of a format's clock out, such that no error adds up.

use crate::video::Ratio;

/// Picoseconds in a second: times are added in them, so that 100,000 frames are off by less than a microsecond.
const PICO: u128 = 1_000_000_000_000;

/// Rounds the end of every frame, not its length, to a tick.
#[derive(Debug)]
pub(super) struct Clock {
    ticks_a_second: u128,
    least: u64,
    /// The exact end of the last frame, in picoseconds.
    exact: u128,
    /// The ticks that were given out.
    given: u64,
}

impl Clock {
    /// A clock of `ticks_a_second` for a format whose frames last at least `least` ticks.
    pub(super) fn new(ticks_a_second: u32, least: u64) -> Self {
        Self {
            ticks_a_second: u128::from(ticks_a_second.max(1)),
            least: least.max(1),
            exact: 0,
            given: 0,
        }
    }

    /// The ticks of a frame of `seconds`, or `None` where it is too short to be shown: its time goes to the next one.
    pub(super) fn ticks(&mut self, seconds: Ratio) -> Option<u64> {
        let (n, d) = (
            u128::from(seconds.numerator),
            u128::from(seconds.denominator.max(1)),
        );
        self.exact = self.exact.saturating_add((n * PICO + d / 2) / d);
        let end = (self.exact.saturating_mul(self.ticks_a_second) + PICO / 2) / PICO;
        let ticks = u64::try_from(end)
            .unwrap_or(u64::MAX)
            .saturating_sub(self.given);
        if ticks < self.least {
            return None;
        }
        self.given += ticks;
        Some(ticks)
    }

    /// The ticks of a last frame that was too short until now.
    pub(super) fn rest(&mut self) -> u64 {
        self.given += self.least;
        self.least
    }
}

/// The greatest common divisor; at least 1.
pub(super) fn common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(clock: &mut Clock, seconds: Ratio, frames: usize) -> (u64, usize) {
        let ticks = (0..frames).filter_map(|_| clock.ticks(seconds));
        ticks.fold((0, 0), |(sum, n), ticks| (sum + ticks, n + 1))
    }

    #[test]
    fn no_error_adds_up() {
        // 30000/1001 frames a second for 1001 seconds.
        let mut clock = Clock::new(100, 2);
        let (ticks, frames) = total(&mut clock, Ratio::new(1001, 30000), 30_000);
        assert_eq!((ticks, frames), (100_100, 30_000));
        let mut clock = Clock::new(1000, 1);
        assert_eq!(total(&mut clock, Ratio::new(1, 3), 300), (100_000, 300));
    }

    #[test]
    fn whole_ticks_are_kept_as_they_are() {
        let mut clock = Clock::new(100, 2);
        for n in [2, 3, 50, 65535, 2] {
            assert_eq!(clock.ticks(Ratio::new(n, 100)), Some(u64::from(n)));
        }
    }

    #[test]
    fn frames_that_are_too_short_are_left_out_and_their_time_is_kept() {
        let mut clock = Clock::new(100, 2);
        let (ticks, frames) = total(&mut clock, Ratio::new(1, 100), 100);
        assert_eq!((ticks, frames), (100, 50));
        let (ticks, frames) = total(&mut Clock::new(100, 2), Ratio::new(1, 60), 600);
        assert!((ticks, frames) == (1000, 400), "{ticks} {frames}");
        assert_eq!(Clock::new(100, 2).rest(), 2);
    }

    #[test]
    fn odd_times_do_not_overflow() {
        let mut clock = Clock::new(1000, 1);
        for seconds in [
            Ratio::new(u32::MAX, 0),
            Ratio::new(u32::MAX, 1),
            Ratio::new(0, 0),
        ] {
            clock.ticks(seconds);
        }
        assert_eq!(clock.ticks(Ratio::new(1, 1_000_000)), None);
    }
}
