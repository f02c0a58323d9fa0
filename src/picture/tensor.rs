//! Pictures as tensors.
//!
//! The networks take and give `u8 [1, H, W, 3]`, RGB, 0..=255: exactly the bytes of an
//! [`image::RgbImage`], row by row. So a picture becomes a tensor by naming its shape, without a copy;
//! conversion to float happens inside the networks.

use image::RgbImage;

use crate::error::{Error, PictureRole, Result};

/// The shape `[1, H, W, 3]` of a picture's tensor.
pub fn shape(picture: &RgbImage) -> [usize; 4] {
    [1, picture.height() as usize, picture.width() as usize, 3]
}

/// The picture in a tensor `u8 [1, H, W, 3]`.
///
/// # Errors
/// [`Error::Inference`] when the shape is of another form or does not match the data.
pub fn from_tensor(network: &str, shape: &[i64], data: &[u8]) -> Result<RgbImage> {
    let wrong = || Error::Inference {
        network: network.to_owned(),
        reason: format!(
            "gave a picture of shape {shape:?} with {} bytes, expected [1, H, W, 3]",
            data.len()
        ),
    };
    let &[1, height, width, 3] = shape else {
        return Err(wrong());
    };
    let side = |n: i64| u32::try_from(n).map_err(|_| wrong());
    RgbImage::from_raw(side(width)?, side(height)?, data.to_vec()).ok_or_else(wrong)
}

/// `Ok` when both sides of `picture` are at least `least` pixels.
///
/// # Errors
/// [`Error::TooSmall`], naming it by its `role`.
pub fn at_least(role: PictureRole, picture: &RgbImage, least: u32) -> Result<()> {
    let (width, height) = picture.dimensions();
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
    fn a_picture_is_its_tensor() {
        let mut rgb = RgbImage::new(5, 3);
        rgb.put_pixel(4, 2, image::Rgb([1, 2, 3]));
        assert_eq!(shape(&rgb), [1, 3, 5, 3]);
        assert_eq!(
            from_tensor("t", &[1, 3, 5, 3], rgb.as_raw()).expect("same shape"),
            rgb
        );
    }

    #[test]
    fn tensors_of_another_form_are_refused() {
        for shape in [&[1, 3, 5][..], &[2, 3, 5, 3], &[1, -3, 5, 3], &[1, 3, 6, 3]] {
            assert!(from_tensor("t", shape, &[0; 45]).is_err(), "{shape:?}");
        }
    }
}
