//! Mean and variance of the channels of a picture that is seen in parts: tensors in, statistics out.

use ndarray::{Array1, ArrayView3};

/// Sums over the parts, in double precision: pictures of a hundred megapixels are added up here.
#[derive(Debug, Default)]
pub(super) struct Moments {
    sums: Array1<f64>,
    squares: Array1<f64>,
    /// Values of a channel that were added.
    count: f64,
}

impl Moments {
    /// Add a part of the picture, `[C, H, W]`.
    pub(super) fn add(&mut self, part: ArrayView3<'_, f32>) {
        let (channels, height, width) = part.dim();
        if self.sums.is_empty() {
            self.sums = Array1::zeros(channels);
            self.squares = Array1::zeros(channels);
        }
        self.count += (height * width) as f64;
        let totals = self.sums.iter_mut().zip(&mut self.squares);
        for ((sum, square), channel) in totals.zip(part.outer_iter()) {
            for row in channel.rows() {
                // A row in single precision is accurate enough, and several times as fast.
                *sum += f64::from(row.sum());
                *square += f64::from(row.dot(&row));
            }
        }
    }

    /// Means and variances of the channels.
    pub(super) fn mean_and_variance(&self) -> (Array1<f32>, Array1<f32>) {
        let means = &self.sums / self.count;
        let variances = &self.squares / self.count - &means * &means;
        let variances = variances.mapv(|v| v.max(0.0) as f32);
        (means.mapv(|v| v as f32), variances)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, Axis};

    use super::*;

    #[test]
    fn parts_give_what_the_whole_gives() {
        let value = |n: usize| (n as f32 * 0.7).sin() + n as f32 * 0.1;
        let data = Array3::from_shape_fn((2, 4, 6), |(c, y, x)| value(c * 24 + y * 6 + x));
        let (mut whole, mut parts) = (Moments::default(), Moments::default());
        whole.add(data.view());
        for (rows, columns) in [(0..1, 0..6), (1..4, 0..2), (1..4, 2..6)] {
            let mut part = data.view();
            part.slice_axis_inplace(Axis(1), rows.into());
            part.slice_axis_inplace(Axis(2), columns.into());
            parts.add(part);
        }
        let (mean, variance) = whole.mean_and_variance();
        let second = data.index_axis(Axis(0), 1);
        let direct: f32 = second.sum() / 24.0;
        assert!((mean[1] - direct).abs() < 1e-5);
        let direct = second.mapv(|v| (v - direct).powi(2)).sum() / 24.0;
        assert!((variance[1] - direct).abs() < 1e-4);
        let found = parts.mean_and_variance();
        for (a, b) in [(mean, found.0), (variance, found.1)] {
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }
}
