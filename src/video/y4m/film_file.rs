//! A film in a file that appears when it is whole.

use std::io::BufWriter;
use std::ops::ControlFlow;
use std::path::Path;

use super::Writer;
use crate::error::{Error, Result};
use crate::picture::Pending;
use crate::video::Frame;
use crate::video::FrameSink;

/// Bytes that are gathered before the disk is asked: a few frames.
const GATHERED: usize = 1 << 20;

/// Writes a film to a file.
pub struct FilmFile {
    writer: Option<Writer<BufWriter<Pending>>>,
}

impl FilmFile {
    /// Begin the film `path`, of `rate` frames a second. It appears at [`FrameSink::finish`].
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn create(path: &Path, rate: f64) -> Result<Self> {
        let output = BufWriter::with_capacity(GATHERED, Pending::create(path)?);
        Ok(Self {
            writer: Some(Writer::new(output, path, rate)),
        })
    }
}

impl FrameSink for FilmFile {
    fn show(&mut self, frame: &Frame) -> Result<ControlFlow<()>> {
        if let Some(writer) = &mut self.writer {
            writer.write(&frame.rgb)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn finish(&mut self) -> Result<()> {
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        let pending = writer.into_output()?.into_inner();
        pending
            .map_err(|e| Error::invalid("film", e.error().to_string()))?
            .keep()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_film_appears_when_it_is_finished_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.y4m");
        let mut frame = Frame::empty();
        frame.rgb = image::RgbImage::new(16, 16);
        let mut film = FilmFile::create(&path, 25.0).unwrap();
        assert!(film.show(&frame).unwrap().is_continue());
        assert!(!path.exists());
        film.finish().unwrap();
        assert!(
            std::fs::read(&path)
                .unwrap()
                .starts_with(b"YUV4MPEG2 W16 H16 F25:1")
        );
        let mut dropped = FilmFile::create(&folder.path().join("b.y4m"), 25.0).unwrap();
        assert!(dropped.show(&frame).unwrap().is_continue());
        drop(dropped);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
