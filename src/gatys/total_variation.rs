//! Total variation: a picture goes in; the mean squared difference of its neighbours and the gradient of it come out.

use ndarray::{ArrayView3, ArrayViewMut3, Axis, Slice, Zip};

/// Adds to `gradient` the gradient of `weight` times the sum of squared differences between horizontal and vertical
/// neighbours, divided by the number of values, and gives that number. Both are `[3, H, W]`.
pub(super) fn add(
    image: ArrayView3<'_, f32>,
    weight: f64,
    mut gradient: ArrayViewMut3<'_, f32>,
) -> f64 {
    if weight == 0.0 {
        return 0.0;
    }
    let share = weight / image.len() as f64;
    let step = (2.0 * share) as f32;
    let mut sum = 0.0;
    for axis in [Axis(1), Axis(2)] {
        let (first, second) = (Slice::from(..-1), Slice::from(1..));
        let (a, b) = (
            image.slice_axis(axis, first),
            image.slice_axis(axis, second),
        );
        Zip::from(a)
            .and(b)
            .and(gradient.slice_axis_mut(axis, first))
            .for_each(|a, b, g| {
                sum += f64::from((b - a) * (b - a));
                *g -= step * (b - a);
            });
        Zip::from(a)
            .and(b)
            .and(gradient.slice_axis_mut(axis, second))
            .for_each(|a, b, g| *g += step * (b - a));
    }
    share * sum
}

#[cfg(test)]
mod tests {
    use super::add;
    use ndarray::Array3;

    #[test]
    fn the_gradient_is_that_of_the_sum_of_squares() {
        let image = Array3::from_shape_fn((3, 3, 3), |(c, y, x)| {
            (((9 * c + 3 * y + x) * 7919) % 11) as f32 / 11.0
        });
        let mut gradient = Array3::zeros((3, 3, 3));
        let value = add(image.view(), 5.0, gradient.view_mut());
        let unused = || Array3::zeros((3, 3, 3));
        for (at, found) in gradient.indexed_iter() {
            let moved = |by: f32| {
                let mut image = image.clone();
                image[at] += by;
                add(image.view(), 5.0, unused().view_mut())
            };
            let slope = (moved(0.01) - moved(-0.01)) / 0.02;
            assert!((slope - f64::from(*found)).abs() < 1e-4, "{at:?}");
        }
        assert!(value > 0.0);
        let flat = Array3::from_elem((3, 3, 3), 0.5);
        assert_eq!(add(flat.view(), 5.0, unused().view_mut()), 0.0);
    }
}
