//! A sink that writes frames as numbered PNG files into a folder.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::FrameSink;
use crate::error::{Error, Result};
use crate::picture;
use crate::video::Frame;

/// Writes `000000.png`, `000001.png` ... into a folder, each whole or not at all.
#[derive(Debug)]
pub struct PngFolder {
    folder: PathBuf,
    next: u64,
}

impl PngFolder {
    /// The folder is made unless it is there; only its last part may be new. One that has frames already is refused:
    /// a shorter film written over a longer one would leave a mixture of both.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Write`].
    pub fn open(folder: &Path) -> Result<Self> {
        let refuse =
            |reason: &str| Err(Error::invalid(format!("png:{}", folder.display()), reason));
        if folder.exists() && !folder.is_dir() {
            return refuse("is a file, and a folder is needed; name another");
        }
        if folder.join(name(0)).exists() {
            return refuse("has frames already; name another folder, or remove them first");
        }
        if !folder.is_dir() {
            let parent = folder.parent().filter(|p| !p.as_os_str().is_empty());
            if parent.is_some_and(|p| !p.is_dir()) {
                return refuse("its parent folder does not exist; make it first");
            }
            std::fs::create_dir(folder).map_err(Error::write(folder))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            next: 0,
        })
    }
}

fn name(number: u64) -> String {
    format!("{number:06}.png")
}

impl FrameSink for PngFolder {
    fn show(&mut self, frame: &Frame) -> Result<ControlFlow<()>> {
        picture::save(&self.folder.join(name(self.next)), &frame.rgb, None)?;
        self.next += 1;
        Ok(ControlFlow::Continue(()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_numbered_and_old_ones_are_safe() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("frames");
        let mut sink = PngFolder::open(&folder).unwrap();
        let mut frame = Frame::empty();
        frame.rgb = image::RgbImage::from_pixel(4, 4, image::Rgb([1, 2, 3]));
        for _ in 0..2 {
            assert!(sink.show(&frame).unwrap().is_continue());
        }
        let back = image::open(folder.join("000001.png")).unwrap().to_rgb8();
        assert_eq!(back, frame.rgb);
        let said = PngFolder::open(&folder).unwrap_err().to_string();
        assert!(said.contains("already"), "{said}");
        assert!(PngFolder::open(&parent.path().join("no/such")).is_err());
        assert!(PngFolder::open(&folder.join("000000.png")).is_err());
    }
}
