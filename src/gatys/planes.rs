//! A picture as the optimiser sees it: three planes of floats.

use image::{Rgb, RgbImage};

use crate::error::Result;
use crate::picture;

/// Red, green and blue planes, each `height` rows of `width` values in 0..=1: the shape (1,3,H,W) of the objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Planes {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// 3 * height * width values.
    pub values: Vec<f32>,
}

impl Planes {
    /// From a picture.
    pub fn of(picture: &RgbImage) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let mut values = Vec::with_capacity(3 * width * height);
        for channel in 0..3 {
            values.extend(picture.pixels().map(|p| f32::from(p.0[channel]) / 255.0));
        }
        Self {
            width,
            height,
            values,
        }
    }

    /// Noise, the same for the same `seed` everywhere: independent values around mid-grey with this standard deviation.
    pub fn noise(width: usize, height: usize, sigma: f32, seed: u64) -> Self {
        let mut random = Random(seed);
        let values =
            (0..3 * width * height).map(|_| (0.5 + sigma * random.normal()).clamp(0.0, 1.0));
        Self {
            width,
            height,
            values: values.collect(),
        }
    }

    /// As a picture; what leaves 0..=1 is cut off.
    pub fn picture(&self) -> RgbImage {
        let plane = self.width * self.height;
        let byte = |place: usize| (self.values[place].clamp(0.0, 1.0) * 255.0).round() as u8;
        RgbImage::from_fn(self.width as u32, self.height as u32, |x, y| {
            let place = y as usize * self.width + x as usize;
            Rgb([byte(place), byte(place + plane), byte(place + 2 * plane)])
        })
    }

    /// At another size; in steps of 1/255, which a coarser scale of an optimisation never notices.
    ///
    /// # Errors
    /// When a side is 0.
    pub fn resized(&self, width: usize, height: usize) -> Result<Self> {
        if (width, height) == (self.width, self.height) {
            return Ok(self.clone());
        }
        let resized = picture::resize(&self.picture(), width as u32, height as u32)?;
        Ok(Self::of(&resized))
    }
}

/// SplitMix64 (Steele, Lea & Flood 2014): small, and the same on every machine and in every version, which a seed that
/// a user writes down has to be.
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
        let planes = Planes::of(&picture);
        assert_eq!(planes.values.len(), 105);
        assert_eq!(planes.picture(), picture);
        let larger = planes.resized(14, 10).unwrap();
        assert_eq!(
            (larger.width, larger.height, larger.values.len()),
            (14, 10, 420)
        );
    }

    #[test]
    fn noise_depends_on_its_seed_only() {
        let a = Planes::noise(64, 64, 0.1, 7);
        assert_eq!(a, Planes::noise(64, 64, 0.1, 7));
        assert_ne!(a, Planes::noise(64, 64, 0.1, 8));
        let n = a.values.len() as f32;
        let mean = a.values.iter().sum::<f32>() / n;
        let variance = a.values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n;
        assert!((mean - 0.5).abs() < 0.01 && (variance.sqrt() - 0.1).abs() < 0.01);
    }
}
