//! An animation in; its frames between a start and an end, at another size, out.

use image::RgbImage;

use crate::error::{Error, Result};
use crate::picture::{Scaler, reshape};
use crate::video::animation::Reader;
use crate::video::{Ratio, TimedFrame, TimedSource};

/// Frames of an animation. Those before the first wanted one are decoded and passed over, as each stands on the one before.
pub(super) struct CutSource {
    reader: Reader,
    size: (u32, u32),
    scaler: Scaler,
    whole: RgbImage,
    /// The numbers of the first wanted frame, and of the first behind the wanted ones.
    range: (u64, u64),
    /// Ticks of the first wanted frame, of the last, and of the end.
    ticks: (u64, u64, u64),
}

impl CutSource {
    /// `ticks`: when each frame begins, and the end. `start` and `end` in seconds.
    ///
    /// # Errors
    /// [`Error::Invalid`] where no frame is between them.
    pub(super) fn new(
        reader: Reader,
        size: (u32, u32),
        tick: Ratio,
        ticks: &[u64],
        start: Option<f64>,
        end: Option<f64>,
    ) -> Result<Self> {
        let frames = ticks.len().saturating_sub(1);
        let begins = &ticks[..frames];
        // The first frame at a time or behind it; a rounding error is no reason to miss one.
        let at =
            |seconds: f64| begins.partition_point(|t| *t as f64 * tick.value() < seconds - 1e-6);
        let first = start.map_or(0, at);
        let behind = end.map_or(frames, at);
        if first >= behind {
            let reason = "there is no frame between this time and the end";
            return Err(Error::invalid("start", reason));
        }
        Ok(Self {
            reader,
            size,
            scaler: Scaler::default(),
            whole: RgbImage::new(0, 0),
            range: (first as u64, behind as u64),
            ticks: (ticks[first], ticks[behind - 1], ticks[behind]),
        })
    }

    pub(super) fn count(&self) -> u64 {
        self.range.1 - self.range.0
    }

    /// When the last frame begins, in ticks from the first one.
    pub(super) fn last(&self) -> u64 {
        self.ticks.1 - self.ticks.0
    }

    /// When it ends.
    pub(super) fn end(&self) -> u64 {
        self.ticks.2 - self.ticks.0
    }
}

impl TimedSource for CutSource {
    fn next_frame(&mut self, frame: &mut TimedFrame) -> Result<bool> {
        loop {
            if !self.reader.next_frame(frame)? || frame.number >= self.range.1 {
                return Ok(false);
            }
            if let Some(number) = frame.number.checked_sub(self.range.0) {
                frame.number = number;
                frame.tick -= self.ticks.0;
                break;
            }
        }
        if frame.rgb.dimensions() != self.size {
            std::mem::swap(&mut self.whole, &mut frame.rgb);
            reshape(&mut frame.rgb, self.size.0, self.size.1);
            self.scaler.resize(&self.whole, &mut frame.rgb)?;
        }
        Ok(true)
    }
}
