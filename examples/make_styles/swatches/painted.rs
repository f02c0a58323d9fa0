//! Thick paint: swirls, impasto, pointillism.

use std::f32::consts::TAU;

use image::RgbImage;

use super::brush::{Brush, Point, follow};
use super::canvas::{Canvas, Colour, SIDE, along, blend, hex, shade, step};
use super::noise::{Rng, fractal, noise};

/// Whirls of a night sky: centre, size, and which way they turn.
const WHIRLS: [(f32, f32, f32, f32); 7] = [
    (122.0, 138.0, 82.0, 1.0),
    (268.0, 92.0, 58.0, -1.0),
    (292.0, 262.0, 76.0, 1.0),
    (70.0, 318.0, 54.0, -1.0),
    (176.0, 256.0, 30.0, 1.0),
    (368.0, 160.0, 38.0, 1.0),
    (24.0, 36.0, 42.0, -1.0),
];

/// The direction of the wind: a stream across, bent round by every whirl.
fn wind(x: f32, y: f32) -> Point {
    let bend = fractal(x / 90.0, y / 90.0, 2, 5) - 0.5;
    let (mut dx, mut dy) = (1.0, 0.35 * (x / 46.0 + y / 70.0).sin() + 1.2 * bend);
    for (cx, cy, size, turn) in WHIRLS {
        let (rx, ry) = (x - cx, y - cy);
        let r = rx.hypot(ry).max(0.5);
        let pull = 5.0 * (-(r / size).powi(2)).exp();
        // Slightly inwards, so that the strokes close to a spiral.
        dx += pull * (-ry * turn - 0.16 * rx) / r;
        dy += pull * (rx * turn - 0.16 * ry) / r;
    }
    (dx, dy)
}

/// Night blue in the stream, rings of light around the whirls.
fn night(x: f32, y: f32, rng: &mut Rng) -> Colour {
    let blues = [
        hex(0x0b1a46),
        hex(0x163a84),
        hex(0x2b66b0),
        hex(0x5d9cc8),
        hex(0xa9d0d2),
    ];
    let stream = fractal(x / 70.0, y / 30.0, 3, 11) + 0.16 * rng.bell();
    let mut colour = along(&blues, (stream - 0.25) * 1.3);
    for (cx, cy, size, _) in WHIRLS {
        let r = (x - cx).hypot(y - cy) / size;
        let lights = [
            hex(0xfff3b8),
            hex(0xf9cf3d),
            hex(0xe69a1f),
            hex(0xb9c78a),
            hex(0x4f93b4),
        ];
        let ring = along(&lights, r * 1.15 + 0.12 * rng.bell());
        let glow = step(1.02, 0.35, r) * (0.62 + 0.38 * (r * 17.0).cos());
        if rng.unit() < glow {
            colour = ring;
        }
    }
    if rng.unit() < 0.05 {
        colour = rng.pick(&[hex(0xe8e2b8), hex(0x0a1230), hex(0x3f7f6a), hex(0xd97b2b)]);
    }
    colour
}

/// A whirling night sky in short ridged strokes.
pub fn swirls() -> RgbImage {
    let mut rng = Rng::new(1889);
    let mut canvas =
        Canvas::new(|x, y| shade(hex(0x14285a), 0.7 + 0.6 * noise(x / 9.0, y / 9.0, 1)));
    for (count, radius, steps) in [(900, 5.6, 9), (1500, 4.0, 8), (900, 2.8, 7)] {
        for n in 0..count {
            let start = (rng.range(-8.0, SIDE + 8.0), rng.range(-8.0, SIDE + 8.0));
            let path = follow(start, steps, 4.2, wind);
            let colour = night(start.0, start.1, &mut rng);
            let brush = Brush {
                radius: radius * rng.range(0.75, 1.2),
                dryness: 0.22,
                streaks: 0.42,
                opacity: 0.96,
                body: 1.0,
                taper: 0.16,
            };
            canvas.stroke(&path, brush, shade(colour, rng.range(0.88, 1.1)), n);
        }
    }
    canvas.lit(0.42).picture()
}

/// Flowers and their light on a wall, laid on with a loaded knife.
pub fn impasto() -> RgbImage {
    let mut rng = Rng::new(77);
    let mut canvas =
        Canvas::new(|x, y| shade(hex(0x7c3a22), 0.8 + 0.4 * noise(x / 7.0, y / 7.0, 2)));
    let blooms: Vec<(f32, f32, f32, usize)> = [
        (88.0, 92.0, 66.0, 0),
        (246.0, 70.0, 56.0, 1),
        (330.0, 190.0, 62.0, 2),
        (170.0, 206.0, 74.0, 3),
        (50.0, 268.0, 54.0, 1),
        (292.0, 322.0, 66.0, 0),
        (132.0, 346.0, 52.0, 2),
    ]
    .to_vec();
    let ground = [
        hex(0x0f5a5c),
        hex(0x1b8480),
        hex(0x6fb3a0),
        hex(0xd8c07a),
        hex(0xe9dcae),
    ];
    // The wall: broad slabs in many directions.
    for n in 0..620 {
        let (x, y) = (rng.range(-10.0, SIDE + 10.0), rng.range(-10.0, SIDE + 10.0));
        let angle = (fractal(x / 120.0, y / 120.0, 2, 8) * 2.2 + 0.35 * rng.bell()) * TAU / 2.0;
        let reach = rng.range(12.0, 26.0);
        let bow = rng.range(-5.0, 5.0);
        let path = [
            (x - reach * angle.cos(), y - reach * angle.sin()),
            (x - bow * angle.sin(), y + bow * angle.cos()),
            (x + reach * angle.cos(), y + reach * angle.sin()),
        ];
        let colour = along(
            &ground,
            fractal(x / 95.0, y / 95.0, 3, 21) * 1.5 - 0.3 + 0.16 * rng.bell(),
        );
        let brush = Brush {
            radius: rng.range(7.0, 12.0),
            dryness: 0.12,
            streaks: 0.34,
            opacity: 1.0,
            body: 1.5,
            taper: 0.05,
        };
        canvas.stroke(&path, brush, colour, n);
    }
    // The blooms: petals from the rim inwards, each a single dab.
    let petals = [
        [hex(0x8c1020), hex(0xd4262a), hex(0xf2603a), hex(0xffa070)],
        [hex(0xc9761a), hex(0xf0a818), hex(0xfbd14a), hex(0xfff0b0)],
        [hex(0x7c1f55), hex(0xb93c7c), hex(0xe887a8), hex(0xf9cfd2)],
        [hex(0xb8a890), hex(0xe8dcc4), hex(0xf8f2e2), hex(0xffffff)],
    ];
    for (cx, cy, size, kind) in blooms {
        for ring in 0..5 {
            let r = size * (0.92 - 0.2 * ring as f32);
            let count = 5 + (r / 4.2) as u32;
            for n in 0..count {
                let a = (n as f32 + 0.5 * ring as f32 + 0.3 * rng.bell()) / count as f32 * TAU;
                let lean = a + 0.7;
                let (x, y) = (cx + r * a.cos(), cy + r * a.sin());
                let long = size * 0.24;
                let path = [
                    (x - long * 0.6 * lean.cos(), y - long * 0.6 * lean.sin()),
                    (x, y),
                    (x + long * (lean + 0.4).cos(), y + long * (lean + 0.4).sin()),
                ];
                let light =
                    0.24 * ring as f32 - 0.22 * (0.6 * a.cos() + 0.8 * a.sin()) + 0.2 * rng.bell();
                let brush = Brush {
                    radius: rng.range(5.5, 8.5),
                    dryness: 0.1,
                    streaks: 0.3,
                    opacity: 1.0,
                    body: 1.7,
                    taper: 0.2,
                };
                canvas.stroke(
                    &path,
                    brush,
                    along(&petals[kind], light),
                    4000 + ring * 100 + n,
                );
            }
        }
        let heart = if kind == 1 {
            hex(0x4a2410)
        } else {
            hex(0xf2b41c)
        };
        for n in 0..9 {
            let (x, y) = (cx + 6.0 * rng.bell(), cy + 6.0 * rng.bell());
            let brush = Brush {
                radius: 4.0,
                dryness: 0.0,
                streaks: 0.3,
                opacity: 1.0,
                body: 1.8,
                taper: 0.3,
            };
            canvas.stroke(
                &[(x - 3.0, y), (x + 3.0, y + 2.0)],
                brush,
                shade(heart, rng.range(0.8, 1.15)),
                9000 + n,
            );
        }
    }
    canvas.lit(0.40).picture()
}

/// Late light over water in dots of pure colour: the eye has to mix them.
pub fn pointillism() -> RgbImage {
    let mut rng = Rng::new(1886);
    let tone = |x: f32, y: f32| -> Colour {
        let shore = 214.0 + 16.0 * (fractal(x / 60.0, 3.0, 3, 31) - 0.5);
        let hill = 168.0
            - 70.0 * (-((x - 300.0) / 90.0).powi(2)).exp()
            - 34.0 * (-((x - 90.0) / 110.0).powi(2)).exp()
            + 22.0 * (fractal(x / 40.0, 9.0, 3, 33) - 0.5);
        let sun = (x - 128.0).hypot(y - 84.0);
        let sky = [
            hex(0x5f86c4),
            hex(0x9fb4d8),
            hex(0xf0c8a8),
            hex(0xf9d57a),
            hex(0xf5a25a),
        ];
        if sun < 25.0 {
            hex(0xfff2b0)
        } else if y < hill {
            blend(
                along(
                    &sky,
                    y / 170.0 + 0.16 * (fractal(x / 70.0, y / 22.0, 2, 35) - 0.5),
                ),
                hex(0xffe58a),
                step(95.0, 20.0, sun),
            )
        } else if y < shore {
            along(
                &[hex(0x3a3f86), hex(0x5b7d4a), hex(0x9aa84e)],
                (y - hill) / 60.0 + 0.4 * (fractal(x / 26.0, y / 26.0, 2, 37) - 0.5),
            )
        } else if y < 322.0 + 14.0 * (x / 70.0).sin() {
            let path = step(
                58.0,
                8.0,
                (x - 128.0).abs() + 26.0 * (noise(x / 40.0, y / 5.0, 41) - 0.5),
            );
            let water = along(
                &[hex(0x2d5f96), hex(0x4f93b0), hex(0x8fb8bc)],
                fractal(x / 50.0, y / 7.0, 2, 39),
            );
            blend(water, hex(0xffc860), path)
        } else {
            along(
                &[hex(0x2f6a3c), hex(0x78a03c), hex(0xc9b848)],
                fractal(x / 34.0, y / 20.0, 3, 43),
            )
        }
    };
    let mut canvas = Canvas::new(|x, y| blend(hex(0xefe4c8), tone(x, y), 0.55));
    let accents = [
        hex(0xe8542a),
        hex(0x2b4fc0),
        hex(0xf7d038),
        hex(0x3c9c54),
        hex(0x8c3fa0),
        hex(0xf4f0e0),
    ];
    for layer in 0..3 {
        let pitch = [6.4, 5.0, 5.6][layer as usize];
        let count = (SIDE / pitch) as i32;
        for n in 0..count * count {
            let x = ((n % count) as f32 + 0.5 + 0.75 * rng.bell()) * pitch;
            let y = ((n / count) as f32 + 0.5 + 0.75 * rng.bell()) * pitch;
            if layer == 2 && rng.unit() < 0.5 {
                continue;
            }
            let base = tone(x, y);
            // Divided colour: the hue is pushed apart, and now and then answered by its complement.
            let mean = (base[0] + base[1] + base[2]) / 3.0;
            let vivid = base.map(|c| mean + (c - mean) * 1.5 + 0.10 * rng.bell());
            let colour = match rng.unit() {
                u if u < 0.09 => blend(base.map(|c| 2.0 * mean - c), vivid, 0.15),
                u if u < 0.19 => blend(rng.pick(&accents), vivid, 0.35),
                _ => vivid,
            };
            let radius = rng.range(1.9, 3.2);
            canvas.touch(
                x - 5.0,
                y - 5.0,
                x + 5.0,
                y + 5.0,
                |px, py, ground, height| {
                    let cover = step(
                        radius + 0.55,
                        radius - 0.55,
                        (px - x).hypot((py - y) * 1.12),
                    );
                    *ground = blend(*ground, colour, 0.95 * cover);
                    *height += (0.8 - *height) * cover * 0.8;
                },
            );
        }
    }
    canvas.lit(0.16).picture()
}
