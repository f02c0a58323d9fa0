//! A photo, its pastiche and a strength in; the pastiche blended with the photo where the strength is low out.

use image::RgbImage;
use ndarray::{ArrayView3, ArrayViewMut3, Zip};

use super::tensor;

/// Below this strength a pastiche is blended with its photo.
///
/// The networks alone do not give the photo back at strength 0: they lose fine detail. Above this strength the paint
/// hides that.
const BLENDED_BELOW: f32 = 0.2;

/// Blends `pastiche` with `photo`, of the same size, where `strength` is below 0.2: at 0 it is the photo, byte for byte,
/// and from there it changes evenly into the pastiche as painted. From 0.2 on nothing changes.
///
/// To be called with a pastiche that was painted at `strength`
/// (see [`Engine::at_strength`](crate::Engine::at_strength)).
pub fn mix_with_photo(photo: &RgbImage, pastiche: &mut RgbImage, strength: f32) {
    mix_views(tensor::view(photo), tensor::view_mut(pastiche), strength);
}

/// [`mix_with_photo`] for arrays `[H, W, 3]` of one shape.
pub(crate) fn mix_views(photo: ArrayView3<'_, u8>, pastiche: ArrayViewMut3<'_, u8>, strength: f32) {
    if strength >= BLENDED_BELOW {
        return;
    }
    // In 256ths, so that a whole photo is exact.
    let share = (strength.max(0.0) / BLENDED_BELOW * 256.0).round() as u32;
    Zip::from(pastiche).and(photo).for_each(|painted, photo| {
        let sum = u32::from(*painted) * share + u32::from(*photo) * (256 - share);
        *painted = ((sum + 128) >> 8) as u8;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (RgbImage, RgbImage) {
        let photo = RgbImage::from_fn(16, 16, |x, y| [x as u8 * 16, y as u8 * 16, 7].into());
        let painted = RgbImage::from_fn(16, 16, |x, y| [255 - y as u8 * 9, 0, x as u8 * 16].into());
        (photo, painted)
    }

    #[test]
    fn strength_0_is_the_photo_and_0_2_the_pastiche() {
        let (photo, painted) = pair();
        let at = |strength| {
            let mut picture = painted.clone();
            mix_with_photo(&photo, &mut picture, strength);
            picture
        };
        assert_eq!(at(0.0), photo);
        for strength in [BLENDED_BELOW, 0.5, 1.0] {
            assert_eq!(at(strength), painted);
        }
    }

    #[test]
    fn the_way_between_is_even_and_has_no_jump() {
        let (photo, painted) = pair();
        let mut before = photo.clone();
        for step in 1..=200 {
            let mut now = painted.clone();
            mix_with_photo(&photo, &mut now, BLENDED_BELOW * step as f32 / 200.0);
            for (((before, now), photo), painted) in before
                .iter()
                .zip(now.iter())
                .zip(photo.iter())
                .zip(painted.iter())
            {
                assert!(before.abs_diff(*now) <= 2, "a jump at step {step}");
                assert!(
                    before.abs_diff(*photo) <= now.abs_diff(*photo),
                    "back to the photo"
                );
                assert!(now.abs_diff(*painted) <= before.abs_diff(*painted));
            }
            before = now;
        }
        assert_eq!(before, painted);
    }
}
