//! A painting that a client sends: the bytes of a picture's file go in, a control with the decoded picture comes out.

use std::path::Path;

use image::RgbImage;

use crate::error::Result;
use crate::picture::{self, Limits};

/// The most bytes of a file that is sent. The decoded picture may be as large as that of any file.
pub const MOST_BYTES: usize = 64 << 20;

/// The long side at which a painting waits for its reading: more than the networks see, and little memory.
const WAITING_SIDE: u32 = 1600;

/// Decode `bytes`; `name` is for messages.
///
/// # Errors
/// Those of [`picture::decode`].
pub(super) fn decode(bytes: &[u8], name: &str) -> Result<RgbImage> {
    let limits = Limits {
        max_file_bytes: MOST_BYTES as u64,
        ..Limits::default()
    };
    let picture = picture::decode(bytes, Path::new(name), &limits)?.rgb;
    let (width, height) = picture.dimensions();
    match width.max(height) > WAITING_SIDE {
        true => picture::fit_long(&picture, WAITING_SIDE),
        false => Ok(picture),
    }
}
