//! Writes a film to a file, which appears under its name when it is complete.

use std::io::BufWriter;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::Writer;
use crate::error::{Error, Result};
use crate::picture::Pending;
use crate::video::{FilmFormat, Frame, FrameSink};

/// Bytes that are buffered before they are written: a few frames.
const BUFFER: usize = 1 << 20;

/// Writes a film to a file.
pub struct FileWriter {
    writer: Option<Writer<BufWriter<Pending>>>,
    path: PathBuf,
    /// Whether the film is complete, and there.
    written: bool,
    note: Option<String>,
}

impl FileWriter {
    /// Begin the film `path`. It appears at [`FrameSink::finish`].
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn create(path: &Path, format: FilmFormat) -> Result<Self> {
        let output = BufWriter::with_capacity(BUFFER, Pending::create(path)?);
        Ok(Self {
            writer: Some(Writer::new(output, path, format)),
            path: path.to_owned(),
            written: false,
            note: None,
        })
    }

    /// Whether the film is complete, and there: a film without frames is not written.
    pub fn is_written(&self) -> bool {
        self.written
    }
}

impl FrameSink for FileWriter {
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
        if !writer.has_begun() {
            let path = self.path.display();
            self.note = Some(format!("{path}: not written, as there was no frame"));
            return Ok(());
        }
        let pending = writer.into_output()?.into_inner();
        pending
            .map_err(|e| Error::write(&self.path)(e.into_error()))?
            .keep()?;
        self.written = true;
        Ok(())
    }

    fn take_note(&mut self) -> Option<String> {
        self.note.take()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::video::Ratio;

    const FORMAT: FilmFormat = FilmFormat::square(Ratio::whole(25));

    #[test]
    fn a_film_appears_when_it_is_finished_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.y4m");
        let mut frame = Frame::empty();
        frame.rgb = image::RgbImage::new(16, 16);
        let mut film = FileWriter::create(&path, FORMAT).unwrap();
        assert!(film.show(&frame).unwrap().is_continue());
        assert!(!path.exists());
        film.finish().unwrap();
        assert!(
            std::fs::read(&path)
                .unwrap()
                .starts_with(b"YUV4MPEG2 W16 H16 F25:1")
        );
        let mut empty = FileWriter::create(&folder.path().join("c.y4m"), FORMAT).unwrap();
        empty.finish().unwrap();
        assert!(empty.take_note().is_some_and(|note| note.contains("c.y4m")));
        assert!(film.is_written() && !empty.is_written());
        let mut dropped = FileWriter::create(&folder.path().join("b.y4m"), FORMAT).unwrap();
        assert!(dropped.show(&frame).unwrap().is_continue());
        drop(dropped);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
