//! A tempo from taps: their times go in, beats a minute come out.

use super::beat::TEMPOS;

/// Taps closer than this are one finger that bounced, or one knob that was turned.
const BOUNCE: f64 = 0.15;

/// After a pause of more seconds the taps begin anew.
const PAUSE: f64 = 2.0;

/// The taps whose gaps are averaged.
const TAPS: usize = 8;

/// A tempo from taps: their times go in, beats a minute come out.
#[derive(Debug, Clone, Default)]
pub struct Taps {
    /// The newest last.
    times: Vec<f64>,
}

impl Taps {
    /// A tap at `now`; gives the tempo from the second one on. A tap right after another counts for nothing.
    pub fn tap(&mut self, now: f64) -> Tap {
        match self.times.last().map(|last| now - last) {
            Some(gap) if gap < BOUNCE => return Tap::Bounce,
            Some(gap) if gap > PAUSE => self.times.clear(),
            _ => {}
        }
        if self.times.len() == TAPS {
            self.times.remove(0);
        }
        self.times.push(now);
        let (first, gaps) = (self.times[0], self.times.len() - 1);
        match gaps {
            0 => Tap::First,
            _ => Tap::Tempo(tempo(gaps, now - first)),
        }
    }
}

/// What a tap means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tap {
    /// Nothing: it came right after another.
    Bounce,
    /// A beat, at a tempo that is not known yet.
    First,
    /// A beat, and the tempo in beats a minute.
    Tempo(f64),
}

fn tempo(beats: usize, seconds: f64) -> f64 {
    (60.0 * beats as f64 / seconds).clamp(*TEMPOS.start(), *TEMPOS.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_are_averaged_and_begin_anew_after_a_pause() {
        let mut taps = Taps::default();
        assert_eq!(taps.tap(1.0), Tap::First);
        assert_eq!(taps.tap(1.5), Tap::Tempo(120.0));
        assert_eq!(taps.tap(1.6), Tap::Bounce);
        // 0.5 and 0.75 seconds: two beats in 1.25.
        assert_eq!(taps.tap(2.25), Tap::Tempo(96.0));
        assert_eq!(taps.tap(4.251), Tap::First);
        assert_eq!(taps.tap(6.25), Tap::Tempo(60.0 / (6.25 - 4.251)));
        // Only the last eight count: after ten at another tempo, nothing of the first is left.
        for n in 1..=10 {
            taps.tap(6.25 + 0.25 * f64::from(n));
        }
        assert_eq!(taps.tap(9.0), Tap::Tempo(240.0));
    }
}
