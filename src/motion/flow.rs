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
