//! Writes an animation: frames and their times in, a file out that appears under its name when it is complete.

use std::io::{self, BufWriter, Seek, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use image::RgbImage;

use super::changed::Area;
use super::clock::{Clock, common_divisor};
use super::encode::{Encoder, Part, most};
use super::format::{Format, Plays};
use crate::error::{Error, Result};
use crate::picture::Pending;
use crate::video::{Frame, FrameSink, Ratio};

/// Bytes that are buffered before they are written.
const BUFFER: usize = 1 << 18;

/// What became of a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Frames in the file.
    pub frames: u64,
    /// Frames that were left out, as the format cannot show so many a second: a GIF shows 50, a WebP 1000. The film lasts
    /// as long as with them.
    pub left_out: u64,
    /// The file's size.
    pub bytes: u64,
}

/// Writes a GIF, an animated PNG or an animated WebP, one frame at a time. Of a frame only the rectangle that changed is
/// written. PNG and WebP are lossless; a GIF has 255 colours a frame.
///
/// Times are kept exactly where the format can hold them, else rounded so that no error adds up.
pub struct Writer {
    path: PathBuf,
    format: Format,
    size: (u32, u32),
    /// `None` once the file is complete.
    encoder: Option<Encoder>,
    clock: Clock,
    /// The last frame that was written, once there is one.
    before: RgbImage,
    /// The last frame, where it was too short to be written.
    held: RgbImage,
    is_held: bool,
    frames: u64,
    left_out: u64,
    /// For [`FrameSink::show`].
    seconds: Ratio,
}

impl Writer {
    /// Begin the film `path`, of `size` (width, height). Its name tells the format: `.gif`, `.png` or `.apng`, `.webp`.
    ///
    /// # Errors
    /// [`Error::Write`] where the name or the folder is wrong, or the format cannot hold the size or the count of plays.
    pub fn create(path: &Path, size: (u32, u32), plays: Plays) -> Result<Self> {
        let refuse = |reason: String| Err(Error::write(path)(io::Error::other(reason)));
        let Some(format) = Format::by_name(path) else {
            return refuse("an animation is saved as .gif, .png, .apng or .webp".into());
        };
        let (title, (width, height)) = (format.title(), size);
        if width == 0 || height == 0 {
            return refuse(format!("frames of {width}x{height} have no pixels"));
        }
        if width.max(height) > format.max_side() {
            return refuse(format!(
                "{width}x{height} pixels do not fit a {title}, which holds {} a side; make it smaller, or save as .png",
                format.max_side()
            ));
        }
        if plays.zero_forever() > format.max_plays() {
            return refuse(format!(
                "a {title} cannot count {} plays, {} at most; save as .png",
                plays.zero_forever(),
                format.max_plays()
            ));
        }
        let output = BufWriter::with_capacity(BUFFER, Pending::create(path)?);
        let encoder = Encoder::begin(format, output, size, plays).map_err(Error::write(path))?;
        Ok(Self {
            path: path.to_owned(),
            format,
            size,
            encoder: Some(encoder),
            clock: match format {
                // Viewers show what is shorter than 2 hundredths for 10.
                Format::Gif => Clock::new(100, 2),
                Format::Png | Format::WebP => Clock::new(1000, 1),
            },
            before: RgbImage::new(0, 0),
            held: RgbImage::new(0, 0),
            is_held: false,
            frames: 0,
            left_out: 0,
            seconds: Ratio::new(1, 25),
        })
    }

    /// Write a frame that is shown for `seconds`.
    ///
    /// # Errors
    /// [`Error::Write`]; [`Error::Invalid`] where it has another size than the film.
    pub fn write(&mut self, rgb: &RgbImage, seconds: Ratio) -> Result<()> {
        if rgb.dimensions() != self.size {
            let reason = format!(
                "{:?} is not the film's size {:?}",
                rgb.dimensions(),
                self.size
            );
            return Err(Error::invalid("frame", reason));
        }
        if let Some(exact) = self.exact(seconds) {
            return self.put(rgb, exact);
        }
        match self.clock.ticks(seconds) {
            Some(ticks) => self.put_ticks(rgb, ticks),
            None => {
                self.held.clone_from(rgb);
                self.is_held = true;
                self.left_out += 1;
                Ok(())
            }
        }
    }

    /// The seconds of the frames that are given through [`FrameSink::show`] from now on; 1/25 at first.
    pub fn set_duration(&mut self, seconds: Ratio) {
        self.seconds = seconds;
    }

    /// Complete the file, and move it to its place.
    ///
    /// # Errors
    /// [`Error::Write`]; [`Error::Invalid`] where there was no frame, or it is complete already.
    pub fn close(&mut self) -> Result<Written> {
        if self.is_held {
            // The last frame, too short as it is, is the one that stays on the screen.
            let (held, ticks) = (std::mem::take(&mut self.held), self.clock.rest());
            self.left_out -= 1;
            self.put_ticks(&held, ticks)?;
        }
        let invalid = |reason| Err(Error::invalid(self.path.display().to_string(), reason));
        if self.frames == 0 {
            return invalid("the film has no frame; nothing is written");
        }
        let Some(encoder) = self.encoder.take() else {
            return invalid("the film is complete already");
        };
        let failed = || Error::write(&self.path);
        let mut output = encoder.finish().map_err(failed())?;
        let bytes = output.stream_position().map_err(failed())?;
        output.flush().map_err(failed())?;
        let pending = output.into_inner().map_err(|e| failed()(e.into_error()))?;
        pending.keep()?;
        Ok(Written {
            frames: self.frames,
            left_out: self.left_out,
            bytes,
        })
    }

    /// The fraction that the format writes for `seconds`, where it can hold any fraction and this one fits.
    fn exact(&self, seconds: Ratio) -> Option<Ratio> {
        if self.format != Format::Png || seconds.numerator == 0 || seconds.denominator == 0 {
            return None;
        }
        let divisor = common_divisor(seconds.numerator, seconds.denominator);
        let (n, d) = (seconds.numerator / divisor, seconds.denominator / divisor);
        let fits = n.max(d) <= u32::from(u16::MAX);
        fits.then_some(Ratio::new(n, d))
    }

    /// Write a frame for `ticks`, and again where that is more than a frame may have.
    fn put_ticks(&mut self, rgb: &RgbImage, mut ticks: u64) -> Result<()> {
        let (most, a_second) = match self.format {
            Format::Gif => (most(self.format), 100),
            Format::Png | Format::WebP => (most(self.format), 1000),
        };
        while ticks > 0 {
            let now = ticks.min(most);
            self.put(rgb, Ratio::new(now as u32, a_second))?;
            ticks -= now;
        }
        Ok(())
    }

    fn put(&mut self, rgb: &RgbImage, time: Ratio) -> Result<()> {
        let before = (self.frames > 0).then_some(&self.before);
        let part = Part {
            picture: rgb,
            before,
            area: before.map_or(Area::whole(rgb), |before| Area::changed(before, rgb)),
            time,
        };
        let Some(encoder) = &mut self.encoder else {
            let what = self.path.display().to_string();
            return Err(Error::invalid(what, "the film is complete already"));
        };
        encoder.write(&part).map_err(Error::write(&self.path))?;
        self.before.clone_from(rgb);
        self.is_held = false;
        self.frames += 1;
        Ok(())
    }
}

impl FrameSink for Writer {
    fn show(&mut self, frame: &Frame) -> Result<ControlFlow<()>> {
        self.write(&frame.rgb, self.seconds)?;
        Ok(ControlFlow::Continue(()))
    }

    fn finish(&mut self) -> Result<()> {
        self.close().map(drop)
    }
}
