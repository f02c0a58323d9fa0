//! Pictures as tensors: an [`RgbImage`] in, an `ndarray` view `u8 [H, W, 3]` of its bytes out, and back.
//!
//! The networks take and give RGB in 0..=255, row by row, which is how an [`RgbImage`] keeps it. So a view needs no copy;
//! conversion to float happens inside the networks.

use image::RgbImage;
use ndarray::{ArrayView3, ArrayViewMut3};

use crate::error::{Error, PictureRole, Result};

/// The pixels of a picture, `[H, W, 3]`.
#[cfg_attr(
    not(test),
    expect(clippy::expect_used, reason = "`RgbImage` itself promises it")
)]
pub fn view(picture: &RgbImage) -> ArrayView3<'_, u8> {
    let (shape, length) = layout(picture);
    ArrayView3::from_shape(shape, &picture.as_raw()[..length])
        .expect("a picture has three bytes a pixel")
}

/// The pixels of a picture to be written to, `[H, W, 3]`.
#[cfg_attr(
    not(test),
    expect(clippy::expect_used, reason = "`RgbImage` itself promises it")
)]
pub fn view_mut(picture: &mut RgbImage) -> ArrayViewMut3<'_, u8> {
    let (shape, length) = layout(picture);
    let bytes: &mut [u8] = picture;
    ArrayViewMut3::from_shape(shape, &mut bytes[..length])
        .expect("a picture has three bytes a pixel")
}

/// The shape of a picture's tensor, and its length: the buffer of an [`RgbImage`] may be longer.
fn layout(picture: &RgbImage) -> ([usize; 3], usize) {
    let shape = [picture.height() as usize, picture.width() as usize, 3];
    (shape, shape.iter().product())
}

/// `Ok` when both sides of a picture of `size` (width, height) are at least `least` pixels.
///
/// # Errors
/// [`Error::TooSmall`], naming it by its `role`.
pub fn at_least(role: PictureRole, (width, height): (u32, u32), least: u32) -> Result<()> {
    if width.min(height) < least {
        return Err(Error::TooSmall {
            picture: role,
            width,
            height,
            least,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_the_picture_row_by_row() {
        let mut rgb = RgbImage::new(5, 3);
        rgb.put_pixel(4, 2, image::Rgb([1, 2, 3]));
        assert_eq!(view(&rgb).dim(), (3, 5, 3));
        assert_eq!(view(&rgb)[[2, 4, 1]], 2);
        view_mut(&mut rgb)[[0, 1, 2]] = 9;
        assert_eq!(rgb.get_pixel(1, 0).0, [0, 0, 9]);
        assert_eq!(view(&RgbImage::new(0, 7)).dim(), (7, 0, 3));
    }

    #[test]
    fn a_buffer_may_be_longer_than_the_picture() {
        let mut rgb = RgbImage::from_raw(2, 2, vec![7; 40]).expect("long enough");
        assert_eq!(view(&rgb).dim(), (2, 2, 3));
        view_mut(&mut rgb).fill(1);
        assert_eq!(rgb.as_raw()[11..13], [1, 7]);
    }
}
