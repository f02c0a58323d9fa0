//! Rows of numbers in; their principal axes out, and their places on them.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::eigen::symmetric;

/// A variance below this share of the greatest is rounding.
const RANK: f64 = 1e-12;

/// The principal axes of a cloud of points.
#[derive(Debug, Clone)]
pub struct Pca {
    /// The mean of the points, `[D]`.
    pub mean: Array1<f64>,
    /// The axes as rows of length 1, `[R,D]`, that of the greatest variance first. `R` is the rank of the cloud: at most
    /// `D`, and less than the number of points.
    pub axes: Array2<f64>,
    /// The variance along each axis, `[R]`, with `N - 1` in the denominator.
    pub variances: Vec<f64>,
}

impl Pca {
    /// The axes of the `rows`, `[N,D]`. Of fewer than two points there are none.
    ///
    /// Where there are fewer points than dimensions, the eigenvectors are found in the `N x N` matrix of their products:
    /// the same axes for less work.
    pub fn fit(rows: ArrayView2<'_, f32>) -> Self {
        let rows = rows.mapv(f64::from);
        let (n, d) = rows.dim();
        let mean = rows.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(d));
        let centred = rows - &mean;
        let degrees = n.saturating_sub(1).max(1) as f64;
        let few = n < d;
        let products = if few {
            centred.dot(&centred.t())
        } else {
            centred.t().dot(&centred)
        };
        let (values, vectors) = symmetric(products / degrees);
        let least = values.first().map_or(0.0, |most| most * RANK);
        let rank = values.iter().filter(|v| **v > least && **v > 0.0).count();
        let variances = values[..rank].to_vec();
        let mut axes = Array2::zeros((rank, d));
        for (k, mut axis) in axes.rows_mut().into_iter().enumerate() {
            if few {
                let along = centred.t().dot(&vectors.row(k));
                let length = along.dot(&along).sqrt();
                let greatest =
                    along.iter().fold(
                        0.0_f64,
                        |most, v| if v.abs() > most.abs() { *v } else { most },
                    );
                axis.assign(&(along / length.copysign(greatest)));
            } else {
                axis.assign(&vectors.row(k));
            }
        }
        Self {
            mean,
            axes,
            variances,
        }
    }

    /// The place of a point `[D]` on the first `count` axes; 0 on axes that there are not.
    pub fn project(&self, point: ArrayView1<'_, f32>, count: usize) -> Array1<f64> {
        let centred = point.mapv(f64::from) - &self.mean;
        let along = |k: usize| match k < self.axes.nrows() {
            true => self.axes.row(k).dot(&centred),
            false => 0.0,
        };
        (0..count).map(along).collect()
    }

    /// The `rows` `[N,D]` in the plane of the first two axes, `[N,2]`.
    pub fn plane(&self, rows: ArrayView2<'_, f32>) -> Array2<f64> {
        let mut plane = Array2::zeros((rows.nrows(), 2));
        for (row, mut place) in rows.rows().into_iter().zip(plane.rows_mut()) {
            place.assign(&self.project(row, 2));
        }
        plane
    }

    /// The share of the whole variance that the first `count` axes have, 0..=1.
    pub fn explained(&self, count: usize) -> f64 {
        let sum: f64 = self.variances.iter().sum();
        let first: f64 = self.variances.iter().take(count).sum();
        if sum > 0.0 { first / sum } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// Points whose covariance is known: 3 along (3,4)/5, 1 along (-4,3)/5, nothing else, around (10,20,30).
    fn cross() -> Array2<f32> {
        // Of two points at +-s along an axis among N = 4: variance 2 s^2 / 3.
        let (a, b) = ((4.5_f32).sqrt(), (1.5_f32).sqrt());
        array![
            [0.6 * a, 0.8 * a, 0.0],
            [-0.6 * a, -0.8 * a, 0.0],
            [-0.8 * b, 0.6 * b, 0.0],
            [0.8 * b, -0.6 * b, 0.0]
        ] + array![10.0, 20.0, 30.0]
    }

    #[test]
    fn axes_and_variances_are_those_of_a_known_covariance() {
        let pca = Pca::fit(cross().view());
        assert_eq!(pca.axes.dim(), (2, 3), "the cloud lies in a plane");
        for (found, known) in pca.variances.iter().zip([3.0, 1.0]) {
            assert!((found - known).abs() < 1e-5, "{found}");
        }
        let known = array![[0.6, 0.8, 0.0], [0.8, -0.6, 0.0]];
        for (found, known) in pca.axes.iter().zip(&known) {
            assert!((found - known).abs() < 1e-5, "{}", pca.axes);
        }
        assert!((pca.explained(1) - 0.75).abs() < 1e-5);
        let place = pca.project(array![10.6, 20.8, 99.0].view(), 3);
        assert!((place[0] - 1.0).abs() < 1e-5 && place[1].abs() < 1e-5 && place[2] == 0.0);
    }

    #[test]
    fn few_points_of_many_dimensions_have_the_axes_of_the_whole_covariance() {
        let at = |i: usize, j: usize| ((i * 7 + j * 3) as f32 * 0.61).sin() * (1.0 + j as f32);
        let few = Array2::from_shape_fn((4, 6), |(i, j)| at(i, j));
        // The same points twice: the same axes, by the other way.
        let twice = Array2::from_shape_fn((8, 6), |(i, j)| at(i % 4, j));
        let (few, twice) = (Pca::fit(few.view()), Pca::fit(twice.view()));
        // sin(a + b) is a sum of two products.
        assert_eq!((few.axes.nrows(), twice.axes.nrows()), (2, 2));
        for (a, b) in few.axes.iter().zip(&twice.axes) {
            assert!((a - b).abs() < 1e-6);
        }
    }

    #[test]
    fn one_point_and_equal_points_have_no_axes() {
        for rows in [
            array![[1.0_f32, 2.0]],
            array![[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]],
        ] {
            let pca = Pca::fit(rows.view());
            assert!(pca.variances.is_empty());
            assert!(pca.plane(rows.view()).iter().all(|v| *v == 0.0));
        }
    }
}
