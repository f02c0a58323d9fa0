//! A picture and a displacement for each block of 8x8 pixels in; the displaced picture out.
//!
//! By cubic convolution (Keys 1981) with a = -3/5, a little sharper than Catmull-Rom splines: what is warped was warped
//! before, and would be blurred a little more with every frame. One displacement for a whole block makes the inner loops run over bytes in a row, which is done in SIMD. Whole
//! pixels are copied.

use image::RgbImage;

/// Side of a block in pixels.
pub(super) const BLOCK: usize = 8;

/// Displacements are in steps of a pixel by this.
pub(super) const STEPS: i32 = 32;

/// Bytes of a row of a block.
const ROW: usize = BLOCK * 3;

/// Rows and columns that the convolution looks at.
const WINDOW: usize = BLOCK + 3;
const WINDOW_ROW: usize = WINDOW * 3;

/// A displacement in steps.
pub(super) type Steps = [i32; 2];

/// Fills `to` with `from`, of the same size: each block of 8x8 pixels is taken from where its displacement in `blocks`
/// leads. Blocks are in rows; the last of a row or column may be cut off. Outside, the edges of `from` repeat.
pub(super) fn warp(from: &RgbImage, blocks: &[Steps], to: &mut RgbImage) {
    let (width, height) = (from.width() as usize, from.height() as usize);
    let stride = width * 3;
    let source = from.as_raw().as_slice();
    let target: &mut [u8] = to;
    let columns = width.div_ceil(BLOCK);
    let mut window = [0; WINDOW * WINDOW_ROW];
    let mut block = [[0; ROW]; BLOCK];
    for (n, by) in blocks.iter().enumerate() {
        let (x, y) = (n % columns * BLOCK, n / columns * BLOCK);
        let wide = ROW.min(stride - x * 3);
        let tall = BLOCK.min(height - y);
        // One pixel to the left and above: the convolution's first.
        let left = x as i32 + by[0].div_euclid(STEPS) - 1;
        let top = y as i32 + by[1].div_euclid(STEPS) - 1;
        let phase = by.map(|by| by.rem_euclid(STEPS) as usize);
        let is_inside = left >= 0
            && top >= 0
            && left as usize + WINDOW <= width
            && top as usize + WINDOW <= height;
        let (rows, row_stride) = if is_inside {
            (&source[top as usize * stride + left as usize * 3..], stride)
        } else {
            repeat_edges(from, left, top, &mut window);
            (window.as_slice(), WINDOW_ROW)
        };
        if phase == [0, 0] {
            for k in 0..tall {
                let row = &rows[(k + 1) * row_stride + 3..][..wide];
                target[(y + k) * stride + x * 3..][..wide].copy_from_slice(row);
            }
            continue;
        }
        interpolate(rows, row_stride, phase, &mut block);
        for (k, row) in block.iter().enumerate().take(tall) {
            target[(y + k) * stride + x * 3..][..wide].copy_from_slice(&row[..wide]);
        }
    }
}

/// The window that begins at `left`, `top`, which lies outside of the picture in part.
fn repeat_edges(from: &RgbImage, left: i32, top: i32, window: &mut [u8; WINDOW * WINDOW_ROW]) {
    let (width, height) = (from.width() as i32, from.height() as i32);
    for (k, row) in window.chunks_exact_mut(WINDOW_ROW).enumerate() {
        let y = top.saturating_add(k as i32).clamp(0, height - 1);
        for (n, pixel) in row.chunks_exact_mut(3).enumerate() {
            let x = left.saturating_add(n as i32).clamp(0, width - 1);
            let start = (y as usize * width as usize + x as usize) * 3;
            pixel.copy_from_slice(&from.as_raw()[start..start + 3]);
        }
    }
}

/// A block between the pixels of its window.
fn interpolate(rows: &[u8], stride: usize, phase: [usize; 2], block: &mut [[u8; ROW]; BLOCK]) {
    let across = &ACROSS[phase[0]];
    let mut lines = [[0_i16; ROW]; WINDOW];
    for (k, line) in lines.iter_mut().enumerate() {
        let row = &rows[k * stride..][..WINDOW_ROW];
        for (n, to) in line.iter_mut().enumerate() {
            // At most 255 * 74 in 64ths: within 16 bits.
            *to = i16::from(row[n]) * across[0]
                + i16::from(row[n + 3]) * across[1]
                + i16::from(row[n + 6]) * across[2]
                + i16::from(row[n + 9]) * across[3];
        }
    }
    let down = &DOWN[phase[1]];
    for (k, row) in block.iter_mut().enumerate() {
        for (n, to) in row.iter_mut().enumerate() {
            // The upper halves of products, in 32nds; each loses half a 32nd on the mean.
            let part = |j: usize| ((i32::from(lines[k + j][n]) * i32::from(down[j])) >> 16) as i16;
            let sum = part(0) + part(1) + part(2) + part(3);
            *to = ((sum + 18) >> 5).clamp(0, 255) as u8;
        }
    }
}

/// The weights at each step of a pixel, in 64ths, which sum to 64.
const ACROSS: [[i16; 4]; STEPS as usize] = weights(64);

/// The same in 32768ths, but for the 1 of a whole pixel, which is no 16-bit number.
const DOWN: [[i16; 4]; STEPS as usize] = weights(32767);

/// Weights of the convolution at the steps of a pixel, as whole numbers that sum to `one`.
const fn weights(one: i64) -> [[i16; 4]; STEPS as usize] {
    let mut all = [[0; 4]; STEPS as usize];
    let s = STEPS as i64;
    // The exact weights are in parts of 5 s^3.
    let whole = 5 * s * s * s;
    let mut n = 0;
    while n < STEPS as usize {
        let t = n as i64;
        let exact = [
            -3 * t * s * s + 6 * t * t * s - 3 * t * t * t,
            5 * s * s * s - 12 * t * t * s + 7 * t * t * t,
            3 * t * s * s + 9 * t * t * s - 7 * t * t * t,
            -3 * t * t * s + 3 * t * t * t,
        ];
        let mut rest = one;
        let mut k = 0;
        while k < 4 {
            let rounded = (exact[k] * one + whole / 2).div_euclid(whole);
            all[n][k] = rounded as i16;
            rest -= rounded;
            k += 1;
        }
        // What rounding left over goes to the nearer pixel.
        all[n][if 2 * t < s { 1 } else { 2 }] += rest as i16;
        n += 1;
    }
    all
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn waves(width: u32, height: u32, (u, v): (f32, f32)) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let (x, y) = (x as f32 + u, y as f32 + v);
            let level =
                |k: f32| (127.5 + 60.0 * (x * k).sin() + 60.0 * (y * k * 0.8).cos()).round() as u8;
            image::Rgb([level(0.3), level(0.45), level(0.6)])
        })
    }

    fn moved(picture: &RgbImage, by: Steps) -> RgbImage {
        let count = picture.width().div_ceil(8) * picture.height().div_ceil(8);
        let mut to = RgbImage::new(picture.width(), picture.height());
        warp(picture, &vec![by; count as usize], &mut to);
        to
    }

    #[test]
    fn parts_of_a_pixel_are_between_pixels() {
        let picture = waves(64, 48, (0.0, 0.0));
        for by in [[16, 0], [0, 16], [8, -24], [-40, 77], [320, 5], [31, 1]] {
            let exact = waves(64, 48, (by[0] as f32 / 32.0, by[1] as f32 / 32.0));
            let got = moved(&picture, by);
            for (x, y, pixel) in got.enumerate_pixels() {
                let inside = |at: u32, by: i32, side: u32| {
                    let at = at as i32 + by.div_euclid(STEPS);
                    at >= 1 && at + 3 < side as i32
                };
                if inside(x, by[0], 64) && inside(y, by[1], 48) {
                    for (a, b) in pixel.0.iter().zip(exact.get_pixel(x, y).0) {
                        assert!(a.abs_diff(b) <= 4, "{by:?} at {x}, {y}: {a} for {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_flat_picture_stays_flat() {
        for level in [0, 1, 77, 254, 255] {
            let picture = RgbImage::from_pixel(21, 13, image::Rgb([level; 3]));
            for step in 0..STEPS {
                let got = moved(&picture, [step, STEPS - step]);
                assert!(got.iter().all(|l| *l == level), "{level} at step {step}");
            }
        }
    }

    #[test]
    fn whole_pixels_and_any_size() {
        for (width, height) in [(1, 1), (7, 3), (9, 1), (1, 30), (33, 17)] {
            let picture = waves(width, height, (0.0, 0.0));
            let got = moved(&picture, [-64, 32]);
            for (x, y, pixel) in got.enumerate_pixels() {
                let from = (x.saturating_sub(2), (y + 1).min(height - 1));
                assert_eq!(pixel, picture.get_pixel(from.0, from.1));
            }
            moved(&picture, [i32::MAX, i32::MIN]);
        }
    }
}
