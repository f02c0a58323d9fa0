//! The size of strokes: a picture's size and a brush in, the size to paint at out.

use std::ops::RangeInclusive;

use super::LEAST_CONTENT_SIDE;
use crate::error::{Error, Result};

/// The brushes that an engine has. 1 are the strokes that the network paints at the picture's own size, 2 are twice as
/// large.
pub const BRUSHES: RangeInclusive<f32> = 0.25..=4.0;

/// The long side in pixels above which [`auto_brush`] makes strokes larger.
const PAINTED_SIDE: f32 = 1200.0;

/// The most pixels that a picture is enlarged to with a brush below 1: its content and its pastiche take 6 bytes each.
const MOST_ENLARGED: u64 = 1 << 28;

/// The brush for a picture of `size` (width, height) of which nothing else is known: 1 up to a long side of 1200 pixels;
/// above, as large as strokes are in a picture of that side, but never above 4. The strokes of a network have a size in
/// pixels, so that in a photo of 4000 they are a texture, and no strokes any more.
pub fn auto_brush((width, height): (u32, u32)) -> f32 {
    let long = width.max(height) as f32;
    (long / PAINTED_SIDE).clamp(1.0, *BRUSHES.end())
}

/// The size (width, height) at which a picture of `size` is painted with `brush`, of [`BRUSHES`]: both sides divided by it
/// and rounded. A picture is not reduced to less than 16 pixels on its short side: its brush is smaller then.
pub fn painted_size(size: (u32, u32), brush: f32) -> (u32, u32) {
    let least = LEAST_CONTENT_SIDE as f32;
    let most = (size.0.min(size.1) as f32 / least).max(1.0);
    let brush = f64::from(brush.min(most));
    let side = |n: u32| {
        let scaled = (f64::from(n) / brush).round();
        (scaled as u32).max(LEAST_CONTENT_SIDE.min(n))
    };
    (side(size.0), side(size.1))
}

/// `Ok` when `brush` is one of [`BRUSHES`].
pub(super) fn check(brush: f32) -> Result<()> {
    if BRUSHES.contains(&brush) {
        return Ok(());
    }
    let (least, most) = BRUSHES.into_inner();
    let reason = format!("{brush} is not between {least} and {most}");
    Err(Error::invalid("brush", reason))
}

/// `Ok` when a picture of `size` can be painted at `painted`.
pub(super) fn check_painted(size: (u32, u32), painted: (u32, u32)) -> Result<()> {
    let pixels = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
    if pixels(painted) <= MOST_ENLARGED.max(pixels(size)) {
        return Ok(());
    }
    let least = (pixels(size) as f64 / MOST_ENLARGED as f64).sqrt();
    // Rounded up to what can be typed.
    let least = (least * 100.0).ceil() / 100.0;
    let ((w, h), (to_w, to_h)) = (size, painted);
    let reason = format!(
        "would paint {w}x{h} pixels as {to_w}x{to_h}, which is too large; give {least} or more"
    );
    Err(Error::invalid("brush", reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_divided_by_the_brush() {
        for (size, brush, painted) in [
            ((1920, 1080), 1.0, (1920, 1080)),
            ((1920, 1080), 2.0, (960, 540)),
            ((1001, 333), 2.0, (501, 167)),
            ((640, 480), 0.5, (1280, 960)),
            ((100, 75), 0.25, (400, 300)),
            ((17, 5000), 1.0, (17, 5000)),
            // Never below what can be painted, in the picture's proportions.
            ((20, 20), 4.0, (16, 16)),
            ((20, 2000), 4.0, (16, 1600)),
            ((16, 40), 2.0, (16, 40)),
        ] {
            assert_eq!(painted_size(size, brush), painted, "{size:?} by {brush}");
        }
    }

    #[test]
    fn the_brush_grows_with_the_picture() {
        assert_eq!(auto_brush((640, 480)), 1.0);
        assert_eq!(auto_brush((1200, 1200)), 1.0);
        assert_eq!(auto_brush((1500, 2400)), 2.0);
        assert_eq!(auto_brush((16_000, 12_000)), 4.0);
    }

    #[test]
    fn brushes_out_of_range_are_refused() {
        for brush in [0.0, 0.249, 4.01, -1.0, f32::NAN, f32::INFINITY] {
            assert!(check(brush).is_err(), "{brush}");
        }
        assert!(check(0.25).is_ok() && check(4.0).is_ok());
    }

    #[test]
    fn a_picture_is_not_enlarged_beyond_measure() {
        let size = (16_000, 12_000);
        assert!(check_painted(size, size).is_ok());
        assert!(check_painted(size, painted_size(size, 4.0)).is_ok());
        let error = check_painted(size, painted_size(size, 0.25));
        let said = error.map_err(|e| e.to_string()).err();
        assert!(said.is_some_and(|s| s.contains("64000x48000") && s.contains("0.85 or more")));
        assert!(check_painted(size, painted_size(size, 0.85)).is_ok());
    }
}
