//! Frames in, an animated WebP out: the container of one, around the lossless bitstreams of the encoder of still
//! pictures, which is the only one in Rust alone.

use std::io::{self, Seek, SeekFrom, Write};

use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;

use super::{Output, Part, failed};
use crate::video::animation::format::Plays;

/// Flag of the header: it is an animation.
const ANIMATED: u8 = 0x02;

/// Flag of a frame: it replaces what was there, and stays.
const REPLACE: u8 = 0x02;

/// What stands before the bitstream's chunk in a file of the encoder: `RIFF`, a length, `WEBP`.
const HEAD: usize = 12;

pub(in crate::video::animation) struct WebP {
    output: Output,
    /// Bytes behind the first 8, which is what the container's length counts.
    length: u64,
    pixels: Vec<u8>,
    still: Vec<u8>,
}

impl WebP {
    pub(super) fn begin(
        mut output: Output,
        (width, height): (u32, u32),
        plays: Plays,
    ) -> io::Result<Self> {
        output.write_all(b"RIFF\0\0\0\0WEBP")?;
        output.write_all(b"VP8X")?;
        output.write_all(&10_u32.to_le_bytes())?;
        output.write_all(&[ANIMATED, 0, 0, 0])?;
        output.write_all(&small(width - 1)?)?;
        output.write_all(&small(height - 1)?)?;
        output.write_all(b"ANIM")?;
        output.write_all(&6_u32.to_le_bytes())?;
        // A background, which nothing shows as every frame is opaque and the first covers all.
        output.write_all(&[255; 4])?;
        let plays = u16::try_from(plays.zero_forever()).map_err(io::Error::other)?;
        output.write_all(&plays.to_le_bytes())?;
        Ok(Self {
            output,
            length: 4 + 18 + 14,
            pixels: Vec::new(),
            still: Vec::new(),
        })
    }

    pub(super) fn write(&mut self, part: &Part<'_>) -> io::Result<()> {
        let area = part.area;
        area.copy(part.picture, &mut self.pixels);
        self.still.clear();
        WebPEncoder::new_lossless(&mut self.still)
            .encode(
                &self.pixels,
                area.width,
                area.height,
                ExtendedColorType::Rgb8,
            )
            .map_err(failed)?;
        // The bitstream with its chunk's name, length and filling.
        let stream = match self.still.get(HEAD..) {
            Some(chunk) if chunk.starts_with(b"VP8L") => chunk,
            _ => return Err(io::Error::other("the WebP encoder wrote no VP8L bitstream")),
        };
        let inner = 16 + stream.len() as u64;
        self.length += 8 + inner;
        if self.length > u64::from(u32::MAX) {
            return Err(io::Error::other(
                "it grows over 4 GiB, which a WebP cannot hold; make it shorter or smaller, or choose .png",
            ));
        }
        let output = &mut self.output;
        output.write_all(b"ANMF")?;
        output.write_all(&(inner as u32).to_le_bytes())?;
        for number in [
            area.left / 2,
            area.top / 2,
            area.width - 1,
            area.height - 1,
            part.time.numerator,
        ] {
            output.write_all(&small(number)?)?;
        }
        output.write_all(&[REPLACE])?;
        output.write_all(stream)
    }

    pub(super) fn finish(mut self) -> io::Result<Output> {
        self.output.seek(SeekFrom::Start(4))?;
        // It was held against the limit with every frame.
        self.output.write_all(&(self.length as u32).to_le_bytes())?;
        self.output.seek(SeekFrom::End(0))?;
        Ok(self.output)
    }
}

/// A number of three bytes.
fn small(number: u32) -> io::Result<[u8; 3]> {
    match number.to_le_bytes() {
        [low, middle, high, 0] => Ok([low, middle, high]),
        _ => Err(io::Error::other(format!("{number} does not fit a WebP"))),
    }
}
