//! The colours of a picture that pastiches are to have.

use std::path::{Path, PathBuf};

use image::RgbImage;

use super::moments::Moments;

/// Mean and covariance of a picture's colours in OKLab.
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    moments: Moments,
    file: Option<PathBuf>,
}

impl Palette {
    /// The palette of `picture`.
    pub fn of(picture: &RgbImage) -> Self {
        Self {
            moments: Moments::of(picture),
            file: None,
        }
    }

    /// This palette, as one that was read from the file `path`, so that no output replaces that.
    pub fn from_file(mut self, path: &Path) -> Self {
        self.file = Some(path.to_owned());
        self
    }

    /// The file that it was read from.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    pub(super) fn moments(&self) -> &Moments {
        &self.moments
    }
}
