//! The paint of a small pastiche: the pastiche in, out it comes sharpened, with the darkest and lightest paint around
//! each pixel.

use image::RgbImage;

/// How much is added of what a 3x3 blur takes away, in 256ths: enough for edges as steep as the network's own after
/// the picture is enlarged, little enough not to raise its grid.
const SHARPER: i32 = 180;

/// What is known of the paint, four bytes a pixel. (Four, as pictures of three are resized at a third of the speed.) The
/// buffers are reused.
#[derive(Default)]
pub(super) struct Paint {
    /// The least and the greatest value of each channel within a pixel. The fourth has no limits.
    pub(super) least: Vec<[u8; 4]>,
    pub(super) most: Vec<[u8; 4]>,
    /// The pastiche with steeper edges, and in the fourth channel the luminance of its content. It overshoots; `least`
    /// and `most` are there to cut that off.
    pub(super) sharp: Vec<u8>,
    /// One row of each, over three rows of the picture.
    column_least: Vec<u8>,
    column_most: Vec<u8>,
    column_sum: Vec<i32>,
    /// One row of a result, three bytes a pixel.
    row: Vec<u8>,
}

impl Paint {
    /// Read `pastiche`, which was painted from `content`, of the same size.
    pub(super) fn read(&mut self, content: &RgbImage, pastiche: &RgbImage) {
        let (width, height) = (pastiche.width() as usize, pastiche.height() as usize);
        let stride = width * 3;
        let bytes = &pastiche.as_raw()[..stride * height];
        self.least.resize(width * height, [0; 4]);
        self.most.resize(width * height, [255; 4]);
        self.sharp.resize(width * height * 4, 0);
        for row in [&mut self.column_least, &mut self.column_most, &mut self.row] {
            row.resize(stride, 0);
        }
        self.column_sum.resize(stride, 0);
        let row = |y: usize| &bytes[y * stride..][..stride];
        for y in 0..height {
            let (above, here) = (row(y.saturating_sub(1)), row(y));
            let below = row((y + 1).min(height - 1));
            let (least, most) = (&mut self.column_least, &mut self.column_most);
            for (n, (a, b)) in above.iter().zip(below).enumerate() {
                least[n] = (*a).min(*b).min(here[n]);
                most[n] = (*a).max(*b).max(here[n]);
                self.column_sum[n] = i32::from(*a) + 2 * i32::from(here[n]) + i32::from(*b);
            }
            let place = y * width..(y + 1) * width;
            along(least, &mut self.row, |a, b, c| a.min(b).min(c));
            with_fourth(&self.row, 0, &mut self.least[place.clone()]);
            along(most, &mut self.row, |a, b, c| a.max(b).max(c));
            with_fourth(&self.row, 255, &mut self.most[place.clone()]);
            along(&self.column_sum, &mut self.row, |a, b, c| {
                // The blur, in 16ths; kept as a byte until the pixel itself is at hand.
                ((a + 2 * b + c + 8) >> 4) as u8
            });
            for (sharp, here) in self.row.iter_mut().zip(here) {
                let (blurred, own) = (i32::from(*sharp), i32::from(*here));
                let more = (own - blurred) * SHARPER / 256;
                *sharp = (own + more).clamp(0, 255) as u8;
            }
            let content = content.as_raw()[y * stride..][..stride].chunks_exact(3);
            let sharp = self.sharp[place.start * 4..place.end * 4].chunks_exact_mut(4);
            for ((pixel, sharp), content) in sharp.zip(self.row.chunks_exact(3)).zip(content) {
                pixel[..3].copy_from_slice(sharp);
                pixel[3] = luma(content);
            }
        }
    }
}

/// The luminance of RGB bytes (BT.601), 0..=255.
pub(super) fn luma(rgb: &[u8]) -> u8 {
    let [r, g, b] = [rgb[0], rgb[1], rgb[2]].map(u16::from);
    ((77 * r + 150 * g + 29 * b + 128) >> 8) as u8
}

/// Pixels of three bytes as pixels of four.
fn with_fourth(row: &[u8], fourth: u8, into: &mut [[u8; 4]]) {
    for (pixel, bytes) in into.iter_mut().zip(row.chunks_exact(3)) {
        *pixel = [bytes[0], bytes[1], bytes[2], fourth];
    }
}

/// `f` of the value to the left, the value itself and the value to the right, three channels side by side. Beyond the
/// border is the value at it.
fn along<T: Copy>(values: &[T], into: &mut [u8], f: impl Fn(T, T, T) -> u8) {
    let end = values.len();
    let at = |n: usize| {
        let left = values[if n < 3 { n } else { n - 3 }];
        let right = values[if n + 3 < end { n + 3 } else { n }];
        f(left, values[n], right)
    };
    for n in (0..end.min(3)).chain(end.saturating_sub(3).max(3)..end) {
        into[n] = at(n);
    }
    if end > 6 {
        let middle = into[3..end - 3].iter_mut();
        let neighbours = values.iter().zip(&values[3..]).zip(&values[6..]);
        for (into, ((left, here), right)) in middle.zip(neighbours) {
            *into = f(*left, *here, *right);
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn paint_around_a_pixel_is_found_up_to_the_border() {
        for (width, height) in [(1, 1), (1, 7), (7, 1), (2, 2), (3, 9), (11, 5)] {
            let picture = RgbImage::from_fn(width, height, |x, y| {
                let value = (x * 37 + y * 91) as u8;
                Rgb([value, value ^ 0x5a, 255 - value])
            });
            let mut paint = Paint::default();
            paint.read(&picture, &picture);
            for (x, y, pixel) in picture.enumerate_pixels() {
                let at = (y * width + x) as usize;
                assert_eq!(paint.sharp[at * 4 + 3], luma(&pixel.0));
                for n in 0..3 {
                    let around: Vec<u8> = (y.saturating_sub(1)..=(y + 1).min(height - 1))
                        .flat_map(|y| {
                            (x.saturating_sub(1)..=(x + 1).min(width - 1)).map(move |x| (x, y))
                        })
                        .map(|(x, y)| picture.get_pixel(x, y)[n])
                        .collect();
                    assert_eq!(Some(&paint.least[at][n]), around.iter().min(), "{x},{y}");
                    assert_eq!(Some(&paint.most[at][n]), around.iter().max(), "{x},{y}");
                    let is_darkest = paint.least[at][n] == pixel[n];
                    assert!(
                        !is_darkest || paint.sharp[at * 4 + n] <= pixel[n],
                        "{x},{y}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_flat_picture_stays_as_it_is() {
        let picture = RgbImage::from_pixel(9, 4, Rgb([3, 130, 255]));
        let mut paint = Paint::default();
        paint.read(&picture, &picture);
        let own = [3, 130, 255];
        assert!(paint.sharp.chunks_exact(4).all(|p| p[..3] == own));
        let limits = paint.least.iter().chain(&paint.most);
        assert!(limits.clone().count() == 72 && limits.clone().all(|p| p[..3] == own));
    }
}
