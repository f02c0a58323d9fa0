//! Pictures as the optimiser sees them: an RGB picture, or a seed for noise, goes in; three planes of floats come out,
//! and the other way round.

use image::{Rgb, RgbImage};
use ndarray::{Array3, ArrayView3};

use crate::error::{Error, Result};
use crate::picture;

/// The red, green and blue plane of a picture, `[3, H, W]`, values in 0..=1, in standard (row by row) order.
pub type Planes = Array3<f32>;

/// The planes of a picture.
pub fn from_picture(picture: &RgbImage) -> Planes {
    let shape = (3, picture.height() as usize, picture.width() as usize);
    Array3::from_shape_fn(shape, |(channel, y, x)| {
        f32::from(picture.get_pixel(x as u32, y as u32).0[channel]) / 255.0
    })
}

/// Noise, the same for the same `seed` everywhere: independent values around mid-grey with this standard deviation.
pub fn noise((width, height): (usize, usize), sigma: f32, seed: u64) -> Planes {
    let mut random = Random(seed);
    let value = || (0.5 + sigma * random.normal()).clamp(0.0, 1.0);
    Array3::from_shape_simple_fn((3, height, width), value)
}

/// As a picture; values outside 0..=1 are clipped.
pub fn to_picture(planes: ArrayView3<'_, f32>) -> RgbImage {
    let (_, height, width) = planes.dim();
    let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    RgbImage::from_fn(width as u32, height as u32, |x, y| {
        Rgb([0, 1, 2].map(|channel| byte(planes[[channel, y as usize, x as usize]])))
    })
}

/// At another size; rounded to steps of 1/255, which does not matter to a coarser scale of an optimisation.
///
/// # Errors
/// When a side is 0.
pub fn resized(planes: Planes, (width, height): (usize, usize)) -> Result<Planes> {
    if planes.dim() == (3, height, width) {
        return Ok(planes);
    }
    let picture = to_picture(planes.view());
    let resized = picture::resize(&picture, width as u32, height as u32)?;
    Ok(from_picture(&resized))
}

/// The values as one row, for an optimiser.
///
/// # Errors
/// [`Error::Invalid`] when they are not in standard order.
pub fn values(planes: &mut Planes) -> Result<&mut [f32]> {
    let values = planes.as_slice_mut();
    values.ok_or_else(|| Error::invalid("planes", "are not in standard order"))
}

/// SplitMix64 (Steele, Lea & Flood 2014): small, and the same on every machine and in every version, so that a seed can
/// be written down.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Normally distributed, mean 0, deviation 1 (Box and Muller 1958).
    fn normal(&mut self) -> f32 {
        // In (0, 1], so that the logarithm is finite.
        let uniform = |bits: u64| ((bits >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        let (radius, turn) = (uniform(self.next()), uniform(self.next()));
        ((-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()) as f32
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_survives_the_way_there_and_back() {
        let picture = RgbImage::from_fn(7, 5, |x, y| Rgb([x as u8 * 30, y as u8 * 50, 200]));
        let planes = from_picture(&picture);
        assert_eq!(planes.dim(), (3, 5, 7));
        assert_eq!(to_picture(planes.view()), picture);
        assert_eq!(resized(planes, (14, 10)).unwrap().dim(), (3, 10, 14));
    }

    #[test]
    fn noise_depends_on_its_seed_only() {
        let a = noise((64, 64), 0.1, 7);
        assert_eq!(a, noise((64, 64), 0.1, 7));
        assert_ne!(a, noise((64, 64), 0.1, 8));
        let (mean, deviation) = (a.sum() / a.len() as f32, a.std(0.0));
        assert!((mean - 0.5).abs() < 0.01 && (deviation - 0.1).abs() < 0.01);
    }
}
