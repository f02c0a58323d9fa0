//! An animated PNG in; pictures of its canvas out.

use std::io::ErrorKind;

use image::{Rgb, RgbImage};
use png::{BlendOp, ColorType, DecodingError, DisposeOp, Reader, Transformations};

use super::canvas::{Canvas, Dispose, Part};
use super::{Input, cannot, too_much};
use crate::video::animation::fault::{Fault, Found};
use crate::video::animation::limits::Limits;

pub(in crate::video::animation) struct Png {
    reader: Reader<Input>,
    canvas: Canvas,
    /// As the decoder gives them: grey and opacity, or four bytes a pixel.
    raw: Vec<u8>,
    pixels: Vec<u8>,
    /// The first picture is for programs that know no animation, and no frame.
    has_thumbnail: bool,
}

impl Png {
    pub(super) fn begin(input: Input, limits: &Limits) -> Found<Self> {
        let bytes = usize::try_from(limits.max_bytes).unwrap_or(usize::MAX);
        let mut decoder = png::Decoder::new_with_limits(input, png::Limits { bytes });
        // 8 bits, no palette, and always an opacity.
        decoder.set_transformations(
            Transformations::EXPAND | Transformations::STRIP_16 | Transformations::ALPHA,
        );
        let reader = decoder.read_info().map_err(explain)?;
        let (width, height) = reader.info().size();
        Ok(Self {
            has_thumbnail: reader.info().frame_control.is_none(),
            canvas: Canvas::new(width, height),
            raw: vec![0; reader.output_buffer_size().ok_or_else(too_much)?],
            pixels: Vec::new(),
            reader,
        })
    }

    pub(super) fn next(&mut self, background: Rgb<u8>, rgb: &mut RgbImage) -> Found<()> {
        if std::mem::take(&mut self.has_thumbnail) {
            self.reader.next_frame(&mut self.raw).map_err(explain)?;
        }
        let output = self.reader.next_frame(&mut self.raw).map_err(explain)?;
        let info = self.reader.info();
        let control = info
            .frame_control
            .ok_or_else(|| Fault::damaged("has a frame without its size"))?;
        let part = Part {
            left: control.x_offset,
            top: control.y_offset,
            width: output.width,
            height: output.height,
            over: control.blend_op == BlendOp::Over,
            dispose: match control.dispose_op {
                DisposeOp::None => Dispose::Keep,
                DisposeOp::Background => Dispose::Clear,
                DisposeOp::Previous => Dispose::Restore,
            },
        };
        // Rows of an interlaced part stand as far from each other as those of the whole canvas.
        let row = match info.interlaced {
            true => info.width,
            false => output.width,
        };
        let stride = row as usize * 4;
        match output.color_type {
            ColorType::Rgba => self.canvas.draw(part, &self.raw, stride),
            ColorType::GrayscaleAlpha => {
                self.pixels.clear();
                let grey = self.raw.as_chunks::<2>().0.iter();
                self.pixels.extend(grey.flat_map(|[v, a]| [*v, *v, *v, *a]));
                self.canvas.draw(part, &self.pixels, stride);
            }
            other => return Err(cannot(format_args!("colours of the kind {other:?}"))),
        }
        self.canvas.show(background, rgb);
        Ok(())
    }
}

fn explain(error: DecodingError) -> Fault {
    match error {
        DecodingError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => Fault::Short,
        DecodingError::IoError(e) => Fault::Read(e),
        DecodingError::LimitsExceeded => too_much(),
        other => cannot(other),
    }
}
