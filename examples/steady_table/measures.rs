//! What a row of frames is worth: its error along the true motion, its flicker where nothing moves, its sharpness, and what
//! is left of an object where it was.

use image::RgbImage;

use crate::clips::Clip;

/// Frames at the beginning that do not count: the first has nothing before it.
const BEGIN: usize = 4;

/// The figures of one clip; each may be unknown for it. In levels of 255, but for the sharpness.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measures {
    /// Root mean square of a frame less the one before it, moved by the true motion.
    pub warp: Option<f64>,
    /// Mean absolute difference to the frame before where nothing moves.
    pub flicker: Option<f64>,
    /// Energy of the gradients over that of the frames as painted.
    pub sharpness: f64,
    /// Mean absolute difference to the frame as painted where nothing of it was to be seen before.
    pub uncovered: Option<f64>,
}

/// The figures of `shown`, which was made of `painted`.
pub fn measure(clip: &Clip, painted: &[RgbImage], shown: &[RgbImage]) -> Measures {
    let (mut warp, mut flicker, mut uncovered) =
        (Mean::default(), Mean::default(), Mean::default());
    for t in BEGIN..shown.len() {
        let (now, before) = (&shown[t], &shown[t - 1]);
        for ((x, y, pixel), still) in now.enumerate_pixels().zip(&clip.still) {
            let (fx, fy) = (x as f32, y as f32);
            if *still {
                let old = before.get_pixel(x, y);
                for (new, old) in pixel.0.iter().zip(old.0) {
                    flicker.add(f64::from(new.abs_diff(old)));
                }
            }
            let Some(motion) = &clip.motion else {
                continue;
            };
            match motion(t, fx, fy) {
                Some([u, v]) => {
                    let old = sample(before, fx + u, fy + v);
                    for (new, old) in pixel.0.iter().zip(old) {
                        warp.add((f64::from(*new) - f64::from(old)).powi(2));
                    }
                }
                None => {
                    for (new, own) in pixel.0.iter().zip(painted[t].get_pixel(x, y).0) {
                        uncovered.add(f64::from(new.abs_diff(own)));
                    }
                }
            }
        }
    }
    let energy = |frames: &[RgbImage]| frames[BEGIN..].iter().map(gradients).sum::<f64>();
    Measures {
        warp: warp.get().map(f64::sqrt),
        flicker: flicker.get(),
        sharpness: energy(shown) / energy(painted).max(1.0),
        uncovered: uncovered.get(),
    }
}

#[derive(Default)]
struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    fn get(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Sum of the squares of differences to the right and the lower neighbour.
fn gradients(picture: &RgbImage) -> f64 {
    let row = picture.width() as usize * 3;
    let lines: Vec<&[u8]> = picture.as_raw().chunks_exact(row).collect();
    let square = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
    let across = lines.iter().flat_map(|l| l.iter().zip(&l[3..]));
    let down = lines.windows(2).flat_map(|l| l[0].iter().zip(l[1]));
    across.chain(down).map(square).sum()
}

/// The picture between its pixels, by Catmull-Rom splines.
fn sample(picture: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (weights(x - left), weights(y - top));
    let mut sum = [0.0; 3];
    for (j, down) in down.iter().enumerate() {
        for (k, across) in across.iter().enumerate() {
            let at = |at: f32, n: usize, side: u32| {
                (at as i64 + n as i64 - 1).clamp(0, i64::from(side) - 1) as u32
            };
            let place = (at(left, k, picture.width()), at(top, j, picture.height()));
            let pixel = picture.get_pixel(place.0, place.1);
            for (sum, level) in sum.iter_mut().zip(pixel.0) {
                *sum += f32::from(level) * across * down;
            }
        }
    }
    sum.map(|level| level.clamp(0.0, 255.0))
}

fn weights(t: f32) -> [f32; 4] {
    [
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (-2.5 + 1.5 * t),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (-0.5 + 0.5 * t),
    ]
}
