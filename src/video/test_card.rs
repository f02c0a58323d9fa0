//! A source that draws its frames, for use without a camera: a sea under a sky, floating balls, a clock hand.
//!
//! Frame n is drawn from n alone, so it is the same on every machine. It has what style transfer is
//! judged by: soft gradients, fine texture, round shading, straight edges, and motion of several speeds. The hand makes
//! stalls visible.

use std::time::Instant;

use image::{Rgb, RgbImage};

use super::pacer::Pacer;
use super::{FrameSource, Ratio};
use crate::error::Result;
use crate::picture::reshape;
use crate::video::Frame;

/// Rows of waves, the farthest first: height of the water line and of its waves as shares of the picture, waves
/// across the picture, how many of them pass in a second, and the colour.
const WAVES: [(f32, f32, f32, f32, [u8; 3]); 4] = [
    (0.58, 0.012, 7.0, 0.5, [70, 128, 150]),
    (0.67, 0.020, 4.3, -0.35, [44, 104, 138]),
    (0.78, 0.030, 2.9, 0.3, [28, 80, 118]),
    (0.91, 0.040, 1.7, -0.22, [18, 56, 92]),
];

/// Balls: horizontal position, index of the wave they float on, radius as a share of the height, and the colour.
const BALLS: [(f32, usize, f32, [f32; 3]); 3] = [
    (0.22, 1, 0.10, [226.0, 74.0, 44.0]),
    (0.55, 0, 0.06, [238.0, 190.0, 60.0]),
    (0.80, 2, 0.15, [236.0, 232.0, 220.0]),
];

/// The side of the tile that gives the water its texture, in pixels.
const TILE: usize = 128;

/// A source that draws its frames.
pub struct TestCard {
    width: u32,
    height: u32,
    rate: u32,
    number: u64,
    pacer: Option<Pacer>,
    /// Brightness offsets of the water's texture, -12..=12.
    tile: Vec<i16>,
    /// Height of each wave above each column, in pixels; made anew for every frame.
    lines: Vec<f32>,
}

impl TestCard {
    /// `width` x `height` pixels at `rate` frames a second. `paced`: like a camera, else as fast as frames are asked for.
    pub fn new(width: u32, height: u32, rate: u32, paced: bool) -> Self {
        let rate = rate.max(1);
        // An xorshift generator written out, so that the tile never changes with a crate's version.
        let mut seed = 0x2545_f491_u32;
        let tile = (0..TILE * TILE).map(|_| {
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            (seed % 25) as i16 - 12
        });
        Self {
            width: width.max(1),
            height: height.max(1),
            rate,
            number: 0,
            pacer: paced.then(|| Pacer::new(f64::from(rate))),
            tile: tile.collect(),
            lines: vec![0.0; WAVES.len() * width.max(1) as usize],
        }
    }

    fn draw(&mut self, seconds: f32, rgb: &mut RgbImage) {
        let (w, h) = (self.width as usize, self.height as f32);
        for (n, (level, swell, across, speed, _)) in WAVES.iter().enumerate() {
            let turn = std::f32::consts::TAU;
            for (x, line) in self.lines[n * w..(n + 1) * w].iter_mut().enumerate() {
                let phase = turn * (across * x as f32 / w as f32 + speed * seconds);
                // A second, shorter wave: crests are not all alike.
                let wave = phase.sin() + 0.4 * (2.3 * phase + n as f32).sin();
                *line = h * (level + swell * wave);
            }
        }
        for (y, row) in rgb.chunks_exact_mut(w * 3).enumerate() {
            self.draw_row(y, seconds, row);
        }
        // From back to front, as the waves are; each ball in front of the wave it rides on.
        for ball in BALLS {
            self.draw_ball(ball, seconds, rgb);
        }
        self.draw_hand(seconds, rgb);
    }

    fn draw_row(&self, y: usize, seconds: f32, row: &mut [u8]) {
        let w = self.width as usize;
        let share = y as f32 / self.height as f32;
        let mix = |a: f32, b: f32| (a + (b - a) * (share / 0.6).min(1.0)) as u8;
        let sky = [mix(96.0, 250.0), mix(150.0, 214.0), mix(214.0, 176.0)];
        let drift = (seconds * 20.0) as usize;
        let texture = &self.tile[(y % TILE) * TILE..][..TILE];
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let depth = y as f32;
            let front = (0..WAVES.len())
                .rev()
                .find(|n| depth > self.lines[n * w + x]);
            match front {
                None => pixel.copy_from_slice(&sky),
                Some(n) => {
                    let below = depth - self.lines[n * w + x];
                    // Foam on the crest, darker below it.
                    let light = if below < 2.5 {
                        60
                    } else {
                        -((below * 0.25).min(26.0) as i16)
                    };
                    let grain = texture[(x + drift * (n + 1)) % TILE];
                    for (channel, colour) in pixel.iter_mut().zip(WAVES[n].4) {
                        *channel = (i16::from(colour) + light + grain).clamp(0, 255) as u8;
                    }
                }
            }
        }
    }

    /// A shaded ball with a stripe, that turns with the waves.
    fn draw_ball(
        &self,
        (at, wave, size, colour): (f32, usize, f32, [f32; 3]),
        seconds: f32,
        rgb: &mut RgbImage,
    ) {
        let (w, h) = (self.width as f32, self.height as f32);
        let x0 = w * (at + 0.05 * (seconds * 0.4 + at * 9.0).sin());
        let column = (x0.max(0.0) as usize).min(self.width as usize - 1);
        let radius = (h * size).max(1.0);
        let y0 = self.lines[wave * self.width as usize + column] - radius * 0.35;
        let roll = 0.5 * (seconds * 0.9 + at * 5.0).sin();
        let (sin, cos) = roll.sin_cos();
        let span = |centre: f32, most: u32| {
            let first = (centre - radius).floor().clamp(0.0, most as f32) as u32;
            let last = (centre + radius).ceil().clamp(0.0, most as f32) as u32;
            first..last
        };
        for y in span(y0, self.height) {
            for x in span(x0, self.width) {
                let (u, v) = (
                    (x as f32 + 0.5 - x0) / radius,
                    (y as f32 + 0.5 - y0) / radius,
                );
                let square = u * u + v * v;
                if square >= 1.0 {
                    continue;
                }
                let depth = (1.0 - square).sqrt();
                let light = (0.35 + 0.75 * (-0.5 * u - 0.6 * v + 0.62 * depth)).clamp(0.15, 1.1);
                let across = v * cos - u * sin;
                let tint = if across.abs() < 0.22 {
                    [52.0, 60.0, 92.0]
                } else {
                    colour
                };
                // A soft edge of a pixel.
                let cover = ((1.0 - square.sqrt()) * radius).min(1.0);
                let pixel = rgb.get_pixel_mut(x, y);
                for (channel, tint) in pixel.0.iter_mut().zip(tint) {
                    let lit = (tint * light).min(255.0);
                    *channel = (f32::from(*channel) * (1.0 - cover) + lit * cover) as u8;
                }
            }
        }
    }

    /// A dial in the sky whose hand goes round once in four seconds.
    fn draw_hand(&self, seconds: f32, rgb: &mut RgbImage) {
        let h = self.height as f32;
        let (x0, y0, radius) = (self.width as f32 - h * 0.16, h * 0.16, h * 0.1);
        let angle = seconds * std::f32::consts::TAU / 4.0;
        let (sin, cos) = angle.sin_cos();
        let thick = (h * 0.008).max(1.0);
        let span = |centre: f32, most: u32| {
            let first = (centre - radius - 2.0).clamp(0.0, most as f32) as u32;
            first..((centre + radius + 2.0).clamp(0.0, most as f32) as u32)
        };
        for y in span(y0, self.height) {
            for x in span(x0, self.width) {
                let (dx, dy) = (x as f32 + 0.5 - x0, y as f32 + 0.5 - y0);
                let far = (dx * dx + dy * dy).sqrt();
                let (along, beside) = (dx * sin - dy * cos, dx * cos + dy * sin);
                let on_hand = along > 0.0 && along < radius * 0.85 && beside.abs() < thick;
                if on_hand || (far - radius).abs() < thick {
                    rgb.put_pixel(x, y, Rgb([250, 246, 232]));
                } else if far < radius {
                    let pixel = rgb.get_pixel_mut(x, y);
                    pixel.0 = pixel.0.map(|c| (u16::from(c) * 3 / 5) as u8);
                }
            }
        }
    }
}

impl FrameSource for TestCard {
    fn next_frame(&mut self, frame: &mut Frame) -> Result<bool> {
        if let Some(pacer) = &mut self.pacer {
            pacer.wait();
        }
        frame.captured = Instant::now();
        frame.number = self.number;
        reshape(&mut frame.rgb, self.width, self.height);
        let seconds = self.number as f64 / f64::from(self.rate);
        // Starts again after an hour: the sine of a very large f32 is not smooth any more.
        self.draw((seconds % 3600.0) as f32, &mut frame.rgb);
        self.number += 1;
        Ok(true)
    }

    fn describe(&self) -> String {
        let (w, h, rate) = (self.width, self.height, self.rate);
        format!("test card, {w}x{h}, {rate} frames a second")
    }

    fn rate(&self) -> Option<Ratio> {
        Some(Ratio::whole(self.rate))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn frames(width: u32, height: u32, count: usize) -> Vec<RgbImage> {
        let mut card = TestCard::new(width, height, 30, false);
        let mut frame = Frame::empty();
        let mut next = || {
            assert!(card.next_frame(&mut frame).unwrap());
            frame.rgb.clone()
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn frames_move_and_are_the_same_every_time() {
        let (one, two) = (frames(96, 64, 3), frames(96, 64, 3));
        assert!(one == two && one[0] != one[1] && one[1] != one[2]);
    }

    #[test]
    fn any_size_is_drawn() {
        for (width, height) in [(1, 1), (16, 16), (17, 300), (640, 480)] {
            assert_eq!(frames(width, height, 1)[0].dimensions(), (width, height));
        }
    }

    #[test]
    fn a_card_that_ran_for_hours_still_draws() {
        let mut card = TestCard::new(32, 24, 30, false);
        card.number = u64::MAX / 2;
        assert!(card.next_frame(&mut Frame::empty()).unwrap());
    }
}
