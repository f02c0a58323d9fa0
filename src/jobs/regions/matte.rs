//! What a mask is to a picture, wherever it comes from: a photo goes in, a mask of its size comes out.

use image::{GrayImage, RgbImage};

use crate::error::Result;

/// Finds the region in a photo: a mask that was drawn, or a network that sees people.
pub trait Matte: Send {
    /// Make `mask` the mask for `photo`, of its size, 255 where the region is and 0 where it is not. Gives whether it may
    /// differ from what the last call made.
    ///
    /// # Errors
    /// Of a mask in a file, [`Error::Invalid`](crate::Error::Invalid) when it has another shape than the photo.
    fn fit(&mut self, photo: &RgbImage, mask: &mut GrayImage) -> Result<bool>;

    /// What to say where the mask covers nothing: it is black all over or, `inverted`, white.
    fn nowhere(&self, inverted: bool) -> String;
}

/// Make `mask` as large as `photo` and keep its buffer; what it shows then is undefined.
pub(super) fn reshape(mask: &mut GrayImage, (width, height): (u32, u32)) {
    if mask.dimensions() == (width, height) {
        return;
    }
    let mut buffer = std::mem::take(mask).into_raw();
    buffer.resize(width as usize * height as usize, 0);
    if let Some(shaped) = GrayImage::from_raw(width, height, buffer) {
        *mask = shaped;
    }
}
