//! Where two frames agree along the flow, and whether they are of one scene.

use super::flow::Vector;
use super::plane::{Plane, Pyramid, before};

/// The weight of full agreement.
pub(super) const FULL: u8 = 64;

/// A difference of this many levels is noise, and of twice as many none of it.
const NOISE: f32 = 4.0;

/// How much of the local contrast is added to the noise: a displacement that is a little off is no disagreement.
const SLACK: f32 = 0.2;

/// Two frames of which less than this share agrees are of different scenes.
const SAME_SCENE: f32 = 0.4;

/// How far frames agree: a weight for each pixel of the finest level, and the buffers to find it.
#[derive(Debug, Default)]
pub(super) struct Agreement {
    /// 0..=[`FULL`], in rows.
    pub(super) weights: Vec<u8>,
    /// By how many levels the light changed on the mean where frames agree, as in a fade.
    pub(super) drift: f32,
    rough: Vec<u8>,
    line: Vec<u16>,
}

impl Agreement {
    /// Fills `weights` for the flow `field` from `new` to `old`. Gives whether the frames are of one scene.
    pub(super) fn fill(&mut self, new: &Pyramid, old: &Pyramid, field: &[Vector]) -> bool {
        let (new, old) = (new.finest(), old.finest());
        self.rough.clear();
        let (mut sum, mut change) = (0_u64, 0.0);
        for y in 0..new.height {
            let row = &field[y * new.width..][..new.width];
            for (x, by) in row.iter().enumerate() {
                let (weight, difference) = agree(new, old, x, y, *by);
                sum += u64::from(weight);
                change += f32::from(weight) * difference;
                self.rough.push(weight);
            }
        }
        self.drift = change / (sum as f32).max(1.0);
        self.weights.resize(self.rough.len(), 0);
        least_around(&self.rough, new.width, &mut self.weights);
        mean_around(&mut self.weights, new.width, &mut self.line);
        sum as f32 >= SAME_SCENE * f32::from(FULL) * self.rough.len() as f32
    }
}

/// The weight of one pixel, and how much lighter it was.
fn agree(new: &Plane, old: &Plane, x: usize, y: usize, [u, v]: Vector) -> (u8, f32) {
    let (to_x, to_y) = (x as f32 + u, y as f32 + v);
    let is_inside = to_x > -0.5
        && to_y > -0.5
        && to_x < old.width as f32 - 0.5
        && to_y < old.height as f32 - 0.5;
    if !is_inside {
        return (0, 0.0);
    }
    let at = new.index(x as isize, y as isize);
    let pixels = new.pixels();
    let contrast = (pixels[at + 1] - pixels[at - 1]).abs()
        + (pixels[at + new.stride] - pixels[at - new.stride]).abs();
    let (left, top) = (before(to_x), before(to_y));
    let (u, v) = (to_x - left, to_y - top);
    let from = old.index(left as isize, top as isize);
    let (above, below) = (&old.pixels()[from..], &old.pixels()[from + old.stride..]);
    let value = (above[0] * (1.0 - u) + above[1] * u) * (1.0 - v)
        + (below[0] * (1.0 - u) + below[1] * u) * v;
    let allowed = NOISE + SLACK * contrast;
    let difference = value - pixels[at];
    let share = 2.0 - difference.abs() / allowed;
    ((share.clamp(0.0, 1.0) * f32::from(FULL)) as u8, difference)
}

/// Of each value and its eight neighbours the least: the flow next to an edge of what is hidden is not to be trusted.
fn least_around(from: &[u8], width: usize, to: &mut [u8]) {
    let height = from.len() / width;
    for y in 0..height {
        let rows = y.saturating_sub(1)..(y + 2).min(height);
        let target = &mut to[y * width..][..width];
        target.fill(u8::MAX);
        for row in rows.map(|y| &from[y * width..][..width]) {
            for (to, value) in target.iter_mut().zip(row) {
                *to = (*to).min(*value);
            }
        }
        let mut before = target[0];
        for x in 0..width {
            let (at, after) = (target[x], target[(x + 1).min(width - 1)]);
            target[x] = before.min(at).min(after);
            before = at;
        }
    }
}

/// Each value becomes the mean of itself and its neighbours, with weights 1, 2, 1 along both sides.
fn mean_around(values: &mut [u8], width: usize, line: &mut Vec<u16>) {
    let height = values.len() / width;
    // The row above as it was.
    line.clear();
    line.extend(values[..width].iter().map(|v| u16::from(*v)));
    for y in 0..height {
        let next = (y + 1).min(height - 1) * width;
        for x in 0..width {
            let (at, below) = (
                u16::from(values[y * width + x]),
                u16::from(values[next + x]),
            );
            values[y * width + x] = ((line[x] + 2 * at + below + 2) / 4) as u8;
            line[x] = at;
        }
        let row = &mut values[y * width..][..width];
        let mut before = u16::from(row[0]);
        for x in 0..width {
            let at = u16::from(row[x]);
            let after = u16::from(row[(x + 1).min(width - 1)]);
            row[x] = ((before + 2 * at + after + 2) / 4) as u8;
            before = at;
        }
    }
}
