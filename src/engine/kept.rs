//! A tensor of the whole picture, kept from one stage to the next in half of its memory: blocks in, windows out.

use ndarray::{Array4, ArrayView3};

use super::tile_grid::Region;

/// Values are kept in 16 bits between the least and the greatest of their row. That is ten times as exact as a
/// half-precision float, whose steps are as large as a row's values allow only near its greatest, and cannot overflow.
const STEPS: f32 = u16::MAX as f32;

/// The bytes that a value is kept in. Those for the ends of its row come to a few hundredths of one.
pub(super) const BYTES: f64 = 2.0;

/// `[C, H, W]`, in blocks that cover it.
#[derive(Debug, Default)]
pub(super) struct Kept {
    blocks: Vec<Block>,
}

#[derive(Debug)]
struct Block {
    /// Its place, in values.
    place: Region,
    /// The least value and the step of each row of each channel.
    scales: Vec<(f32, f32)>,
    values: Vec<u16>,
}

impl Kept {
    /// Add the values at `place`, `[C, H, W]`.
    pub(super) fn add(&mut self, place: Region, part: ArrayView3<'_, f32>) {
        let mut block = Block {
            place,
            scales: Vec::with_capacity(part.dim().0 * part.dim().1),
            values: Vec::with_capacity(part.len()),
        };
        let mut copy = Vec::new();
        for channel in part.outer_iter() {
            for row in channel.rows() {
                copy.clear();
                copy.extend(&row);
                let row = copy.as_slice();
                let low = row.iter().copied().fold(f32::INFINITY, f32::min);
                let high = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let step = (high - low) / STEPS;
                let inverse = if step > 0.0 { 1.0 / step } else { 0.0 };
                block.scales.push((low, step));
                // The cast saturates, and makes what is not a number 0.
                let steps = row.iter().map(|v| ((v - low) * inverse + 0.5) as u16);
                block.values.extend(steps);
            }
        }
        self.blocks.push(block);
    }

    /// Fill `window`, `[1, C, H, W]`, with the values at `place`.
    pub(super) fn read(&self, place: &Region, window: &mut Array4<f32>) {
        let (_, _, _, wide) = window.dim();
        let Some(window) = window.as_slice_mut() else {
            return; // It is always in standard layout.
        };
        for block in &self.blocks {
            let Some(common) = block.place.common(place) else {
                continue;
            };
            let from = common.inside(&block.place);
            let to = common.inside(place);
            let (high, width) = (block.place.rows.len(), block.place.columns.len());
            let high_of_window = place.rows.len();
            for (n, (low, step)) in block.scales.iter().enumerate() {
                let (channel, row) = (n / high, n % high);
                if !from.rows.contains(&row) {
                    continue;
                }
                let source = &block.values[n * width..][from.columns.clone()];
                let at = channel * high_of_window + to.rows.start + row - from.rows.start;
                let target = &mut window[at * wide..][to.columns.clone()];
                for (value, steps) in target.iter_mut().zip(source) {
                    *value = low + step * f32::from(*steps);
                }
            }
        }
    }

    /// Forget what lies wholly above `row`.
    pub(super) fn forget_above(&mut self, row: usize) {
        self.blocks.retain(|block| block.place.rows.end > row);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, Axis};

    use super::*;

    fn region(rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> Region {
        Region { rows, columns }
    }

    /// Channels of very different size, as those of networks are.
    fn tensor() -> Array3<f32> {
        Array3::from_shape_fn((2, 9, 10), |(c, y, x)| {
            let wave = ((y * 10 + x) as f32 * 0.7).sin();
            if c == 0 { wave } else { 1e6 + 3e4 * wave }
        })
    }

    fn kept(tensor: &Array3<f32>) -> Kept {
        let mut kept = Kept::default();
        for rows in [0..4, 4..9] {
            for columns in [0..3, 3..10] {
                let mut part = tensor.view();
                part.slice_axis_inplace(Axis(1), rows.clone().into());
                part.slice_axis_inplace(Axis(2), columns.clone().into());
                kept.add(region(rows.clone(), columns), part);
            }
        }
        kept
    }

    fn assert_read(kept: &Kept, tensor: &Array3<f32>, place: &Region) {
        let mut window = Array4::from_elem((1, 2, place.rows.len(), place.columns.len()), f32::NAN);
        kept.read(place, &mut window);
        for ((_, c, y, x), value) in window.indexed_iter() {
            let wanted = tensor[[c, y + place.rows.start, x + place.columns.start]];
            let most = if c == 0 { 2e-5 } else { 0.6 };
            assert!((value - wanted).abs() < most, "{value} {wanted}");
        }
    }

    #[test]
    fn windows_over_several_blocks_are_what_was_put_in() {
        let tensor = tensor();
        let kept = kept(&tensor);
        for place in [
            region(0..9, 0..10),
            region(3..5, 2..4),
            region(5..6, 0..10),
            region(0..9, 9..10),
        ] {
            assert_read(&kept, &tensor, &place);
        }
    }

    #[test]
    fn what_is_above_is_forgotten() {
        let tensor = tensor();
        let mut kept = kept(&tensor);
        kept.forget_above(3);
        assert_eq!(kept.blocks.len(), 4);
        kept.forget_above(4);
        assert_eq!(kept.blocks.len(), 2);
        assert_read(&kept, &tensor, &region(4..9, 0..10));
    }

    #[test]
    fn flat_and_broken_rows_do_no_harm() {
        for value in [0.25, f32::NAN, f32::INFINITY] {
            let mut kept = Kept::default();
            let tensor = Array3::from_elem((1, 1, 4), value);
            kept.add(region(0..1, 0..4), tensor.view());
            let mut window = Array4::zeros((1, 1, 1, 4));
            kept.read(&region(0..1, 0..4), &mut window);
            assert!(!value.is_finite() || window.iter().all(|v| *v == value));
        }
    }
}
