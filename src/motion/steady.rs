//! Pastiches of consecutive frames in; the same, holding still along the movement of their contents, out.

use image::RgbImage;

use super::agreement::Agreement;
use super::blend::{Blender, Mix};
use super::flow::Flow;
use super::plane::{Pyramid, reduction};
use super::warp::{BLOCK, STEPS, Steps, warp};
use crate::error::{Error, PictureRole, Result};
use crate::picture::reshape;

/// A displacement below this, in pixels, is none: still strokes stay as they are, byte by byte.
const STILL: f32 = 0.15;

/// The most levels by which a fade is late.
const BEHIND: f32 = 4.0;

/// Of so many frames one pulls small differences to nothing: every frame would let the noise in again.
const PULL: u64 = 4;

/// The amount that is taken where none is asked for. `examples/steady_table` has the figures it was chosen by.
pub const AMOUNT: f32 = 0.75;

/// Blends each pastiche with the one before it, moved along the dense flow of the contents.
///
/// Where contents do not agree along the flow (something was hidden, or the scene was cut) the pastiche stays as it was
/// painted. After the first frames of a size nothing is allocated.
#[derive(Debug)]
pub struct Steady {
    amount: f32,
    new: Pyramid,
    old: Pyramid,
    flow: Flow,
    agreement: Agreement,
    blocks: Vec<Steps>,
    blender: Blender,
    /// The last output, if there is one to go on from.
    shown: RgbImage,
    has_shown: bool,
    /// Frames that were blended since the beginning or the last cut.
    frames: u64,
    warped: RgbImage,
}

impl Steady {
    /// `amount`, 0..=1: 0 leaves every pastiche as it is, 1 holds strokes as still as is sensible.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an amount outside of 0..=1.
    pub fn new(amount: f32) -> Result<Self> {
        let mut steady = Self {
            amount: 0.0,
            new: Pyramid::default(),
            old: Pyramid::default(),
            flow: Flow::default(),
            agreement: Agreement::default(),
            blocks: Vec::new(),
            blender: Blender::default(),
            shown: RgbImage::new(0, 0),
            has_shown: false,
            frames: 0,
            warped: RgbImage::new(0, 0),
        };
        steady.set_amount(amount)?;
        Ok(steady)
    }

    /// The amount, 0..=1.
    pub fn amount(&self) -> f32 {
        self.amount
    }

    /// Changes the amount from the next frame on.
    ///
    /// # Errors
    /// As [`Steady::new`].
    pub fn set_amount(&mut self, amount: f32) -> Result<()> {
        if !(0.0..=1.0).contains(&amount) {
            let reason = format!("{amount} is not between 0 and 1");
            return Err(Error::invalid("steady", reason));
        }
        self.amount = amount;
        Ok(())
    }

    /// Forgets the frames before: the next pastiche stays as it is.
    pub fn reset(&mut self) {
        self.has_shown = false;
        self.frames = 0;
    }

    /// What another [`Steady`] needs to go on behind the last frame, besides that frame's content: the last output, and
    /// how many frames were blended since the beginning or the last cut. `None` before the first frame.
    pub fn memory(&self) -> Option<(&RgbImage, u64)> {
        self.has_shown.then_some((&self.shown, self.frames))
    }

    /// Goes on behind a frame: its `content`, and [`Steady::memory`] after it, `shown` and `frames`.
    pub fn restore(&mut self, content: &RgbImage, shown: &RgbImage, frames: u64) {
        let (width, height) = content.dimensions();
        if self.amount == 0.0 || shown.dimensions() != (width, height) || width == 0 || height == 0
        {
            return self.reset();
        }
        self.new
            .fill(content, reduction(width as usize, height as usize));
        self.shown.clone_from(shown);
        self.has_shown = true;
        self.frames = frames;
    }

    /// Steadies `pastiche`, that of `content`. To be called for every frame, in order. After a change of size, and after a
    /// cut of the scene, it begins anew.
    ///
    /// # Errors
    /// [`Error::SizeMismatch`] where the two have different sizes.
    pub fn apply(&mut self, content: &RgbImage, pastiche: &mut RgbImage) -> Result<()> {
        let (width, height) = content.dimensions();
        if (width, height) != pastiche.dimensions() {
            return Err(Error::SizeMismatch {
                picture: PictureRole::Content,
                other: "its pastiche",
            });
        }
        if self.amount == 0.0 || width == 0 || height == 0 {
            self.reset();
            return Ok(());
        }
        let goes_on = self.has_shown && self.shown.dimensions() == (width, height);
        std::mem::swap(&mut self.new, &mut self.old);
        let by = reduction(width as usize, height as usize);
        self.new.fill(content, by);
        if goes_on {
            self.flow.search(&self.new, &self.old);
            let field = &self.flow.field;
            if self.agreement.fill(&self.new, &self.old, field) {
                self.frames += 1;
                self.find_blocks(width as usize, height as usize, by);
                reshape(&mut self.warped, width, height);
                warp(&self.shown, &self.blocks, &mut self.warped);
                let columns = self.new.finest().width;
                let weights = (self.agreement.weights.as_slice(), columns, by);
                let pulls = self.frames.is_multiple_of(PULL);
                let mix = mix(self.amount, self.agreement.drift, pulls);
                self.blender.blend(&self.warped, weights, mix, pastiche);
            } else {
                self.frames = 0;
            }
        }
        reshape(&mut self.shown, width, height);
        self.shown.copy_from_slice(pastiche);
        self.has_shown = true;
        Ok(())
    }

    /// The flow at the middle of each block, in steps of a pixel.
    fn find_blocks(&mut self, width: usize, height: usize, by: usize) {
        let finest = self.new.finest();
        let (across, down) = (finest.width, finest.height);
        let field = &self.flow.field;
        let scale = by as f32;
        let middle = |n: usize| ((n * BLOCK + BLOCK / 2) as f32 / scale - 0.5).max(0.0);
        self.blocks.clear();
        for y in 0..height.div_ceil(BLOCK) {
            let y = middle(y).min((down - 1) as f32);
            let (top, v) = (y as usize, y.fract());
            let rows = [top * across, (top + 1).min(down - 1) * across];
            for x in 0..width.div_ceil(BLOCK) {
                let x = middle(x).min((across - 1) as f32);
                let (left, u) = (x as usize, x.fract());
                let right = (left + 1).min(across - 1);
                let by: [f32; 2] = std::array::from_fn(|k| {
                    let line =
                        |row: usize| field[row + left][k] * (1.0 - u) + field[row + right][k] * u;
                    (line(rows[0]) * (1.0 - v) + line(rows[1]) * v) * scale
                });
                let is_still = by.iter().all(|by| by.abs() < STILL);
                self.blocks.push(match is_still {
                    true => [0, 0],
                    false => by.map(|by| (by * STEPS as f32).round() as i32),
                });
            }
        }
    }
}

/// The blend of an amount while the light changes by `drift` levels a frame.
fn mix(amount: f32, drift: f32, pulls: bool) -> Mix {
    // 0.41, 0.70, 0.88, 0.94 at a quarter, a half, three quarters and 1: each halves about the flicker that is left.
    let share = 0.94 * (1.0 - (1.0 - amount) * (1.0 - amount));
    // A share of s is behind by s / (1 - s) times the change of a frame: by this many levels at most.
    let share = share.min(BEHIND / (BEHIND + drift.abs()));
    Mix {
        share: (share * 64.0).round() as i16,
        near: (12.0 + 16.0 * amount) as i16,
        far: (30.0 + 42.0 * amount) as i16,
        pulls,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use image::Rgb;

    use super::*;

    fn frame(t: u32, width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let wave = ((x + 2 * t) as f32 * 0.31).sin() + ((y + t) as f32 * 0.23).cos();
            let level = (128.0 + 50.0 * wave) as u8;
            Rgb([
                level,
                level.wrapping_mul(3) / 2,
                (x * 7 + y * 3 + t * 5) as u8 % 40 + 100,
            ])
        })
    }

    /// The steadied pastiche of frame `t`, whose strokes flicker.
    fn step(steady: &mut Steady, t: u32, (width, height): (u32, u32)) -> RgbImage {
        let content = frame(t, width, height);
        let mut shown = content.clone();
        for (n, level) in shown.iter_mut().enumerate() {
            *level ^= (n as u32 * (t + 1)) as u8 % 9;
        }
        steady.apply(&content, &mut shown).unwrap();
        shown
    }

    #[test]
    fn going_on_from_memory_is_going_on() {
        for size in [(61, 47), (320, 240), (9, 1)] {
            let mut steady = Steady::new(0.75).unwrap();
            (0..7).for_each(|t| drop(step(&mut steady, t, size)));
            let mut other = Steady::new(0.75).unwrap();
            let (shown, frames) = steady.memory().unwrap();
            other.restore(&frame(6, size.0, size.1), shown, frames);
            for t in 7..13 {
                let (one, two) = (step(&mut steady, t, size), step(&mut other, t, size));
                assert_eq!(one, two, "frame {t}");
            }
        }
    }

    #[test]
    fn a_memory_of_another_size_begins_anew() {
        let mut steady = Steady::new(0.75).unwrap();
        assert!(steady.memory().is_none());
        steady.restore(&frame(0, 32, 32), &frame(0, 16, 32), 3);
        assert!(steady.memory().is_none());
    }
}
