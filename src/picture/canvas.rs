//! Drawing: text, rectangles and pictures go in, an RGB picture comes out. For the live window, loss curves and contact
//! sheets.

use std::convert::Infallible;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::iso_8859_1::{FONT_6X10, FONT_7X13, FONT_9X15, FONT_10X20};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle, MonoTextStyleBuilder};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::Drawable;
use embedded_graphics::primitives::Rectangle;
use embedded_graphics::text::{Baseline, Text};
use image::{Rgb, RgbImage};

use crate::picture::reshape;

/// The colours of text and shapes.
pub(crate) const INK: Rgb888 = Rgb888::new(240, 238, 232);
pub(crate) const FAINT: Rgb888 = Rgb888::new(168, 166, 160);
pub(crate) const ACCENT: Rgb888 = Rgb888::new(255, 196, 84);
pub(crate) const ALARM: Rgb888 = Rgb888::new(255, 72, 60);

/// The rectangle with its upper left corner at `x`, `y`; a negative side counts as 0. It may lie partly or wholly outside
/// of the canvas.
pub(crate) fn rectangle(x: i32, y: i32, width: i32, height: i32) -> Rectangle {
    let side = |n: i32| n.max(0).unsigned_abs();
    Rectangle::new(Point::new(x, y), Size::new(side(width), side(height)))
}

/// A picture that can be drawn on. Its buffer is used again for every frame.
pub(crate) struct Canvas {
    rgb: RgbImage,
}

impl Canvas {
    pub(crate) fn new() -> Self {
        Self {
            rgb: RgbImage::new(0, 0),
        }
    }

    pub(crate) fn picture(&self) -> &RgbImage {
        &self.rgb
    }

    #[cfg(feature = "live")]
    pub(crate) fn width(&self) -> i32 {
        self.rgb.width() as i32
    }

    #[cfg(feature = "live")]
    pub(crate) fn height(&self) -> i32 {
        self.rgb.height() as i32
    }

    #[cfg(feature = "live")]
    /// Start again with `pastiche`; with `content`, of the same size, that is the left half.
    pub(crate) fn begin(&mut self, pastiche: &RgbImage, content: Option<&RgbImage>) {
        let (width, height) = pastiche.dimensions();
        reshape(&mut self.rgb, width, height);
        self.rgb.copy_from_slice(pastiche);
        let Some(content) = content.filter(|c| c.dimensions() == (width, height)) else {
            return;
        };
        let row = width as usize * 3;
        let half = width as usize / 2 * 3;
        if half == 0 {
            return;
        }
        let rows = self
            .rgb
            .chunks_exact_mut(row)
            .zip(content.chunks_exact(row));
        for (to, from) in rows {
            to[..half].copy_from_slice(&from[..half]);
            to[half - 3..half].fill(255);
        }
    }

    /// Start again with a plain background, `width` x `height` pixels.
    pub(crate) fn blank(&mut self, width: u32, height: u32) {
        reshape(&mut self.rgb, width, height);
        self.rgb.fill(24);
    }

    #[cfg(feature = "live")]
    /// Darken a rectangle so that text can be read on it: `keep` of 256 parts of the light stay.
    pub(crate) fn darken(&mut self, area: Rectangle, keep: u16) {
        let Some((columns, rows)) = self.clip(area) else {
            return;
        };
        let row = self.rgb.width() as usize * 3;
        for line in self
            .rgb
            .chunks_exact_mut(row)
            .take(rows.end)
            .skip(rows.start)
        {
            for value in &mut line[columns.start * 3..columns.end * 3] {
                *value = ((u16::from(*value) * keep) >> 8) as u8;
            }
        }
    }

    /// Fill a rectangle.
    pub(crate) fn fill(&mut self, area: Rectangle, colour: Rgb888) {
        let Some((columns, rows)) = self.clip(area) else {
            return;
        };
        let colour = Rgb([colour.r(), colour.g(), colour.b()]);
        for y in rows {
            for x in columns.clone() {
                self.rgb.put_pixel(x as u32, y as u32, colour);
            }
        }
    }

    #[cfg(feature = "live")]
    /// The outline of a rectangle, `thick` pixels inwards.
    pub(crate) fn frame(&mut self, area: Rectangle, thick: i32, colour: Rgb888) {
        let Point { x, y } = area.top_left;
        let (width, height) = (signed(area.size.width), signed(area.size.height));
        let (bottom, right) = (
            y.saturating_add(height - thick),
            x.saturating_add(width - thick),
        );
        for side in [
            rectangle(x, y, width, thick),
            rectangle(x, bottom, width, thick),
            rectangle(x, y, thick, height),
            rectangle(right, y, thick, height),
        ] {
            self.fill(side, colour);
        }
    }

    /// Draw `picture` into a rectangle, by nearest neighbour: thumbnails are small.
    pub(crate) fn paste(&mut self, picture: &RgbImage, area: Rectangle) {
        let (Some((columns, rows)), (w, h)) = (self.clip(area), picture.dimensions()) else {
            return;
        };
        let from = |at: usize, start: i32, side: u32, most: u32| {
            let share = (at as i64 - i64::from(start)) * i64::from(most) / i64::from(side);
            (share.max(0) as u32).min(most.saturating_sub(1))
        };
        for y in rows {
            for x in columns.clone() {
                let (sx, sy) = (
                    from(x, area.top_left.x, area.size.width, w),
                    from(y, area.top_left.y, area.size.height, h),
                );
                if let Some(pixel) = picture.get_pixel_checked(sx, sy) {
                    self.rgb.put_pixel(x as u32, y as u32, *pixel);
                }
            }
        }
    }

    /// Text with its upper left corner at `x`, `y`, cut off before `most` pixels. Gives its width.
    pub(crate) fn text(
        &mut self,
        text: &str,
        (x, y): (i32, i32),
        most: i32,
        colour: Rgb888,
    ) -> i32 {
        let style = self.style(colour);
        let step = self.letter().0;
        let room = (most.max(0) / step) as usize;
        let clean = printable(text, room);
        let width = clean.chars().count() as i32 * step;
        // Drawing on memory cannot fail.
        let Ok(_) = Text::with_baseline(&clean, Point::new(x, y), style, Baseline::Top).draw(self);
        width
    }

    /// Width and height of a letter, which grow with the picture.
    pub(crate) fn letter(&self) -> (i32, i32) {
        let size = self.font().character_size;
        (size.width as i32, size.height as i32)
    }

    fn font(&self) -> &'static MonoFont<'static> {
        match self.rgb.height().min(self.rgb.width() * 3 / 4) {
            0..300 => &FONT_6X10,
            300..460 => &FONT_7X13,
            460..700 => &FONT_9X15,
            _ => &FONT_10X20,
        }
    }

    fn style(&self, colour: Rgb888) -> MonoTextStyle<'static, Rgb888> {
        MonoTextStyleBuilder::new()
            .font(self.font())
            .text_color(colour)
            .build()
    }

    fn clip(&self, area: Rectangle) -> Option<(std::ops::Range<usize>, std::ops::Range<usize>)> {
        // Not `Rectangle::intersection`, whose sums overflow at extreme coordinates.
        let range = |start: i32, side: u32, most: u32| {
            let end = start.saturating_add(signed(side)).clamp(0, most as i32);
            let start = start.clamp(0, most as i32);
            (start < end).then_some(start as usize..end as usize)
        };
        let columns = range(area.top_left.x, area.size.width, self.rgb.width())?;
        let rows = range(area.top_left.y, area.size.height, self.rgb.height())?;
        Some((columns, rows))
    }
}

fn signed(side: u32) -> i32 {
    i32::try_from(side).unwrap_or(i32::MAX)
}

/// What the fonts can show of `text`, at most `room` characters; a name that is longer ends in two points.
fn printable(text: &str, room: usize) -> String {
    let shown = |c: char| match c {
        c if c.is_control() => ' ',
        ' '..='~' | '\u{a0}'..='\u{ff}' => c,
        '\u{2013}' | '\u{2014}' => '-',
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{2192}' => '>',
        _ => '?',
    };
    let mut clean: String = text.chars().take(room + 1).map(shown).collect();
    if clean.chars().count() > room {
        clean = clean.chars().take(room.saturating_sub(2)).collect();
        clean.push_str(&".."[..room.min(2)]);
    }
    clean
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.rgb.width(), self.rgb.height())
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Infallible> {
        for Pixel(at, colour) in pixels {
            if let (Ok(x), Ok(y)) = (u32::try_from(at.x), u32::try_from(at.y))
                && let Some(pixel) = self.rgb.get_pixel_mut_checked(x, y)
            {
                pixel.0 = [colour.r(), colour.g(), colour.b()];
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_to_its_room() {
        assert_eq!(printable("abc", 3), "abc");
        assert_eq!(printable("abcdef", 4), "ab..");
        assert_eq!(printable("abc", 1), ".");
        assert_eq!(printable("abc", 0), "");
        assert_eq!(printable("Caf\u{e9}\n\u{1f600}\u{1b}", 9), "Caf\u{e9} ? ");
    }

    #[cfg(feature = "live")]
    #[test]
    fn nothing_is_drawn_outside() {
        let mut canvas = Canvas::new();
        canvas.blank(20, 10);
        for (x, y, width, height) in [
            (-5, -5, 100, 100),
            (i32::MAX, 0, i32::MAX, 5),
            (5, 5, -3, 4),
            (0, 0, 0, 0),
            (i32::MIN, i32::MIN, 3, 3),
        ] {
            let area = rectangle(x, y, width, height);
            canvas.darken(area, 128);
            canvas.fill(area, INK);
            canvas.paste(&RgbImage::new(3, 3), area);
            canvas.paste(&RgbImage::new(0, 0), area);
        }
        canvas.text("far away", (-1000, 9), 5000, INK);
        assert_eq!(canvas.picture().dimensions(), (20, 10));
    }

    #[cfg(feature = "live")]
    #[test]
    fn a_split_view_has_the_photo_on_the_left() {
        let mut canvas = Canvas::new();
        let (white, black) = (
            RgbImage::from_pixel(8, 2, Rgb([200; 3])),
            RgbImage::new(8, 2),
        );
        canvas.begin(&black, Some(&white));
        let row: Vec<u8> = (0..8)
            .map(|x| canvas.picture().get_pixel(x, 1).0[0])
            .collect();
        assert_eq!(row, [200, 200, 200, 255, 0, 0, 0, 0]);
        canvas.begin(&black, Some(&RgbImage::new(3, 3)));
        assert!(canvas.picture().iter().all(|v| *v == 0));
    }
}
