//! A decoded picture of any depth in; colours in 8-bit sRGB, and the opacity apart, out.

use super::icc::Profile;
use image::{DynamicImage, GrayImage, RgbImage};

/// `image` converted by its colour profile, or as it is where that cannot be.
pub(super) fn in_srgb(
    image: DynamicImage,
    profile: &[u8],
    notes: &mut Vec<String>,
) -> DynamicImage {
    let floats = matches!(
        image,
        DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_)
    );
    if floats {
        notes.push("the colour profile (ICC) is not applied to floating-point values".into());
        return image;
    }
    match Profile::read(profile, !image.color().has_color()) {
        Ok(Profile::Srgb) => image,
        Ok(Profile::Other(conversion)) => {
            let (converted, note) = conversion.apply(image);
            notes.push(note);
            converted
        }
        Err(reason) => {
            notes.push(format!(
                "the colour profile (ICC) {reason}; colours are taken as sRGB"
            ));
            image
        }
    }
}

/// Colours and opacity apart, in 8 bits; no alpha where all is opaque.
pub(super) fn split(image: DynamicImage, notes: &mut Vec<String>) -> (RgbImage, Option<GrayImage>) {
    let image = match image {
        DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_) => from_floats(image, notes),
        other => other,
    };
    if !image.color().has_alpha() {
        return (image.into_rgb8(), None);
    }
    let rgba = image.into_rgba8();
    let (width, height) = rgba.dimensions();
    let rgb = RgbImage::from_fn(width, height, |x, y| {
        let [r, g, b, _] = rgba.get_pixel(x, y).0;
        [r, g, b].into()
    });
    if rgba.pixels().all(|p| p.0[3] == 255) {
        return (rgb, None);
    }
    let alpha = GrayImage::from_fn(width, height, |x, y| [rgba.get_pixel(x, y).0[3]].into());
    (rgb, Some(alpha))
}

/// Floats in 8 bits; `image`'s own conversion makes NaN white, and says nothing of values out of range.
fn from_floats(image: DynamicImage, notes: &mut Vec<String>) -> DynamicImage {
    let mut clipped = false;
    let rgba = image.into_rgba32f();
    let (width, height) = rgba.dimensions();
    let small = image::RgbaImage::from_fn(width, height, |x, y| {
        let pixel = rgba.get_pixel(x, y).0.map(|value| {
            clipped |= !(0.0..=1.0).contains(&value);
            // The cast makes NaN 0 and saturates.
            (value * 255.0).round() as u8
        });
        pixel.into()
    });
    notes.push("its floating-point values are taken as sRGB from 0 to 1".into());
    if clipped {
        notes.push("values below 0, above 1 or not a number were clipped".into());
    }
    DynamicImage::ImageRgba8(small)
}
