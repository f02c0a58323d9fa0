//! Frames in, a GIF out. What did not change since the frame before is transparent.

use std::borrow::Cow;
use std::io;

use gif::{DisposalMethod, Encoder, EncodingError, Frame, Repeat};

use super::palette::{CLEAR, Painter};
use super::{Output, Part};
use crate::video::animation::format::Plays;

pub(in crate::video::animation) struct Gif {
    encoder: Encoder<Output>,
    painter: Painter,
}

impl Gif {
    pub(super) fn begin(
        output: Output,
        (width, height): (u32, u32),
        plays: Plays,
    ) -> io::Result<Self> {
        let (width, height) = (side(width)?, side(height)?);
        let mut encoder = Encoder::new(output, width, height, &[]).map_err(failed)?;
        // It counts the plays after the first; a file without the count plays once.
        let again = match plays {
            Plays::Forever => Some(Repeat::Infinite),
            Plays::Times(times) if times.get() == 1 => None,
            Plays::Times(times) => Some(Repeat::Finite(side(times.get() - 1)?)),
        };
        if let Some(again) = again {
            encoder.set_repeat(again).map_err(failed)?;
        }
        Ok(Self {
            encoder,
            painter: Painter::default(),
        })
    }

    pub(super) fn write(&mut self, part: &Part<'_>) -> io::Result<()> {
        self.painter.paint(part);
        let frame = Frame {
            delay: side(part.time.numerator)?,
            dispose: DisposalMethod::Keep,
            transparent: part.before.map(|_| CLEAR),
            top: side(part.area.top)?,
            left: side(part.area.left)?,
            width: side(part.area.width)?,
            height: side(part.area.height)?,
            palette: Some(self.painter.palette().to_vec()),
            buffer: Cow::Borrowed(self.painter.indices()),
            ..Frame::default()
        };
        self.encoder.write_frame(&frame).map_err(failed)
    }

    pub(super) fn finish(self) -> io::Result<Output> {
        self.encoder.into_inner().map_err(failed)
    }
}

/// Numbers in a GIF have 16 bits; the writer has checked them.
fn side(number: u32) -> io::Result<u16> {
    u16::try_from(number).map_err(io::Error::other)
}

fn failed(error: EncodingError) -> io::Error {
    match error {
        EncodingError::Io(error) => error,
        other => io::Error::other(other.to_string()),
    }
}
