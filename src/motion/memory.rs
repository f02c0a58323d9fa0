//! What a steadied film goes on from: to be kept in a file, so that a film that is continued is, byte for byte, the film
//! that was not interrupted.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::plane::{Plane, Pyramid};
use crate::error::{Error, Result};
use crate::picture::{self, Limits};

/// The memory of a [`Steady`](super::Steady) behind a frame. As text: the last output as a PNG file and the bits of the last
/// luminance, in hexadecimal digits; no number is rounded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    shown: String,
    light: String,
    frames: u64,
}

impl Memory {
    pub(super) fn new(shown: &image::RgbImage, new: &Pyramid, frames: u64) -> Result<Self> {
        let plane = new.finest();
        let light = (0..plane.height)
            .flat_map(|y| plane.row(y))
            .flat_map(|l| l.to_bits().to_be_bytes());
        Ok(Self {
            shown: digits(picture::encode_png(shown, None)?),
            light: digits(light),
            frames,
        })
    }

    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    pub(super) fn shown(&self) -> Result<image::RgbImage> {
        let limits = Limits::default();
        let bytes = bytes(&self.shown).ok_or_else(unreadable)?;
        Ok(picture::decode(&bytes, Path::new("memory of steady"), &limits)?.rgb)
    }

    /// The luminance, of `width` x `height` pixels.
    pub(super) fn light(&self, width: usize, height: usize) -> Result<Plane> {
        let bytes = bytes(&self.light).ok_or_else(unreadable)?;
        let levels: Vec<f32> = bytes
            .chunks_exact(4)
            .map(|b| f32::from_bits(u32::from_be_bytes([b[0], b[1], b[2], b[3]])))
            .collect();
        match levels.len() == width * height && levels.iter().all(|l| l.is_finite()) {
            true => Ok(Plane::from_rows(width, height, &levels)),
            false => Err(unreadable()),
        }
    }
}

fn unreadable() -> Error {
    Error::invalid(
        "memory of steady",
        "is not what was kept; begin the film anew",
    )
}

fn digits(bytes: impl IntoIterator<Item = u8>) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    let pair = |byte: u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.into_iter().flat_map(pair).collect()
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(value(*high)? * 16 + value(*low)?).ok(),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::super::Steady;
    use super::*;

    fn frame(t: u32, width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let wave = ((x + 2 * t) as f32 * 0.31).sin() + ((y + t) as f32 * 0.23).cos();
            let level = (128.0 + 50.0 * wave) as u8;
            Rgb([
                level,
                level.wrapping_mul(3) / 2,
                (x * 7 + y * 3 + t * 5) as u8 % 40 + 100,
            ])
        })
    }

    #[test]
    fn going_on_from_memory_is_going_on() {
        for (width, height) in [(61, 47), (320, 240), (9, 1)] {
            let mut steady = Steady::new(0.75).unwrap();
            let mut step = |steady: &mut Steady, t: u32| {
                let content = frame(t, width, height);
                let mut shown = content.clone();
                shown
                    .iter_mut()
                    .enumerate()
                    .for_each(|(n, l)| *l ^= (n as u32 * (t + 1)) as u8 % 9);
                steady.apply(&content, &mut shown).unwrap();
                shown
            };
            for t in 0..7 {
                step(&mut steady, t);
            }
            // As through a file.
            let text = serde_json::to_string(&steady.memory().unwrap()).unwrap();
            let memory: Option<Memory> = serde_json::from_str(&text).unwrap();
            let mut other = Steady::new(0.75).unwrap();
            other.restore(memory.as_ref()).unwrap();
            for t in 7..13 {
                assert_eq!(step(&mut steady, t), step(&mut other, t), "frame {t}");
            }
        }
    }

    #[test]
    fn nothing_to_remember_is_remembered() {
        let mut steady = Steady::new(0.75).unwrap();
        assert_eq!(steady.memory().unwrap(), None);
        steady
            .apply(&frame(0, 32, 32), &mut frame(0, 32, 32))
            .unwrap();
        assert!(steady.memory().unwrap().is_some());
        steady.restore(None).unwrap();
        assert_eq!(steady.memory().unwrap(), None);
    }

    #[test]
    fn a_damaged_memory_is_refused() {
        let mut steady = Steady::new(0.75).unwrap();
        steady
            .apply(&frame(0, 32, 32), &mut frame(0, 32, 32))
            .unwrap();
        let good = steady.memory().unwrap().unwrap();
        for (shown, light) in [
            ("", ""),
            ("zz", "00"),
            (&good.shown[..100], &good.light),
            (&good.shown, "0000"),
        ] {
            let bad = Memory {
                shown: shown.to_owned(),
                light: light.to_owned(),
                frames: 1,
            };
            assert!(Steady::new(0.5).unwrap().restore(Some(&bad)).is_err());
        }
    }
}
