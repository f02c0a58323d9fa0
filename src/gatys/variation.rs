//! Total variation: what a picture's neighbours differ by.

/// Adds `weight` times the gradient of the sum of squared differences between horizontal and vertical neighbours,
/// divided by the number of values, to `gradient`, and gives `weight` times that mean. Three planes of
/// `width` x `height`.
pub(super) fn add(
    image: &[f32],
    (width, height): (usize, usize),
    weight: f64,
    gradient: &mut [f32],
) -> f64 {
    if weight == 0.0 {
        return 0.0;
    }
    let share = weight / image.len() as f64;
    let step = (2.0 * share) as f32;
    let mut sum = 0.0;
    for (plane, slope) in image
        .chunks_exact(width * height)
        .zip(gradient.chunks_exact_mut(width * height))
    {
        for y in 0..height {
            let row = y * width;
            let mut row_sum = 0.0_f32;
            for at in row..row + width - 1 {
                let d = plane[at + 1] - plane[at];
                row_sum += d * d;
                slope[at + 1] += step * d;
                slope[at] -= step * d;
            }
            if y + 1 < height {
                for at in row..row + width {
                    let d = plane[at + width] - plane[at];
                    row_sum += d * d;
                    slope[at + width] += step * d;
                    slope[at] -= step * d;
                }
            }
            sum += f64::from(row_sum);
        }
    }
    share * sum
}

#[cfg(test)]
mod tests {
    use super::add;

    #[test]
    fn it_is_the_sum_of_squares_and_its_slope() {
        let image: Vec<f32> = (0..27).map(|n| ((n * 7919) % 11) as f32 / 11.0).collect();
        let mut gradient = vec![0.0; 27];
        let value = add(&image, (3, 3), 5.0, &mut gradient);
        for n in 0..27 {
            let moved = |by: f32| {
                let mut image = image.clone();
                image[n] += by;
                add(&image, (3, 3), 5.0, &mut [0.0; 27])
            };
            let slope = (moved(0.01) - moved(-0.01)) / 0.02;
            assert!((slope - f64::from(gradient[n])).abs() < 1e-4, "{n}");
        }
        assert!(value > 0.0);
        assert_eq!(add(&[0.5; 27], (3, 3), 5.0, &mut [0.0; 27]), 0.0);
    }
}
