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

    /// Random numbers of -1..=1 at whole places, joined smoothly.
    fn lattice(x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let ease = |t: f32| t * t * (3.0 - 2.0 * t);
        let (u, v) = (ease(x - left), ease(y - top));
        let at = |dx: i32, dy: i32| {
            let (x, y) = (left as i32 + dx, top as i32 + dy);
            let mut hash =
                (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
            hash = (hash ^ (hash >> 15)).wrapping_mul(0x2C1B_3C6D);
            hash = (hash ^ (hash >> 12)).wrapping_mul(0x297A_2D39);
            (hash >> 16) as f32 / 32768.0 - 1.0
        };
        let (above, below) = (
            at(0, 0) * (1.0 - u) + at(1, 0) * u,
            at(0, 1) * (1.0 - u) + at(1, 1) * u,
        );
        above * (1.0 - v) + below * v
    }

    /// A texture with detail of 4 to 64 pixels, seen at `place` of each pixel, with noise of up to `noise` levels.
    fn frame(
        (width, height): (u32, u32),
        place: impl Fn(f32, f32) -> Vector,
        noise: u32,
    ) -> RgbImage {
        let mut seed = 0x2545_f491_u32 ^ (place(3.0, 5.0)[0].to_bits() | 1);
        RgbImage::from_fn(width, height, |x, y| {
            let [x, y] = place(x as f32, y as f32);
            let shares = [
                (64.0, 1.0),
                (32.0, 0.7),
                (16.0, 0.5),
                (8.0, 0.35),
                (4.0, 0.2),
            ];
            let sum: f32 = shares
                .iter()
                .map(|(size, share)| share * lattice(x / size, y / size))
                .sum();
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            let level = 120.0 + 60.0 * sum + (seed % (noise + 1)) as f32 - noise as f32 / 2.0;
            image::Rgb([level as u8, (level * 0.8) as u8, 90])
        })
    }

    /// The end-point errors in pixels of the frame, in rising order, where a pixel's place before is `before` of it. Without
    /// what the movement brings in.
    fn errors(size: (u32, u32), before: impl Fn(f32, f32) -> Vector, noise: u32) -> Vec<f32> {
        let (mut new, mut old, mut flow) =
            (Pyramid::default(), Pyramid::default(), Flow::default());
        let scale = reduction(size.0 as usize, size.1 as usize);
        new.fill(&frame(size, &before, noise), scale);
        old.fill(&frame(size, |x, y| [x, y], noise), scale);
        flow.search(&new, &old);
        let finest = new.finest();
        let mut errors = Vec::new();
        for (n, found) in flow.field.iter().enumerate() {
            let whole = |n: usize| (n as f32 + 0.5) * scale as f32 - 0.5;
            let (x, y) = (whole(n % finest.width), whole(n / finest.width));
            let [to_x, to_y] = before(x, y);
            let inside = |at: f32, side: u32| at > 8.0 && at < side as f32 - 8.0;
            if inside(to_x, size.0)
                && inside(to_y, size.1)
                && inside(x, size.0)
                && inside(y, size.1)
            {
                let off = |k: usize, by: f32| found[k] * scale as f32 - by;
                errors.push(off(0, to_x - x).hypot(off(1, to_y - y)));
            }
        }
        errors.sort_by(f32::total_cmp);
        errors
    }

    /// The error that 95 of 100 pixels stay below for a movement by `u`, `v`.
    fn error(width: u32, height: u32, [u, v]: Vector, noise: u32) -> f32 {
        let errors = errors((width, height), |x, y| [x - u, y - v], noise);
        errors[errors.len() * 95 / 100]
    }

    /// The figures by which this method was found good enough: `cargo test --release --lib motion::flow -- --ignored
    /// --nocapture`.
    #[test]
    #[ignore = "prints a table"]
    fn end_point_errors() {
        let turn = |degrees: f32, zoom: f32| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            move |x: f32, y: f32| {
                let (x, y) = (x - 320.0, y - 240.0);
                [
                    320.0 + (x * cos - y * sin) / zoom,
                    240.0 + (x * sin + y * cos) / zoom,
                ]
            }
        };
        let show = |name: &str, errors: &[f32]| {
            let mean = errors.iter().sum::<f32>() / errors.len() as f32;
            let p95 = errors[errors.len() * 95 / 100];
            eprintln!("{name:20} mean {mean:.3}, 95 % below {p95:.3} pixels");
            assert!(mean < 1.0);
        };
        for by in [[0.5, 0.25], [3.0, 2.0], [20.0, -7.0], [40.0, 10.0]] {
            let pan = |x: f32, y: f32| [x - by[0], y - by[1]];
            show(&format!("pan {by:?}"), &errors((640, 480), pan, 0));
        }
        for (degrees, zoom) in [(1.0, 1.0), (3.0, 1.0), (0.0, 1.01), (0.0, 1.04)] {
            let name = format!("turn {degrees}, zoom {zoom}");
            show(&name, &errors((640, 480), turn(degrees, zoom), 0));
        }
        show("still, noise", &errors((640, 480), |x, y| [x, y], 18));
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
