//! Statistics that are measured now and then instead of on every frame.

/// When to measure, and what was measured: mean and variance of every instance norm, smoothed over measurements.
///
/// Statistics belong to one style (gammas and betas of a norm change what the next one sees) and, nearly, to one
/// size of picture: a change of either asks for a measurement at once.
#[derive(Debug, Default)]
pub(super) struct Steady {
    stats: Vec<f32>,
    /// Frames painted with `stats` since they were measured; `None`: they are of another style or size.
    age: Option<u32>,
    size: (u32, u32),
}

/// The share of a new measurement in the smoothed statistics: camera noise moves each of them a little.
const SHARE: f32 = 0.5;

impl Steady {
    /// The statistics for the next frame of `size`, or `None` when it has to be measured.
    pub(super) fn next(&mut self, every: u32, size: (u32, u32)) -> Option<&[f32]> {
        if size != self.size {
            self.age = None;
            self.size = size;
        }
        let age = self.age.as_mut().filter(|age| **age + 1 < every)?;
        *age += 1;
        Some(&self.stats)
    }

    /// A measurement of the frame that [`Steady::next`] had no statistics for.
    pub(super) fn measured(&mut self, stats: &[f32]) {
        if self.age.is_some() && self.stats.len() == stats.len() {
            for (old, new) in self.stats.iter_mut().zip(stats) {
                *old += SHARE * (new - *old);
            }
        } else {
            self.stats.clear();
            self.stats.extend_from_slice(stats);
        }
        self.age = Some(0);
    }

    /// The style changed.
    pub(super) fn forget(&mut self) {
        self.age = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u32, u32) = (64, 48);

    #[test]
    fn one_frame_in_every_n_is_measured() {
        let mut steady = Steady::default();
        let mut measured = 0;
        for _ in 0..30 {
            if steady.next(10, SIZE).is_none() {
                steady.measured(&[1.0]);
                measured += 1;
            }
        }
        assert_eq!(measured, 3);
    }

    #[test]
    fn every_one_measures_each_frame() {
        let mut steady = Steady::default();
        for _ in 0..3 {
            assert!(steady.next(1, SIZE).is_none());
            steady.measured(&[1.0]);
        }
    }

    #[test]
    fn measurements_are_smoothed_until_style_or_size_change() {
        let mut steady = Steady::default();
        let measure = |steady: &mut Steady, size, value| {
            assert!(steady.next(2, size).is_none());
            steady.measured(&[value]);
            steady.next(2, size).map(|stats| stats[0])
        };
        assert_eq!(measure(&mut steady, SIZE, 2.0), Some(2.0));
        assert_eq!(measure(&mut steady, SIZE, 4.0), Some(3.0));
        assert_eq!(measure(&mut steady, (32, 48), 8.0), Some(8.0));
        steady.forget();
        assert_eq!(measure(&mut steady, (32, 48), 1.0), Some(1.0));
    }
}
