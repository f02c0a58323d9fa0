//! An animated WebP in; pictures of its canvas out.
//!
//! The decoder's own composition is passed by: after a frame that is disposed of it clears the whole canvas in front of a
//! frame that covers it, and the wrong bytes in front of a lossy one. So each frame is decoded as the still picture that its
//! chunks are, and drawn here.

use std::io::{Cursor, Read, Seek, SeekFrom};

use image::{Rgb, RgbImage};
use image_webp::{DecodingError, WebPDecoder};

use super::canvas::{Canvas, Dispose, Part};
use super::{Input, cannot, too_much};
use crate::video::animation::fault::{Fault, Found};
use crate::video::animation::limits::Limits;

/// What stands before the chunks: `RIFF`, a length, `WEBP`.
const HEAD: u64 = 12;

/// Place, size, time and flags of a frame.
const FRAME: usize = 16;

/// Flags of a frame.
const DISPOSE: u8 = 0x01;
const REPLACE: u8 = 0x02;

/// Flag of a still picture: it has opacity.
const ALPHA: u8 = 0x10;

pub(in crate::video::animation) struct WebP {
    input: Input,
    canvas: Canvas,
    max_bytes: u64,
    /// A frame's chunks as a file of their own.
    still: Vec<u8>,
    pixels: Vec<u8>,
    /// Pixels of three bytes, before they get a fourth.
    opaque: Vec<u8>,
}

impl WebP {
    /// The scan has found the chunks whole, and the sizes within the limits.
    pub(super) fn begin(mut input: Input, limits: &Limits) -> Found<Self> {
        input.seek(SeekFrom::Start(HEAD))?;
        let mut header = [0; 8 + 10];
        input.read_exact(&mut header)?;
        let [.., w0, w1, w2, h0, h1, h2] = header;
        let side = |a, b, c| 1 + u32::from_le_bytes([a, b, c, 0]);
        input.seek(SeekFrom::Start(HEAD))?;
        Ok(Self {
            input,
            canvas: Canvas::new(side(w0, w1, w2), side(h0, h1, h2)),
            max_bytes: limits.max_bytes,
            still: Vec::new(),
            pixels: Vec::new(),
            opaque: Vec::new(),
        })
    }

    pub(super) fn next(&mut self, background: Rgb<u8>, rgb: &mut RgbImage) -> Found<()> {
        let part = self.read_frame()?;
        let mut decoder = WebPDecoder::new(Cursor::new(&self.still)).map_err(explain)?;
        decoder.set_memory_limit(usize::try_from(self.max_bytes).unwrap_or(usize::MAX));
        if decoder.dimensions() != (part.width, part.height) {
            return Err(Fault::damaged("has a frame with two different sizes"));
        }
        let bytes = decoder.output_buffer_size().ok_or_else(too_much)?;
        if decoder.has_alpha() {
            self.pixels.resize(bytes, 0);
            decoder.read_image(&mut self.pixels).map_err(explain)?;
        } else {
            self.opaque.resize(bytes, 0);
            decoder.read_image(&mut self.opaque).map_err(explain)?;
            self.pixels.clear();
            let colours = self.opaque.as_chunks::<3>().0.iter();
            self.pixels
                .extend(colours.flat_map(|[r, g, b]| [*r, *g, *b, 255]));
        }
        let stride = part.width as usize * 4;
        self.canvas.draw(part, &self.pixels, stride);
        self.canvas.show(background, rgb);
        Ok(())
    }

    /// The next frame's place; its pixels, still compressed, are then in `still`.
    fn read_frame(&mut self) -> Found<Part> {
        let length = loop {
            let mut header = [0; 8];
            self.input.read_exact(&mut header)?;
            let [k0, k1, k2, k3, l0, l1, l2, l3] = header;
            let length = u32::from_le_bytes([l0, l1, l2, l3]);
            if [k0, k1, k2, k3] == *b"ANMF" {
                break length as usize;
            }
            let padded = i64::from(length) + i64::from(length & 1);
            self.input.seek_relative(padded)?;
        };
        let mut header = [0; FRAME];
        self.input.read_exact(&mut header)?;
        let number =
            |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], 0]);
        let flags = header[FRAME - 1];
        let part = Part {
            left: number(0) * 2,
            top: number(3) * 2,
            width: number(6) + 1,
            height: number(9) + 1,
            over: flags & REPLACE == 0,
            dispose: match flags & DISPOSE {
                0 => Dispose::Keep,
                _ => Dispose::Clear,
            },
        };
        let payload = (length + (length & 1))
            .checked_sub(FRAME)
            .ok_or_else(|| Fault::damaged("has a frame without pixels"))?;
        self.still.clear();
        self.still.extend_from_slice(b"RIFF\0\0\0\0WEBP");
        // A picture whose opacity stands apart from its colours begins with a header that says so.
        self.still.extend_from_slice(b"VP8X\x0A\0\0\0");
        self.still.extend_from_slice(&[ALPHA, 0, 0, 0]);
        self.still.extend_from_slice(&header[6..12]);
        let begins = self.still.len();
        let read = (&mut self.input)
            .take(payload as u64)
            .read_to_end(&mut self.still)?;
        if read < payload {
            return Err(Fault::Short);
        }
        if !self.still[begins..].starts_with(b"ALPH") {
            self.still.drain(HEAD as usize..begins);
        }
        let size = u32::try_from(self.still.len() - 8).map_err(|_| too_much())?;
        self.still[4..8].copy_from_slice(&size.to_le_bytes());
        Ok(part)
    }
}

fn explain(error: DecodingError) -> Fault {
    match error {
        // It reads from memory, so nothing but the frame's end can be in its way.
        DecodingError::IoError(_) => Fault::damaged("has a frame that ends in the middle"),
        DecodingError::MemoryLimitExceeded => too_much(),
        other => cannot(other),
    }
}
