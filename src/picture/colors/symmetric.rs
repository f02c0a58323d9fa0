//! Symmetric 3x3 matrices: products, and functions of their eigenvalues (Jacobi's method).

/// Rows of a 3x3 matrix.
pub(super) type Matrix = [[f64; 3]; 3];

/// Sweeps of Jacobi's method; it converges quadratically, and four are enough for three rows.
const SWEEPS: usize = 8;

/// `a * b`.
pub(super) fn product(a: &Matrix, b: &Matrix) -> Matrix {
    a.map(|row| std::array::from_fn(|n| (0..3).map(|k| row[k] * b[k][n]).sum()))
}

/// The symmetric `matrix` with each of its eigenvalues replaced by what `function` makes of it.
pub(super) fn with_eigenvalues(matrix: &Matrix, function: impl Fn(f64) -> f64) -> Matrix {
    let mut a = *matrix;
    let mut vectors: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..SWEEPS {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if a[p][q].abs() < 1e-300 {
                continue;
            }
            // The rotation that makes a[p][q] zero.
            let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
            let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
            let cosine = 1.0 / tangent.hypot(1.0);
            let sine = tangent * cosine;
            for row in &mut a {
                let (x, y) = (row[p], row[q]);
                (row[p], row[q]) = (cosine * x - sine * y, sine * x + cosine * y);
            }
            let (row_p, row_q) = (a[p], a[q]);
            a[p] = std::array::from_fn(|k| cosine * row_p[k] - sine * row_q[k]);
            a[q] = std::array::from_fn(|k| sine * row_p[k] + cosine * row_q[k]);
            for row in &mut vectors {
                let (x, y) = (row[p], row[q]);
                (row[p], row[q]) = (cosine * x - sine * y, sine * x + cosine * y);
            }
        }
    }
    let values = [a[0][0], a[1][1], a[2][2]].map(function);
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            (0..3)
                .map(|k| vectors[i][k] * values[k] * vectors[j][k])
                .sum()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: &Matrix, b: &Matrix) -> bool {
        let pairs = a.iter().flatten().zip(b.iter().flatten());
        pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-12)
    }

    #[test]
    fn a_root_squared_is_the_matrix() {
        let matrix = [[2.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 0.7]];
        assert!(near(&with_eigenvalues(&matrix, |v| v), &matrix));
        let root = with_eigenvalues(&matrix, f64::sqrt);
        assert!(near(&product(&root, &root), &matrix));
        let inverse = with_eigenvalues(&matrix, |v| 1.0 / v);
        let one = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        assert!(near(&product(&inverse, &matrix), &one));
    }

    #[test]
    fn equal_and_missing_eigenvalues_are_no_trouble() {
        for value in [0.0, 3.0] {
            let matrix = [[value, 0.0, 0.0], [0.0, value, 0.0], [0.0, 0.0, value]];
            assert!(near(&with_eigenvalues(&matrix, |v| v), &matrix));
        }
        // One direction only.
        let line = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 6.0, 9.0]];
        assert!(near(&with_eigenvalues(&line, |v| v), &line));
    }
}
