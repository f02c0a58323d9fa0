//! How the paint follows the content's light: a content and its pastiche in, for each place and channel the slope of the
//! line that fits the pastiche's values to the content's luminance out.
//!
//! These are the linear coefficients of the guided filter (He, Sun, Tang 2010, "Guided image filtering", equation 5),
//! on pictures of half the size (He, Sun 2015, "Fast guided filter", arXiv:1505.00996). Of the filter only these are
//! used: its offsets are means of the paint, in which strokes would be lost.

use fast_image_resize::PixelType;
use image::RgbImage;

use super::bands::Plane;
use super::paint::luma;
use crate::error::Result;
use crate::picture::resize::{Scaler, reshape};

/// A gain of 1 in the bytes of a plane, and the byte of gain 0.
pub(super) const ONE: i16 = 64;
pub(super) const ZERO: i16 = 128;

/// The variance of luminance that counts as an edge, in levels squared: light that varies less, such as the texture of
/// grass or the grain of a sensor, is not carried over. A standard deviation of 16 levels.
const EDGE: f32 = 256.0;

/// The pixels of a window: 3x3.
const WINDOW: i32 = 9;

/// What is summed for each pixel: luminance, its square, three channels, and each times luminance.
const SUMS: usize = 8;

/// Finds gains. Its buffers are reused.
#[derive(Default)]
pub(super) struct Gains {
    scaler: Scaler,
    content: RgbImage,
    pastiche: RgbImage,
    /// The terms of three rows, and their sums over three rows.
    rows: [Vec<[i32; SUMS]>; 3],
    columns: Vec<[i32; SUMS]>,
    gains: Vec<u8>,
}

impl Gains {
    /// Find the gains of `pastiche`, which has the size of `content`.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) when a side is zero.
    pub(super) fn find(&mut self, content: &RgbImage, pastiche: &RgbImage) -> Result<()> {
        let (width, height) = content.dimensions();
        let (width, height) = (width.div_ceil(2), height.div_ceil(2));
        reshape(&mut self.content, width, height);
        reshape(&mut self.pastiche, width, height);
        self.scaler.resize(content, &mut self.content)?;
        self.scaler.resize(pastiche, &mut self.pastiche)?;
        let (width, height) = (width as usize, height as usize);
        self.columns.resize(width, [0; SUMS]);
        self.gains.resize(width * height * 4, ZERO as u8);
        for row in &mut self.rows {
            row.resize(width, [0; SUMS]);
        }
        for y in 0..height {
            // Rows beyond the border are those at it.
            let first = if y == 0 { 0 } else { y + 1 };
            for next in first..=y + 1 {
                self.read(next.min(height - 1), next % 3);
            }
            if y == 0 {
                let [row, _, above] = &mut self.rows;
                above.copy_from_slice(row);
            }
            let [a, b, c] = &self.rows;
            for (x, sum) in self.columns.iter_mut().enumerate() {
                *sum = std::array::from_fn(|n| a[x][n] + b[x][n] + c[x][n]);
            }
            let gains = &mut self.gains[y * width * 4..][..width * 4];
            for (x, gain) in gains.chunks_exact_mut(4).enumerate() {
                let (left, here) = (&self.columns[x.saturating_sub(1)], &self.columns[x]);
                let right = &self.columns[(x + 1).min(width - 1)];
                let sum: [i32; SUMS] = std::array::from_fn(|n| left[n] + here[n] + right[n]);
                gain[..3].copy_from_slice(&gains_of(&sum));
            }
        }
        Ok(())
    }

    /// The gains as bytes, four a pixel, of which the last is not used: [`ZERO`] and [`ONE`] say which.
    pub(super) fn plane(&self) -> Plane<'_> {
        Plane {
            bytes: &self.gains,
            size: self.content.dimensions(),
            pixels: PixelType::U8x4,
        }
    }

    /// The terms of row `y` into `rows[to]`.
    fn read(&mut self, y: usize, to: usize) {
        let row = &mut self.rows[to];
        let bytes = row.len() * 3;
        let content = self.content.as_raw()[y * bytes..][..bytes].chunks_exact(3);
        let pastiche = self.pastiche.as_raw()[y * bytes..][..bytes].chunks_exact(3);
        for ((terms, c), p) in row.iter_mut().zip(content).zip(pastiche) {
            let light = i32::from(luma(c));
            let [r, g, b] = [p[0], p[1], p[2]].map(i32::from);
            *terms = [
                light,
                light * light,
                r,
                g,
                b,
                r * light,
                g * light,
                b * light,
            ];
        }
    }
}

fn gains_of(sum: &[i32; SUMS]) -> [u8; 3] {
    let [light, square, ..] = *sum;
    let windows = (WINDOW * WINDOW) as f32;
    let variance = (WINDOW * square - light * light) as f32;
    let scale = f32::from(ONE) / (variance + EDGE * windows);
    std::array::from_fn(|n| {
        let covariance = (WINDOW * sum[5 + n] - light * sum[2 + n]) as f32;
        (covariance * scale + f32::from(ZERO) + 0.5).clamp(0.0, 255.0) as u8
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use image::Rgb;

    use super::*;

    /// The gain of channel 1 in the middle of a picture with an edge of `step` levels, painted by `paint`.
    fn gain(step: u8, paint: impl Fn(u8) -> u8) -> f32 {
        let content =
            RgbImage::from_fn(32, 32, |x, _| Rgb([if x < 16 { 40 } else { 40 + step }; 3]));
        let pastiche = RgbImage::from_fn(32, 32, |x, y| {
            Rgb([0, paint(content.get_pixel(x, y)[0]), 255])
        });
        let mut gains = Gains::default();
        gains.find(&content, &pastiche).unwrap();
        let at = (8 * 16 + 8) * 4;
        assert_eq!(
            i16::from(gains.gains[at]),
            ZERO,
            "a flat channel follows nothing"
        );
        f32::from(i16::from(gains.gains[at + 1]) - ZERO) / f32::from(ONE)
    }

    #[test]
    fn paint_follows_edges_and_not_texture() {
        let strong = gain(150, |v| v);
        assert!((0.8..1.01).contains(&strong), "{strong}");
        let inverted = gain(150, |v| 255 - v);
        assert!((-1.01..-0.8).contains(&inverted), "{inverted}");
        assert!(gain(8, |v| v) < 0.1);
        assert_eq!(gain(0, |_| 9), 0.0);
    }

    #[test]
    fn the_smallest_pictures_have_gains_too() {
        let mut gains = Gains::default();
        for (width, height) in [(1, 1), (1, 40), (40, 1), (2, 3)] {
            let picture = RgbImage::from_fn(width, height, |x, y| Rgb([(x * 9 + y * 7) as u8; 3]));
            gains.find(&picture, &picture).unwrap();
            let plane = gains.plane();
            assert_eq!(plane.size, (width.div_ceil(2), height.div_ceil(2)));
            assert!(
                plane.bytes.iter().all(|g| i16::from(*g) >= ZERO),
                "{width}x{height}"
            );
        }
    }
}
