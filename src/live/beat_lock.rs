//! Glides and tours on the beat: what is asked for and the time go in, what is due and since when comes out.
//!
//! With a tempo a glide begins at the next beat and lasts whole beats, and a tour steps at the beginning of a bar. Without
//! one nothing here does anything.

use crate::style::{Beat, Tap, Taps};

/// A glide that is due: to which style, and since when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Due {
    pub(super) style: usize,
    pub(super) at: f64,
}

/// The beat, and what waits for it.
#[derive(Debug, Default)]
pub(super) struct BeatLock {
    beat: Option<Beat>,
    taps: Taps,
    /// The style of the glide that waits, and the beat at which it begins.
    waits: Option<(usize, i64)>,
    /// The beat of the tour's next step.
    step: Option<i64>,
}

impl BeatLock {
    /// With beat 0 at the time 0, if there is a tempo.
    pub(super) fn new(tempo: Option<f64>) -> Self {
        Self {
            beat: tempo.map(|tempo| Beat::new(tempo, 0.0)),
            ..Self::default()
        }
    }

    /// Whether there is a tempo.
    pub(super) fn is_on(&self) -> bool {
        self.beat.is_some()
    }

    /// Beats a minute.
    pub(super) fn tempo(&self) -> Option<f64> {
        self.beat.as_ref().map(Beat::tempo)
    }

    /// The beat of the bar at `now`, 1..=4.
    pub(super) fn in_bar(&self, now: f64) -> Option<u8> {
        self.beat.as_ref().map(|beat| beat.in_bar(now))
    }

    /// Another tempo, or none.
    pub(super) fn set_tempo(&mut self, tempo: Option<f64>, now: f64) {
        match (&mut self.beat, tempo) {
            (Some(beat), Some(tempo)) => beat.set_tempo(tempo, now),
            (none, Some(tempo)) => *none = Some(Beat::new(tempo, now)),
            (_, None) => (self.beat, self.step) = (None, None),
        }
    }

    /// A beat was tapped at the time `at`: from the second tap on they are the tempo.
    pub(super) fn tap(&mut self, at: f64) {
        match (self.taps.tap(at), &mut self.beat) {
            (Tap::First, Some(beat)) => beat.align(at),
            (Tap::Bounce | Tap::First, _) => {}
            (Tap::Tempo(tempo), Some(beat)) => {
                beat.set_tempo(tempo, at);
                beat.align(at);
            }
            (Tap::Tempo(tempo), none) => *none = Some(Beat::new(tempo, at)),
        }
    }

    /// Let the glide to `style` wait for the next beat, instead of one that waits already.
    pub(super) fn wait(&mut self, style: usize, now: f64) {
        if let Some(beat) = &self.beat {
            self.waits = Some((style, beat.next(now)));
        }
    }

    /// Let no glide wait.
    pub(super) fn forget(&mut self) {
        self.waits = None;
    }

    /// The glide that waited, once its beat has come, or at once when there is no tempo any more.
    pub(super) fn take_due(&mut self, now: f64) -> Option<Due> {
        let (style, begin) = self.waits?;
        let at = match &self.beat {
            Some(beat) if beat.current(now) < begin => return None,
            Some(beat) => beat.time(begin),
            None => now,
        };
        self.waits = None;
        Some(Due { style, at })
    }

    /// How long a glide lasts that should take `seconds`: whole beats. 0 is still a jump.
    pub(super) fn glide(&self, seconds: f64) -> f64 {
        match &self.beat {
            Some(beat) if seconds > 0.0 => beat.whole(seconds),
            _ => seconds,
        }
    }

    /// Begin a tour, of a step every so many seconds.
    pub(super) fn begin_tour(&mut self, every: f64, now: f64) {
        let bar = |beat: &Beat| beat.next_bar(now) + beat.whole_bars(every) - crate::style::BAR;
        self.step = self.beat.as_ref().map(bar);
    }

    /// When the tour's step was due, if it is: at most one is, however long nobody asked.
    pub(super) fn take_step(&mut self, every: f64, now: f64) -> Option<f64> {
        let beat = self.beat.as_ref()?;
        let Some(step) = self.step else {
            // The tour began before the tempo.
            self.begin_tour(every, now);
            return None;
        };
        if beat.current(now) < step {
            return None;
        }
        let next = step + beat.whole_bars(every);
        self.step = Some(next.max(beat.next_bar(now)));
        Some(beat.time(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glide_waits_for_the_next_beat_and_the_newest_wins() {
        let mut lock = BeatLock::new(Some(120.0));
        lock.wait(1, 0.1);
        lock.wait(2, 0.2);
        assert_eq!(lock.take_due(0.49), None);
        assert_eq!(lock.take_due(0.61), Some(Due { style: 2, at: 0.5 }));
        assert_eq!(lock.take_due(0.61), None);
        // On a beat it begins at once.
        lock.wait(3, 2.0);
        assert_eq!(lock.take_due(2.0), Some(Due { style: 3, at: 2.0 }));
        // Without a tempo nothing waits.
        lock.wait(4, 2.1);
        lock.set_tempo(None, 2.2);
        assert_eq!(lock.take_due(2.3), Some(Due { style: 4, at: 2.3 }));
        lock.wait(5, 2.4);
        assert_eq!(lock.take_due(9.0), None);
    }

    #[test]
    fn glides_last_whole_beats_and_jumps_stay_jumps() {
        let lock = BeatLock::new(Some(120.0));
        let lasts = [0.0, 0.1, 0.8, 2.1].map(|seconds| lock.glide(seconds));
        assert_eq!(lasts, [0.0, 0.5, 1.0, 2.0]);
        assert_eq!(BeatLock::new(None).glide(2.1), 2.1);
    }

    #[test]
    fn a_tour_steps_at_bars() {
        // A bar is two seconds; 3.2 seconds are two bars.
        let mut lock = BeatLock::new(Some(120.0));
        lock.begin_tour(3.2, 0.5);
        let mut steps = Vec::new();
        for n in 0..=1200 {
            let now = 0.5 + f64::from(n) / 100.0;
            steps.extend(lock.take_step(3.2, now));
        }
        assert_eq!(steps, [4.0, 8.0, 12.0]);
        // Nobody asked for long: one step, and the next at a bar again.
        assert_eq!(lock.take_step(3.2, 41.0), Some(16.0));
        assert_eq!(lock.take_step(3.2, 41.9), None);
        assert_eq!(lock.take_step(3.2, 42.0), Some(42.0));
    }

    #[test]
    fn a_tour_that_began_before_the_tempo_is_locked_to_it() {
        let mut lock = BeatLock::new(None);
        lock.begin_tour(4.0, 0.0);
        assert_eq!(lock.take_step(4.0, 100.0), None);
        lock.set_tempo(Some(60.0), 100.0);
        let steps: Vec<f64> = (1000..1130)
            .filter_map(|n| lock.take_step(4.0, f64::from(n) / 10.0))
            .collect();
        assert_eq!(steps, [104.0, 108.0, 112.0]);
    }

    #[test]
    fn taps_give_the_tempo_and_the_beat() {
        let mut lock = BeatLock::new(None);
        lock.tap(10.0);
        assert_eq!(lock.tempo(), None);
        lock.tap(10.5);
        assert_eq!((lock.tempo(), lock.in_bar(10.5)), (Some(120.0), Some(1)));
        lock.tap(11.0);
        assert_eq!(lock.in_bar(11.0), Some(2));
        // One tap after a pause moves the beat and leaves the tempo.
        lock.tap(20.1);
        assert_eq!(lock.tempo(), Some(120.0));
        lock.wait(1, 20.2);
        assert_eq!(lock.take_due(20.6), Some(Due { style: 1, at: 20.6 }));
    }
}
