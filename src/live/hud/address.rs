//! The card with the address of the remote control's page.

use embedded_graphics::pixelcolor::Rgb888;

use crate::picture::canvas::{Canvas, INK, rectangle};
use crate::remote::qr::Qr;

/// The squares of a code; a reader wants them dark on light.
const DARK: Rgb888 = Rgb888::new(0, 0, 0);
const LIGHT: Rgb888 = Rgb888::new(255, 255, 255);

/// The least pixels of a square that a phone can read from a screen.
const LEAST: i32 = 2;

/// The address, and its code where there is room for one.
pub(in crate::live) fn address(canvas: &mut Canvas, url: &str, qr: Option<&Qr>) {
    let (letter, line) = canvas.letter();
    let (width, height) = (canvas.width(), canvas.height());
    let room = width.min(height) * 2 / 3 - line * 2;
    let side = qr.map_or(1, |qr| qr.side() as i32);
    let square = room / side;
    let code = qr.filter(|_| square >= LEAST);
    let long = code.map_or(0, |_| square * side);
    let text = url.chars().count() as i32 * letter;
    let wide = (text.max(long) + 2 * letter).min(width);
    let tall = long + line * 3;
    let (left, top) = ((width - wide) / 2, (height - tall) / 2);
    canvas.darken(rectangle(left, top, wide, tall), super::PANEL / 2);
    if let Some(qr) = code {
        let (x, y) = ((width - long) / 2, top + line);
        canvas.fill(rectangle(x, y, long, long), LIGHT);
        for n in 0..side * side {
            let (column, row) = (n % side, n / side);
            if qr.is_dark(column as usize, row as usize) {
                let area = rectangle(x + column * square, y + row * square, square, square);
                canvas.fill(area, DARK);
            }
        }
    }
    let x = ((width - text) / 2).max(left + letter);
    canvas.text(url, (x, top + long + line * 3 / 2), wide - 2 * letter, INK);
}
