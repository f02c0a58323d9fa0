//! The contents as the user named them in; the pictures to paint out. Also reads and writes a picture by its path.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use image::{GrayImage, RgbImage};

use crate::error::{Error, Result};
use crate::jobs::output_paths::is_standard_stream;
use crate::picture::{self, Limits, Picture};

/// The pictures to paint.
pub(super) struct Inputs {
    pub(super) files: Vec<PathBuf>,
    /// Whether one of the contents was a folder or a pattern.
    pub(super) any_collection: bool,
}

impl Inputs {
    /// Files, with folders and patterns replaced by their pictures. A missing file among several is kept: it is reported
    /// when its turn comes.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty folder and a pattern that matches nothing; [`Error::Read`] where a lone content is
    /// missing.
    pub(super) fn find(contents: &[PathBuf]) -> Result<Self> {
        let mut inputs = Self {
            files: Vec::new(),
            any_collection: false,
        };
        for content in contents {
            if is_standard_stream(content) {
                inputs.files.push(content.clone());
            } else if picture::is_collection(content) {
                inputs.files.extend(picture::find_pictures(content)?);
                inputs.any_collection = true;
            } else if contents.len() == 1 {
                inputs.files.extend(picture::find_pictures(content)?);
            } else {
                inputs.files.push(content.clone());
            }
        }
        Ok(inputs)
    }
}

/// The picture in the file `path`, or on standard input.
///
/// # Errors
/// As [`picture::open`].
pub(super) fn open(path: &Path) -> Result<Picture> {
    let limits = Limits::default();
    if !is_standard_stream(path) {
        return picture::open(path, &limits);
    }
    let name = Path::new("standard input");
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(limits.max_file_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(Error::read(name))?;
    picture::decode(&bytes, name, &limits)
}

/// Write the picture to the file `path`, or as PNG to standard output.
///
/// # Errors
/// As [`picture::save`].
pub(super) fn save(path: &Path, rgb: &RgbImage, alpha: Option<&GrayImage>) -> Result<()> {
    if !is_standard_stream(path) {
        return picture::save(path, rgb, alpha);
    }
    let bytes = picture::encode_png(rgb, alpha)?;
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(&bytes)
        .and_then(|()| stdout.flush())
        .map_err(Error::write("standard output"))
}
