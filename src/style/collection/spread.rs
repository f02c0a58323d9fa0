//! Points of a plane in; places for equal rectangles that do not cover each other out, near to where the points were.

use std::collections::HashMap;

use ndarray::ArrayView2;

/// The plane at the beginning has this many times the area of all rectangles together.
const ROOM: f64 = 3.5;

/// Rounds of pushing before the whole plane is made larger, and by how much.
const ROUNDS: usize = 120;
const LARGER: f64 = 1.12;

/// The angle between one point and the next that lies at the same place: no two directions are alike.
const GOLDEN_ANGLE: f64 = 2.399_963_229_728_653;

/// The middles of rectangles of `width` x `height`, one for each of the `points` `[N,2]`, none over another. The plane is
/// scaled as a whole, then what overlaps is pushed apart the shorter way; y grows downwards as in pictures.
///
/// Points at the same place, and points that are no finite numbers, are laid side by side.
pub fn spread(points: ArrayView2<'_, f64>, (width, height): (f64, f64)) -> Vec<(f64, f64)> {
    let mut places = scaled(points, (width, height));
    loop {
        for _ in 0..ROUNDS {
            if !push(&mut places, (width, height)) {
                return places;
            }
        }
        for place in &mut places {
            *place = (place.0 * LARGER, place.1 * LARGER);
        }
    }
}

/// The points around their middle, so large that the rectangles have room; equal ones a little apart.
fn scaled(points: ArrayView2<'_, f64>, (width, height): (f64, f64)) -> Vec<(f64, f64)> {
    let n = points.nrows();
    let finite = |v: f64| if v.is_finite() { v } else { 0.0 };
    let raw: Vec<(f64, f64)> = points
        .rows()
        .into_iter()
        .map(|row| (finite(row[0]), -finite(row[1])))
        .collect();
    let bounds = |of: &dyn Fn(&(f64, f64)) -> f64| {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in raw.iter().map(of) {
            (low, high) = (low.min(value), high.max(value));
        }
        (low, high)
    };
    let ((left, right), (top, bottom)) = (bounds(&|p| p.0), bounds(&|p| p.1));
    let side = (right - left).max(bottom - top);
    // A cloud that is a line counts as a band, so that it does not become endlessly long.
    let area = ((right - left).max(side / 4.0)) * ((bottom - top).max(side / 4.0));
    let scale = if area > 0.0 {
        (n as f64 * width * height * ROOM / area).sqrt()
    } else {
        0.0
    };
    let middle = ((left + right) / 2.0, (top + bottom) / 2.0);
    let mut seen: HashMap<(u64, u64), u32> = HashMap::new();
    raw.iter()
        .map(|(x, y)| {
            let times = seen.entry((x.to_bits(), y.to_bits())).or_default();
            let (sin, cos) = (f64::from(*times) * GOLDEN_ANGLE).sin_cos();
            let aside = f64::from(*times).sqrt() * 0.05;
            *times += 1;
            (
                (x - middle.0) * scale + cos * aside * width,
                (y - middle.1) * scale + sin * aside * height,
            )
        })
        .collect()
}

/// One round: every pair that overlaps is pushed apart. Whether there was one.
fn push(places: &mut [(f64, f64)], (width, height): (f64, f64)) -> bool {
    let cell = |(x, y): (f64, f64)| ((x / width).floor() as i64, (y / height).floor() as i64);
    let mut cells: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
    for (k, place) in places.iter().enumerate() {
        cells.entry(cell(*place)).or_default().push(k);
    }
    let mut found = false;
    for a in 0..places.len() {
        let (column, row) = cell(places[a]);
        for (dx, dy) in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))) {
            let near = (column.saturating_add(dx), row.saturating_add(dy));
            let others = cells.get(&near).map_or(&[][..], Vec::as_slice);
            for b in others.iter().copied().filter(|b| *b > a) {
                found |= part(places, (a, b), (width, height));
            }
        }
    }
    found
}

/// Push two rectangles apart, each by half, if they overlap.
fn part(places: &mut [(f64, f64)], (a, b): (usize, usize), (width, height): (f64, f64)) -> bool {
    let (dx, dy) = (places[b].0 - places[a].0, places[b].1 - places[a].1);
    let (over_x, over_y) = (width - dx.abs(), height - dy.abs());
    // What is left of rounding is no overlap.
    if over_x <= width * 1e-9 || over_y <= height * 1e-9 {
        return false;
    }
    // A little more than needed, or the last hundredths would take many rounds.
    if over_x / width < over_y / height {
        let by = (over_x / 2.0 + width * 1e-3).copysign(dx);
        places[a].0 -= by;
        places[b].0 += by;
    } else {
        let by = (over_y / 2.0 + height * 1e-3).copysign(dy);
        places[a].1 -= by;
        places[b].1 += by;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn assert_apart(places: &[(f64, f64)], (width, height): (f64, f64)) {
        for (k, a) in places.iter().enumerate() {
            assert!(a.0.is_finite() && a.1.is_finite());
            for b in &places[..k] {
                let apart = (a.0 - b.0).abs() >= width * (1.0 - 1e-8)
                    || (a.1 - b.1).abs() >= height * (1.0 - 1e-8);
                assert!(apart, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn no_rectangle_covers_another() {
        let size = (112.0, 90.0);
        let cloud = |n: usize, of: fn(f64) -> (f64, f64)| {
            let points: Vec<_> = (0..n).map(|k| of(k as f64)).collect();
            Array2::from_shape_fn((n, 2), |(k, axis)| [points[k].0, points[k].1][axis])
        };
        for points in [
            cloud(300, |k| ((k * 1.7).sin() * k, (k * 0.9).cos() * k * k)),
            cloud(40, |_| (3.0, 3.0)),
            cloud(40, |k| (k, 0.0)),
            cloud(40, |k| (k % 2.0 * 1e12, 0.0)),
            cloud(20, |k| (f64::NAN, k.floor() % 3.0)),
            cloud(1, |k| (k, k)),
            cloud(0, |k| (k, k)),
        ] {
            assert_apart(&spread(points.view(), size), size);
        }
    }

    #[test]
    fn points_with_room_keep_their_places_to_each_other() {
        let points = ndarray::array![[0.0, 0.0], [9.0, 0.0], [0.0, 6.0]];
        let places = spread(points.view(), (2.0, 2.0));
        let across = places[1].0 - places[0].0;
        let up = places[0].1 - places[2].1;
        assert!((across / up - 1.5).abs() < 1e-9 && up > 0.0, "{places:?}");
    }

    #[test]
    fn a_cloud_is_as_large_as_its_pictures_need() {
        let points = Array2::from_shape_fn((100, 2), |(k, axis)| [k % 10, k / 10][axis] as f64);
        let places = scaled(points.view(), (4.0, 3.0));
        let (width, height) = (places[9].0 - places[0].0, places[0].1 - places[90].1);
        assert!((width - height).abs() < 1e-9);
        assert!((width * height - 100.0 * 4.0 * 3.0 * ROOM).abs() < 1e-6);
    }

    #[test]
    fn two_that_overlap_go_the_same_way_apart() {
        let size = (2.0, 3.0);
        for second in [(1.5, 0.5), (-1.5, 0.5), (0.5, 2.5), (0.5, -2.5)] {
            let mut places = [(5.0, 7.0), (5.0 + second.0, 7.0 + second.1)];
            let before = places;
            assert!(part(&mut places, (0, 1), size));
            assert_apart(&places, size);
            for axis in [|p: (f64, f64)| p.0, |p: (f64, f64)| p.1] {
                let middle = |of: [(f64, f64); 2]| axis(of[0]) + axis(of[1]);
                assert!((middle(places) - middle(before)).abs() < 1e-9);
            }
            assert!(!part(&mut places, (0, 1), size));
        }
    }
}
