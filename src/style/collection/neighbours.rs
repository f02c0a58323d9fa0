//! Distances of all pairs in; the nearest of each out, and how often it is of the same hand.

use ndarray::ArrayView2;

/// The `count` rows nearest to row `of`, itself left out: indices and distances, nearest first; of equal distances the
/// lower index first. `distances` is `[N,N]`.
pub fn nearest(distances: ArrayView2<'_, f64>, of: usize, count: usize) -> Vec<(usize, f64)> {
    let others = distances.row(of);
    let mut others: Vec<(usize, f64)> = others
        .iter()
        .copied()
        .enumerate()
        .filter(|(k, _)| *k != of)
        .collect();
    others.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    others.truncate(count);
    others
}

/// How often the nearest neighbour has the same label.
#[derive(Debug, Clone, PartialEq)]
pub struct Purity {
    /// The share of rows whose nearest neighbour has their label, 0..=1.
    pub share: f64,
    /// What that share would be if the neighbours were drawn by lot.
    pub chance: f64,
    /// For each label how many of its rows have a neighbour of theirs, and how many rows it has.
    pub labels: Vec<(usize, usize)>,
}

/// Nearest-neighbour purity, each row left out in its turn. `labels` has a label below `L` for each of the `N` rows of
/// `distances` `[N,N]`. `None` for fewer than two rows, and where no label has two rows, as no neighbour could be right.
pub fn purity(distances: ArrayView2<'_, f64>, labels: &[usize]) -> Option<Purity> {
    let n = labels.len();
    let kinds = labels.iter().max().map_or(0, |most| most + 1);
    let mut counts = vec![(0, 0); kinds];
    for (row, label) in labels.iter().enumerate() {
        let first = nearest(distances, row, 1);
        let same = first.first().is_some_and(|(k, _)| labels[*k] == *label);
        counts[*label].0 += usize::from(same);
        counts[*label].1 += 1;
    }
    if !counts.iter().any(|(_, rows)| *rows > 1) {
        return None;
    }
    let hits: usize = counts.iter().map(|(hits, _)| hits).sum();
    let pairs: usize = counts
        .iter()
        .map(|(_, rows)| rows * (rows.max(&1) - 1))
        .sum();
    Some(Purity {
        share: hits as f64 / n as f64,
        chance: pairs as f64 / (n * (n - 1)) as f64,
        labels: counts,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn line(places: &[f64]) -> Array2<f64> {
        let n = places.len();
        Array2::from_shape_fn((n, n), |(i, j)| (places[i] - places[j]).abs())
    }

    #[test]
    fn neighbours_come_in_order_and_without_oneself() {
        let distances = line(&[0.0, 1.0, 3.0, -1.0]);
        assert_eq!(nearest(distances.view(), 0, 2), [(1, 1.0), (3, 1.0)]);
        assert_eq!(nearest(distances.view(), 2, 9).len(), 3);
    }

    #[test]
    fn purity_and_chance_by_hand() {
        // The last of label 1 stands among those of label 0.
        let distances = line(&[0.0, 1.0, 10.0, 11.0, 0.4]);
        let purity = purity(distances.view(), &[0, 0, 1, 1, 1]).unwrap();
        assert_eq!(purity.labels, [(0, 2), (2, 3)]);
        assert!((purity.share - 0.4).abs() < 1e-12);
        assert!((purity.chance - 8.0 / 20.0).abs() < 1e-12);
    }

    #[test]
    fn where_no_neighbour_can_be_right_there_is_no_purity() {
        assert_eq!(purity(line(&[0.0, 1.0]).view(), &[0, 1]), None);
        assert_eq!(purity(line(&[0.0]).view(), &[0]), None);
        assert_eq!(purity(line(&[]).view(), &[]), None);
    }
}
