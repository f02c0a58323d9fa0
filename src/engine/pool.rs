//! Mean and variance of the channels of a picture that is seen in parts.

use std::ops::Range;

/// Sums over the parts, in double precision: pictures of a hundred megapixels are added up here.
#[derive(Debug, Default)]
pub(super) struct Pool {
    sums: Vec<f64>,
    squares: Vec<f64>,
    /// Values of a channel that were added.
    count: f64,
}

impl Pool {
    /// Add `rows` and `columns` of channels that lie behind one another in `data`, each of `height` x `width` values.
    pub(super) fn add(
        &mut self,
        data: &[f32],
        (height, width): (usize, usize),
        rows: Range<usize>,
        columns: Range<usize>,
    ) {
        let channels = data.chunks_exact((height * width).max(1));
        self.sums.resize(channels.len(), 0.0);
        self.squares.resize(channels.len(), 0.0);
        self.count += (rows.len() * columns.len()) as f64;
        for (n, channel) in channels.enumerate() {
            for row in channel.chunks_exact(width).take(rows.end).skip(rows.start) {
                // A row in single precision loses nothing that counts, and is several times as fast.
                let row = &row[columns.clone()];
                self.sums[n] += f64::from(row.iter().sum::<f32>());
                self.squares[n] += f64::from(row.iter().map(|v| v * v).sum::<f32>());
            }
        }
    }

    /// Means and variances of the channels.
    pub(super) fn moments(&self) -> (Vec<f32>, Vec<f32>) {
        let both = self.sums.iter().zip(&self.squares);
        both.map(|(sum, square)| {
            let mean = sum / self.count;
            let variance = (square / self.count - mean * mean).max(0.0);
            (mean as f32, variance as f32)
        })
        .unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_give_what_the_whole_gives() {
        // Two channels of 4 x 6.
        let data: Vec<f32> = (0..48)
            .map(|n| (n as f32 * 0.7).sin() + n as f32 * 0.1)
            .collect();
        let (mut whole, mut parts) = (Pool::default(), Pool::default());
        whole.add(&data, (4, 6), 0..4, 0..6);
        for (rows, columns) in [(0..1, 0..6), (1..4, 0..2), (1..4, 2..6)] {
            parts.add(&data, (4, 6), rows, columns);
        }
        let (mean, variance) = whole.moments();
        let direct: f32 = data[24..].iter().sum::<f32>() / 24.0;
        assert!((mean[1] - direct).abs() < 1e-5);
        let direct: f32 = data[24..].iter().map(|v| (v - direct).powi(2)).sum::<f32>() / 24.0;
        assert!((variance[1] - direct).abs() < 1e-4);
        for (a, b) in [(mean, parts.moments().0), (variance, parts.moments().1)] {
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }
}
