//! Frames and their times in, the bytes of a GIF, an APNG or an animated WebP out: one file for each.

mod gif;
mod palette;
mod png;
mod webp;

use std::io::{self, BufWriter};

use image::{ImageError, RgbImage};

use super::changed::Area;
use super::format::{Format, Plays};
use crate::picture::Pending;
use crate::video::Ratio;

/// The file under its other name.
pub(super) type Output = BufWriter<Pending>;

/// A frame to be written.
pub(super) struct Part<'a> {
    pub picture: &'a RgbImage,
    /// The frame before, of the same size; `None` for the first.
    pub before: Option<&'a RgbImage>,
    /// What of it changed; all of the first.
    pub area: Area,
    /// The time that it is shown, in the format's own units: n/100 for a GIF, n/1000 for a WebP, n <= [`most`].
    pub time: Ratio,
}

/// The most that the numerator of a [`Part`]'s time may be.
pub(super) const fn most(format: Format) -> u64 {
    match format {
        Format::Gif | Format::Png => u16::MAX as u64,
        Format::WebP => (1 << 24) - 1,
    }
}

/// One of the three.
pub(super) enum Encoder {
    Gif(Box<gif::Gif>),
    Png(png::Png),
    WebP(webp::WebP),
}

impl Encoder {
    pub(super) fn begin(
        format: Format,
        output: Output,
        size: (u32, u32),
        plays: Plays,
    ) -> io::Result<Self> {
        Ok(match format {
            Format::Gif => Self::Gif(Box::new(gif::Gif::begin(output, size, plays)?)),
            Format::Png => Self::Png(png::Png::begin(output, size, plays)?),
            Format::WebP => Self::WebP(webp::WebP::begin(output, size, plays)?),
        })
    }

    pub(super) fn write(&mut self, part: &Part<'_>) -> io::Result<()> {
        match self {
            Self::Gif(gif) => gif.write(part),
            Self::Png(png) => png.write(part),
            Self::WebP(webp) => webp.write(part),
        }
    }

    /// Write what comes last, and what is known only now.
    pub(super) fn finish(self) -> io::Result<Output> {
        match self {
            Self::Gif(gif) => gif.finish(),
            Self::Png(png) => png.finish(),
            Self::WebP(webp) => webp.finish(),
        }
    }
}

/// An encoder's error as one of writing.
fn failed(error: ImageError) -> io::Error {
    match error {
        ImageError::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    }
}
