//! Dense flow from a frame back to the one before it: dense inverse search over a pyramid.
//!
//! Kroeger et al. 2016 (arXiv:1603.03590) without the variational refinement: on luminance at a reduced size, patches of
//! 8x8 pixels at every fourth, coarse to fine. Each also tries no movement and its neighbours' movement.

pub(super) use super::patch::Vector;
use super::patch::{Patch, SIDE};
use super::plane::{Plane, Pyramid};

/// From one patch to the next.
const STEP: usize = 4;

/// A field of displacements, and the buffers to find it.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// Of every pixel of the pyramid's finest level: where it was in the frame before, relative to where it is, in pixels
    /// of that level.
    pub(super) field: Vec<Vector>,
    coarser: Vec<Vector>,
    sums: Vec<[f32; 3]>,
    patches: Vec<Vector>,
}

impl Flow {
    /// Fills `field` with the displacements from `new` to `old`, pyramids of frames of the same size.
    pub(super) fn search(&mut self, new: &Pyramid, old: &Pyramid) {
        let levels = new.levels().iter().zip(old.levels()).rev();
        let mut size = None;
        for (new, old) in levels {
            std::mem::swap(&mut self.field, &mut self.coarser);
            self.level(new, old, size);
            size = Some((new.width, new.height));
        }
    }

    /// One level; `coarser` holds the flow of the level before, which has the size `size`.
    fn level(&mut self, new: &Plane, old: &Plane, size: Option<(usize, usize)>) {
        self.field.resize(new.width * new.height, [0.0; 2]);
        self.sums.clear();
        self.sums.resize(new.width * new.height, [0.0; 3]);
        let columns = places(new.width).count();
        self.patches.clear();
        self.patches.resize(columns, [0.0; 2]);
        for y in places(new.height) {
            let mut left = [0.0; 2];
            for (n, x) in places(new.width).enumerate() {
                let guess = size.map_or([0.0; 2], |(width, height)| {
                    let at = |at: usize, side: usize| ((at + SIDE / 2) / 2).min(side - 1);
                    let [u, v] = self.coarser[at(y, height) * width + at(x, width)];
                    [2.0 * u, 2.0 * v]
                });
                let patch = Patch::new(new, x, y);
                let found = patch.search(old, [guess, left, self.patches[n]]);
                left = found;
                self.patches[n] = found;
                patch.spread(old, found, new, &mut self.sums);
            }
        }
        for (to, [u, v, weight]) in self.field.iter_mut().zip(&self.sums) {
            *to = [u / weight, v / weight];
        }
    }
}

/// Where patches begin along a side: every fourth pixel, and the last place at which one fits.
fn places(side: usize) -> impl Iterator<Item = usize> {
    let last = side.saturating_sub(SIDE);
    (0..last).step_by(STEP).chain(std::iter::once(last))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use image::RgbImage;

    use super::super::plane::reduction;
    use super::*;

    /// Waves of several lengths and directions, moved by `u`, `v`, with noise of up to `noise` levels.
    fn frame(width: u32, height: u32, [u, v]: Vector, noise: u32) -> RgbImage {
        let mut seed = 0x2545_f491_u32 ^ (u.to_bits() | 1);
        RgbImage::from_fn(width, height, |x, y| {
            let (x, y) = (x as f32 - u, y as f32 - v);
            let wave = |a: f32, b: f32| (x * a + y * b).sin();
            let sum = wave(0.13, 0.05) + wave(-0.06, 0.17) + wave(0.31, -0.24) * 0.6;
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            let level = 120.0 + 40.0 * sum + (seed % (noise + 1)) as f32 - noise as f32 / 2.0;
            image::Rgb([level as u8, (level * 0.8) as u8, 90])
        })
    }

    /// The error in pixels of the frame that 95 of 100 pixels stay below, without the margin that the movement brings in.
    fn error(width: u32, height: u32, by: Vector, noise: u32) -> f32 {
        let (mut new, mut old, mut flow) =
            (Pyramid::default(), Pyramid::default(), Flow::default());
        let scale = reduction(width as usize, height as usize);
        new.fill(&frame(width, height, by, noise), scale);
        old.fill(&frame(width, height, [0.0; 2], noise), scale);
        flow.search(&new, &old);
        let margin = 2 + (by[0].abs().max(by[1].abs()) as usize).div_ceil(scale);
        let finest = new.finest();
        let mut errors = Vec::new();
        for y in margin..finest.height - margin {
            for x in margin..finest.width - margin {
                let found = flow.field[y * finest.width + x];
                let off = |k: usize| found[k] * scale as f32 + by[k];
                errors.push(off(0).hypot(off(1)));
            }
        }
        errors.sort_by(f32::total_cmp);
        errors[errors.len() * 95 / 100]
    }

    #[test]
    fn a_translation_is_found_to_a_quarter_of_a_pixel() {
        for by in [
            [1.0, 0.0],
            [3.0, -2.0],
            [0.5, 0.25],
            [-7.3, 4.6],
            [18.0, 9.0],
        ] {
            let found = error(320, 240, by, 0);
            assert!(found < 0.25, "{found} pixels off for {by:?}");
        }
    }

    #[test]
    fn larger_frames_are_searched_at_a_reduced_size() {
        assert_eq!(reduction(640, 480), 4);
        assert_eq!(reduction(1920, 1080), 8);
        assert_eq!(reduction(100_000, 1), 1);
        let found = error(640, 480, [5.0, -3.0], 0);
        assert!(found < 0.25, "{found} pixels off");
    }

    #[test]
    fn noise_is_no_movement() {
        let found = error(320, 240, [0.0; 2], 12);
        assert!(found < 0.4, "{found} pixels of movement");
    }
}
