//! The canvas of an animation: parts of pictures are drawn on it and disposed of, whole pictures come out.

use image::{Rgb, RgbImage};

use crate::picture::reshape;

/// What becomes of a part before the next one is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dispose {
    /// It stays.
    Keep,
    /// Its area becomes clear.
    Clear,
    /// The canvas becomes as it was before the part.
    Restore,
}

/// A part of the canvas; what of it is outside is not drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
    /// Blend with what is there, by its opacity; else replace it.
    pub over: bool,
    pub dispose: Dispose,
}

/// A picture with opacity, clear at first.
pub(super) struct Canvas {
    width: usize,
    height: usize,
    /// Red, green, blue, opacity.
    pixels: Vec<u8>,
    /// The pixels before the last part, where that asks for them.
    before: Vec<u8>,
    last: Option<Part>,
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        Self {
            width,
            height,
            pixels: vec![0; width * height * 4],
            before: Vec::new(),
            last: None,
        }
    }

    /// Dispose of the last part, and draw this one. `pixels` has four bytes a pixel, and rows of `stride` bytes.
    pub(super) fn draw(&mut self, part: Part, pixels: &[u8], stride: usize) {
        self.dispose();
        if part.dispose == Dispose::Restore {
            self.before.clone_from(&self.pixels);
        }
        let width = part.width as usize * 4;
        if width > 0 && stride >= width {
            let rows = pixels.chunks(stride).take(part.height as usize);
            for (row, y) in rows.filter_map(|row| row.get(..width)).zip(part.top..) {
                let Some(canvas) = self.row(part.left, y, part.width) else {
                    break;
                };
                if part.over {
                    let (canvas, _) = canvas.as_chunks_mut::<4>();
                    let (row, _) = row.as_chunks::<4>();
                    canvas
                        .iter_mut()
                        .zip(row)
                        .for_each(|(to, from)| blend(to, *from));
                } else {
                    canvas.copy_from_slice(&row[..canvas.len()]);
                }
            }
        }
        self.last = Some(part);
    }

    fn dispose(&mut self) {
        let Some(last) = self.last.take() else { return };
        match last.dispose {
            Dispose::Keep => {}
            Dispose::Restore => self.pixels.clone_from(&self.before),
            Dispose::Clear => {
                for y in (last.top..).take(last.height as usize) {
                    let Some(row) = self.row(last.left, y, last.width) else {
                        break;
                    };
                    row.fill(0);
                }
            }
        }
    }

    /// The bytes of a piece of a row, as far as they are on the canvas; `None` where none is.
    fn row(&mut self, left: u32, y: u32, width: u32) -> Option<&mut [u8]> {
        let (left, y) = (left as usize, y as usize);
        let right = left.saturating_add(width as usize).min(self.width);
        if y >= self.height || left >= right {
            return None;
        }
        let start = y * self.width;
        self.pixels.get_mut((start + left) * 4..(start + right) * 4)
    }

    /// What is seen of it on `background`.
    pub(super) fn show(&self, background: Rgb<u8>, rgb: &mut RgbImage) {
        show(
            &self.pixels,
            (self.width as u32, self.height as u32),
            background,
            rgb,
        );
    }
}

/// Pixels of four bytes, laid on `background`.
pub(super) fn show(
    pixels: &[u8],
    (width, height): (u32, u32),
    background: Rgb<u8>,
    rgb: &mut RgbImage,
) {
    reshape(rgb, width, height);
    for (to, [r, g, b, alpha]) in rgb.pixels_mut().zip(pixels.as_chunks::<4>().0) {
        *to = lay([*r, *g, *b], *alpha, background);
    }
}

/// A colour on the background.
pub(in crate::video::animation) fn lay(
    rgb: [u8; 3],
    alpha: u8,
    Rgb(background): Rgb<u8>,
) -> Rgb<u8> {
    match alpha {
        255 => Rgb(rgb),
        0 => Rgb(background),
        _ => {
            let a = u32::from(alpha);
            let mix = |c, b| (u32::from(c) * a + u32::from(b) * (255 - a) + 127) / 255;
            Rgb([0, 1, 2].map(|k: usize| mix(rgb[k], background[k]) as u8))
        }
    }
}

/// Lay a colour over another by its opacity.
fn blend(to: &mut [u8; 4], from: [u8; 4]) {
    match (from[3], to[3]) {
        (0, _) => {}
        (255, _) | (_, 0) => *to = from,
        (above, below) => {
            // In 255ths of 255ths.
            let (a, b) = (
                u32::from(above) * 255,
                (255 - u32::from(above)) * u32::from(below),
            );
            let sum = a + b;
            for k in 0..3 {
                let mixed = u32::from(from[k]) * a + u32::from(to[k]) * b;
                to[k] = ((mixed + sum / 2) / sum) as u8;
            }
            to[3] = ((sum + 127) / 255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_pixels_are_laid_on_the_background() {
        let red = Rgb([200, 0, 0]);
        assert_eq!(lay([1, 2, 3], 255, red), Rgb([1, 2, 3]));
        assert_eq!(lay([1, 2, 3], 0, red), red);
        assert_eq!(lay([0, 100, 255], 51, red), Rgb([160, 20, 51]));
    }

    #[test]
    fn half_clear_colours_are_blended() {
        let over = |mut to, from| {
            blend(&mut to, from);
            to
        };
        assert_eq!(over([9, 9, 9, 200], [1, 2, 3, 0]), [9, 9, 9, 200]);
        assert_eq!(over([9, 9, 9, 0], [1, 2, 3, 77]), [1, 2, 3, 77]);
        assert_eq!(over([0, 0, 0, 255], [255, 255, 255, 51]), [51, 51, 51, 255]);
        assert_eq!(over([0, 0, 0, 128], [255, 255, 255, 128])[3], 192);
    }

    #[test]
    fn parts_over_the_edge_and_without_pixels_do_no_harm() {
        let mut canvas = Canvas::new(4, 4);
        let part = |left, top, width, height| Part {
            left,
            top,
            width,
            height,
            over: false,
            dispose: Dispose::Clear,
        };
        let pixels = [255; 8 * 8 * 4];
        for (left, top, width, height) in [(3, 3, 8, 8), (9, 0, 8, 8), (0, 9, 8, 8), (0, 0, 0, 0)] {
            canvas.draw(part(left, top, width, height), &pixels, width as usize * 4);
        }
        canvas.draw(part(u32::MAX, u32::MAX, 8, 8), &pixels, 32);
        canvas.draw(part(3, 2, 8, 8), &pixels, 32);
        let mut rgb = RgbImage::new(0, 0);
        canvas.show(Rgb([0; 3]), &mut rgb);
        let lit: Vec<_> = rgb
            .enumerate_pixels()
            .filter(|(.., p)| p.0[0] == 255)
            .collect();
        let places: Vec<_> = lit.iter().map(|(x, y, _)| (*x, *y)).collect();
        assert_eq!(places, [(3, 2), (3, 3)]);
    }
}
