//! Into the gamut of sRGB: a colour of OKLab in; the one of its lightness and hue that sRGB has out.

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
const STEPS: usize = 9;

/// The colour axes `a` and `b` at lightness `l`, 0..=1, both times the largest share, at most 1, at which linear sRGB is
/// within 0..=1.
///
/// With lightness and hue held, each channel of linear sRGB is a polynomial of the third degree in the share `t`: with
/// `k` the weights of the cone responses and `m` the row of the channel, `sum(m (l + t k)^3)`. So a step of the search
/// costs three polynomials.
pub(super) fn into_gamut(l: f32, a: f32, b: f32) -> (f32, f32) {
    let k = cones(a, b);
    let channels = FROM_CONES.map(|row| {
        let sum = |power: i32| -> f32 { row.iter().zip(k).map(|(m, k)| m * k.powi(power)).sum() };
        // The rows sum to 1.
        [l * l * l, 3.0 * l * l * sum(1), 3.0 * l * sum(2), sum(3)]
    });
    let is_inside = |t: f32| {
        channels.iter().all(|[c0, c1, c2, c3]| {
            let light = c0 + t * (c1 + t * (c2 + t * c3));
            (-EDGE..=1.0 + EDGE).contains(&light)
        })
    };
    if is_inside(1.0) {
        return (a, b);
    }
    let (mut kept, mut step) = (0.0, 0.5);
    for _ in 0..STEPS {
        if is_inside(kept + step) {
            kept += step;
        }
        step *= 0.5;
    }
    (a * kept, b * kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_stays_and_black_and_white_have_no_colour() {
        assert_eq!(into_gamut(0.5, 0.02, -0.03), (0.02, -0.03));
        for l in [0.0, 1.0] {
            let (a, b) = into_gamut(l, 0.2, 0.1);
            assert!(a.hypot(b) < 0.01, "{a} {b}");
        }
    }
}
