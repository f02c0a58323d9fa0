//! Writes a film: RGB frames go in, bytes come out.

use std::io::{ErrorKind, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use image::RgbImage;
use yuv::{
    YuvChromaSubsampling, YuvConversionMode, YuvPlanarImageMut, YuvRange, YuvStandardMatrix,
};

use crate::error::{Error, Result};
use crate::picture::Scaler;
use crate::picture::reshape;
use crate::video::{FilmFormat, Frame, FrameSink};

/// Writes a film: 4:2:0, limited range, BT.601. The first frame sets the size, later ones are resized to it.
pub struct Writer<W> {
    output: W,
    name: PathBuf,
    format: FilmFormat,
    started: Option<Started>,
    scaler: Scaler,
    scaled: RgbImage,
}

/// What is fixed by the first frame.
struct Started {
    size: (u32, u32),
    planes: YuvPlanarImageMut<'static, u8>,
}

impl<W: Write> Writer<W> {
    /// A film of `format` into `output`, called `name` in errors. Nothing is written before the first frame.
    pub fn new(output: W, name: impl Into<PathBuf>, format: FilmFormat) -> Self {
        Self {
            output,
            name: name.into(),
            format,
            started: None,
            scaler: Scaler::default(),
            scaled: RgbImage::new(0, 0),
        }
    }

    /// Whether there was a frame.
    pub(super) fn has_begun(&self) -> bool {
        self.started.is_some()
    }

    /// Add one frame.
    ///
    /// # Errors
    /// What the output says; a closed pipe too.
    pub(in crate::video) fn write(&mut self, rgb: &RgbImage) -> Result<()> {
        let failed = Error::write(&self.name);
        if self.started.is_none() {
            let (width, height) = rgb.dimensions();
            let FilmFormat { rate, pixel_aspect } = self.format;
            let line = format!(
                "YUV4MPEG2 W{width} H{height} F{rate} Ip A{pixel_aspect} C420jpeg XCOLORRANGE=LIMITED\n"
            );
            self.output
                .write_all(line.as_bytes())
                .map_err(Error::write(&self.name))?;
            let planes = YuvPlanarImageMut::alloc(width, height, YuvChromaSubsampling::Yuv420);
            self.started = Some(Started {
                size: (width, height),
                planes,
            });
        }
        let Some(started) = &mut self.started else {
            return Ok(());
        };
        let rgb = if rgb.dimensions() == started.size {
            rgb
        } else {
            reshape(&mut self.scaled, started.size.0, started.size.1);
            self.scaler.resize(rgb, &mut self.scaled)?;
            &self.scaled
        };
        yuv::rgb_to_yuv420(
            &mut started.planes,
            rgb,
            started.size.0 * 3,
            YuvRange::Limited,
            YuvStandardMatrix::Bt601,
            YuvConversionMode::Balanced,
        )
        .map_err(|e| Error::invalid("frame", e.to_string()))?;
        let planes = [
            &started.planes.y_plane,
            &started.planes.u_plane,
            &started.planes.v_plane,
        ];
        self.output
            .write_all(b"FRAME\n")
            .and_then(|()| {
                planes
                    .iter()
                    .try_for_each(|plane| self.output.write_all(plane.borrow()))
            })
            .map_err(failed)
    }

    /// The output, with everything written to it.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub(in crate::video) fn into_output(mut self) -> Result<W> {
        self.output.flush().map_err(Error::write(&self.name))?;
        Ok(self.output)
    }
}

impl<W: Write> FrameSink for Writer<W> {
    fn show(&mut self, frame: &Frame) -> Result<ControlFlow<()>> {
        match self.write(&frame.rgb) {
            // The reader of the pipe has ended, which is its right.
            Err(Error::Write { source, .. }) if source.kind() == ErrorKind::BrokenPipe => {
                Ok(ControlFlow::Break(()))
            }
            done => done.map(ControlFlow::Continue),
        }
    }

    fn finish(&mut self) -> Result<()> {
        match self.output.flush() {
            Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Error::write(&self.name)(e)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Reader;
    use super::*;
    use crate::video::{FrameSource, Ratio};

    const FORMAT: FilmFormat = FilmFormat {
        rate: Ratio::new(30000, 1001),
        pixel_aspect: Ratio::new(64, 45),
    };

    fn frame(width: u32, height: u32) -> Frame {
        let mut frame = Frame::empty();
        // Smooth, as 4:2:0 has fewer colours than pixels.
        frame.rgb = RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([(x * 3) as u8, (y * 3) as u8, (200 - x - y) as u8])
        });
        frame
    }

    #[test]
    fn a_film_comes_back_as_it_was_written() {
        for (width, height) in [(64, 48), (33, 17)] {
            let mut film = Vec::new();
            let mut writer = Writer::new(&mut film, "film", FORMAT);
            assert!(writer.show(&frame(width, height)).unwrap().is_continue());
            assert!(writer.show(&frame(64, 48)).unwrap().is_continue());
            writer.finish().unwrap();
            let mut reader = Reader::new(&film[..], "film", false).unwrap();
            assert_eq!(reader.format(), FORMAT);
            let mut back = Frame::empty();
            assert!(reader.next_frame(&mut back).unwrap());
            let wanted = frame(width, height).rgb;
            let worst = back
                .rgb
                .iter()
                .zip(wanted.iter())
                .map(|(a, b)| a.abs_diff(*b))
                .max();
            assert!(worst <= Some(8), "{worst:?}");
            assert!(reader.next_frame(&mut back).unwrap());
            assert_eq!(back.rgb.dimensions(), (width, height));
            assert!(!reader.next_frame(&mut back).unwrap());
        }
    }

    #[test]
    fn a_closed_pipe_ends_the_film_and_a_full_disk_is_an_error() {
        struct Failing(ErrorKind);
        impl Write for Failing {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let shown = |kind| Writer::new(Failing(kind), "film", FORMAT).show(&frame(16, 16));
        assert!(shown(ErrorKind::BrokenPipe).unwrap().is_break());
        assert!(shown(ErrorKind::StorageFull).is_err());
    }
}
