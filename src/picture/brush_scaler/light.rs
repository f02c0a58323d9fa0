//! The luminance of a small content at the size of a larger one, row by row: bilinear, as a content is reduced.

/// The place of a pixel between two others.
#[derive(Clone, Copy)]
struct Between {
    /// The first of them, and the second, which at the border is the same.
    places: [u32; 2],
    /// The weight of the second, in 256ths.
    weight: u32,
}

/// Luminance that is read at another size. Its buffers are reused.
#[derive(Default)]
pub(super) struct Light {
    small: Vec<u8>,
    columns: Vec<Between>,
    size: (usize, usize),
}

impl Light {
    /// Take `small`, the luminance of a content of `size` (width, height), to be read at `width` pixels a row.
    pub(super) fn read(
        &mut self,
        small: impl Iterator<Item = u8>,
        size: (usize, usize),
        width: usize,
    ) {
        self.small.clear();
        self.small.extend(small);
        self.columns.clear();
        self.columns
            .extend((0..width).map(|x| between(x, width, size.0)));
        self.size = size;
    }

    /// Call `each` with the luminance of every pixel of row `y`, of `height`, and what `pixels` has for it. `mixed` is a
    /// buffer.
    pub(super) fn row<T>(
        &self,
        (y, height): (usize, usize),
        mixed: &mut Vec<u16>,
        pixels: impl Iterator<Item = T>,
        mut each: impl FnMut(u8, T),
    ) {
        let (width, count) = self.size;
        let Between { places, weight } = between(y, height, count);
        let [above, below] = places.map(|row| &self.small[row as usize * width..][..width]);
        let weight = weight as u16;
        mixed.clear();
        mixed.extend(
            above
                .iter()
                .zip(below)
                .map(|(a, b)| u16::from(*a) * (256 - weight) + u16::from(*b) * weight),
        );
        for (column, pixel) in self.columns.iter().zip(pixels) {
            let [left, right] = column.places.map(|x| u32::from(mixed[x as usize]));
            let light = left * (256 - column.weight) + right * column.weight;
            each(((light + (1 << 15)) >> 16) as u8, pixel);
        }
    }
}

/// Where pixel `at` of `length` lies among `count`.
fn between(at: usize, length: usize, count: usize) -> Between {
    let place = (at as f64 + 0.5) * count as f64 / length as f64 - 0.5;
    let place = place.clamp(0.0, count as f64 - 1.0);
    let first = place as usize;
    Between {
        places: [first as u32, (first + 1).min(count - 1) as u32],
        weight: ((place - first as f64) * 256.0).round() as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_is_as_it_is_resized() {
        for (small, large) in [
            ((5, 4), (10, 8)),
            ((7, 3), (15, 5)),
            ((1, 1), (2, 2)),
            ((3, 1), (7, 1)),
        ] {
            let grey = image::GrayImage::from_fn(small.0, small.1, |x, y| {
                image::Luma([(x * 71 + y * 113) as u8])
            });
            let mut light = Light::default();
            let size = (small.0 as usize, small.1 as usize);
            light.read(grey.iter().copied(), size, large.0 as usize);
            let wanted = image::imageops::resize(
                &grey,
                large.0,
                large.1,
                image::imageops::FilterType::Triangle,
            );
            let mut mixed = Vec::new();
            for y in 0..large.1 {
                let row = (0..large.0).map(|x| wanted.get_pixel(x, y)[0]);
                light.row(
                    (y as usize, large.1 as usize),
                    &mut mixed,
                    row,
                    |found, wanted| {
                        assert!(found.abs_diff(wanted) <= 1, "{small:?} {large:?} row {y}");
                    },
                );
            }
        }
    }
}
