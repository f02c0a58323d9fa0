//! A GIF in; pictures of its canvas out.

use std::io::ErrorKind;
use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, DecodingError, DisposalMethod, MemoryLimit};
use image::{Rgb, RgbImage};

use super::canvas::{Canvas, Dispose, Part};
use super::{Input, cannot, too_much};
use crate::video::animation::fault::{Fault, Found};
use crate::video::animation::limits::Limits;

pub(in crate::video::animation) struct Gif {
    decoder: gif::Decoder<Input>,
    canvas: Canvas,
    pixels: Vec<u8>,
}

impl Gif {
    pub(super) fn begin(input: Input, limits: &Limits) -> Found<Self> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        if let Some(most) = NonZeroU64::new(limits.max_bytes) {
            options.set_memory_limit(MemoryLimit::Bytes(most));
        }
        let decoder = options.read_info(input).map_err(explain)?;
        // The background that the file names is ignored, as browsers do.
        let canvas = Canvas::new(u32::from(decoder.width()), u32::from(decoder.height()));
        Ok(Self {
            decoder,
            canvas,
            pixels: Vec::new(),
        })
    }

    pub(super) fn next(&mut self, background: Rgb<u8>, rgb: &mut RgbImage) -> Found<()> {
        let frame = self.decoder.next_frame_info().map_err(explain)?;
        let frame = frame.ok_or(Fault::Short)?;
        let part = Part {
            left: u32::from(frame.left),
            top: u32::from(frame.top),
            width: u32::from(frame.width),
            height: u32::from(frame.height),
            over: true,
            dispose: match frame.dispose {
                DisposalMethod::Any | DisposalMethod::Keep => Dispose::Keep,
                DisposalMethod::Background => Dispose::Clear,
                DisposalMethod::Previous => Dispose::Restore,
            },
        };
        self.pixels.resize(self.decoder.buffer_size(), 0);
        self.decoder
            .read_into_buffer(&mut self.pixels)
            .map_err(explain)?;
        self.canvas
            .draw(part, &self.pixels, part.width as usize * 4);
        self.canvas.show(background, rgb);
        Ok(())
    }
}

fn explain(error: DecodingError) -> Fault {
    match error {
        DecodingError::Io(e) if e.kind() == ErrorKind::UnexpectedEof => Fault::Short,
        DecodingError::Io(e) => Fault::Read(e),
        DecodingError::OutOfMemory | DecodingError::MemoryLimit => too_much(),
        other => cannot(other),
    }
}
