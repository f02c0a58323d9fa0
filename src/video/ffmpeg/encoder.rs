//! RGB frames with their times go in through a pipe; a film comes out.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Stdio};

use image::RgbImage;

use super::codec::CodecChoice;
use super::color::ColorTags;
use super::matroska;
use super::program::{Ffmpeg, file};
use super::running::Running;
use super::timeline::Timing;
use crate::error::{Error, Result};
use crate::video::Ratio;

/// How to encode.
#[derive(Debug, Clone)]
pub struct Encoding {
    /// The program.
    pub ffmpeg: Ffmpeg,
    /// The codec.
    pub codec: CodecChoice,
    /// Width and height of the frames in pixels. Where the codec takes even sides only, the last row and column are repeated.
    pub size: (u32, u32),
    /// Constant or variable.
    pub timing: Timing,
    /// Seconds of a tick, as a ratio.
    pub tick: Ratio,
    /// Width of a shown pixel : its height.
    pub pixel_aspect: Ratio,
    /// Colours, with range and matrix.
    pub color: ColorTags,
}

/// Encodes a film, or a piece of one. Dropped before [`Encoder::finish`] it kills ffmpeg; the file is then incomplete.
pub struct Encoder {
    input: Option<ChildStdin>,
    running: Running,
    path: PathBuf,
    timing: Timing,
    tick: Ratio,
    /// The next tick of a film of constant rate.
    next: u64,
    stored: (u32, u32),
    /// A frame with its last row and column repeated.
    padded: Vec<u8>,
}

impl Encoder {
    /// Begin the film `path`, which ends as [`CodecChoice::piece`] says.
    ///
    /// # Errors
    /// [`Error::Program`] when ffmpeg cannot be started.
    pub fn start(how: &Encoding, path: &Path) -> Result<Self> {
        let stored = how.codec.stored(how.size);
        let mut command = how.ffmpeg.ffmpeg();
        command.args(["-loglevel", "error"]).stdin(Stdio::piped());
        match how.timing {
            Timing::Constant(rate) => command.args([
                "-f",
                "rawvideo",
                "-pixel_format",
                "rgb24",
                "-video_size",
                &format!("{}x{}", stored.0, stored.1),
                "-framerate",
                &format!("{}/{}", rate.numerator, rate.denominator),
            ]),
            // Times are known, and need not be guessed from seconds of frames.
            Timing::Variable => command.args([
                "-f",
                "matroska",
                "-probesize",
                "32",
                "-analyzeduration",
                "0",
            ]),
        };
        command.args(["-i", "pipe:0", "-map_metadata", "-1"]);
        command.args(how.ffmpeg.every_frame());
        if how.timing == Timing::Variable {
            let tick = format!("{}:{}", how.tick.numerator, how.tick.denominator);
            command.args(["-enc_time_base", &tick]);
        }
        let Ratio {
            numerator,
            denominator,
        } = how.pixel_aspect;
        let pixels = how.codec.codec.pixels;
        let filter = format!(
            "{},setsar={numerator}/{denominator}",
            how.color.encoded(pixels)
        );
        command
            .args(["-vf", &filter, "-pix_fmt", pixels])
            // Pieces of frames that are not evenly spaced fit together only when they are stored in their order.
            .args(how.codec.arguments(how.timing != Timing::Variable))
            .args(how.color.arguments(pixels))
            .args(["-flags", "+bitexact", "-fflags", "+bitexact"])
            .args(["-video_track_timescale", &track_clock(how.tick).to_string()])
            .args(["-f", how.codec.piece()])
            .arg(file(path));
        let mut running = how.ffmpeg.start(&mut command, |_| true)?;
        let input = running.stdin().map_err(|e| how.ffmpeg.not_started(&e))?;
        let mut encoder = Self {
            input: Some(input),
            running,
            path: path.to_owned(),
            timing: how.timing,
            tick: how.tick,
            next: 0,
            stored,
            padded: Vec::new(),
        };
        if how.timing == Timing::Variable {
            let header = matroska::header(stored);
            encoder.send(|input, _| input.write_all(&header))?;
        }
        Ok(encoder)
    }

    /// Add a frame that is shown `tick` ticks after the first one. In a film of constant rate, one that is missing before
    /// it is replaced by this one.
    ///
    /// # Errors
    /// [`Error::Write`], with ffmpeg's words.
    pub fn write(&mut self, rgb: &RgbImage, tick: u64) -> Result<()> {
        let own = rgb.dimensions() == self.stored;
        if !own {
            pad(rgb, self.stored, &mut self.padded);
        }
        let bytes =
            |padded: &[u8],
             input: &mut ChildStdin,
             put: &dyn Fn(&mut ChildStdin, &[u8]) -> std::io::Result<()>| {
                match own {
                    true => put(input, rgb),
                    false => put(input, padded),
                }
            };
        match self.timing {
            Timing::Constant(_) => {
                while self.next <= tick {
                    self.send(|input, padded| {
                        bytes(padded, input, &|input, b| input.write_all(b))
                    })?;
                    self.next += 1;
                }
                Ok(())
            }
            Timing::Variable => {
                let time = nanoseconds(tick, self.tick);
                self.send(|input, padded| {
                    bytes(padded, input, &|input, b| {
                        matroska::write_frame(input, time, b)
                    })
                })
            }
        }
    }

    /// Complete the film.
    ///
    /// # Errors
    /// [`Error::Write`], with ffmpeg's words.
    pub fn finish(mut self) -> Result<()> {
        // The pipe's end tells ffmpeg that the film is over.
        self.input = None;
        let ended = self.running.end().map_err(Error::write(&self.path))?;
        match ended.status.success() {
            true => Ok(()),
            false => Err(Error::write(&self.path)(std::io::Error::other(
                ended.reason(),
            ))),
        }
    }

    fn send(
        &mut self,
        send: impl FnOnce(&mut ChildStdin, &[u8]) -> std::io::Result<()>,
    ) -> Result<()> {
        let Some(input) = &mut self.input else {
            return Err(Error::write(&self.path)(ErrorKind::BrokenPipe.into()));
        };
        match send(input, &self.padded) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                // It has closed its input, so it is ending or has ended.
                let ended = self.running.end().map_err(Error::write(&self.path))?;
                Err(Error::write(&self.path)(std::io::Error::other(
                    ended.reason(),
                )))
            }
            Err(error) => Err(Error::write(&self.path)(error)),
        }
    }
}

/// Ticks a second of a track in an MP4 file that holds times in units of `tick` exactly.
pub(super) fn track_clock(tick: Ratio) -> u32 {
    // 1001/30000 s: 30000 a second, of which a frame takes 1001. A coarse clock is made finer, as ffmpeg does.
    let mut clock = tick.denominator.max(1);
    while clock < 10_000 {
        clock *= 2;
    }
    clock
}

/// `ticks` in nanoseconds, rounded to the nearest.
fn nanoseconds(ticks: u64, tick: Ratio) -> u64 {
    let bottom = u128::from(tick.denominator.max(1));
    let top = u128::from(ticks) * u128::from(tick.numerator) * 1_000_000_000;
    u64::try_from((top + bottom / 2) / bottom).unwrap_or(u64::MAX)
}

/// `rgb` in `size`, which is one row or column larger, with the last ones repeated.
fn pad(rgb: &RgbImage, size: (u32, u32), padded: &mut Vec<u8>) {
    padded.clear();
    let row_bytes = rgb.width() as usize * 3;
    let more = (size.0 - rgb.width()) as usize;
    for row in rgb.as_raw().chunks_exact(row_bytes) {
        padded.extend_from_slice(row);
        for _ in 0..more {
            padded.extend_from_slice(&row[row_bytes - 3..]);
        }
    }
    for _ in rgb.height()..size.1 {
        let last = padded.len() - size.0 as usize * 3;
        padded.extend_from_within(last..);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_frames_repeat_their_last_row_and_column() {
        let rgb = RgbImage::from_fn(3, 3, |x, y| image::Rgb([x as u8, y as u8, 9]));
        let mut padded = Vec::new();
        pad(&rgb, (4, 4), &mut padded);
        let at = |x: usize, y: usize| &padded[(y * 4 + x) * 3..][..3];
        assert_eq!(padded.len(), 48);
        assert_eq!(
            (at(3, 1), at(1, 3), at(3, 3)),
            (&[2, 1, 9][..], &[1, 2, 9][..], &[2, 2, 9][..])
        );
    }

    #[test]
    fn times_are_exact() {
        assert_eq!(nanoseconds(24, Ratio::new(1001, 24000)), 1_001_000_000);
        assert_eq!(nanoseconds(1, Ratio::new(1, 15360)), 65104);
        assert_eq!(track_clock(Ratio::new(1001, 30000)), 30000);
        assert_eq!(track_clock(Ratio::new(1, 25)), 12800);
        assert_eq!(track_clock(Ratio::new(1, 1000)), 16000);
    }
}
