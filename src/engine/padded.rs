//! How a network extends a picture before its first layer: places in the picture in, places in its tensors out.

use std::ops::Range;

use super::tile_grid::Region;

/// One side of a picture and of the same picture as the network extends it, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    /// Of the picture.
    pub(super) length: usize,
    /// Added before its first pixel.
    pub(super) before: usize,
    /// Of the extended picture.
    pub(super) extended: usize,
}

impl Side {
    /// The values of a tensor with `scale` pixels a value that a network gives for a context of this side.
    fn of_context(self, context: &Range<usize>, scale: usize) -> Range<usize> {
        let end = match context.end == self.length {
            true => self.extended,
            false => context.end + 2 * self.before,
        };
        context.start / scale..end / scale
    }

    /// The values that belong to a core: at the border of the picture with those of the extension. Those of cores that
    /// meet meet.
    fn of_core(self, core: &Range<usize>, scale: usize) -> Range<usize> {
        let place = |at: usize| match at {
            0 => 0,
            at if at == self.length => self.extended / scale,
            at => (at + self.before) / scale,
        };
        place(core.start)..place(core.end)
    }
}

/// Both sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Padded {
    pub(super) height: Side,
    pub(super) width: Side,
}

impl Padded {
    /// Where the tensors that a network gives for a context lie in those of the whole picture.
    pub(super) fn of_context(&self, context: &Region, scale: usize) -> Region {
        Region {
            rows: self.height.of_context(&context.rows, scale),
            columns: self.width.of_context(&context.columns, scale),
        }
    }

    /// Which values of the tensors of the whole picture belong to a core.
    pub(super) fn of_core(&self, core: &Region, scale: usize) -> Region {
        Region {
            rows: self.height.of_core(&core.rows, scale),
            columns: self.width.of_core(&core.columns, scale),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tile_grid::{STEP, tiles};

    #[test]
    fn cores_share_what_a_norm_sees_and_lie_inside_their_contexts() {
        // A picture of 301 pixels with a border of 12 and three more to be a multiple of 4: 328 pixels.
        let side = Side {
            length: 301,
            before: 12,
            extended: 328,
        };
        let padded = Padded {
            height: side,
            width: side,
        };
        for scale in [1, 2, 4] {
            for halo in [0, 16, 64] {
                let mut covered = vec![0; 328 / scale];
                for tile in tiles(301, 301, 128, halo, STEP) {
                    let core = padded.of_core(&tile.core, scale);
                    let context = padded.of_context(&tile.context, scale);
                    assert_eq!(core.common(&context), Some(core.clone()));
                    // As many values as the network gives: its border on both sides, up to a multiple of 4.
                    let pixels = tile.context.columns.len().next_multiple_of(4) + 24;
                    assert_eq!(context.columns.len(), pixels / scale);
                    if core.rows.start == 0 {
                        core.columns.for_each(|k| covered[k] += 1);
                    }
                }
                assert!(covered.iter().all(|n| *n == 1), "1/{scale}: {covered:?}");
            }
        }
    }
}
