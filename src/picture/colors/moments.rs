//! A picture in; the mean and the covariance of its colours in OKLab out.

use image::RgbImage;

use super::chunk::{CHUNK, chunks};
use super::oklab::Lab;

/// From this many chunks of pixels on only some are looked at: 33,000 pixels say what millions do.
const MOST_CHUNKS: usize = 256;

/// Mean and covariance of the colours of a picture: lightness, green to red, blue to yellow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moments {
    pub(super) mean: [f64; 3],
    pub(super) covariance: [[f64; 3]; 3],
}

impl Moments {
    /// Those of `picture`; of a picture without pixels those of black.
    pub(super) fn of(picture: &RgbImage) -> Self {
        let mut lab = Lab::new();
        // An odd step, so that no column of a picture is looked at in each of its rows.
        let every = match picture.len() / 3 / CHUNK / MOST_CHUNKS {
            0 | 1 => 1,
            some => some | 1,
        };
        let mut count = 0;
        let mut sum = [0.0; 3];
        // Products of channels 0 0, 0 1, 0 2, 1 1, 1 2, 2 2.
        let mut products = [0.0; 6];
        for pixels in chunks(picture).step_by(every) {
            lab.read(pixels);
            let length = pixels.len() / 3;
            count += length;
            let planes = [&lab.l[..length], &lab.a[..length], &lab.b[..length]];
            for (sum, plane) in sum.iter_mut().zip(planes) {
                *sum += total(plane.iter().copied());
            }
            for (product, (i, j)) in products.iter_mut().zip(PAIRS) {
                *product += total(planes[i].iter().zip(planes[j]).map(|(x, y)| x * y));
            }
        }
        let count = count.max(1) as f64;
        let mean = sum.map(|s| s / count);
        let mut covariance = [[0.0; 3]; 3];
        for (product, (i, j)) in products.into_iter().zip(PAIRS) {
            covariance[i][j] = product / count - mean[i] * mean[j];
            covariance[j][i] = covariance[i][j];
        }
        Self { mean, covariance }
    }
}

/// The sum of a chunk's values: eight sums side by side, which the compiler computes together.
fn total(values: impl Iterator<Item = f32>) -> f64 {
    let mut sums = [0.0; 8];
    for (n, value) in values.enumerate() {
        sums[n % 8] += value;
    }
    sums.iter().map(|s| f64::from(*s)).sum()
}

/// The pairs of three channels.
const PAIRS: [(usize, usize); 6] = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_picture_has_a_mean_and_no_spread() {
        let moments = Moments::of(&RgbImage::from_pixel(9, 7, image::Rgb([200, 40, 90])));
        let mut lab = Lab::new();
        lab.read(&[200, 40, 90]);
        for (mean, wanted) in moments.mean.iter().zip([lab.l[0], lab.a[0], lab.b[0]]) {
            assert!((mean - f64::from(wanted)).abs() < 1e-6);
        }
        assert!(moments.covariance.iter().flatten().all(|c| c.abs() < 1e-6));
        let none = Moments::of(&RgbImage::new(0, 5));
        assert!(none.mean.iter().all(|m| m.abs() < 1e-6));
    }

    #[test]
    fn black_and_white_spread_in_lightness_alone() {
        let board = RgbImage::from_fn(40, 40, |x, y| image::Rgb([255 * ((x + y) % 2) as u8; 3]));
        let moments = Moments::of(&board);
        assert!((moments.mean[0] - 0.5).abs() < 1e-3);
        assert!((moments.covariance[0][0] - 0.25).abs() < 1e-3);
        assert!(moments.covariance[1][1].abs() < 1e-6 && moments.covariance[0][2].abs() < 1e-6);
    }

    #[test]
    fn some_of_many_pixels_say_what_all_do() {
        let scene = |width, height| {
            RgbImage::from_fn(width, height, |x, y| {
                let (x, y) = (x * 255 / width, y * 255 / height);
                image::Rgb([x as u8, y as u8, 255 - (x / 2) as u8])
            })
        };
        // The larger one has 1.5 million pixels, of which one in 45 is looked at.
        let (small, large) = (
            Moments::of(&scene(300, 200)),
            Moments::of(&scene(1500, 1000)),
        );
        for (s, l) in small.mean.iter().zip(large.mean) {
            assert!((s - l).abs() < 0.005, "{small:?} {large:?}");
        }
        for (s, l) in small
            .covariance
            .iter()
            .flatten()
            .zip(large.covariance.iter().flatten())
        {
            assert!((s - l).abs() < 0.002, "{small:?} {large:?}");
        }
    }
}
