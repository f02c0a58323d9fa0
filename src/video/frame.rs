//! One frame of a source: its pixels, when it was taken, and its number.

use std::time::Instant;

use image::RgbImage;

/// One picture of a camera, a film or a test card.
///
/// Frames are reused: whoever passes one on gets another back (see [`super::Slot`]), so that a stream of them
/// allocates nothing once it runs.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The picture, 8 bits a channel, not mirrored.
    pub rgb: RgbImage,
    /// When the picture was taken, as near to the sensor as the source can tell.
    pub captured: Instant,
    /// Counts up from 0 within one source; a gap means that the source itself lost pictures.
    pub number: u64,
}

impl Frame {
    /// A frame without pixels, to be filled by a source.
    pub fn empty() -> Self {
        Self {
            rgb: RgbImage::new(0, 0),
            captured: Instant::now(),
            number: 0,
        }
    }
}
