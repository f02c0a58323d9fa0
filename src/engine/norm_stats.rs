//! Statistics of the instance norms that are measured once in several frames: measurements in, smoothed statistics out.

use ndarray::{Array1, ArrayView1, Zip};

/// When to measure, and the mean and variance of every instance norm, smoothed over the measurements.
///
/// Statistics belong to one style (gammas and betas of a norm change what the next one sees) and, nearly, to one
/// size of picture: a change of either asks for a measurement at once.
#[derive(Debug, Default)]
pub(super) struct NormStats {
    stats: Array1<f32>,
    /// Frames painted with `stats` since they were measured; `None`: they are of another style or size.
    age: Option<u32>,
    size: (usize, usize),
}

/// The weight of a new measurement in the smoothed statistics, as camera noise changes each measurement a little.
const SHARE: f32 = 0.5;

impl NormStats {
    /// The statistics for the next frame of `size`, or `None` when it has to be measured.
    pub(super) fn next(&mut self, every: u32, size: (usize, usize)) -> Option<ArrayView1<'_, f32>> {
        if size != self.size {
            self.age = None;
            self.size = size;
        }
        let age = self.age.as_mut().filter(|age| **age + 1 < every)?;
        *age += 1;
        Some(self.stats.view())
    }

    /// Take the measurement of the frame that [`NormStats::next`] had no statistics for.
    pub(super) fn update(&mut self, measured: ArrayView1<'_, f32>) {
        if self.age.is_some() && self.stats.len() == measured.len() {
            Zip::from(&mut self.stats)
                .and(measured)
                .for_each(|old, new| *old += SHARE * (new - *old));
        } else {
            self.stats = measured.to_owned();
        }
        self.age = Some(0);
    }

    /// Forget the statistics: the style changed.
    pub(super) fn reset(&mut self) {
        self.age = None;
    }
}

#[cfg(test)]
mod tests {
    use ndarray::aview1;

    use super::*;

    const SIZE: (usize, usize) = (64, 48);

    #[test]
    fn one_frame_in_every_n_is_measured() {
        let mut stats = NormStats::default();
        let mut measured = 0;
        for _ in 0..30 {
            if stats.next(10, SIZE).is_none() {
                stats.update(aview1(&[1.0]));
                measured += 1;
            }
        }
        assert_eq!(measured, 3);
    }

    #[test]
    fn every_one_measures_each_frame() {
        let mut stats = NormStats::default();
        for _ in 0..3 {
            assert!(stats.next(1, SIZE).is_none());
            stats.update(aview1(&[1.0]));
        }
    }

    #[test]
    fn measurements_are_smoothed_until_style_or_size_change() {
        let mut stats = NormStats::default();
        let measure = |stats: &mut NormStats, size, value| {
            assert!(stats.next(2, size).is_none());
            stats.update(aview1(&[value]));
            stats.next(2, size).map(|found| found[0])
        };
        assert_eq!(measure(&mut stats, SIZE, 2.0), Some(2.0));
        assert_eq!(measure(&mut stats, SIZE, 4.0), Some(3.0));
        assert_eq!(measure(&mut stats, (32, 48), 8.0), Some(8.0));
        stats.reset();
        assert_eq!(measure(&mut stats, (32, 48), 1.0), Some(1.0));
    }
}
