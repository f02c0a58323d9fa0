//! Into the gamut of sRGB: colours of OKLab in; those of their lightness and hue that sRGB has out.

use super::chunk::{CHUNK, Plane};

/// Linear light by which a colour may be outside of sRGB and is still in it: a third of the smallest level.
pub(super) const EDGE: f32 = 1e-4;

/// OKLab's axes as weights of its cone responses.
fn cones(a: f32, b: f32) -> [f32; 3] {
    [
        0.396_337_78 * a + 0.215_803_76 * b,
        -0.105_561_346 * a - 0.063_854_17 * b,
        -0.089_484_18 * a - 1.291_485_5 * b,
    ]
}

/// Linear sRGB of cone responses. The rows sum to 1.
const FROM_CONES: [[f32; 3]; 3] = [
    [4.076_741_7, -3.307_711_6, 0.230_969_94],
    [-1.268_438, 2.609_757_4, -0.341_319_4],
    [-0.004_196_086_3, -0.703_418_6, 1.707_614_7],
];

/// Linear sRGB of a colour, below 0 or above 1 where sRGB does not have it.
#[inline(always)]
pub(super) fn linear(l: f32, a: f32, b: f32) -> [f32; 3] {
    let [long, medium, short] = cones(a, b).map(|cone| {
        let root = l + cone;
        root * root * root
    });
    FROM_CONES.map(|row| row[0] * long + row[1] * medium + row[2] * short)
}

/// Halvings of the share of the chroma that is kept: the last is a third of a level.
const STEPS: usize = 8;

/// The colour axes `a` and `b` of the first `count` colours at lightness `l`, 0..=1, both times the largest share, at most
/// 1, at which linear sRGB is within 0..=1.
///
/// With lightness and hue held, each channel of linear sRGB is a polynomial of the third degree in the share `t`: with
/// `k` the weights of the cone responses and `m` the row of the channel, `sum(m (l + t k)^3)`. So a step of the search
/// costs three polynomials.
pub(super) fn into_gamut(l: &Plane, a: &mut Plane, b: &mut Plane, count: usize) {
    let mut spare = [0.0; CHUNK];
    for n in 0..CHUNK {
        let [red, green, blue] = linear(l[n], a[n], b[n]);
        let low = red.min(green).min(blue);
        let high = red.max(green).max(blue);
        spare[n] = low.min(1.0 - high);
    }
    // Those outside, close together.
    let mut outside = [0; CHUNK];
    let mut found = 0;
    for (n, spare) in spare.iter().enumerate().take(count) {
        outside[found] = n;
        found += usize::from(*spare < -EDGE);
    }
    if found == 0 {
        return;
    }
    let outside = &outside[..found];
    let mut polynomials = [[[0.0f32; CHUNK]; 4]; 3];
    for (at, n) in outside.iter().enumerate() {
        let (l, k) = (l[*n], cones(a[*n], b[*n]));
        for (channel, row) in polynomials.iter_mut().zip(FROM_CONES) {
            let [first, second, third] = [0, 1, 2].map(|c| row[c] * k[c]);
            let square = first * k[0] + second * k[1] + third * k[2];
            let cube = first * k[0] * k[0] + second * k[1] * k[1] + third * k[2] * k[2];
            // The rows sum to 1.
            channel[0][at] = l * l * l;
            channel[1][at] = 3.0 * l * l * (first + second + third);
            channel[2][at] = 3.0 * l * square;
            channel[3][at] = cube;
        }
    }
    // In whole eighths: what lies behind is computed in vain, and in less time than apart.
    let length = found.next_multiple_of(8).min(CHUNK);
    let mut kept = [0.0f32; CHUNK];
    let mut step = 0.5;
    for _ in 0..STEPS {
        for (at, kept) in kept[..length].iter_mut().enumerate() {
            let t = *kept + step;
            let light = |c: &[Plane; 4]| c[0][at] + t * (c[1][at] + t * (c[2][at] + t * c[3][at]));
            let [red, green, blue] = polynomials.each_ref().map(light);
            let low = red.min(green).min(blue);
            let high = red.max(green).max(blue);
            *kept = if low.min(1.0 - high) < -EDGE {
                *kept
            } else {
                t
            };
        }
        step *= 0.5;
    }
    for (n, kept) in outside.iter().zip(kept) {
        a[*n] *= kept;
        b[*n] *= kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One colour alone.
    fn one(l: f32, a: f32, b: f32) -> (f32, f32) {
        let (mut many_a, mut many_b) = ([a; CHUNK], [b; CHUNK]);
        into_gamut(&[l; CHUNK], &mut many_a, &mut many_b, 5);
        assert!(many_a[..5].iter().all(|v| *v == many_a[0]));
        assert_eq!((many_a[5], many_b[5]), (a, b), "only so many");
        (many_a[0], many_b[0])
    }

    #[test]
    fn what_is_inside_stays_and_black_and_white_have_no_colour() {
        assert_eq!(one(0.5, 0.02, -0.03), (0.02, -0.03));
        for l in [0.0, 1.0] {
            let (a, b) = one(l, 0.2, 0.1);
            // Half a level at most.
            let light = linear(l, a, b);
            assert!(light.iter().all(|c| (c - l).abs() < 5e-3), "{light:?}");
        }
    }

    #[test]
    fn what_is_outside_goes_to_the_edge_and_no_farther() {
        for (l, a, b) in [
            (0.5, 0.4, 0.1),
            (0.8, -0.3, 0.3),
            (0.3, 0.0, -0.4),
            (0.6, -0.5, 0.0),
        ] {
            let (x, y) = one(l, a, b);
            assert!((x * b - y * a).abs() < 1e-6, "the hue stays");
            let at = |share: f32| linear(l, x * share, y * share);
            let is_inside = |c: [f32; 3]| {
                c.iter()
                    .all(|v| (-2.0 * EDGE..=1.0 + 2.0 * EDGE).contains(v))
            };
            assert!(is_inside(at(1.0)), "{:?}", at(1.0));
            assert!(!is_inside(at(1.05)), "{:?}", at(1.05));
        }
    }
}
