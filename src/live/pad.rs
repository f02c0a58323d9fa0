//! The pad: a place on it goes in, four styles and their weights come out.

/// The styles in the corners of the pad (upper left, upper right, lower left, lower right): four of `count`, beginning with
/// `target`, the one that is shown.
pub(super) fn corners(target: usize, count: usize) -> [usize; 4] {
    std::array::from_fn(|n| (target + n) % count.max(1))
}

/// The weights of the corners at a point; they sum to 1.
pub(super) fn weights((x, y): (f32, f32)) -> [f32; 4] {
    let (x, y) = (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0));
    [(1.0 - x) * (1.0 - y), x * (1.0 - y), (1.0 - x) * y, x * y]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pad_has_a_style_in_each_corner() {
        assert_eq!(weights((0.0, 0.0)), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(weights((1.0, 0.0)), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(weights((0.5, 0.5)), [0.25; 4]);
        assert_eq!(weights((7.0, 7.0)), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(corners(3, 5), [3, 4, 0, 1]);
        assert_eq!(corners(0, 1), [0; 4]);
    }
}
