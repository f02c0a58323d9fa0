//! Painting at another size than the picture's own: a content in, the content at the size to paint at out; then the
//! pastiche of that in, the pastiche at the content's own size out.
//!
//! A pastiche that was painted smaller is brought up in steps of at most about two, each of which keeps the strokes
//! crisp and gives them the content's own edges (see [`step`]). One that was painted larger is reduced.

mod bands;
mod gains;
mod paint;
mod step;

use fast_image_resize::FilterType;
use image::RgbImage;

use super::resize::{Scaler, reshape};
use crate::error::Result;
use step::Step;

/// The most that a step enlarges by: a little more than two, so that rounding of odd sides costs no step.
const MOST: f64 = 2.25;

/// Takes contents to the size at which they are painted, and their pastiches back. Its buffers are reused.
pub(crate) struct BrushScaler {
    /// Reduces contents: nothing aliases, and it is fast.
    bilinear: Scaler,
    /// Enlarges contents and reduces pastiches.
    lanczos: Scaler,
    step: Step,
    /// The contents and pastiches below the picture's own size, the largest first.
    levels: Vec<Level>,
    used: usize,
}

#[derive(Default)]
struct Level {
    content: RgbImage,
    pastiche: RgbImage,
}

impl BrushScaler {
    /// One that works in `threads` threads; `None`: one for each core, at most four.
    pub(crate) fn new(threads: Option<usize>) -> Self {
        Self {
            bilinear: Scaler::default(),
            lanczos: Scaler::with(FilterType::Lanczos3),
            step: Step::new(threads),
            levels: Vec::new(),
            used: 0,
        }
    }

    /// `content` at `size` (width, height), and a picture of that size for its pastiche.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) when a side is zero.
    pub(crate) fn prepare(
        &mut self,
        content: &RgbImage,
        size: (u32, u32),
    ) -> Result<(&RgbImage, &mut RgbImage)> {
        let full = content.dimensions();
        let mut at = full;
        self.used = 0;
        loop {
            let next = next_size(at, size);
            if self.used == self.levels.len() {
                self.levels.push(Level::default());
            }
            let (above, below) = self.levels.split_at_mut(self.used);
            let from = above.last().map_or(content, |level| &level.content);
            let level = &mut below[0];
            reshape(&mut level.content, next.0, next.1);
            match is_reduced(full, size) {
                true => self.bilinear.resize(from, &mut level.content)?,
                false => self.lanczos.resize(from, &mut level.content)?,
            }
            self.used += 1;
            at = next;
            if at == size {
                break;
            }
        }
        let Level { content, pastiche } = &mut self.levels[self.used - 1];
        reshape(pastiche, size.0, size.1);
        Ok((content, pastiche))
    }

    /// Bring the pastiche, which was painted since [`BrushScaler::prepare`], to the size of `content`, the same as
    /// then.
    ///
    /// # Errors
    /// As [`BrushScaler::prepare`].
    pub(crate) fn finish(&mut self, content: &RgbImage, pastiche: &mut RgbImage) -> Result<()> {
        let full = content.dimensions();
        reshape(pastiche, full.0, full.1);
        for n in (0..self.used).rev() {
            let (above, below) = self.levels.split_at_mut(n);
            let small = &below[0];
            let (content, pastiche) = match above.last_mut() {
                Some(level) => {
                    let (width, height) = level.content.dimensions();
                    reshape(&mut level.pastiche, width, height);
                    (&level.content, &mut level.pastiche)
                }
                None => (content, &mut *pastiche),
            };
            if is_reduced(content.dimensions(), small.content.dimensions()) {
                self.step
                    .bring_up(content, &small.content, &small.pastiche, pastiche)?;
            } else {
                self.lanczos.resize(&small.pastiche, pastiche)?;
            }
        }
        Ok(())
    }
}

/// Whether a picture of `full` is painted smaller at `size`, on both sides.
fn is_reduced(full: (u32, u32), size: (u32, u32)) -> bool {
    size.0 <= full.0 && size.1 <= full.1 && size != full
}

/// The size of the level below one of `at`, on the way to `size`.
fn next_size(at: (u32, u32), size: (u32, u32)) -> (u32, u32) {
    let ratio = |at: u32, size: u32| f64::from(at) / f64::from(size.max(1));
    if ratio(at.0, size.0).max(ratio(at.1, size.1)) <= MOST {
        return size;
    }
    (at.0.div_ceil(2).max(size.0), at.1.div_ceil(2).max(size.1))
}

#[cfg(test)]
mod tests;
