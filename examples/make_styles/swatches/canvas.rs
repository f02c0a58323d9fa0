//! The surface that is painted on: colour and relief, and the light that falls across it.

use image::{Rgb, RgbImage};

use super::noise::fractal;
use super::palette;

/// Red, green and blue in 0..1, as they stand in the file (not linear light).
pub type Colour = [f32; 3];

/// Width and height of every swatch, in pixels.
pub const SIZE: u32 = 384;
/// The same as a number to calculate with.
pub const SIDE: f32 = SIZE as f32;

/// A colour from its six hexadecimal digits.
pub const fn hex(rgb: u32) -> Colour {
    [
        ((rgb >> 16) & 255) as f32 / 255.0,
        ((rgb >> 8) & 255) as f32 / 255.0,
        (rgb & 255) as f32 / 255.0,
    ]
}

/// From `a` (at 0) to `b` (at 1).
pub fn blend(a: Colour, b: Colour, at: f32) -> Colour {
    let at = at.clamp(0.0, 1.0);
    [0, 1, 2].map(|c| a[c] + (b[c] - a[c]) * at)
}

/// Brighter (> 1) or darker (< 1).
pub fn shade(a: Colour, by: f32) -> Colour {
    a.map(|c| c * by)
}

/// `b` as a transparent film over `a`.
pub fn film(a: Colour, b: Colour, strength: f32) -> Colour {
    [0, 1, 2].map(|c| a[c] * (1.0 - strength * (1.0 - b[c])))
}

/// A colour of the row `palette` at `at` in 0..1, blending neighbours.
pub fn along(palette: &[Colour], at: f32) -> Colour {
    let at = at.clamp(0.0, 1.0) * (palette.len() - 1) as f32;
    let index = (at as usize).min(palette.len() - 2);
    blend(palette[index], palette[index + 1], at - index as f32)
}

/// 0 below `from`, 1 above `to`, smooth between.
pub fn step(from: f32, to: f32, at: f32) -> f32 {
    let t = ((at - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Colour and height of the paint, pixel by pixel.
pub struct Canvas {
    colour: Vec<Colour>,
    height: Vec<f32>,
}

impl Canvas {
    /// A ground of colours given by position in pixels.
    pub fn new(ground: impl Fn(f32, f32) -> Colour) -> Self {
        let pixels = SIZE * SIZE;
        let at = |n: u32| ((n % SIZE) as f32 + 0.5, (n / SIZE) as f32 + 0.5);
        let colour = (0..pixels).map(at).map(|(x, y)| ground(x, y)).collect();
        Self {
            colour,
            height: vec![0.0; pixels as usize],
        }
    }

    /// A picture given by position in pixels, each the mean of 3 x 3 samples.
    pub fn sampled(of: impl Fn(f32, f32) -> Colour) -> Self {
        Self::new(|x, y| {
            let mut sum = [0.0; 3];
            for n in 0..9 {
                let (dx, dy) = (
                    (n % 3) as f32 / 3.0 - 1.0 / 3.0,
                    (n / 3) as f32 / 3.0 - 1.0 / 3.0,
                );
                let sample = of(x + dx, y + dy);
                for c in 0..3 {
                    sum[c] += sample[c] / 9.0;
                }
            }
            sum
        })
    }

    /// Changes every pixel of a rectangle that lies on the canvas: `change(x, y, colour, height)`.
    pub fn touch(
        &mut self,
        x0: f32,
        y0: f32,
        x1: f32,
        y1: f32,
        mut change: impl FnMut(f32, f32, &mut Colour, &mut f32),
    ) {
        let cut = |v: f32| v.clamp(0.0, SIDE) as u32;
        for y in cut(y0)..cut(y1.ceil()) {
            for x in cut(x0)..cut(x1.ceil()) {
                let n = (y * SIZE + x) as usize;
                change(
                    x as f32 + 0.5,
                    y as f32 + 0.5,
                    &mut self.colour[n],
                    &mut self.height[n],
                );
            }
        }
    }

    /// Changes every pixel.
    pub fn touch_all(&mut self, change: impl FnMut(f32, f32, &mut Colour, &mut f32)) {
        self.touch(0.0, 0.0, SIDE, SIDE, change);
    }

    fn relief(&self, x: i64, y: i64) -> f32 {
        let last = i64::from(SIZE) - 1;
        self.height[(y.clamp(0, last) * i64::from(SIZE) + x.clamp(0, last)) as usize]
    }

    /// Light from the upper left over the relief: slopes towards it brighten, the others darken.
    pub fn lit(mut self, strength: f32) -> Self {
        let slopes: Vec<f32> = (0..i64::from(SIZE * SIZE))
            .map(|n| (n % i64::from(SIZE), n / i64::from(SIZE)))
            .map(|(x, y)| {
                let dx = self.relief(x + 1, y) - self.relief(x - 1, y);
                let dy = self.relief(x, y + 1) - self.relief(x, y - 1);
                ((0.6 * dx + 0.8 * dy) * strength).clamp(-0.5, 0.5)
            })
            .collect();
        for (colour, slope) in self.colour.iter_mut().zip(slopes) {
            *colour = if slope > 0.0 {
                blend(*colour, [1.0, 0.99, 0.95], slope * 0.7)
            } else {
                shade(*colour, 1.0 + slope * 0.9)
            };
        }
        self
    }

    /// The grain of paper: soft unevenness of the given strength.
    pub fn on_paper(mut self, strength: f32, seed: u32) -> Self {
        self.touch_all(|x, y, colour, _| {
            *colour = shade(
                *colour,
                1.0 + strength * (fractal(x / 3.5, y / 3.5, 2, seed) - 0.5),
            );
        });
        self
    }

    /// The finished picture, in at most 256 colours.
    pub fn picture(&self) -> RgbImage {
        let level = |c: f32| (c.clamp(0.0, 1.0) * 255.0).round() as u8;
        palette::reduce(&RgbImage::from_fn(SIZE, SIZE, |x, y| {
            Rgb(self.colour[(y * SIZE + x) as usize].map(level))
        }))
    }
}
