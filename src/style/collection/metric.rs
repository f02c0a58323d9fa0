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
    #[default]
    Euclidean,
    /// 1 - the cosine of the angle between them, 0..=2.
    Cosine,
    /// The length of their difference after each principal axis of the collection was divided by its spread. Axes of
    /// less than the mean spread count as if they had half of it: those of a small collection are not known well.
    Whitened,
}

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
    axes: Array2<f64>,
    /// The scale along each axis.
    scales: Vec<f64>,
    /// The scale along all other directions.
    rest: f64,
}

impl Ruler {
    /// The ruler of `metric`; `rows` `[N,D]` is the collection, whose spread [`Metric::Whitened`] needs.
    pub fn fit(metric: Metric, rows: ArrayView2<'_, f32>) -> Self {
        let whitening = (metric == Metric::Whitened).then(|| {
            let Pca {
                axes, variances, ..
            } = Pca::fit(rows);
            // The mean over all dimensions, those without any spread included; 1 where there is no spread at all.
            let mean = variances.iter().sum::<f64>() / rows.ncols().max(1) as f64;
            let floor = if mean > 0.0 { mean / 4.0 } else { 1.0 };
            Whitening {
                axes,
                scales: variances
                    .iter()
                    .map(|v| 1.0 / v.max(floor).sqrt())
                    .collect(),
                rest: 1.0 / floor.sqrt(),
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
        match (self.metric, &self.whitening) {
            (Metric::Cosine, _) => {
                let length = point.dot(&point).sqrt();
                if length > 0.0 {
                    point /= length;
                }
            }
            (_, Some(Whitening { axes, scales, rest })) => {
                let mut along = axes.dot(&point);
                for (value, scale) in along.iter_mut().zip(scales) {
                    *value *= scale - rest;
                }
                point *= *rest;
                point += &axes.t().dot(&along);
            }
            _ => {}
        }
        point
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
            Metric::Cosine => chord * chord / 2.0,
            _ => chord,
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
    fn a_whitened_cloud_is_as_wide_in_every_direction() {
        // Ten times as wide along x as along y, in steps that both have.
        let rows = Array2::from_shape_fn((16, 2), |(i, axis)| match axis {
            0 => (i % 4) as f32 * 10.0,
            _ => (i / 4) as f32 * 8.0,
        });
        let ruler = Ruler::fit(Metric::Whitened, rows.view());
        let chords = ruler.chords(rows.view());
        assert!((chords[(0, 1)] - chords[(0, 4)]).abs() < 1e-9);
        // A direction in which the cloud has no spread is not infinitely far.
        let flat = array![[0.0_f32, 0.0], [2.0, 0.0]];
        let ruler = Ruler::fit(Metric::Whitened, flat.view());
        let (a, b) = (
            ruler.point(flat.row(0)),
            ruler.point(array![0.0, 1.0].view()),
        );
        assert!((Ruler::chord(a.view(), b.view()) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_metric_is_read_as_it_is_written() {
        for metric in Metric::ALL {
            assert_eq!(metric.to_string().parse::<Metric>().unwrap(), metric);
        }
        assert!("manhattan".parse::<Metric>().is_err());
    }
}
