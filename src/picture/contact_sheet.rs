//! Contact sheets: pictures in rows and columns, each with a label.

use image::RgbImage;

use super::canvas::{Canvas, INK, rectangle};
use crate::error::{Error, Result};

/// Height of a label and the gap between pictures, in pixels.
const LABEL: u32 = 24;
const GAP: u32 = 8;

/// The most pixels of a side: wider pictures are not opened by many programs.
const LONGEST: u32 = 30_000;

/// `cells` of pictures and labels in rows of `columns`; each picture is brought into `side` x `side` pixels.
///
/// # Errors
/// [`Error::Invalid`] when the sheet would be too large.
pub fn contact_sheet(cells: &[(RgbImage, String)], columns: usize, side: u32) -> Result<RgbImage> {
    let columns = columns.clamp(1, cells.len().max(1));
    let rows = cells.len().div_ceil(columns);
    let fitted = cells
        .iter()
        .map(|(picture, _)| super::fit_long(picture, side))
        .collect::<Result<Vec<_>>>()?;
    let wide = fitted.iter().map(RgbImage::width).max().unwrap_or(side);
    let tall = fitted.iter().map(RgbImage::height).max().unwrap_or(side);
    let length = |count: usize, cell: u32| {
        let count = u32::try_from(count).ok()?;
        count.checked_mul(cell + GAP)?.checked_add(GAP)
    };
    let (Some(width), Some(height)) = (length(columns, wide), length(rows, tall + LABEL)) else {
        return Err(Error::invalid("sheet", "is too large"));
    };
    if width.max(height) > LONGEST {
        let reason =
            format!("would be {width}x{height} pixels; ask for fewer pictures, or a smaller size");
        return Err(Error::invalid("sheet", reason));
    }
    let mut canvas = Canvas::new();
    canvas.blank(width, height);
    for (n, (picture, (_, label))) in fitted.iter().zip(cells).enumerate() {
        let x = (GAP + (n % columns) as u32 * (wide + GAP)) as i32;
        let y = (GAP + (n / columns) as u32 * (tall + LABEL + GAP)) as i32;
        canvas.text(label, (x, y), wide as i32, INK);
        let place = rectangle(
            x,
            y + LABEL as i32,
            picture.width() as i32,
            picture.height() as i32,
        );
        canvas.paste(picture, place);
    }
    Ok(canvas.picture().clone())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stand_in_rows() {
        let cell = |shade: u8| {
            (
                RgbImage::from_pixel(40, 20, image::Rgb([shade; 3])),
                format!("{shade}"),
            )
        };
        let made = contact_sheet(&[cell(100), cell(150), cell(200)], 2, 40).unwrap();
        assert_eq!(made.dimensions(), (2 * 48 + 8, 2 * (20 + 24 + 8) + 8));
        assert_eq!(made.get_pixel(28, 42).0, [100; 3]);
        assert_eq!(made.get_pixel(76, 42).0, [150; 3]);
        assert_eq!(made.get_pixel(28, 94).0, [200; 3]);
    }
}
