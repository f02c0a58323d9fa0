//! The beat of music: a tempo and taps go in, the count of beats at a time comes out.
//!
//! Time is always given in seconds, never read from a clock. Beats are counted on through every change of the tempo, so
//! that what waits for beat 8 begins at beat 8.

/// Beats of a bar.
pub const BAR: i64 = 4;

/// The tempos that are accepted, in beats a minute.
pub const TEMPOS: std::ops::RangeInclusive<f64> = 20.0..=300.0;

/// A count within this of a beat is on it: sums of seconds are not exact.
const NEAR: f64 = 1e-6;

/// A count of beats that goes on at a tempo.
#[derive(Debug, Clone, PartialEq)]
pub struct Beat {
    /// Beats a minute.
    tempo: f64,
    /// The count at the moment `since`.
    count: f64,
    since: f64,
}

impl Beat {
    /// Beat 0 is at `now`; a tempo outside of [`TEMPOS`] is the nearest one in it.
    pub fn new(tempo: f64, now: f64) -> Self {
        Self {
            tempo: within(tempo),
            count: 0.0,
            since: now,
        }
    }

    /// Beats a minute.
    pub fn tempo(&self) -> f64 {
        self.tempo
    }

    /// Go on at another tempo from `now`.
    pub fn set_tempo(&mut self, tempo: f64, now: f64) {
        self.count = self.count(now);
        self.since = now;
        self.tempo = within(tempo);
    }

    /// There was a beat at `now`: the nearest one was it.
    pub fn align(&mut self, now: f64) {
        self.count = self.count(now).round();
        self.since = now;
    }

    /// How many beats have passed at `now`, with the fraction of the one that goes on.
    pub fn count(&self, now: f64) -> f64 {
        self.count + (now - self.since) * self.tempo / 60.0
    }

    /// The beat that goes on at `now`.
    pub fn current(&self, now: f64) -> i64 {
        (self.count(now) + NEAR).floor() as i64
    }

    /// The place in its bar of the beat that goes on at `now`, 1..=[`BAR`].
    pub fn in_bar(&self, now: f64) -> u8 {
        // 1 to 4.
        self.current(now).rem_euclid(BAR) as u8 + 1
    }

    /// The first beat at `now` or after it.
    pub fn next(&self, now: f64) -> i64 {
        (self.count(now) - NEAR).ceil() as i64
    }

    /// The first bar that begins after `now`, as the beat that it begins with.
    pub fn next_bar(&self, now: f64) -> i64 {
        (self.current(now).div_euclid(BAR) + 1) * BAR
    }

    /// When a beat is, at the tempo of now.
    pub fn time(&self, beat: i64) -> f64 {
        self.since + (beat as f64 - self.count) * 60.0 / self.tempo
    }

    /// The whole number of beats nearest to `seconds`, at least one, in seconds.
    pub fn whole(&self, seconds: f64) -> f64 {
        self.whole_beats(seconds) as f64 * 60.0 / self.tempo
    }

    /// The whole number of bars nearest to `seconds`, at least one, in beats.
    pub fn whole_bars(&self, seconds: f64) -> i64 {
        let bars = (seconds * self.tempo / 60.0 / BAR as f64).round();
        (bars as i64).clamp(1, i64::from(i32::MAX)) * BAR
    }

    fn whole_beats(&self, seconds: f64) -> i64 {
        let beats = (seconds * self.tempo / 60.0).round();
        (beats as i64).max(1)
    }
}

fn within(tempo: f64) -> f64 {
    match tempo.is_nan() {
        true => 120.0,
        false => tempo.clamp(*TEMPOS.start(), *TEMPOS.end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_and_bars_are_where_the_tempo_puts_them() {
        // Half a second a beat.
        let beat = Beat::new(120.0, 10.0);
        assert_eq!(beat.count(11.25), 2.5);
        assert_eq!((beat.current(11.25), beat.next(11.25)), (2, 3));
        // On a beat: it goes on, and it is the next one.
        assert_eq!((beat.current(11.5), beat.next(11.5)), (3, 3));
        assert_eq!(beat.time(3), 11.5);
        assert_eq!((beat.next_bar(10.0), beat.next_bar(11.9)), (4, 4));
        assert_eq!(beat.next_bar(12.0), 8);
        let places: Vec<u8> = (0..6).map(|n| beat.in_bar(beat.time(n))).collect();
        assert_eq!(places, [1, 2, 3, 4, 1, 2]);
    }

    #[test]
    fn lengths_are_whole_beats_and_at_least_one() {
        let beat = Beat::new(120.0, 0.0);
        let whole = [0.1, 0.7, 0.8, 2.0, 2.26].map(|seconds| beat.whole(seconds));
        assert_eq!(whole, [0.5, 0.5, 1.0, 2.0, 2.5]);
        let bars = [0.1, 2.9, 3.1, 8.0, f64::INFINITY].map(|seconds| beat.whole_bars(seconds));
        assert_eq!(bars[..4], [4, 4, 8, 16]);
        assert!(bars[4] > 1_000_000);
    }

    #[test]
    fn the_count_goes_on_through_changes_of_the_tempo() {
        let mut beat = Beat::new(60.0, 0.0);
        beat.set_tempo(120.0, 3.5);
        assert_eq!(beat.count(3.5), 3.5);
        assert_eq!(beat.time(4), 3.75);
        // A beat that was heard a little early or late is the nearest one.
        beat.align(3.8);
        assert_eq!((beat.count(3.8), beat.time(5)), (4.0, 4.3));
        beat.align(4.2);
        assert_eq!(beat.count(4.2), 5.0);
    }

    #[test]
    fn sums_of_seconds_that_are_not_exact_miss_no_beat() {
        let beat = Beat::new(137.0, 0.0);
        for n in 0..10_000 {
            let time = beat.time(n);
            assert_eq!((beat.current(time), beat.next(time)), (n, n));
        }
    }

    #[test]
    fn tempos_outside_of_the_range_are_the_nearest_in_it() {
        let tempos = [0.0, -5.0, 1e9, f64::NAN, f64::INFINITY].map(|t| Beat::new(t, 0.0).tempo());
        assert_eq!(tempos, [20.0, 20.0, 300.0, 120.0, 300.0]);
    }
}
