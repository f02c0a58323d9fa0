//! Reads an animation: a file in, its frames one at a time out, whole and on a background.

use std::path::{Path, PathBuf};
use std::time::Instant;

use image::{Rgb, RgbImage};

use super::decode::{Decoder, lay};
use super::limits::Limits;
use super::timeline::Timeline;
use crate::error::Result;
use crate::picture;
use crate::video::{Frame, FrameSource, Ratio, TimedFrame, TimedSource};

/// What transparent parts are laid on unless another colour is asked for.
pub const WHITE: Rgb<u8> = Rgb([255; 3]);

/// Reads an animation, or a picture as a film of one frame.
pub struct Reader {
    path: PathBuf,
    timeline: Timeline,
    background: Rgb<u8>,
    /// `None` for a picture that is no animation.
    decoder: Option<Decoder>,
    limits: Limits,
    next: usize,
    /// The tick of each frame, on the clock of the timeline.
    ticks: Vec<u64>,
}

impl Reader {
    /// Open the file `path`, told by content: GIF, PNG or WebP. Transparent parts are laid on `background`.
    ///
    /// # Errors
    /// As [`Timeline::read`]: a file that is cut short or over the limits is refused here, before a frame is painted.
    pub fn open(path: &Path, limits: &Limits, background: Rgb<u8>) -> Result<Self> {
        let (timeline, input) = Timeline::open(path, limits)?;
        let decoder = match timeline.animated {
            false => None,
            true => {
                let decoder = Decoder::begin(timeline.format, input, limits);
                Some(decoder.map_err(|fault| fault.explain(path, timeline.format, 0))?)
            }
        };
        let (_, ticks) = timeline.clock();
        Ok(Self {
            path: path.to_owned(),
            ticks,
            timeline,
            background,
            decoder,
            limits: *limits,
            next: 0,
        })
    }

    /// Size, times and plays.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The seconds for which the last frame that was read is shown; before the first, those of the first.
    pub fn duration(&self) -> Ratio {
        let last = self.next.saturating_sub(1);
        // There is at least one.
        self.timeline.durations[last]
    }

    fn still(&self, rgb: &mut RgbImage) -> Result<()> {
        let limits = picture::Limits {
            max_side: self.limits.max_side,
            max_bytes: self.limits.max_bytes.saturating_mul(2), // 16 bits a channel
            max_file_bytes: self.limits.max_file_bytes,
        };
        let picture = picture::open(&self.path, &limits)?;
        rgb.clone_from(&picture.rgb);
        if let Some(alpha) = picture.alpha {
            for (pixel, alpha) in rgb.pixels_mut().zip(alpha.pixels()) {
                let Rgb(color) = *pixel;
                *pixel = lay(color, alpha.0[0], self.background);
            }
        }
        Ok(())
    }
}

impl Reader {
    /// The next frame's picture; `false` at the end.
    fn picture(&mut self, rgb: &mut RgbImage) -> Result<bool> {
        if self.next == self.timeline.frames() {
            return Ok(false);
        }
        match &mut self.decoder {
            None => self.still(rgb)?,
            Some(decoder) => decoder
                .next(self.background, rgb)
                .map_err(|fault| fault.explain(&self.path, self.timeline.format, self.next))?,
        }
        self.next += 1;
        Ok(true)
    }
}

impl TimedSource for Reader {
    fn next_frame(&mut self, frame: &mut TimedFrame) -> Result<bool> {
        let number = self.next;
        if !self.picture(&mut frame.rgb)? {
            return Ok(false);
        }
        (frame.number, frame.tick) = (number as u64, self.ticks[number]);
        Ok(true)
    }
}

impl FrameSource for Reader {
    fn next_frame(&mut self, frame: &mut Frame) -> Result<bool> {
        frame.number = self.next as u64;
        if !self.picture(&mut frame.rgb)? {
            return Ok(false);
        }
        frame.captured = Instant::now();
        Ok(true)
    }

    fn describe(&self) -> String {
        let Timeline {
            format,
            width,
            height,
            ..
        } = self.timeline;
        let (path, count) = (self.path.display(), self.timeline.frames());
        let frames = if count == 1 { "frame" } else { "frames" };
        format!(
            "{path}, {width}x{height} {}, {count} {frames} in {:.2} seconds",
            format.title(),
            self.timeline.seconds()
        )
    }

    fn rate(&self) -> Option<Ratio> {
        self.timeline.rate()
    }
}

/// It may be read in another thread than the one that opened it: this does not compile otherwise.
const _: () = {
    const fn assert_send<T: Send>() {}
    assert_send::<Reader>();
};
