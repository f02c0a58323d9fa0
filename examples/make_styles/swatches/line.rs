//! Lines: hatching with a pen, woodcut, brush and ink.

use std::f32::consts::TAU;

use image::RgbImage;

use super::brush::{Brush, Point, follow};
use super::canvas::{Canvas, Colour, SIDE, along, blend, film, hex, step};
use super::noise::{Rng, fractal, noise};

/// Drapery: the height of a cloth in folds, in pixels.
fn folds(x: f32, y: f32) -> f32 {
    let (wx, wy) = (
        x + 60.0 * (fractal(x / 130.0, y / 130.0, 2, 51) - 0.5),
        y + 60.0 * (fractal(x / 130.0, y / 130.0, 2, 53) - 0.5),
    );
    let main = ((wx * 0.9 + wy * 0.45) / 27.0).sin();
    let across = ((wx * 0.35 - wy * 0.9) / 41.0).sin();
    11.0 * (1.0 - main.abs().powf(1.6)) + 13.0 * across + 30.0 * fractal(x / 90.0, y / 90.0, 2, 55)
}

/// How dark the cloth is, 0..1, and the direction in which it falls.
fn cloth(x: f32, y: f32) -> (f32, Point) {
    let dx = (folds(x + 2.0, y) - folds(x - 2.0, y)) / 4.0;
    let dy = (folds(x, y + 2.0) - folds(x, y - 2.0)) / 4.0;
    let light = (0.5 * dx + 0.6 * dy + 0.62) / (1.0 + dx * dx + dy * dy).sqrt();
    ((0.96 - 1.05 * light).clamp(0.0, 1.0), (dx, dy))
}

/// Pen and chalk on toned paper: dark strokes cross where the shadow deepens.
pub fn hatching() -> RgbImage {
    let mut rng = Rng::new(15);
    let mut canvas = Canvas::new(|x, y| {
        blend(
            hex(0xc9a878),
            hex(0xb8925f),
            fractal(x / 60.0, y / 60.0, 3, 57),
        )
    });
    let ink = [hex(0x2a140c), hex(0x43200f), hex(0x5a2a14)];
    let mut seed = 0;
    // Each layer has its slope and begins at its own depth of shadow; the last is the chalk.
    for (layer, (slope, depth)) in [
        (0.62, 0.20),
        (0.15, 0.46),
        (1.15, 0.64),
        (0.38, 0.80),
        (0.62, 0.0),
    ]
    .into_iter()
    .enumerate()
    {
        let chalk = layer == 4;
        let count = if chalk { 2600 } else { 4300 };
        for _ in 0..count {
            let start = (rng.range(-5.0, SIDE + 5.0), rng.range(-5.0, SIDE + 5.0));
            let (dark, fall) = cloth(start.0, start.1);
            let wanted = if chalk {
                step(0.20, 0.0, dark)
            } else {
                step(depth - 0.10, depth + 0.30, dark)
            };
            if rng.unit() > wanted {
                continue;
            }
            let base = slope * TAU / 4.0 + 0.05 * rng.bell();
            // The hand follows the form a little.
            let bend = 0.35 * (fall.0 - fall.1).clamp(-1.0, 1.0);
            let steps = rng.range(6.0, 10.0) as usize;
            let path = follow(start, steps, 2.8, |x, _| {
                let a = base + bend + 0.010 * (x - start.0);
                (a.cos(), -a.sin())
            });
            seed += 1;
            let brush = Brush {
                radius: if chalk { 1.1 } else { rng.range(0.65, 1.05) },
                dryness: if chalk { 0.3 } else { 0.0 },
                streaks: 0.0,
                opacity: if chalk { 0.85 } else { 0.9 },
                body: 0.0,
                taper: 0.45,
            };
            canvas.stroke(
                &path,
                brush,
                if chalk { hex(0xfff6e2) } else { rng.pick(&ink) },
                seed,
            );
        }
    }
    canvas.on_paper(0.12, 59).picture()
}

/// One cut block: ink where the gouge left wood standing. `phase` counts lines, `dark` is the part left standing.
fn cut(phase: f32, dark: f32, x: f32, y: f32) -> f32 {
    let tremble =
        0.22 * (noise(x / 5.0, y / 5.0, 61) - 0.5) + 0.3 * (noise(x / 22.0, y / 22.0, 63) - 0.5);
    let saw = ((phase + tremble).fract() + 1.0).fract();
    let ridge = 2.0 * (saw - 0.5).abs();
    step(dark + 0.10, dark - 0.10, ridge)
}

/// Three blocks: black lines, vermilion sun and a grey-blue sea, under rays and over hills.
fn print(x: f32, y: f32) -> Colour {
    let paper = blend(
        hex(0xf0e2c0),
        hex(0xe6d3a6),
        fractal(x / 90.0, y / 90.0, 2, 65),
    );
    let (black, red, blue, green) = (hex(0x15121a), hex(0xc8371f), hex(0x4b7f96), hex(0x8a9550));
    let (sx, sy) = (246.0, 104.0);
    let r = (x - sx).hypot(y - sy);
    let far = 170.0 - 66.0 * (1.0 - ((x - 92.0) / 96.0).abs()).max(0.0).powf(1.4)
        + 9.0 * (fractal(x / 20.0, 0.0, 3, 67) - 0.5);
    let near = 222.0 + 26.0 * (x / 62.0 + 0.7).sin() + 8.0 * (fractal(x / 24.0, 5.0, 2, 69) - 0.5);
    let wear = fractal(x / 4.0, y / 4.0, 2, 71);
    let inked = |ground: Colour, colour: Colour, cover: f32| {
        blend(
            ground,
            colour,
            cover * (0.90 + 0.10 * step(0.2, 0.45, wear)),
        )
    };
    let (ground, line) = if y < far && y < near {
        if r < 54.0 {
            (
                inked(paper, red, 1.0),
                if r > 50.0 {
                    1.0
                } else {
                    cut(y / 8.0, 0.10 + 0.3 * step(sy - 20.0, sy + 50.0, y), x, y)
                },
            )
        } else {
            let angle = (y - sy).atan2(x - sx) / TAU;
            // Rays that split in two as they spread, so that the lines keep their distance.
            let rays = if r < 120.0 {
                44.0
            } else if r < 230.0 {
                88.0
            } else {
                176.0
            };
            let tint = inked(paper, hex(0xe2a54a), 0.75 * step(150.0, 60.0, r));
            (
                tint,
                cut(
                    angle * rays,
                    0.22 + 0.45 * step(70.0, 290.0, r)
                        + 0.25 * (fractal(x / 46.0, y / 16.0, 2, 73) - 0.5),
                    x,
                    y,
                ),
            )
        }
    } else if y < near {
        let lit = step(96.0 - 50.0, 96.0 + 30.0, x - 0.5 * (y - 120.0));
        let phase = (y - far) / 8.5 + x / 19.0 * if lit > 0.5 { 1.0 } else { -1.0 };
        (
            inked(paper, blue, 0.8),
            if y - far < 3.0 {
                1.0
            } else {
                cut(phase, 0.85 - 0.5 * lit, x, y)
            },
        )
    } else if y < near + 44.0 + 12.0 * (x / 80.0).cos() {
        let phase = (x + 0.7 * (y - near)) / 9.0 + 1.6 * (y / 30.0).sin();
        (
            inked(paper, green, 0.9),
            if y - near < 3.0 {
                1.0
            } else {
                cut(phase, 0.30 + 0.5 * step(near, near + 50.0, y), x, y)
            },
        )
    } else {
        // Waves: lines that follow crests, bright on their backs.
        let wave = 13.0 * (x / 33.0 + y / 60.0).sin() + 7.0 * (x / 14.0 - y / 40.0).sin();
        let dark = 0.5
            + 0.34 * (x / 33.0 + y / 60.0 + 1.2).sin()
            + 0.3 * (fractal(x / 40.0, y / 20.0, 2, 75) - 0.5);
        (inked(paper, blue, 1.0), cut((y + wave) / 10.5, dark, x, y))
    };
    inked(ground, black, line)
}

/// A landscape cut in wood and printed from three blocks.
pub fn woodcut() -> RgbImage {
    Canvas::sampled(print).picture()
}

/// Washes, reeds and rocks with a wet and a dry brush on rice paper.
pub fn ink() -> RgbImage {
    let mut rng = Rng::new(420);
    let mut canvas = Canvas::new(|x, y| {
        blend(
            hex(0xf1eadb),
            hex(0xe2d6bf),
            fractal(x / 70.0, y / 70.0, 3, 81),
        )
    });
    let sumi = hex(0x17171c);
    // Mist and mountains: washes with an edge where the water stopped.
    for (level, strength, rough, seed) in [
        (92.0, 0.30, 62.0, 83),
        (160.0, 0.40, 74.0, 87),
        (244.0, 0.52, 60.0, 91),
        (330.0, 0.66, 54.0, 93),
    ] {
        canvas.touch_all(|x, y, ground, _| {
            let crest = level - rough * (fractal(x / 95.0, 0.5, 4, seed) - 0.5) * 2.2;
            let below = y - crest + 7.0 * (fractal(x / 12.0, y / 12.0, 3, seed + 1) - 0.5);
            let wash = step(-1.5, 2.0, below) * (-(below.max(0.0)) / 52.0).exp();
            let rim = 0.35 * (-((below - 2.5) / 2.4).powi(2)).exp();
            let pool = 0.55 + 0.9 * fractal(x / 34.0, y / 34.0, 3, seed + 2);
            *ground = film(
                *ground,
                hex(0x2a3038),
                ((wash + rim) * strength * pool).clamp(0.0, 0.95),
            );
        });
        // Dry strokes give the rock its grain.
        for n in 0..46 {
            let x = rng.range(-10.0, SIDE + 10.0);
            let y = level - rough * (fractal(x / 95.0, 0.5, 4, seed) - 0.5) * 2.2
                + rng.range(4.0, 34.0);
            let (lean, long) = (
                rng.range(0.5, 1.5) * if rng.unit() < 0.5 { 1.0 } else { -1.0 },
                rng.range(12.0, 30.0),
            );
            let path = follow((x, y), 8, long / 8.0, |_, py| (lean + (py - y) / 30.0, 1.0));
            let brush = Brush {
                radius: rng.range(2.5, 7.0),
                dryness: rng.range(0.45, 0.72),
                streaks: 0.2,
                opacity: strength + 0.25,
                body: 0.0,
                taper: 0.2,
            };
            canvas.stroke(&path, brush, sumi, seed + 7 * n);
        }
    }
    // Bamboo: jointed stems and leaves that are one press of the brush each.
    for (x0, lean, wide, tone) in [
        (58.0, 0.10, 7.0, 0.85),
        (104.0, -0.05, 4.5, 0.55),
        (330.0, -0.16, 6.0, 0.9),
        (286.0, -0.07, 3.8, 0.45),
        (208.0, 0.05, 3.2, 0.35),
    ] {
        let mut y = SIDE + 8.0;
        let mut joint = 0;
        while y > -20.0 {
            let long = rng.range(46.0, 66.0);
            let at = |y: f32| x0 + lean * (SIDE - y);
            let brush = Brush {
                radius: wide,
                dryness: rng.range(0.2, 0.45),
                streaks: 0.3,
                opacity: tone,
                body: 0.0,
                taper: 0.03,
            };
            canvas.stroke(
                &[(at(y), y), (at(y - long), y - long + 3.5)],
                brush,
                sumi,
                500 + joint,
            );
            y -= long;
            joint += 1;
            for leaf in 0..7 {
                let a = rng.range(0.15, 1.1) + if rng.unit() < 0.5 { 0.0 } else { TAU / 4.0 };
                let reach = rng.range(26.0, 52.0);
                let (bx, by) = (at(y) + 10.0 * rng.bell(), y + 12.0 * rng.bell());
                let path = [
                    (bx, by),
                    (bx + 0.5 * reach * a.cos(), by + 0.5 * reach * a.sin() - 3.0),
                    (bx + reach * a.cos(), by + reach * a.sin()),
                ];
                let brush = Brush {
                    radius: rng.range(3.0, 5.2),
                    dryness: 0.15,
                    streaks: 0.3,
                    opacity: tone * rng.range(0.7, 1.0),
                    body: 0.0,
                    taper: 0.5,
                };
                canvas.stroke(&path, brush, sumi, 900 + joint * 10 + leaf);
            }
        }
    }
    // Splashes, and the red of a few plum blossoms.
    for n in 0..90 {
        let (x, y) = (rng.range(0.0, SIDE), rng.range(0.0, SIDE));
        let size = 0.7 + 2.6 * rng.unit().powi(4);
        canvas.stroke(
            &[(x, y), (x + 0.5, y + 0.5)],
            Brush {
                radius: size,
                dryness: 0.0,
                streaks: 0.0,
                opacity: 0.8,
                body: 0.0,
                taper: 0.0,
            },
            sumi,
            2000 + n,
        );
    }
    for n in 0..26 {
        let t = n as f32 / 26.0;
        let (x, y) = (
            150.0 + 170.0 * t + 16.0 * rng.bell(),
            96.0 - 44.0 * (t * 3.0).sin() + 16.0 * rng.bell(),
        );
        for petal in 0..5 {
            let a = (petal as f32 + 0.3 * rng.bell()) / 5.0 * TAU;
            let path = [
                (x + 1.5 * a.cos(), y + 1.5 * a.sin()),
                (x + 5.5 * a.cos(), y + 5.5 * a.sin()),
            ];
            let red = along(&[hex(0xa81c24), hex(0xd2463c)], rng.unit());
            canvas.stroke(
                &path,
                Brush {
                    radius: 2.9,
                    dryness: 0.0,
                    streaks: 0.3,
                    opacity: 0.88,
                    body: 0.0,
                    taper: 0.3,
                },
                red,
                3000 + n * 5 + petal,
            );
        }
    }
    canvas.on_paper(0.07, 97).picture()
}
