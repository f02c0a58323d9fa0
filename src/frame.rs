//! A picture of a moving source, and when it was taken.

use std::time::Instant;

use image::RgbImage;

/// One picture of a camera, a film or a test card.
///
/// Frames are meant to be used again: who hands one out gets another back (see [`crate::io::Latest`]), so that
/// a stream of them allocates nothing once it runs.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The picture, 8 bits a channel, as it is to be seen (not mirrored).
    pub rgb: RgbImage,
    /// When the picture was taken, as near to the sensor as the source can tell.
    pub captured: Instant,
    /// Counts up from 0 within one source; a gap means that the source itself lost pictures.
    pub number: u64,
}

impl Frame {
    /// A frame without a picture, to be filled by a source.
    pub fn empty() -> Self {
        Self {
            rgb: RgbImage::new(0, 0),
            captured: Instant::now(),
            number: 0,
        }
    }
}

/// Make `picture` `width` x `height` pixels and keep its buffer; what it shows then is undefined.
/// Allocates only when the buffer was never so large.
pub fn reshape(picture: &mut RgbImage, width: u32, height: u32) {
    if picture.dimensions() == (width, height) {
        return;
    }
    let mut buffer = std::mem::take(picture).into_raw();
    buffer.resize(width as usize * height as usize * 3, 0);
    if let Some(shaped) = RgbImage::from_raw(width, height, buffer) {
        *picture = shaped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_picture_keeps_the_buffer() {
        let mut picture = RgbImage::new(64, 48);
        let before = picture.as_ptr();
        reshape(&mut picture, 32, 24);
        assert_eq!(picture.dimensions(), (32, 24));
        assert_eq!(picture.as_raw().len(), 32 * 24 * 3);
        reshape(&mut picture, 64, 48);
        assert_eq!(picture.as_ptr(), before);
    }
}
