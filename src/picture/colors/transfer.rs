//! Mean and covariance of two pictures' colours in; the map that gives one picture the colours of the other out.

use super::moments::Moments;
use super::symmetric::{Matrix, product, with_eigenvalues};

/// A variance that is noise: half a hundredth of the range, squared. Added to the colours that are moved, so that a picture
/// of one colour is not blown up.
const NOISE: f64 = 2.5e-5;

/// The most that a map spreads colours in any direction; beyond it grain and quantisation are seen.
const MOST_SPREAD: f64 = 2.5;

/// A colour `c` becomes `matrix * c + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Affine {
    pub(super) matrix: [[f32; 3]; 3],
    pub(super) offset: [f32; 3],
}

/// The map that moves colours of the moments `from` to those of the moments `to`, with the least movement of all linear
/// maps that do (Pitie and Kokaram 2007, "The linear Monge-Kantorovitch linear colour mapping for example-based colour
/// transfer"): `T = S^-1/2 (S^1/2 R S^1/2)^1/2 S^-1/2` for covariances `S` and `R`.
pub(super) fn matched(from: &Moments, to: &Moments) -> Affine {
    let mut source = from.covariance;
    for (n, row) in source.iter_mut().enumerate() {
        row[n] += NOISE;
    }
    let root = with_eigenvalues(&source, |v| v.max(NOISE).sqrt());
    let inverse = with_eigenvalues(&source, |v| 1.0 / v.max(NOISE).sqrt());
    let between = product(&product(&root, &to.covariance), &root);
    let between = with_eigenvalues(&between, |v| v.max(0.0).sqrt());
    let map = product(&product(&inverse, &between), &inverse);
    affine(&with_eigenvalues(&map, |v| v.min(MOST_SPREAD)), from, to)
}

/// `matrix` about the mean of `from`, which goes to the mean of `to`.
fn affine(matrix: &Matrix, from: &Moments, to: &Moments) -> Affine {
    let offset = std::array::from_fn(|n| {
        let moved: f64 = matrix[n].iter().zip(from.mean).map(|(m, c)| m * c).sum();
        (to.mean[n] - moved) as f32
    });
    Affine {
        matrix: matrix.map(|row| row.map(|v| v as f32)),
        offset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(mean: [f64; 3], covariance: Matrix) -> Moments {
        Moments { mean, covariance }
    }

    #[test]
    fn the_map_moves_mean_and_covariance() {
        let from = moments(
            [0.5, 0.1, -0.1],
            [[0.04, 0.01, 0.0], [0.01, 0.02, -0.005], [0.0, -0.005, 0.03]],
        );
        let to = moments(
            [0.7, -0.05, 0.02],
            [[0.02, 0.0, 0.004], [0.0, 0.01, 0.001], [0.004, 0.001, 0.05]],
        );
        let map = matched(&from, &to);
        let t = map.matrix.map(|row| row.map(f64::from));
        for (n, row) in t.iter().enumerate() {
            let mean: f64 = row.iter().zip(from.mean).map(|(m, c)| m * c).sum();
            assert!((mean + f64::from(map.offset[n]) - to.mean[n]).abs() < 1e-6);
            for (k, value) in row.iter().enumerate() {
                assert!((value - t[k][n]).abs() < 1e-6, "it is symmetric");
            }
        }
        // A symmetric map is its own transpose.
        let moved = product(&product(&t, &from.covariance), &t);
        for (moved, wanted) in moved.iter().flatten().zip(to.covariance.iter().flatten()) {
            assert!((moved - wanted).abs() < 2e-4, "{moved} {wanted}");
        }
    }

    #[test]
    fn the_same_colours_stay_and_grain_is_not_blown_up() {
        let some = moments(
            [0.5, 0.1, -0.1],
            [[0.04, 0.0, 0.0], [0.0, 0.02, 0.0], [0.0, 0.0, 0.03]],
        );
        let map = matched(&some, &some);
        for (n, row) in map.matrix.iter().enumerate() {
            assert!((row[n] - 1.0).abs() < 2e-3, "{map:?}");
        }
        let flat = moments([0.2, 0.0, 0.0], [[0.0; 3]; 3]);
        let map = matched(&flat, &some);
        assert!(
            map.matrix
                .iter()
                .flatten()
                .all(|m| m.abs() <= MOST_SPREAD as f32 + 1e-4)
        );
        // Into grey: no colour is left.
        let grey = moments([0.5, 0.0, 0.0], [[0.05, 0.0, 0.0], [0.0; 3], [0.0; 3]]);
        let map = matched(&some, &grey);
        assert!(
            map.matrix[1..].iter().flatten().all(|m| m.abs() < 1e-6),
            "{map:?}"
        );
        assert!(map.offset[1..].iter().all(|o| o.abs() < 1e-6));
    }
}
