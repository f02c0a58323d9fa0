//! Pictures in files: open with limits, save whole or not at all.
//!
//! Reading tells the format by content, never by name, and looks at the header before it asks for memory.
//! Writing tells the format by the file's extension, as that is how the user asks for it.

mod atomic;
mod brush_scaler;
#[cfg(feature = "jobs")]
pub mod canvas;
pub(crate) mod claims;
mod colors;
#[cfg(feature = "jobs")]
mod contact_sheet;
mod decode;
mod eight_bits;
mod encode;
mod exif;
#[cfg(feature = "jobs")]
mod find;
mod formats;
mod icc;
mod metadata;
mod mix;
mod moving;
mod output;
mod palette;
mod png_rows;
mod resize;
mod scan;
mod tags;
mod tensor;
mod tiff_numbers;
mod webp_chunks;

pub use atomic::write_bytes;
#[cfg(feature = "jobs")]
pub(crate) use atomic::{Pending, write_private};
pub(crate) use brush_scaler::BrushScaler;
pub use colors::{Colors, FACTORS, KeepColors, Palette};
#[cfg(feature = "jobs")]
pub use contact_sheet::contact_sheet;
pub use decode::decode;
pub use encode::{SaveOptions, encode_as, encode_png, save, save_with};
#[cfg(feature = "jobs")]
pub use find::{Found, Search, find_pictures, find_pictures_below, is_collection};
pub use formats::{EXTENSIONS, Format};
pub use metadata::Metadata;
pub(crate) use mix::mix_views;
pub use mix::mix_with_photo;
pub use moving::{save_gif, save_gif_while};
#[cfg(feature = "jobs")]
pub(crate) use output::same_file;
pub use output::{check_folder, check_output};
pub use resize::{Scaler, fit_long, fit_short, reshape, resize};
pub use tensor::{at_least, view, view_mut};

use crate::{Error, Result, files};
use image::{GrayImage, RgbImage};
use std::io;
use std::path::Path;

/// How large a picture may be; what is larger is refused before memory is asked for.
///
/// Decoding needs up to about three times `max_bytes` for a moment (progressive JPEG keeps its coefficients).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most pixels along either side.
    pub max_side: u32,
    /// The most bytes of decoded pixels, in the file's own depth (8 per pixel for 16-bit RGBA).
    pub max_bytes: u64,
    /// The most bytes of the file itself.
    pub max_file_bytes: u64,
}

impl Default for Limits {
    /// 16384 pixels a side, 512 MiB decoded, and files of 512 MiB: the largest cameras pass, a bomb does not.
    fn default() -> Self {
        Self {
            max_side: 16384,
            max_bytes: 512 << 20,
            max_file_bytes: 512 << 20,
        }
    }
}

/// A decoded picture, upright, 8 bits per channel, in sRGB.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The colours, not multiplied by alpha, `[H,W,3]`.
    pub rgb: RgbImage,
    /// The opacity, `[H,W]`, 255 = opaque; `None` where every pixel is opaque.
    pub alpha: Option<GrayImage>,
    /// What the user may want to know about how the file was read, one sentence each.
    pub notes: Vec<String>,
    /// What the file says besides the pixels, to be written to the file of the pastiche.
    pub metadata: Metadata,
}

/// Reads the picture in the file `path`: PNG, JPEG, WebP, BMP, TIFF or GIF, told by content.
///
/// # Errors
/// [`Error::Read`] where the file is missing, not readable, or no file: a folder, a pipe, a device; otherwise as [`decode`].
pub fn open(path: &Path, limits: &Limits) -> Result<Picture> {
    match files::read(path, limits.max_file_bytes) {
        Ok(bytes) => decode(&bytes, path, limits),
        Err(e) if e.kind() == io::ErrorKind::FileTooLarge => {
            Err(decode::file_too_large(path, limits))
        }
        Err(e) => Err(read_error(path, e)),
    }
}

/// An [`Error::Read`] that says what to do where the system's own words do not.
fn read_error(path: &Path, source: io::Error) -> Error {
    let remedy = match source.kind() {
        // Windows calls it an invalid name, other systems a missing file.
        _ if path.to_string_lossy().contains("://") => {
            "it is an internet address, and only files are read; download it first"
        }
        _ if path.is_symlink() && !path.exists() => {
            "it is a link that leads nowhere or in a circle; correct the link, or remove it"
        }
        io::ErrorKind::NotFound => "there is no such file or folder; check the path",
        io::ErrorKind::IsADirectory => "it is a folder; name a picture in it",
        io::ErrorKind::PermissionDenied => "permission denied; make it readable first",
        _ => return Error::read(path)(source),
    };
    Error::read(path)(io::Error::new(source.kind(), remedy))
}
