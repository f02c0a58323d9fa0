//! The division of a picture into tiles: a size in, cores that cover it once and the context of each out.

use std::ops::{Range, RangeInclusive};

use ndarray::{ArrayBase, ArrayView3, ArrayViewMut3, Axis, Ix3, RawData};

/// The sides that a tile may have, in pixels.
pub const TILES: RangeInclusive<u32> = 128..=4096;

/// Tiles begin at multiples of this, so that a network that halves the picture up to four times has its grid at the same
/// place in tile and picture.
pub(super) const STEP: usize = 16;

/// The period of the noise field that a transformer may add to the picture, in pixels (`PERIOD` in
/// export/common/noise.py). The contexts of such a transformer begin at multiples of it, so that the field continues
/// from tile to tile.
pub(super) const NOISE_PERIOD: usize = 256;

/// A rectangle of a picture, in pixels, or of a tensor, in values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
}

impl Region {
    /// This rectangle of `picture`, `[H, W, 3]`.
    pub(super) fn of<S: RawData>(&self, mut picture: ArrayBase<S, Ix3>) -> ArrayBase<S, Ix3> {
        // Not by `s!`, which contains unsafe code.
        picture.slice_axis_inplace(Axis(0), self.rows.clone().into());
        picture.slice_axis_inplace(Axis(1), self.columns.clone().into());
        picture
    }

    /// This rectangle of `planes`, `[C, H, W]`.
    pub(super) fn of_planes<'a>(&self, mut planes: ArrayView3<'a, f32>) -> ArrayView3<'a, f32> {
        planes.slice_axis_inplace(Axis(1), self.rows.clone().into());
        planes.slice_axis_inplace(Axis(2), self.columns.clone().into());
        planes
    }

    /// What it has in common with `other`.
    pub(super) fn common(&self, other: &Self) -> Option<Self> {
        let both = |a: &Range<usize>, b: &Range<usize>| a.start.max(b.start)..a.end.min(b.end);
        let rows = both(&self.rows, &other.rows);
        let columns = both(&self.columns, &other.columns);
        (!rows.is_empty() && !columns.is_empty()).then_some(Self { rows, columns })
    }

    /// The same rectangle, as a part of `outer`.
    pub(super) fn inside(&self, outer: &Self) -> Self {
        let shift = |range: &Range<usize>, by: usize| range.start - by..range.end - by;
        Self {
            rows: shift(&self.rows, outer.rows.start),
            columns: shift(&self.columns, outer.columns.start),
        }
    }
}

/// A tile: the core, which is kept, and its context, which is painted to get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) core: Region,
    pub(super) context: Region,
}

impl Tile {
    /// Copy the core of `painted`, which has the size of the context, to its place in `whole`.
    pub(super) fn paste(&self, painted: ArrayView3<'_, u8>, whole: &mut ArrayViewMut3<'_, u8>) {
        let core = self.core.inside(&self.context).of(painted);
        self.core.of(whole.view_mut()).assign(&core);
    }
}

/// The tiles of a picture, row by row, all about the same size: none with a core wider or higher than
/// `side`, but for a few pixels, as they start at multiples of [`STEP`]. A context is the core with at least `halo`
/// pixels around it, starts at a multiple of `period`, itself a multiple of [`STEP`], and ends at one of [`STEP`] or with
/// the picture. Cores depend on nothing but size and `side`.
pub(super) fn tiles(
    height: usize,
    width: usize,
    side: usize,
    halo: usize,
    period: usize,
) -> Vec<Tile> {
    let with_halo = |core: &Range<usize>, length: usize| {
        let start = core.start.saturating_sub(halo) / period * period;
        start..(core.end + halo.next_multiple_of(STEP)).min(length)
    };
    let mut found = Vec::new();
    for rows in pieces(height, side) {
        for columns in pieces(width, side) {
            let context = Region {
                rows: with_halo(&rows, height),
                columns: with_halo(&columns, width),
            };
            let rows = rows.clone();
            found.push(Tile {
                core: Region { rows, columns },
                context,
            });
        }
    }
    found
}

/// A side in pieces of about the same length, which start at multiples of [`STEP`].
fn pieces(length: usize, side: usize) -> Vec<Range<usize>> {
    let count = length.div_ceil(side);
    let start = |n: usize| match n {
        n if n == count => length,
        n => length * n / count / STEP * STEP,
    };
    (0..count).map(|n| start(n)..start(n + 1)).collect()
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;
    use crate::picture::{view, view_mut};

    #[test]
    fn cores_cover_every_pixel_once_and_see_their_surroundings() {
        for (width, height, side, period) in [
            (1000, 300, 256, STEP),
            (129, 128, 128, NOISE_PERIOD),
            (16, 4000, 128, STEP),
            (257, 513, 130, NOISE_PERIOD),
        ] {
            let mut covered = vec![0_u8; width * height];
            for Tile { core, context } in tiles(height, width, side, 60, period) {
                let sides = [
                    (core.rows.clone(), context.rows, height),
                    (core.columns.clone(), context.columns, width),
                ];
                for (core, context, length) in sides {
                    assert!(core.len() <= side + STEP);
                    assert!(core.start % STEP == 0 && context.start % period == 0);
                    let halo = core.start.saturating_sub(60);
                    assert!(context.start <= halo && halo < context.start + period);
                    assert_eq!(context.end, (core.end + 64).min(length));
                }
                for y in core.rows {
                    for x in core.columns.clone() {
                        covered[y * width + x] += 1;
                    }
                }
            }
            assert!(
                covered.iter().all(|n| *n == 1),
                "{width}x{height} by {side}"
            );
        }
    }

    #[test]
    fn tiles_that_are_cut_out_and_pasted_are_the_picture() {
        let picture = RgbImage::from_fn(300, 200, |x, y| {
            image::Rgb([x as u8, y as u8, (x / 256) as u8])
        });
        let mut whole = RgbImage::new(300, 200);
        for tile in tiles(200, 300, 128, 64, STEP) {
            tile.paste(tile.context.of(view(&picture)), &mut view_mut(&mut whole));
        }
        assert_eq!(picture, whole);
    }
}
