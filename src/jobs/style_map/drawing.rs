//! A map in; a picture of it out.

use image::RgbImage;

use super::scene::{CELL, Scene, THUMBNAIL, cover};
use crate::error::Result;
use crate::picture::canvas::{Canvas, FAINT, INK, rectangle};

/// The longest side of the picture in pixels: larger maps are drawn smaller.
const LONGEST: f64 = 8000.0;

/// The space around the map, in pixels.
const MARGIN: f64 = 24.0;

/// Thickness of a line, and the room under a thumbnail for its name, in pixels.
const THICK: i32 = 2;
const NAME: f64 = 26.0;

/// The first plane of `scene` as a picture.
pub(super) fn drawing(scene: &Scene) -> Result<RgbImage> {
    let mut canvas = Canvas::new();
    let Some(plane) = scene.planes.first() else {
        return Ok(canvas.picture().clone());
    };
    let longest = plane.size.0.max(plane.size.1);
    let scale = ((LONGEST - 2.0 * MARGIN) / longest).min(1.0);
    let side = |length: f64| (length * scale + 2.0 * MARGIN).ceil() as u32;
    canvas.blank(side(plane.size.0), side(plane.size.1));
    let at = |k: usize| {
        let (x, y) = plane.places[k];
        (x * scale + MARGIN, y * scale + MARGIN)
    };
    // The name stands below, so that the middle of the thumbnail is above that of the cell.
    let middle = |k: usize| (at(k).0, at(k).1 - NAME / 2.0 * scale);
    for (a, b) in scene.lines() {
        line(&mut canvas, middle(a), middle(b));
    }
    let (width, height) = (
        (f64::from(THUMBNAIL.0) * scale).max(1.0),
        (f64::from(THUMBNAIL.1) * scale).max(1.0),
    );
    let (_, letter) = canvas.letter();
    for (k, node) in scene.nodes.iter().enumerate() {
        let (x, y) = middle(k);
        let (left, top) = ((x - width / 2.0) as i32, (y - height / 2.0) as i32);
        let thumbnail = cover(&node.picture, (width as u32, height as u32))?;
        let place = rectangle(left, top, width as i32, height as i32);
        canvas.paste(&thumbnail, place);
        // Names that would be higher than their room are left out.
        if f64::from(letter) < NAME * scale {
            let below = top + height as i32 + 3;
            let room = ((CELL.0 - 4.0) * scale) as i32;
            canvas.text(&node.style.name, (left, below), room, INK);
        }
    }
    Ok(canvas.picture().clone())
}

fn line(canvas: &mut Canvas, from: (f64, f64), to: (f64, f64)) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let steps = dx.abs().max(dy.abs()).ceil().max(1.0);
    for n in 0..=steps as u32 {
        let share = f64::from(n) / steps;
        let (x, y) = ((from.0 + dx * share) as i32, (from.1 + dy * share) as i32);
        canvas.fill(rectangle(x, y, THICK, THICK), FAINT);
    }
}
