//! One frame of a source: its pixels, when it was taken, and its number.

use std::time::Instant;

use image::RgbImage;

/// One picture of a camera, a film or a test card.
///
/// Frames are reused: whoever passes one on gets another back (see [`super::Slot`]), so that a stream of them
/// allocates nothing once it runs.
#[derive(Debug)]
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

impl Clone for Frame {
    fn clone(&self) -> Self {
        Self {
            rgb: self.rgb.clone(),
            captured: self.captured,
            number: self.number,
        }
    }

    // Written out, as the derived one would allocate a new buffer.
    fn clone_from(&mut self, other: &Self) {
        self.rgb.clone_from(&other.rgb);
        self.captured = other.captured;
        self.number = other.number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_reuses_the_buffer() {
        let mut copy = Frame::empty();
        copy.rgb = RgbImage::new(8, 8);
        let (buffer, mut frame) = (copy.rgb.as_ptr(), Frame::empty());
        frame.rgb = RgbImage::from_pixel(8, 8, image::Rgb([1, 2, 3]));
        frame.number = 7;
        copy.clone_from(&frame);
        assert_eq!((copy.rgb.as_ptr(), copy.number), (buffer, 7));
        assert_eq!(copy.rgb, frame.rgb);
    }
}
