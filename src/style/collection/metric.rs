//! Two styles in, how unlike they are out: the distances that neighbours, paths and maps are made with.

use std::fmt;
use std::str::FromStr;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use super::pca::Pca;
use crate::error::Error;

/// How the distance of two embeddings is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Metric {
    /// The length of their difference.
    Euclidean,
    /// 1 - the cosine of the angle between them, 0..=2.
    Cosine,
    /// 1 - the cosine of the angle between them as seen from the middle of the collection, 0..=2, after the axes along
    /// which the collection differs most were shortened: else these alone would decide. The default, as it finds the
    /// nearest of the same hand most often (`impasto styles purity`).
    #[default]
    Whitened,
}

/// An axis of the collection is divided by the root of its variance and of this many times the mean variance over all
/// dimensions. With less, collections of a dozen styles, whose variances are not known well, become a ball without
/// neighbours; with this, whitening was better than Euclid's distance from 12 styles to 240.
const SHRINKAGE: f64 = 16.0;

impl Metric {
    /// All of them.
    pub const ALL: [Metric; 3] = [Metric::Euclidean, Metric::Cosine, Metric::Whitened];
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Metric::Euclidean => "euclidean",
            Metric::Cosine => "cosine",
            Metric::Whitened => "whitened",
        })
    }
}

impl FromStr for Metric {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|m| m.to_string() == text);
        found.ok_or_else(|| {
            let reason = format!("'{text}' is none of euclidean, cosine, whitened");
            Error::invalid("metric", reason)
        })
    }
}

/// A metric that is ready to be used: embeddings become points whose Euclidean distance, the chord, orders pairs of styles
/// as the metric does.
#[derive(Debug, Clone)]
pub struct Ruler {
    metric: Metric,
    whitening: Option<Whitening>,
}

#[derive(Debug, Clone)]
struct Whitening {
    mean: Array1<f64>,
    axes: Array2<f64>,
    /// The scale along each axis, 0..=1; that of all other directions is 1.
    scales: Vec<f64>,
}

/// A length below this share of the embedding's is rounding: the embedding is the middle of the collection.
const LEAST_LENGTH: f64 = 1e-9;

impl Ruler {
    /// The ruler of `metric`; `rows` `[N,D]` is the collection, whose spread [`Metric::Whitened`] needs.
    pub fn fit(metric: Metric, rows: ArrayView2<'_, f32>) -> Self {
        let whitening = (metric == Metric::Whitened).then(|| {
            let Pca {
                mean,
                axes,
                variances,
            } = Pca::fit(rows);
            let mean_variance = variances.iter().sum::<f64>() / rows.ncols().max(1) as f64;
            let unit = SHRINKAGE * mean_variance;
            let scale = |variance: &f64| 1.0 / (1.0 + variance / unit).sqrt();
            Whitening {
                mean,
                axes,
                scales: variances.iter().map(scale).collect(),
            }
        });
        Self { metric, whitening }
    }

    /// The metric.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The point of an embedding `[D]`.
    pub fn point(&self, values: ArrayView1<'_, f32>) -> Array1<f64> {
        let mut point = values.mapv(f64::from);
        if self.metric == Metric::Euclidean {
            return point;
        }
        let length = point.dot(&point).sqrt();
        if let Some(Whitening { mean, axes, scales }) = &self.whitening {
            point -= mean;
            let mut along = axes.dot(&point);
            for (value, scale) in along.iter_mut().zip(scales) {
                *value *= scale - 1.0;
            }
            point += &axes.t().dot(&along);
        }
        let left = point.dot(&point).sqrt();
        if left > length * LEAST_LENGTH {
            point / left
        } else {
            point * 0.0
        }
    }

    /// The points of the embeddings in `rows` `[N,D]`.
    pub fn points(&self, rows: ArrayView2<'_, f32>) -> Array2<f64> {
        let mut points = Array2::zeros(rows.dim());
        for (row, mut point) in rows.rows().into_iter().zip(points.rows_mut()) {
            point.assign(&self.point(row));
        }
        points
    }

    /// The chord of two points.
    pub fn chord(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
        let squares = a.iter().zip(&b).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f64>().sqrt()
    }

    /// The chords of all pairs, `[N,N]`.
    pub fn chords(&self, rows: ArrayView2<'_, f32>) -> Array2<f64> {
        let points = self.points(rows);
        let n = points.nrows();
        let mut chords = Array2::zeros((n, n));
        for i in 0..n {
            for j in i + 1..n {
                let chord = Self::chord(points.row(i), points.row(j));
                chords[(i, j)] = chord;
                chords[(j, i)] = chord;
            }
        }
        chords
    }

    /// The distance that belongs to a chord, as [`Metric`] defines it.
    pub fn distance(&self, chord: f64) -> f64 {
        match self.metric {
            Metric::Euclidean => chord,
            Metric::Cosine | Metric::Whitened => chord * chord / 2.0,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn distances_are_those_of_the_definitions() {
        let rows = array![[3.0_f32, 0.0], [0.0, 4.0], [6.0, 0.0]];
        let of = |metric, i, j| {
            let ruler = Ruler::fit(metric, rows.view());
            ruler.distance(ruler.chords(rows.view())[(i, j)])
        };
        assert_eq!(of(Metric::Euclidean, 0, 1), 5.0);
        assert!((of(Metric::Cosine, 0, 1) - 1.0).abs() < 1e-12);
        assert!(of(Metric::Cosine, 0, 2).abs() < 1e-12);
    }

    #[test]
    fn whitening_shortens_the_axes_of_great_variance() {
        // Along x a hundred times as far as along y, around (7, 7).
        let rows = array![[107.0_f32, 7.0], [-93.0, 7.0], [7.0, 8.0], [7.0, 6.0]];
        let ruler = Ruler::fit(Metric::Whitened, rows.view());
        let seen = |x: f32, y: f32| ruler.point(array![x, y].view());
        // Variances 20000/3 and 2/3, their mean 10001/3.
        let unit = 16.0 * 10_001.0 / 3.0;
        let (x, y) = (
            100.0 / (1.0_f64 + 20_000.0 / 3.0 / unit).sqrt(),
            3.0 / (1.0_f64 + 2.0 / 3.0 / unit).sqrt(),
        );
        let point = seen(107.0, 10.0);
        assert!((point[1] / point[0] - y / x).abs() < 1e-9, "{point}");
        assert!((point.dot(&point) - 1.0).abs() < 1e-12);
        let opposite = Ruler::chord(seen(107.0, 7.0).view(), seen(-93.0, 7.0).view());
        assert!((ruler.distance(opposite) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn the_middle_and_empty_collections_are_no_trouble() {
        let same = array![[0.1_f32, 0.7], [0.1, 0.7], [0.1, 0.7]];
        let ruler = Ruler::fit(Metric::Whitened, same.view());
        assert_eq!(ruler.point(same.row(0)).to_vec(), [0.0, 0.0]);
        assert!(ruler.chords(same.view()).iter().all(|chord| *chord == 0.0));
        let none = Ruler::fit(Metric::Whitened, Array2::zeros((0, 0)).view());
        assert_eq!(none.chords(Array2::zeros((0, 0)).view()).dim(), (0, 0));
    }

    #[test]
    fn a_metric_is_read_as_it_is_written() {
        for metric in Metric::ALL {
            assert_eq!(metric.to_string().parse::<Metric>().unwrap(), metric);
        }
        assert!("manhattan".parse::<Metric>().is_err());
    }
}
