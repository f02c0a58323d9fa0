//! What a photo's file says about it besides its pixels, for the file of its pastiche.

use super::exif;

/// EXIF data and whether there was a colour profile. Bounded: 64 KiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// EXIF data for a picture that is upright, in sRGB, and has no thumbnail.
    exif: Option<Vec<u8>>,
    /// Whether the photo said what its colours are, so that its pastiche should.
    pub(super) has_profile: bool,
}

impl Metadata {
    pub(super) fn new(has_profile: bool) -> Self {
        Self {
            exif: None,
            has_profile,
        }
    }

    /// Take the EXIF data of a photo. What cannot be kept is said.
    pub(super) fn take_exif(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        let kept = exif::for_pastiche(bytes)
            .ok_or("the EXIF data (date, camera, place) is damaged, and is left out")?;
        if kept.len() > exif::MOST_BYTES {
            return Err("the EXIF data is over 64 KiB, more than a JPEG holds, and is left out");
        }
        self.exif = Some(kept);
        Ok(())
    }

    /// The EXIF data for a picture of `size`, width and height in pixels; empty where there is none.
    pub(super) fn exif(&self, size: (u32, u32)) -> Vec<u8> {
        let exif = self.exif.as_deref();
        exif.map_or_else(Vec::new, |exif| super::exif::with_size(exif, size))
    }

    /// Whether there is EXIF data.
    pub fn has_exif(&self) -> bool {
        self.exif.is_some()
    }
}
