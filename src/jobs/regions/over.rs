//! Layers and masks: a picture, a layer and a mask go in; the layer lies over the picture.

use image::{GrayImage, RgbImage};

/// Lay `layer` over `below` where `mask` is white: all of the same size. Where the mask is 255 or 0 the bytes are exactly
/// those of the layer, or of what was below.
pub fn lay_over(below: &mut RgbImage, layer: &RgbImage, mask: &GrayImage) {
    debug_assert!(below.dimensions() == layer.dimensions());
    debug_assert!(below.dimensions() == mask.dimensions());
    let pixels = below.as_chunks_mut::<3>().0.iter_mut();
    let layers = layer.as_chunks::<3>().0;
    for ((below, above), share) in pixels.zip(layers).zip(mask.iter()) {
        match share {
            0 => {}
            255 => *below = *above,
            share => {
                let share = u32::from(*share);
                for (below, above) in below.iter_mut().zip(above) {
                    let sum = u32::from(*above) * share + u32::from(*below) * (255 - share);
                    *below = ((sum + 127) / 255) as u8;
                }
            }
        }
    }
}

/// Which of the layers with these masks can be seen, and whether what lies below them all can. The last mask is on top.
pub(super) fn visible(masks: &[GrayImage], seen: &mut Vec<bool>) -> bool {
    seen.clear();
    seen.resize(masks.len(), false);
    let pixels = masks.first().map_or(0, |mask| mask.as_raw().len());
    let mut base = masks.is_empty();
    for pixel in 0..pixels {
        let mut covered = false;
        for (mask, seen) in masks.iter().zip(seen.iter_mut()).rev() {
            let share = mask.as_raw().get(pixel).copied().unwrap_or(0);
            *seen |= share > 0;
            covered = share == 255;
            if covered {
                break;
            }
        }
        base |= !covered;
    }
    base
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(values: &[u8]) -> GrayImage {
        GrayImage::from_fn(values.len() as u32, 1, |x, _| [values[x as usize]].into())
    }

    #[test]
    fn white_is_the_layer_black_what_was_below_and_grey_between() {
        let mut below = RgbImage::from_pixel(5, 1, [10, 200, 0].into());
        let layer = RgbImage::from_pixel(5, 1, [20, 100, 255].into());
        lay_over(&mut below, &layer, &grey(&[0, 255, 128, 1, 254]));
        let at = |x| below.get_pixel(x, 0).0;
        assert_eq!(at(0), [10, 200, 0]);
        assert_eq!(at(1), [20, 100, 255]);
        assert_eq!(at(2), [15, 150, 128]);
        assert_eq!(at(3), [10, 200, 1]);
        assert_eq!(at(4), [20, 100, 254]);
    }

    #[test]
    fn equal_pictures_stay_whatever_the_mask_is() {
        let picture = RgbImage::from_fn(256, 1, |x, _| [x as u8, 255 - x as u8, 7].into());
        for share in 0..=255 {
            let mut below = picture.clone();
            lay_over(&mut below, &picture, &grey(&[share; 256]));
            assert_eq!(below, picture);
        }
    }

    #[test]
    fn only_what_can_be_seen_is_painted() {
        let mut seen = Vec::new();
        let mut visible = |masks: &[GrayImage]| {
            let base = visible(masks, &mut seen);
            (base, seen.clone())
        };
        assert_eq!(visible(&[]), (true, vec![]));
        assert_eq!(visible(&[grey(&[0, 0])]), (true, vec![false]));
        assert_eq!(visible(&[grey(&[255, 255])]), (false, vec![true]));
        assert_eq!(visible(&[grey(&[255, 254])]), (true, vec![true]));
        let hidden = [grey(&[9, 0]), grey(&[255, 0]), grey(&[0, 255])];
        assert_eq!(visible(&hidden), (false, vec![false, true, true]));
    }
}
