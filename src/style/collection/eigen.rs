//! A symmetric matrix in; its eigenvalues and eigenvectors out (cyclic Jacobi).
//!
//! The matrices here have at most as many rows as an embedding has numbers (256), where Jacobi takes a second at most, is
//! exact for equal eigenvalues too, and needs no LAPACK.

use ndarray::Array2;

/// More sweeps than any matrix of this size needs: convergence is quadratic.
const MOST_SWEEPS: usize = 60;

/// Off-diagonal elements of this share of the diagonal are zero.
const ZERO: f64 = 1e-15;

/// The eigenvalues of the symmetric `matrix`, greatest first, and the eigenvectors as rows of the same order. Each has
/// length 1, and its component of the greatest magnitude is positive, so that the result does not depend on the way there.
pub(super) fn symmetric(mut matrix: Array2<f64>) -> (Vec<f64>, Array2<f64>) {
    let n = matrix.nrows();
    let mut vectors = Array2::<f64>::eye(n);
    let scale = matrix.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    for _ in 0..MOST_SWEEPS {
        let mut greatest = 0.0_f64;
        for p in 0..n {
            for q in p + 1..n {
                greatest = greatest.max(matrix[(p, q)].abs());
                rotate(&mut matrix, &mut vectors, p, q, scale);
            }
        }
        if greatest <= ZERO * scale {
            break;
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| matrix[(*b, *b)].total_cmp(&matrix[(*a, *a)]));
    let values = order.iter().map(|k| matrix[(*k, *k)]).collect();
    let mut sorted = Array2::zeros((n, n));
    for (to, from) in order.into_iter().enumerate() {
        let row = vectors.row(from);
        let greatest = row.iter().fold(
            0.0_f64,
            |most, v| if v.abs() > most.abs() { *v } else { most },
        );
        let sign = if greatest < 0.0 { -1.0 } else { 1.0 };
        sorted.row_mut(to).assign(&(&row * sign));
    }
    (values, sorted)
}

/// Turn the plane of `p` and `q` so that their element becomes zero.
fn rotate(matrix: &mut Array2<f64>, vectors: &mut Array2<f64>, p: usize, q: usize, scale: f64) {
    let element = matrix[(p, q)];
    if element.abs() <= ZERO * scale {
        return;
    }
    let theta = (matrix[(q, q)] - matrix[(p, p)]) / (2.0 * element);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    for k in 0..matrix.nrows() {
        let (kp, kq) = (matrix[(k, p)], matrix[(k, q)]);
        matrix[(k, p)] = c * kp - s * kq;
        matrix[(k, q)] = s * kp + c * kq;
    }
    for k in 0..matrix.nrows() {
        let (pk, qk) = (matrix[(p, k)], matrix[(q, k)]);
        matrix[(p, k)] = c * pk - s * qk;
        matrix[(q, k)] = s * pk + c * qk;
        let (pk, qk) = (vectors[(p, k)], vectors[(q, k)]);
        vectors[(p, k)] = c * pk - s * qk;
        vectors[(q, k)] = s * pk + c * qk;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_matrix_is_made_again_from_its_eigenvectors() {
        let n = 24;
        let matrix = Array2::from_shape_fn((n, n), |(i, j)| {
            ((i * j) as f64 * 0.37).sin() + ((i + j) as f64 * 1.7).cos()
        });
        let (values, vectors) = symmetric(matrix.clone());
        assert!(values.windows(2).all(|pair| pair[0] >= pair[1]));
        let mut again = vectors.clone();
        for (mut row, value) in again.rows_mut().into_iter().zip(&values) {
            row *= *value;
        }
        let again = vectors.t().dot(&again);
        let unit = vectors.dot(&vectors.t());
        for ((i, j), v) in matrix.indexed_iter() {
            assert!((v - again[(i, j)]).abs() < 1e-10);
            let expected = if i == j { 1.0 } else { 0.0 };
            assert!((unit[(i, j)] - expected).abs() < 1e-10);
        }
    }

    #[test]
    fn known_eigenvalues_equal_ones_too() {
        let (values, vectors) = symmetric(array![[2.0, 1.0], [1.0, 2.0]]);
        assert!((values[0] - 3.0).abs() < 1e-12 && (values[1] - 1.0).abs() < 1e-12);
        assert!((vectors[(0, 0)] - 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(symmetric(Array2::eye(3)).0, [1.0; 3]);
        assert_eq!(symmetric(Array2::zeros((2, 2))).0, [0.0; 2]);
    }
}
