//! Two styles of a collection in; the way from one to the other over styles that are near each other out.

use ndarray::ArrayView2;

use super::neighbours::nearest;
use crate::error::{Error, Result};
use crate::style::StyleEmbedding;

/// How many neighbours each style is joined to, when paths are looked for.
pub const PATH_NEIGHBOURS: usize = 4;

/// The shortest way from row `from` to row `to`, both included, on the graph that joins each row with its `neighbours`
/// nearest ones. A step costs the square of its length, so that two short steps are better than a long one.
///
/// The graph also has the edges of the minimum spanning tree, so there always is a way. `chords` is `[N,N]`.
pub fn shortest_path(
    chords: ArrayView2<'_, f64>,
    from: usize,
    to: usize,
    neighbours: usize,
) -> Vec<usize> {
    let edges = edges(chords, neighbours);
    let n = chords.nrows();
    let mut cost = vec![f64::INFINITY; n];
    let mut before = vec![from; n];
    let mut open = vec![true; n];
    cost[from] = 0.0;
    while let Some(here) = least(&cost, &open).filter(|here| *here != to) {
        open[here] = false;
        for next in &edges[here] {
            let through = cost[here] + chords[(here, *next)].powi(2);
            if through < cost[*next] {
                cost[*next] = through;
                before[*next] = here;
            }
        }
    }
    let mut path = vec![to];
    let mut here = to;
    while here != from {
        here = before[here];
        path.push(here);
    }
    path.reverse();
    path
}

/// The rows that each row is joined to.
fn edges(chords: ArrayView2<'_, f64>, neighbours: usize) -> Vec<Vec<usize>> {
    let n = chords.nrows();
    let mut edges = vec![Vec::new(); n];
    let mut join = |a: usize, b: usize| {
        edges[a].push(b);
        edges[b].push(a);
    };
    for row in 0..n {
        for (other, _) in nearest(chords, row, neighbours) {
            join(row, other);
        }
    }
    // Prim's algorithm.
    let mut open = vec![true; n];
    let mut distance = vec![f64::INFINITY; n];
    let mut parent = vec![0; n];
    if let Some(first) = distance.first_mut() {
        *first = 0.0;
    }
    while let Some(here) = least(&distance, &open) {
        open[here] = false;
        if here != parent[here] {
            join(here, parent[here]);
        }
        for other in 0..n {
            if open[other] && chords[(here, other)] < distance[other] {
                distance[other] = chords[(here, other)];
                parent[other] = here;
            }
        }
    }
    edges
}

/// The open place of the least value.
fn least(values: &[f64], open: &[bool]) -> Option<usize> {
    let places = (0..values.len()).filter(|k| open[*k]);
    places.min_by(|a, b| values[*a].total_cmp(&values[*b]))
}

/// A way through styles: straight from each to the next, at constant speed in the space of embeddings.
#[derive(Debug, Clone)]
pub struct Way {
    stops: Vec<StyleEmbedding>,
    /// The length of the way up to each stop.
    marks: Vec<f64>,
}

impl Way {
    /// The way over `stops`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than two stops.
    pub fn new(stops: Vec<StyleEmbedding>) -> Result<Self> {
        if stops.len() < 2 {
            return Err(Error::invalid("path", "needs two styles"));
        }
        let mut marks = vec![0.0];
        for pair in stops.windows(2) {
            let so_far = marks.last().copied().unwrap_or_default();
            marks.push(so_far + f64::from(pair[0].distance(&pair[1])));
        }
        Ok(Self { stops, marks })
    }

    /// Where the share `t` of the way, 0..=1, has led: past the stop of this index, and this share (0..=1) of the way
    /// from it to the next. Stops at the same place take no time; if all are, the time is divided evenly.
    pub fn place(&self, t: f64) -> (usize, f32) {
        let last = self.stops.len() - 1;
        let whole = self.marks[last];
        let even = |k: usize| k as f64 / last as f64;
        let mark = |k: usize| {
            if whole > 0.0 {
                self.marks[k] / whole
            } else {
                even(k)
            }
        };
        let t = t.clamp(0.0, 1.0);
        let after = (1..last).find(|k| mark(*k) > t).unwrap_or(last);
        let (begin, end) = (mark(after - 1), mark(after));
        let share = if end > begin {
            (t - begin) / (end - begin)
        } else {
            1.0
        };
        (after - 1, share.clamp(0.0, 1.0) as f32)
    }

    /// The style at the share `t` of the way, 0..=1.
    ///
    /// # Errors
    /// As [`StyleEmbedding::mix`].
    pub fn at(&self, t: f64) -> Result<StyleEmbedding> {
        let (stop, share) = self.place(t);
        self.stops[stop].lerp(&self.stops[stop + 1], share)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn chords(points: &[(f64, f64)]) -> Array2<f64> {
        let n = points.len();
        Array2::from_shape_fn((n, n), |(i, j)| {
            (points[i].0 - points[j].0).hypot(points[i].1 - points[j].1)
        })
    }

    #[test]
    fn the_way_goes_round_a_horseshoe_and_not_across() {
        // The ends are 1.1 apart, and a point from the third next to it 0.8.
        let around = |k: usize| (0.3 + k as f64 * 0.27).sin_cos();
        let points: Vec<_> = (0..20).map(around).collect();
        let path = shortest_path(chords(&points).view(), 0, 19, 3);
        assert_eq!((path[0], *path.last().unwrap()), (0, 19));
        assert!(path.len() > 6, "{path:?}");
        assert!(path.windows(2).all(|p| p[1] > p[0] && p[1] - p[0] <= 3));
        let back = shortest_path(chords(&points).view(), 19, 0, 3);
        assert_eq!(path, back.into_iter().rev().collect::<Vec<_>>());
    }

    #[test]
    fn islands_are_joined_where_they_are_nearest() {
        let points = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (50.0, 0.0), (51.0, 0.0)];
        let path = shortest_path(chords(&points).view(), 0, 4, 1);
        assert_eq!(path, [0, 1, 2, 3, 4]);
        assert_eq!(shortest_path(chords(&points).view(), 2, 2, 1), [2]);
        assert_eq!(shortest_path(chords(&points[..2]).view(), 0, 1, 4), [0, 1]);
    }

    #[test]
    fn a_way_is_walked_at_constant_speed() {
        let style = |x: f32| StyleEmbedding::new(vec![x, 0.0], "s").unwrap();
        let way = Way::new(vec![style(0.0), style(1.0), style(4.0)]).unwrap();
        for (t, x) in [
            (-1.0, 0.0),
            (0.0, 0.0),
            (0.25, 1.0),
            (0.5, 2.0),
            (1.0, 4.0),
            (7.0, 4.0),
        ] {
            assert!((way.at(t).unwrap().values()[0] - x).abs() < 1e-6, "{t}");
        }
        let still = Way::new(vec![style(2.0); 3]).unwrap();
        assert_eq!(still.place(0.75), (1, 0.5));
        assert!(Way::new(vec![style(0.0)]).is_err());
    }
}
