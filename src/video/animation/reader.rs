//! Reads an animation: a file in, its frames one at a time out, whole and on a background.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use image::codecs::{gif, png, webp};
use image::{
    AnimationDecoder, Frames, ImageDecoder, ImageError, ImageResult, Rgb, Rgba, RgbaImage,
};

use super::fault::{AGAIN, Fault};
use super::format::Format;
use super::limits::Limits;
use super::timeline::Timeline;
use crate::error::Result;
use crate::picture::{self, reshape};
use crate::video::{Frame, FrameSource, Ratio};

/// What transparent parts are laid on unless another colour is asked for.
pub const WHITE: Rgb<u8> = Rgb([255; 3]);

/// Reads an animation, or a picture as a film of one frame. It is made in the thread that reads it.
pub struct Reader {
    path: PathBuf,
    timeline: Timeline,
    background: Rgb<u8>,
    /// `None` for a picture that is no animation.
    frames: Option<Frames<'static>>,
    limits: Limits,
    next: usize,
}

impl Reader {
    /// Open the file `path`, told by content: GIF, PNG or WebP. Transparent parts are laid on `background`.
    ///
    /// # Errors
    /// As [`Timeline::read`]: a file that is cut short or over the limits is refused here, before a frame is painted.
    pub fn open(path: &Path, limits: &Limits, background: Rgb<u8>) -> Result<Self> {
        let (timeline, input) = Timeline::open(path, limits)?;
        let frames = match timeline.animated {
            false => None,
            true => {
                let begin = || begin(input, timeline.format, limits, background);
                Some(guarded(begin).map_err(|f| f.explain(path, timeline.format, 0))?)
            }
        };
        Ok(Self {
            path: path.to_owned(),
            timeline,
            background,
            frames,
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

    /// The next picture of the canvas.
    fn decode(&mut self) -> Result<RgbaImage, Fault> {
        let Some(frames) = &mut self.frames else {
            return Err(Fault::Short);
        };
        let canvas = guarded(|| frames.next().transpose())?
            .ok_or(Fault::Short)?
            .into_buffer();
        if canvas.dimensions() != (self.timeline.width, self.timeline.height) {
            return Err(Fault::damaged("has frames of several sizes"));
        }
        Ok(canvas)
    }

    fn still(&self, frame: &mut Frame) -> Result<()> {
        let limits = picture::Limits {
            max_side: self.limits.max_side,
            max_bytes: self.limits.max_bytes.saturating_mul(2), // 16 bits a channel
            max_file_bytes: self.limits.max_file_bytes,
        };
        let picture = picture::open(&self.path, &limits)?;
        frame.rgb.clone_from(&picture.rgb);
        if let Some(alpha) = picture.alpha {
            for (pixel, alpha) in frame.rgb.pixels_mut().zip(alpha.pixels()) {
                let Rgb(rgb) = *pixel;
                *pixel = lay(rgb, alpha.0[0], self.background);
            }
        }
        Ok(())
    }
}

impl FrameSource for Reader {
    fn next_frame(&mut self, frame: &mut Frame) -> Result<bool> {
        if self.next == self.timeline.frames() {
            return Ok(false);
        }
        if self.frames.is_none() {
            self.still(frame)?;
        } else {
            let canvas = self
                .decode()
                .map_err(|fault| fault.explain(&self.path, self.timeline.format, self.next))?;
            reshape(&mut frame.rgb, canvas.width(), canvas.height());
            for (to, from) in frame.rgb.pixels_mut().zip(canvas.pixels()) {
                let [r, g, b, alpha] = from.0;
                *to = lay([r, g, b], alpha, self.background);
            }
        }
        frame.captured = Instant::now();
        frame.number = self.next as u64;
        self.next += 1;
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

/// A colour on the background.
fn lay(rgb: [u8; 3], alpha: u8, Rgb(background): Rgb<u8>) -> Rgb<u8> {
    match alpha {
        255 => Rgb(rgb),
        0 => Rgb(background),
        _ => {
            let a = u32::from(alpha);
            let mix = |c, b| (u32::from(c) * a + u32::from(b) * (255 - a) + 127) / 255;
            Rgb([0, 1, 2].map(|k: usize| mix(rgb[k], background[k]) as u8))
        }
    }
}

/// The decoder, before its first frame.
fn begin(
    input: BufReader<File>,
    format: Format,
    limits: &Limits,
    background: Rgb<u8>,
) -> ImageResult<Frames<'static>> {
    let mut most = image::Limits::default();
    most.max_image_width = Some(limits.max_side);
    most.max_image_height = Some(limits.max_side);
    // The canvas, what it was before, the frame and its copy in another form.
    most.max_alloc = Some(limits.max_bytes.saturating_mul(4));
    Ok(match format {
        Format::Gif => {
            let mut decoder = gif::GifDecoder::new(input)?;
            decoder.set_limits(most)?;
            decoder.into_frames()
        }
        Format::Png => png::PngDecoder::with_limits(input, most)?
            .apng()?
            .into_frames(),
        Format::WebP => {
            // Its memory is bounded by the sizes that the scan has held against the limits.
            let mut decoder = webp::WebPDecoder::new(input)?;
            let [r, g, b] = background.0;
            // What no frame has covered yet shows the background, also in a file that says it has no alpha.
            decoder.set_background_color(Rgba([r, g, b, 255]))?;
            decoder.into_frames()
        }
    })
}

/// What a decoder says, and its panic on a hostile file, as a fault.
fn guarded<T>(decode: impl FnOnce() -> ImageResult<T>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(decoded) => decoded.map_err(explain),
        Err(_) => Err(Fault::damaged("made its decoder give up")),
    }
}

fn explain(error: ImageError) -> Fault {
    // Decoders quote from the file; a hostile one must not fill the terminal.
    let said: String = error
        .to_string()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect();
    match error {
        ImageError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => Fault::Short,
        ImageError::IoError(e) => Fault::Read(e),
        ImageError::Limits(_) => Fault::Refused(format!(
            "decoding it takes more memory than the limits allow ({said}); make it smaller first"
        )),
        ImageError::Unsupported(_) => Fault::Refused(format!(
            "it is of a kind that is not supported ({said}); {AGAIN}"
        )),
        _ => Fault::Damaged(format!("cannot be decoded ({said})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_parts_are_laid_on_the_background() {
        let red = Rgb([200, 0, 0]);
        assert_eq!(lay([1, 2, 3], 255, red), Rgb([1, 2, 3]));
        assert_eq!(lay([1, 2, 3], 0, red), red);
        assert_eq!(lay([0, 100, 255], 51, red), Rgb([160, 20, 51]));
    }
}
