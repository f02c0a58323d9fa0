//! A pastiche, a warped one and weights in; their blend out.

use image::RgbImage;

/// A difference of as many levels is not seen, and may stay.
const UNSEEN: i16 = 2;

/// How the warped pastiche is weighted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mix {
    /// Its share where the two differ little, in 64ths.
    pub(super) share: i16,
    /// Up to this difference of levels the share is whole; it falls to none at `far`.
    pub(super) near: i16,
    /// See `near`.
    pub(super) far: i16,
    /// Whether a difference of more than [`UNSEEN`] levels falls by one at least. Without this some would stay for ever.
    pub(super) pulls: bool,
}

/// Weights of a row of a reduced picture, brought to the full width and three channels.
#[derive(Debug, Default)]
pub(super) struct Blender {
    above: Vec<i16>,
    below: Vec<i16>,
}

impl Blender {
    /// Moves `pastiche` towards `warped`, of the same size: by `mix`, as far as `weights` (0..=64) allows. They are
    /// those of a picture smaller by `by`, `columns` wide.
    pub(super) fn blend(
        &mut self,
        warped: &RgbImage,
        (weights, columns, by): (&[u8], usize, usize),
        mix: Mix,
        pastiche: &mut RgbImage,
    ) {
        let row = warped.width() as usize * 3;
        let last = weights.len() / columns - 1;
        for line in [&mut self.above, &mut self.below] {
            line.resize(row, 0);
        }
        let mut widened = None;
        let lines = pastiche
            .chunks_exact_mut(row)
            .zip(warped.as_raw().chunks_exact(row));
        for (y, (new, old)) in lines.enumerate() {
            // The centres of two reduced rows are around that of this one.
            let place = 2 * y + 1;
            let upper = (place.saturating_sub(by) / (2 * by)).min(last);
            let line = |n: usize| &weights[n.min(last) * columns..][..columns];
            if widened != Some(upper) {
                match widened {
                    Some(before) if before + 1 == upper => {
                        std::mem::swap(&mut self.above, &mut self.below);
                    }
                    _ => widen(line(upper), by, &mut self.above),
                }
                widen(line(upper + 1), by, &mut self.below);
                widened = Some(upper);
            }
            let below = place.saturating_sub(by + 2 * by * upper).min(2 * by);
            let share = (below * 64 / (2 * by)) as i16;
            blend_row(old, (&self.above, &self.below), share, mix, new);
        }
    }
}

/// One row; `share` of the weights is from the second one, in 64ths.
fn blend_row(old: &[u8], (above, below): (&[i16], &[i16]), share: i16, mix: Mix, new: &mut [u8]) {
    let Mix {
        share: most,
        near,
        far,
        pulls,
    } = mix;
    let pull = i16::from(pulls);
    // 64 at `near`, 0 at `far`, in 64ths of a 64th.
    let slope = 4096 / (far - near).max(1);
    let pairs = new.iter_mut().zip(old);
    for ((new, old), (above, below)) in pairs.zip(above.iter().zip(below)) {
        let weight = (above * (64 - share) + below * share) >> 6;
        let difference = i16::from(*old) - i16::from(*new);
        let size = difference.abs();
        let apart = (size - near).clamp(0, far - near);
        let alike = 64 - ((apart * slope) >> 6);
        let factor = (((weight * alike) >> 6) * most) >> 6;
        let moved = ((size * factor + 32) >> 6).min((size - pull).max(size.min(UNSEEN)));
        // With the sign of the difference.
        let sign = difference >> 15;
        *new = (i16::from(*new) + ((moved ^ sign) - sign)) as u8;
    }
}

/// `weights`, each for `by` pixels of three channels, with straight lines between the middles of them. `by` is a power
/// of 2.
fn widen(weights: &[u8], by: usize, line: &mut [i16]) {
    let last = weights.len() - 1;
    let shift = by.trailing_zeros() + 1;
    for (x, pixel) in line.chunks_exact_mut(3).enumerate() {
        let place = (2 * x + 1).saturating_sub(by);
        let (n, rest) = (place >> shift, (place & (2 * by - 1)) as i32);
        let a = i32::from(weights[n.min(last)]);
        let b = i32::from(weights[(n + 1).min(last)]);
        pixel.fill((a + (((b - a) * rest) >> shift)) as i16);
    }
}
