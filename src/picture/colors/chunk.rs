//! A picture in; its bytes in chunks out that are converted together.

use image::RgbImage;

/// Pixels that are computed together. Their planes fit the first-level cache.
pub(super) const CHUNK: usize = 128;

/// Values of a chunk of pixels in one channel.
pub(super) type Plane = [f32; CHUNK];

/// The bytes of `picture`, [`CHUNK`] pixels at a time. (The buffer of a picture may be longer than its pixels.)
pub(super) fn chunks(picture: &RgbImage) -> impl Iterator<Item = &[u8]> {
    picture.as_raw()[..bytes(picture)].chunks(3 * CHUNK)
}

/// As [`chunks`], to be written to.
pub(super) fn chunks_mut(picture: &mut RgbImage) -> impl Iterator<Item = &mut [u8]> {
    let length = bytes(picture);
    let all: &mut [u8] = picture;
    all[..length].chunks_mut(3 * CHUNK)
}

fn bytes(picture: &RgbImage) -> usize {
    picture.width() as usize * picture.height() as usize * 3
}
