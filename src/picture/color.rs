//! Colour preservation: a content and its pastiche in; the pastiche's luminance with the content's colours out.

use image::{Rgb, RgbImage};

/// The pastiche's luminance with the content's colour, in YCbCr (BT.601, full range).
///
/// This is the luminance-only transfer of Gatys et al. 2016, "Preserving color in neural artistic
/// style transfer" (arXiv:1606.05897, section 3.2). Both pictures must have the same size.
pub fn keep_colors(content: &RgbImage, pastiche: &mut RgbImage) {
    debug_assert_eq!(content.dimensions(), pastiche.dimensions());
    for (c, p) in content.pixels().zip(pastiche.pixels_mut()) {
        *p = with_luma(c, luma(p));
    }
}

/// Luminance of a pixel, 0..=255.
fn luma(&Rgb([r, g, b]): &Rgb<u8>) -> f32 {
    0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b)
}

/// `pixel` moved along the grey axis to luminance `y`: this leaves Cb and Cr as they are.
fn with_luma(pixel: &Rgb<u8>, y: f32) -> Rgb<u8> {
    let shift = y - luma(pixel);
    Rgb(pixel
        .0
        .map(|channel| (f32::from(channel) + shift).round().clamp(0.0, 255.0) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_comes_from_the_pastiche_and_colour_from_the_content() {
        let content = RgbImage::from_pixel(1, 1, Rgb([120, 80, 60]));
        let mut pastiche = RgbImage::from_pixel(1, 1, Rgb([20, 140, 200]));
        let light = luma(pastiche.get_pixel(0, 0));
        keep_colors(&content, &mut pastiche);
        let kept = pastiche.get_pixel(0, 0);
        assert!((luma(kept) - light).abs() < 1.0);
        assert_eq!(i16::from(kept[0]) - i16::from(kept[1]), 40);
        assert_eq!(i16::from(kept[1]) - i16::from(kept[2]), 20);
    }

    #[test]
    fn a_picture_with_its_own_light_is_unchanged() {
        let content = RgbImage::from_fn(9, 9, |x, y| Rgb([x as u8 * 28, y as u8 * 28, 90]));
        let mut same = content.clone();
        keep_colors(&content, &mut same);
        assert_eq!(same, content);
    }
}
