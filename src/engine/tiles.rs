//! How a picture is divided: cores that cover it once, and what each is painted from.

use std::ops::RangeInclusive;

use image::{RgbImage, imageops};

/// What the side of a tile may be, in pixels.
pub const TILES: RangeInclusive<u32> = 128..=4096;

/// How far around its core a tile looks, in pixels. The bundled transformers see 60 pixels far; beyond that a network
/// knows its surroundings by the statistics alone.
const HALO: u32 = 64;

/// Where tiles may begin: a network that halves the picture up to four times puts its grid alike in tile and whole.
const STEP: u32 = 16;

/// A rectangle of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Area {
    /// The rectangle of `picture`.
    pub(super) fn cut(&self, picture: &RgbImage) -> RgbImage {
        imageops::crop_imm(picture, self.x, self.y, self.width, self.height).to_image()
    }
}

/// A tile: what is kept of it, and what it is painted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) core: Area,
    pub(super) seen: Area,
}

impl Tile {
    /// Put the core of `painted`, which is `seen`, where it belongs.
    pub(super) fn keep(&self, painted: &RgbImage, whole: &mut RgbImage) {
        let (core, seen) = (self.core, self.seen);
        let inside = Area {
            x: core.x - seen.x,
            y: core.y - seen.y,
            ..core
        };
        let place = (i64::from(core.x), i64::from(core.y));
        imageops::replace(whole, &inside.cut(painted), place.0, place.1);
    }
}

/// The tiles of a picture, row by row, all about the same size: none with a core wider or higher than
/// `side`, but for a few pixels, as they start at multiples of [`STEP`].
pub(super) fn tiles(width: u32, height: u32, side: u32) -> Vec<Tile> {
    let mut found = Vec::new();
    for (y, high) in cuts(height, side) {
        for (x, wide) in cuts(width, side) {
            let (left, top) = (x.saturating_sub(HALO), y.saturating_sub(HALO));
            found.push(Tile {
                core: Area {
                    x,
                    y,
                    width: wide,
                    height: high,
                },
                seen: Area {
                    x: left,
                    y: top,
                    width: (x + wide + HALO).min(width) - left,
                    height: (y + high + HALO).min(height) - top,
                },
            });
        }
    }
    found
}

/// Start and length of the pieces of a side, which start at multiples of [`STEP`].
fn cuts(length: u32, side: u32) -> Vec<(u32, u32)> {
    let pieces = length.div_ceil(side);
    let place = |n: u32| (u64::from(length) * u64::from(n) / u64::from(pieces)) as u32;
    let start = |n: u32| match n {
        n if n == pieces => length,
        n => place(n) / STEP * STEP,
    };
    (0..pieces)
        .map(|n| (start(n), start(n + 1) - start(n)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_cover_every_pixel_once_and_see_their_surroundings() {
        for (width, height, side) in [
            (1000, 300, 256),
            (129, 128, 128),
            (16, 4000, 128),
            (257, 513, 130),
        ] {
            let mut covered = vec![0_u8; (width * height) as usize];
            for tile in tiles(width, height, side) {
                let (core, seen) = (tile.core, tile.seen);
                assert!(core.width <= side + STEP && core.height <= side + STEP);
                assert!(core.x % STEP == 0 && core.y % STEP == 0);
                assert!(seen.x % STEP == 0 && seen.y % STEP == 0);
                assert_eq!(seen.x, core.x.saturating_sub(HALO));
                assert_eq!(seen.x + seen.width, (core.x + core.width + HALO).min(width));
                for y in core.y..core.y + core.height {
                    for x in core.x..core.x + core.width {
                        covered[(y * width + x) as usize] += 1;
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
    fn what_is_cut_out_and_kept_is_the_picture() {
        let picture = RgbImage::from_fn(300, 200, |x, y| {
            image::Rgb([x as u8, y as u8, (x / 256) as u8])
        });
        let mut whole = RgbImage::new(300, 200);
        for tile in tiles(300, 200, 128) {
            tile.keep(&tile.seen.cut(&picture), &mut whole);
        }
        assert_eq!(picture, whole);
    }
}
