//! A loaded brush drawn along a path.

use super::canvas::{Canvas, Colour, blend, shade, step};
use super::noise::noise;

/// A point of the canvas in pixels.
pub type Point = (f32, f32);

/// How the brush is loaded and held.
#[derive(Clone, Copy)]
pub struct Brush {
    /// Half the width of the stroke in pixels, where it is widest.
    pub radius: f32,
    /// 0 covers evenly; towards 1 the bristles leave more and more of the ground bare.
    pub dryness: f32,
    /// How much the colour differs from bristle to bristle, 0..1.
    pub streaks: f32,
    /// How much the paint hides what lies under it, 0..1.
    pub opacity: f32,
    /// Height of the ridges that the bristles leave; 0 for thin paint.
    pub body: f32,
    /// How far the ends taper, as a part of the length: 0 blunt, 0.5 a leaf.
    pub taper: f32,
}

/// Nearest place of `path`: how far along (0..1), how far beside (signed, pixels).
fn nearest(path: &[Point], lengths: &[f32], x: f32, y: f32) -> (f32, f32) {
    let (mut best, mut found) = (f32::MAX, (0.0, 0.0));
    let total = lengths[lengths.len() - 1].max(1e-6);
    for (n, pair) in path.windows(2).enumerate() {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        let (dx, dy) = (bx - ax, by - ay);
        let square = (dx * dx + dy * dy).max(1e-6);
        let at = (((x - ax) * dx + (y - ay) * dy) / square).clamp(0.0, 1.0);
        let (ox, oy) = (x - ax - at * dx, y - ay - at * dy);
        let distance = ox * ox + oy * oy;
        if distance < best {
            best = distance;
            let side = if dx * oy - dy * ox < 0.0 { -1.0 } else { 1.0 };
            found = (
                (lengths[n] + at * square.sqrt()) / total,
                side * distance.sqrt(),
            );
        }
    }
    found
}

impl Canvas {
    /// One stroke of `colour` along `path` (two points or more). `seed` tells its bristles from another's.
    pub fn stroke(&mut self, path: &[Point], brush: Brush, colour: Colour, seed: u32) {
        let mut lengths = vec![0.0f32];
        for pair in path.windows(2) {
            let step = (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
            lengths.push(lengths[lengths.len() - 1] + step);
        }
        let length = lengths[lengths.len() - 1];
        let edge = brush.radius + 1.5;
        let low = path
            .iter()
            .fold((f32::MAX, f32::MAX), |m, p| (m.0.min(p.0), m.1.min(p.1)));
        let high = path
            .iter()
            .fold((f32::MIN, f32::MIN), |m, p| (m.0.max(p.0), m.1.max(p.1)));
        self.touch(
            low.0 - edge,
            low.1 - edge,
            high.0 + edge,
            high.1 + edge,
            |x, y, ground, height| {
                let (t, beside) = nearest(path, &lengths, x, y);
                let end = t.min(1.0 - t);
                let narrow = if brush.taper > 0.0 {
                    (end / brush.taper).clamp(0.0, 1.0).sqrt()
                } else {
                    1.0
                };
                // A brush is never pressed quite evenly, and its rim is ragged.
                let ragged = 1.0 - 0.22 * noise(t * length / 6.0, beside.signum() * 3.0, seed);
                let radius = (brush.radius * narrow * ragged).max(0.3);
                if beside.abs() > radius + 1.0 {
                    return;
                }
                let across = beside / radius;
                let bristle = noise(beside * 0.55 + 40.0, t * length / 34.0, seed ^ 0x51);
                let fine = noise(beside * 0.9 + 90.0, t * length / 16.0, seed ^ 0x77);
                let mut cover = step(radius + 0.6, radius - 0.6, beside.abs());
                // The brush runs dry towards the end of the stroke.
                let dry = brush.dryness * (0.35 + 0.65 * t) * (0.7 + 0.5 * across.abs());
                cover *= step(dry - 0.12, dry + 0.12, 0.55 * bristle + 0.45 * fine + 0.02);
                let paint = shade(
                    colour,
                    1.0 + brush.streaks * (0.65 * bristle + 0.35 * fine - 0.5),
                );
                *ground = blend(*ground, paint, cover * brush.opacity);
                if brush.body > 0.0 {
                    // Paint is pushed to the rim, and ridged by the bristles.
                    let rim = (1.0 - (across.abs() - 0.72).abs() / 0.28).max(0.0);
                    let profile = brush.body
                        * (0.45
                            + 0.5 * rim
                            + 0.7 * (bristle - 0.5)
                            + 0.35 * (fine - 0.5)
                            + 0.25 * step(0.85, 1.0, t));
                    *height += (profile + 0.4 * *height - *height) * cover;
                }
            },
        );
    }
}

/// A path of `steps` steps of `stride` pixels through `start` that follows the directions of `field`, both ways.
pub fn follow(
    start: Point,
    steps: usize,
    stride: f32,
    field: impl Fn(f32, f32) -> Point,
) -> Vec<Point> {
    let walk = |sign: f32| {
        let (mut x, mut y) = start;
        let mut path = Vec::new();
        for _ in 0..steps.div_ceil(2) {
            let (dx, dy) = field(x, y);
            let norm = dx.hypot(dy).max(1e-6);
            x += sign * stride * dx / norm;
            y += sign * stride * dy / norm;
            path.push((x, y));
        }
        path
    };
    let mut path = walk(-1.0);
    path.reverse();
    path.push(start);
    path.extend(walk(1.0));
    path
}
