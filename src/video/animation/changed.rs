//! Two pictures of one size in; the smallest rectangle outside of which they are the same out.

use image::RgbImage;

/// A rectangle in pixels. Its left and top are even, as WebP can only write those.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

impl Area {
    /// One pixel: what is written of a frame that is like the one before it.
    pub(super) const DOT: Self = Self {
        left: 0,
        top: 0,
        width: 1,
        height: 1,
    };

    /// All of a picture.
    pub(super) fn whole(picture: &RgbImage) -> Self {
        Self {
            left: 0,
            top: 0,
            width: picture.width(),
            height: picture.height(),
        }
    }

    /// Where `now` differs from `before`, of the same size; [`Area::DOT`] where it is the same.
    pub(super) fn changed(before: &RgbImage, now: &RgbImage) -> Self {
        let stride = now.width() as usize * 3;
        if stride == 0 {
            return Self::DOT;
        }
        let (mut left, mut right) = (usize::MAX, 0);
        let (mut top, mut bottom) = (None, 0);
        let rows = before.chunks_exact(stride).zip(now.chunks_exact(stride));
        for (y, (before, now)) in rows.enumerate().filter(|(_, (a, b))| a != b) {
            top = top.or(Some(y));
            bottom = y;
            let differs = |(a, b): (&u8, &u8)| a != b;
            if let Some(first) = before.iter().zip(now).position(differs) {
                left = left.min(first / 3);
            }
            if let Some(last) = before.iter().zip(now).rposition(differs) {
                right = right.max(last / 3);
            }
        }
        let Some(top) = top else { return Self::DOT };
        let (left, top) = (left & !1, top & !1);
        Self {
            left: left as u32,
            top: top as u32,
            width: (right - left + 1) as u32,
            height: (bottom - top + 1) as u32,
        }
    }

    /// The bytes of the row `y` of the area, counted from its top, in a picture.
    pub(super) fn row(self, picture: &RgbImage, y: u32) -> &[u8] {
        let start = ((self.top + y) as usize * picture.width() as usize + self.left as usize) * 3;
        &picture.as_raw()[start..start + self.width as usize * 3]
    }

    /// The part of `picture`, row by row, written to `into`.
    pub(super) fn copy(self, picture: &RgbImage, into: &mut Vec<u8>) {
        into.clear();
        (0..self.height).for_each(|y| into.extend_from_slice(self.row(picture, y)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rectangle_holds_every_change_and_begins_at_even_places() {
        let before = RgbImage::from_fn(9, 7, |x, y| [x as u8, y as u8, 0].into());
        let mut now = before.clone();
        assert_eq!(Area::changed(&before, &now), Area::DOT);
        now.put_pixel(5, 3, [0; 3].into());
        now.put_pixel(7, 6, [0; 3].into());
        let area = Area::changed(&before, &now);
        let expected = Area {
            left: 4,
            top: 2,
            width: 4,
            height: 5,
        };
        assert_eq!(area, expected);
        let mut part = Vec::new();
        area.copy(&now, &mut part);
        assert_eq!(part.len(), 4 * 5 * 3);
        assert_eq!(part[..3], [4, 2, 0]);
        now.put_pixel(0, 0, [9; 3].into());
        now.put_pixel(8, 6, [9; 3].into());
        assert_eq!(Area::changed(&before, &now), Area::whole(&now));
    }
}
