//! What a file holds besides the pixels: a picture's metadata in, the bytes for its encoder out.

use super::icc;
use super::metadata::Metadata;

/// The EXIF block and the profile that an encoder is to write; both are left out where there is none.
#[derive(Default)]
pub(super) struct Tags {
    pub(super) exif: Option<Vec<u8>>,
    /// The profile of sRGB, where the photo had a profile.
    pub(super) profile: Option<Vec<u8>>,
}

impl Tags {
    /// The tags of a picture of `size` (width, height).
    pub(super) fn of(metadata: Option<&Metadata>, size: (u32, u32)) -> Self {
        let Some(metadata) = metadata else {
            return Self::default();
        };
        let exif = metadata.exif(size);
        Self {
            exif: (!exif.is_empty()).then_some(exif),
            profile: metadata.has_profile.then(icc::srgb).flatten(),
        }
    }
}
