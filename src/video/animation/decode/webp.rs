//! An animated WebP in; pictures of its canvas out. The decoder composes by itself.

use std::io::ErrorKind;

use image::{Rgb, RgbImage};
use image_webp::{DecodingError, WebPDecoder};

use super::canvas::show;
use super::{Input, cannot, too_much};
use crate::picture::reshape;
use crate::video::animation::fault::{Fault, Found};
use crate::video::animation::limits::Limits;

pub(in super::super) struct WebP {
    decoder: WebPDecoder<Input>,
    /// Four bytes a pixel, where it has opacity.
    pixels: Vec<u8>,
}

impl WebP {
    pub(super) fn begin(input: Input, limits: &Limits, background: Rgb<u8>) -> Found<Self> {
        let mut decoder = WebPDecoder::new(input).map_err(explain)?;
        // It does not bound all that it asks for; the sizes of the frames are held against the limits by the scan.
        decoder.set_memory_limit(usize::try_from(limits.max_bytes).unwrap_or(usize::MAX));
        if !decoder.is_animated() {
            return Err(Fault::damaged("is no animation after all"));
        }
        let [r, g, b] = background.0;
        // What no frame has covered yet shows the background, also in a file that says that it has no opacity.
        decoder
            .set_background_color([r, g, b, 255])
            .map_err(explain)?;
        Ok(Self {
            decoder,
            pixels: Vec::new(),
        })
    }

    pub(super) fn next(&mut self, background: Rgb<u8>, rgb: &mut RgbImage) -> Found<()> {
        let (width, height) = self.decoder.dimensions();
        if !self.decoder.has_alpha() {
            reshape(rgb, width, height);
            return self.decoder.read_frame(rgb).map(drop).map_err(explain);
        }
        let bytes = self.decoder.output_buffer_size().ok_or_else(too_much)?;
        self.pixels.resize(bytes, 0);
        self.decoder.read_frame(&mut self.pixels).map_err(explain)?;
        show(&self.pixels, (width, height), background, rgb);
        Ok(())
    }
}

fn explain(error: DecodingError) -> Fault {
    match error {
        DecodingError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => Fault::Short,
        DecodingError::IoError(e) => Fault::Read(e),
        DecodingError::NoMoreFrames => Fault::Short,
        DecodingError::MemoryLimitExceeded => too_much(),
        other => cannot(other),
    }
}
