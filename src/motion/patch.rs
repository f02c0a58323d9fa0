//! One patch of 8x8 pixels: its displacement between two planes by inverse compositional search.
//!
//! Kroeger et al. 2016, "Fast optical flow using dense inverse search" (arXiv:1603.03590), section 2.1: gradients and their
//! Gram matrix are those of the template, so an iteration costs one look at the other plane and no new matrix. Means are
//! taken off both patches, so that a change of light is no movement.

use super::plane::{Plane, before};

/// Side of a patch in pixels.
pub(super) const SIDE: usize = 8;

const AREA: f32 = (SIDE * SIDE) as f32;

/// The most steps of a search.
const STEPS: usize = 8;

/// A step shorter than this, in pixels, is the last one.
const SHORT: f32 = 0.02;

/// Added to the Gram matrix: where there is no texture there is no movement.
const CALM: f32 = 40.0;

/// No movement is taken unless another displacement's error is below this share of its error: noise is no movement.
const BETTER: f32 = 0.85;

/// A displacement in pixels of its plane.
pub(super) type Vector = [f32; 2];

/// The template: a patch of the newer frame with its gradients.
pub(super) struct Patch {
    x: f32,
    y: f32,
    pixels: [[f32; SIDE]; SIDE],
    across: [[f32; SIDE]; SIDE],
    down: [[f32; SIDE]; SIDE],
    /// Sums of the gradients, and the inverse of their Gram matrix: xx, xy, yy.
    sums: [f32; 2],
    inverse: [f32; 3],
}

/// What a look at the other plane says.
struct Look {
    /// Sum of squared differences, means taken off.
    error: f32,
    step: Vector,
}

impl Patch {
    /// The patch of `plane` whose first pixel is at `x`, `y`.
    pub(super) fn new(plane: &Plane, x: usize, y: usize) -> Self {
        let mut patch = Self {
            x: x as f32,
            y: y as f32,
            pixels: [[0.0; SIDE]; SIDE],
            across: [[0.0; SIDE]; SIDE],
            down: [[0.0; SIDE]; SIDE],
            sums: [0.0; 2],
            inverse: [0.0; 3],
        };
        let start = plane.index(x as isize - 1, y as isize - 1);
        let window = &plane.pixels()[start..start + (SIDE + 1) * plane.stride + SIDE + 2];
        let row = |n: usize| &window[n * plane.stride..][..SIDE + 2];
        let (mut xx, mut xy, mut yy) = ([0.0; SIDE], [0.0; SIDE], [0.0; SIDE]);
        let (mut gx, mut gy) = ([0.0; SIDE], [0.0; SIDE]);
        for n in 0..SIDE {
            let (above, at, below) = (row(n), row(n + 1), row(n + 2));
            for k in 0..SIDE {
                let (u, v) = (
                    (at[k + 2] - at[k]) * 0.5,
                    (below[k + 1] - above[k + 1]) * 0.5,
                );
                patch.pixels[n][k] = at[k + 1];
                patch.across[n][k] = u;
                patch.down[n][k] = v;
                gx[k] += u;
                gy[k] += v;
                xx[k] += u * u;
                xy[k] += u * v;
                yy[k] += v * v;
            }
        }
        let (gx, gy) = (total(gx), total(gy));
        patch.sums = [gx, gy];
        let xx = total(xx) - gx * gx / AREA + CALM;
        let xy = total(xy) - gx * gy / AREA;
        let yy = total(yy) - gy * gy / AREA + CALM;
        // Positive: Gram matrices are, and CALM was added to it.
        let one = 1.0 / (xx * yy - xy * xy);
        patch.inverse = [yy * one, -xy * one, xx * one];
        patch
    }

    /// The corner of the patch that `by` leads to, kept within the border of `other`.
    fn corner(&self, other: &Plane, by: Vector) -> (f32, f32) {
        let within = |at: f32, side: usize| at.clamp(-12.0, side as f32 + 4.0);
        (
            within(self.x + by[0], other.width),
            within(self.y + by[1], other.height),
        )
    }

    /// Calls `row(n, differences)` for each row: `other` displaced, less the template.
    #[inline(always)]
    fn compare(&self, other: &Plane, by: Vector, mut row: impl FnMut(usize, &[f32; SIDE])) {
        let (x, y) = self.corner(other, by);
        let (left, top) = (before(x), before(y));
        let (u, v) = (x - left, y - top);
        let weights = [(1.0 - u) * (1.0 - v), u * (1.0 - v), (1.0 - u) * v, u * v];
        let start = other.index(left as isize, top as isize);
        let window = &other.pixels()[start..start + SIDE * other.stride + SIDE + 1];
        for n in 0..SIDE {
            let a = &window[n * other.stride..][..SIDE + 1];
            let b = &window[(n + 1) * other.stride..][..SIDE + 1];
            let mut differences = [0.0; SIDE];
            for k in 0..SIDE {
                let value = a[k] * weights[0]
                    + a[k + 1] * weights[1]
                    + b[k] * weights[2]
                    + b[k + 1] * weights[3];
                differences[k] = value - self.pixels[n][k];
            }
            row(n, &differences);
        }
    }

    fn look(&self, other: &Plane, by: Vector) -> Look {
        let (mut sum, mut square) = ([0.0; SIDE], [0.0; SIDE]);
        let (mut x, mut y) = ([0.0; SIDE], [0.0; SIDE]);
        self.compare(other, by, |n, differences| {
            for k in 0..SIDE {
                let d = differences[k];
                sum[k] += d;
                square[k] += d * d;
                x[k] += d * self.across[n][k];
                y[k] += d * self.down[n][k];
            }
        });
        let mean = total(sum) / AREA;
        let (x, y) = (
            total(x) - mean * self.sums[0],
            total(y) - mean * self.sums[1],
        );
        let [xx, xy, yy] = self.inverse;
        Look {
            error: total(square) - mean * mean * AREA,
            step: [-(xx * x + xy * y), -(xy * x + yy * y)],
        }
    }

    /// The displacement to `other`, begun at the best of none and `starts`.
    pub(super) fn search(&self, other: &Plane, starts: [Vector; 3]) -> Vector {
        let mut best = [0.0; 2];
        let mut look = self.look(other, best);
        let still = look.error;
        for (n, start) in starts.iter().enumerate() {
            if *start == [0.0; 2] || starts[..n].contains(start) {
                continue;
            }
            let next = self.look(other, *start);
            if next.error < look.error {
                (best, look) = (*start, next);
            }
        }
        for _ in 0..STEPS {
            // What leads farther than a patch in one step is lost.
            if look.step.iter().any(|s| s.abs() > SIDE as f32) {
                break;
            }
            let to = [best[0] + look.step[0], best[1] + look.step[1]];
            let next = self.look(other, to);
            if next.error >= look.error {
                break;
            }
            let far = look.step[0].abs().max(look.step[1].abs());
            (best, look) = (to, next);
            if far < SHORT {
                break;
            }
        }
        if still * BETTER <= look.error {
            return [0.0; 2];
        }
        best
    }

    /// Adds `by` to the sums of the pixels under the patch, each with a weight that falls with its difference
    /// (equation 3 of the paper). `sums` holds weighted x, weighted y and weights of a plane `width` wide.
    pub(super) fn spread(&self, other: &Plane, by: Vector, own: &Plane, sums: &mut [[f32; 3]]) {
        let (x, y) = (self.x as usize, self.y as usize);
        let (wide, tall) = (SIDE.min(own.width - x), SIDE.min(own.height - y));
        self.compare(other, by, |n, differences| {
            if n >= tall {
                return;
            }
            let row = &mut sums[(y + n) * own.width + x..][..wide];
            for (sum, difference) in row.iter_mut().zip(differences) {
                let weight = 1.0 / difference.abs().max(1.0);
                sum[0] += by[0] * weight;
                sum[1] += by[1] * weight;
                sum[2] += weight;
            }
        });
    }
}

fn total(values: [f32; SIDE]) -> f32 {
    let [a, b, c, d, e, f, g, h] = values;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}
