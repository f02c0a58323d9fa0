//! What the files of `stylize` are to be like, and which are read.

use crate::error::{Error, Result};
use crate::picture::Format;

/// The qualities of a JPEG.
pub const QUALITIES: std::ops::RangeInclusive<u8> = 1..=100;

/// What files are read and how the outputs are written. The default: PNG into folders, with the photo's EXIF data, and
/// what is there is replaced.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileOptions {
    /// The format of the outputs; when absent that of the output's name, and PNG in a folder.
    pub format: Option<Format>,
    /// Of JPEG outputs, in [`QUALITIES`]; 95 when absent.
    pub quality: Option<u8>,
    /// Leave out EXIF data and profile.
    pub strip: bool,
    /// Keep outputs that are there: their photos are not painted again.
    pub no_clobber: bool,
    /// Also the subfolders of the folders among the contents; the outputs stand in the same tree.
    pub recursive: bool,
}

impl FileOptions {
    /// `Ok` when the options fit outputs in `format`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a quality out of range, or of a format that has none.
    pub(super) fn check(&self, format: Format) -> Result<()> {
        let Some(quality) = self.quality else {
            return Ok(());
        };
        let (least, most) = (QUALITIES.start(), QUALITIES.end());
        let reason = if !QUALITIES.contains(&quality) {
            format!("{quality} is not between {least} and {most}")
        } else if !format.has_quality() {
            format!(
                "is for JPEG, and the output is {format}, which is written without loss; leave it out, or write .jpg"
            )
        } else {
            return Ok(());
        };
        Err(Error::invalid("quality", reason))
    }
}
