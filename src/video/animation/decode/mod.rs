//! The file of an animation in, whole pictures of its canvas out: one file for each format, and the canvas.
//!
//! The decoders of the formats are those that `image` stands on. Its own adaptors would allocate three pictures for every
//! frame, refuse 16 bits a channel, and could not be handed to another thread.

mod canvas;
mod gif;
mod png;
mod webp;

use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{Rgb, RgbImage};

use super::fault::{Fault, Found};
use super::format::Format;
use super::limits::Limits;

pub(super) use canvas::lay;

/// The file, at its beginning.
type Input = BufReader<File>;

/// One of the three.
pub(super) enum Decoder {
    Gif(Box<gif::Gif>),
    Png(Box<png::Png>),
    WebP(Box<webp::WebP>),
}

impl Decoder {
    pub(super) fn begin(format: Format, input: Input, limits: &Limits) -> Found<Self> {
        guarded(|| {
            Ok(match format {
                Format::Gif => Self::Gif(Box::new(gif::Gif::begin(input, limits)?)),
                Format::Png => Self::Png(Box::new(png::Png::begin(input, limits)?)),
                Format::WebP => Self::WebP(Box::new(webp::WebP::begin(input, limits)?)),
            })
        })
    }

    /// The next picture on `background`, into `rgb`, whose buffer is used again. To be called no more after an error.
    pub(super) fn next(&mut self, background: Rgb<u8>, rgb: &mut RgbImage) -> Found<()> {
        guarded(|| match self {
            Self::Gif(gif) => gif.next(background, rgb),
            Self::Png(png) => png.next(background, rgb),
            Self::WebP(webp) => webp.next(background, rgb),
        })
    }
}

/// A decoder may panic on a hostile file.
fn guarded<T>(decode: impl FnOnce() -> Found<T>) -> Found<T> {
    catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|_| Err(Fault::damaged("made its decoder give up")))
}

/// What a decoder says of a file that it cannot read.
fn cannot(said: impl std::fmt::Display) -> Fault {
    // Decoders quote from the file; a hostile one must not fill the terminal.
    let said: String = said
        .to_string()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect();
    Fault::Damaged(format!("cannot be decoded ({said})"))
}

/// What is said of a file whose decoding takes too much memory.
fn too_much() -> Fault {
    let what = "decoding it takes more memory than the limits allow; make it smaller first";
    Fault::Refused(what.into())
}
