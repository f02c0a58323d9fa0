//! Chords of all pairs in; places in the plane out in which neighbours stay neighbours (t-SNE, van der Maaten and Hinton
//! 2008).

use bhtsne::{Neighbor, tSNE};
use ndarray::{Array2, ArrayView2};

use super::neighbours::nearest;
use crate::error::{Error, Result};

/// Fewer points than this have too few neighbours.
pub const LEAST_FOR_TSNE: usize = 5;

/// How many neighbours a point has in effect, where there are enough points; the literature's 5 to 50.
const PERPLEXITY: f64 = 20.0;

/// Steps of gradient descent.
const EPOCHS: usize = 1000;

/// Accuracy of the Barnes-Hut approximation: far better than the usual 0.5, as there are few points.
const THETA: f64 = 0.2;

/// The spread of the first axis at the beginning: small, so that the points find their places.
const BEGIN: f64 = 1e-2;

/// The points of `chords` `[N,N]` in the plane, `[N,2]`. `begin` `[N,2]` are their places at the beginning, usually those
/// of the principal axes: so nothing is random, the same collection gives the same map, and its large features stay where
/// those axes have them.
///
/// # Errors
/// [`Error::Invalid`] for fewer points than [`LEAST_FOR_TSNE`], or when no thread can be had.
pub fn tsne(chords: ArrayView2<'_, f64>, begin: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    let n = chords.nrows();
    if n < LEAST_FOR_TSNE {
        let reason = format!("needs at least {LEAST_FOR_TSNE} styles, there are {n}; use pca");
        return Err(Error::invalid("tsne", reason));
    }
    let perplexity = PERPLEXITY.min((n - 1) as f64 / 3.0);
    let count = ((3.0 * perplexity) as usize).clamp(1, n - 1);
    // The bandwidth of each point is searched from 1, so the chords are brought near to that.
    let unit = chords.sum() / (n * (n - 1)) as f64;
    if unit == 0.0 {
        // All points are one, and their places too.
        return Ok(Array2::zeros((n, 2)));
    }
    let neighbours: Vec<Vec<Neighbor<f64>>> = (0..n)
        .map(|row| {
            let near = nearest(chords, row, count).into_iter();
            near.map(|(index, chord)| Neighbor {
                index,
                distance: chord / unit,
            })
            .collect()
        })
        .collect();
    let most = begin.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    let scale = if most > 0.0 { BEGIN / most } else { 0.0 };
    let begin: Vec<f64> = begin.iter().map(|v| v * scale).collect();
    // One thread: with more, sums are added in the order in which the threads happen to come, and the map is another
    // each time.
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let one = one.map_err(|e| Error::invalid("tsne", format!("no thread can be begun: {e}")))?;
    let samples: Vec<usize> = (0..n).collect();
    let places = one.install(|| {
        let mut tsne: tSNE<'_, f64, usize, 2> = tSNE::new(&samples);
        tsne.perplexity(perplexity)
            .epochs(EPOCHS)
            .initial_embedding(begin)
            .barnes_hut_with_neighbors(THETA, &neighbours)
            .embedding()
    });
    Array2::from_shape_vec((n, 2), places).map_err(|e| Error::invalid("tsne", e.to_string()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Three islands of ten points in ten dimensions.
    fn islands() -> (Array2<f64>, Array2<f64>) {
        let at = |k: usize, axis: usize| {
            let island = if axis == k / 10 { 20.0 } else { 0.0 };
            island + ((k * 13 + axis * 7) as f64).sin()
        };
        let points = Array2::from_shape_fn((30, 10), |(k, axis)| at(k, axis));
        let chords = Array2::from_shape_fn((30, 30), |(i, j)| {
            let difference = &points.row(i) - &points.row(j);
            difference.dot(&difference).sqrt()
        });
        let begin = Array2::from_shape_fn((30, 2), |(k, axis)| at(k, axis));
        (chords, begin)
    }

    #[test]
    fn islands_stay_islands_and_the_map_is_the_same_each_time() {
        let (chords, begin) = islands();
        let map = tsne(chords.view(), begin.view()).unwrap();
        let apart =
            |i: usize, j: usize| (map[(i, 0)] - map[(j, 0)]).hypot(map[(i, 1)] - map[(j, 1)]);
        for row in 0..30 {
            let others = (0..30).filter(|k| *k != row);
            let first = others.min_by(|a, b| apart(row, *a).total_cmp(&apart(row, *b)));
            assert_eq!(first.unwrap() / 10, row / 10, "{row}");
        }
        assert_eq!(map, tsne(chords.view(), begin.view()).unwrap());
    }

    #[test]
    fn few_and_equal_points() {
        let zeros = |n: usize| tsne(Array2::zeros((n, n)).view(), Array2::zeros((n, 2)).view());
        assert!(zeros(4).unwrap_err().to_string().contains("at least 5"));
        let (chords, begin) = islands();
        for n in [5, 6, 12] {
            let some =
                |of: &Array2<f64>, columns: usize| Array2::from_shape_fn((n, columns), |at| of[at]);
            let map = tsne(some(&chords, n).view(), some(&begin, 2).view()).unwrap();
            assert!(map.iter().all(|v| v.is_finite()), "{n}: {map}");
        }
        assert!(zeros(12).unwrap().iter().all(|v| v.is_finite()));
    }
}
