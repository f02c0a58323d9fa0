//! The paint of a small pastiche: the pastiche in, out it comes sharpened, with the darkest and lightest paint around
//! each pixel.

use image::RgbImage;

/// How much is added of what a 3x3 blur takes away, in 256ths: enough for edges as steep as the network's own after
/// the picture is enlarged, little enough not to raise its grid.
const SHARPER: i32 = 180;

/// What is known of the paint, three bytes a pixel. The buffers are reused.
#[derive(Default)]
pub(super) struct Paint {
    /// The least and the greatest value of each channel within a pixel.
    pub(super) least: Vec<u8>,
    pub(super) most: Vec<u8>,
    /// The pastiche with steeper edges. It overshoots; `least` and `most` are there to cut that off.
    pub(super) sharp: Vec<u8>,
    /// One row of each, over three rows of the picture.
    column_least: Vec<u8>,
    column_most: Vec<u8>,
    column_sum: Vec<i32>,
}

impl Paint {
    pub(super) fn read(&mut self, pastiche: &RgbImage) {
        let (width, height) = (pastiche.width() as usize, pastiche.height() as usize);
        let stride = width * 3;
        let bytes = &pastiche.as_raw()[..stride * height];
        for whole in [&mut self.least, &mut self.most, &mut self.sharp] {
            whole.resize(bytes.len(), 0);
        }
        self.column_least.resize(stride, 0);
        self.column_most.resize(stride, 0);
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
            let place = y * stride..(y + 1) * stride;
            along(least, &mut self.least[place.clone()], |a, b, c| {
                a.min(b).min(c)
            });
            along(most, &mut self.most[place.clone()], |a, b, c| {
                a.max(b).max(c)
            });
            let sharp = &mut self.sharp[place];
            along(&self.column_sum, sharp, |a, b, c| {
                // The blur, in 16ths; kept as a byte until the pixel itself is at hand.
                ((a + 2 * b + c + 8) >> 4) as u8
            });
            for (sharp, here) in sharp.iter_mut().zip(here) {
                let (blurred, own) = (i32::from(*sharp), i32::from(*here));
                let more = (own - blurred) * SHARPER / 256;
                *sharp = (own + more).clamp(0, 255) as u8;
            }
        }
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
            paint.read(&picture);
            for (x, y, pixel) in picture.enumerate_pixels() {
                let at = ((y * width + x) * 3) as usize;
                for n in 0..3 {
                    let around: Vec<u8> = (y.saturating_sub(1)..=(y + 1).min(height - 1))
                        .flat_map(|y| {
                            (x.saturating_sub(1)..=(x + 1).min(width - 1)).map(move |x| (x, y))
                        })
                        .map(|(x, y)| picture.get_pixel(x, y)[n])
                        .collect();
                    assert_eq!(Some(&paint.least[at + n]), around.iter().min(), "{x},{y}");
                    assert_eq!(Some(&paint.most[at + n]), around.iter().max(), "{x},{y}");
                    let is_darkest = paint.least[at + n] == pixel[n];
                    assert!(!is_darkest || paint.sharp[at + n] <= pixel[n], "{x},{y}");
                }
            }
        }
    }

    #[test]
    fn a_flat_picture_stays_as_it_is() {
        let picture = RgbImage::from_pixel(9, 4, Rgb([3, 130, 255]));
        let mut paint = Paint::default();
        paint.read(&picture);
        assert!(paint.sharp == *picture.as_raw() && paint.least == paint.most);
    }
}
