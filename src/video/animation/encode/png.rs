//! Frames in, an animated PNG out: the chunks of one, around pixels that the encoder of still pictures has compressed.
//!
//! That encoder could write an animation too, but has to be told the number of frames before the first; a film that is
//! painted may end early. Here the number is filled in at the end.

use std::io::{self, Seek, SeekFrom, Write};

use crc32fast::Hasher;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::{Output, Part, failed};
use crate::video::animation::format::Plays;

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];

/// Where the number of frames stands: behind the signature and the header.
const CONTROL_AT: u64 = 8 + 12 + 13;

pub(in crate::video::animation) struct Png {
    output: Output,
    plays: u32,
    frames: u32,
    /// The chunks of an animation are numbered.
    sequence: u32,
    pixels: Vec<u8>,
    still: Vec<u8>,
}

impl Png {
    pub(super) fn begin(
        mut output: Output,
        (width, height): (u32, u32),
        plays: Plays,
    ) -> io::Result<Self> {
        output.write_all(&SIGNATURE)?;
        let (w, h) = (width.to_be_bytes(), height.to_be_bytes());
        // 8 bits, RGB, and the only ways there are to compress, filter and (not) interlace.
        chunk(&mut output, b"IHDR", &[&w, &h, &[8, 2, 0, 0, 0]])?;
        let plays = plays.zero_forever();
        control(&mut output, 0, plays)?;
        Ok(Self {
            output,
            plays,
            frames: 0,
            sequence: 0,
            pixels: Vec::new(),
            still: Vec::new(),
        })
    }

    pub(super) fn write(&mut self, part: &Part<'_>) -> io::Result<()> {
        let area = part.area;
        area.copy(part.picture, &mut self.pixels);
        self.still.clear();
        PngEncoder::new_with_quality(
            &mut self.still,
            CompressionType::Default,
            FilterType::Adaptive,
        )
        .write_image(
            &self.pixels,
            area.width,
            area.height,
            ExtendedColorType::Rgb8,
        )
        .map_err(failed)?;

        let place = [area.width, area.height, area.left, area.top].map(u32::to_be_bytes);
        let short = |n: u32| u16::try_from(n).map_err(io::Error::other);
        let time = [
            short(part.time.numerator)?.to_be_bytes(),
            short(part.time.denominator)?.to_be_bytes(),
        ];
        // Stays on the canvas, and replaces what was there.
        let after = [0, 0];
        let number = self.number();
        let parts = [
            &number[..],
            place.as_flattened(),
            time.as_flattened(),
            &after,
        ];
        chunk(&mut self.output, b"fcTL", &parts)?;

        let first = self.frames == 0;
        let mut at = SIGNATURE.len();
        while let Some((kind, data, next)) = read_chunk(&self.still, at) {
            at = next;
            match (kind, first) {
                (b"IDAT", true) => chunk(&mut self.output, b"IDAT", &[data])?,
                (b"IDAT", false) => {
                    let number = self.sequence.to_be_bytes();
                    self.sequence += 1;
                    chunk(&mut self.output, b"fdAT", &[&number, data])?;
                }
                _ => {}
            }
        }
        self.frames += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<Output> {
        chunk(&mut self.output, b"IEND", &[])?;
        self.output.seek(SeekFrom::Start(CONTROL_AT))?;
        control(&mut self.output, self.frames, self.plays)?;
        self.output.seek(SeekFrom::End(0))?;
        Ok(self.output)
    }

    fn number(&mut self) -> [u8; 4] {
        let number = self.sequence;
        self.sequence += 1;
        number.to_be_bytes()
    }
}

/// The chunk that makes it an animation.
fn control(output: &mut Output, frames: u32, plays: u32) -> io::Result<()> {
    let numbers = [frames, plays].map(u32::to_be_bytes);
    chunk(output, b"acTL", &[numbers.as_flattened()])
}

/// Length, kind, data and checksum.
fn chunk(output: &mut Output, kind: &[u8; 4], parts: &[&[u8]]) -> io::Result<()> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let length = u32::try_from(length).map_err(io::Error::other)?;
    let mut sum = Hasher::new();
    output.write_all(&length.to_be_bytes())?;
    for part in [&kind[..]].iter().chain(parts) {
        sum.update(part);
        output.write_all(part)?;
    }
    output.write_all(&sum.finalize().to_be_bytes())
}

/// Kind and data of the chunk that begins at `at`, and where the next one begins.
fn read_chunk(bytes: &[u8], at: usize) -> Option<(&[u8; 4], &[u8], usize)> {
    let length = u32::from_be_bytes(*bytes.get(at..)?.first_chunk::<4>()?) as usize;
    let kind = bytes.get(at + 4..)?.first_chunk::<4>()?;
    let data = bytes.get(at + 8..at + 8 + length)?;
    Some((kind, data, at + 12 + length))
}
