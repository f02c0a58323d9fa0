//! Water: washes on paper, and colours floated on a bath.

use std::f32::consts::TAU;

use image::RgbImage;

use super::canvas::{Canvas, Colour, SIDE, blend, film, hex, shade, step};
use super::noise::{Rng, fractal, hash, noise};

/// Wet washes over one another, with the dark rims where they dried.
pub fn watercolour() -> RgbImage {
    let mut rng = Rng::new(63);
    let mut canvas = Canvas::new(|_, _| hex(0xfaf5e9));
    let washes = [
        hex(0xf0c040),
        hex(0xe88aa0),
        hex(0x62b0a8),
        hex(0x6a8fd0),
        hex(0xd9603c),
        hex(0x8f6fb8),
        hex(0x9cba58),
        hex(0xf2a66a),
    ];
    // Large pale washes first, small strong ones last.
    for (count, low, high, strength) in [
        (9, 80.0, 130.0, 0.42),
        (17, 40.0, 72.0, 0.44),
        (38, 15.0, 34.0, 0.52),
        (60, 4.0, 12.0, 0.70),
    ] {
        for n in 0..count {
            let (cx, cy, size) = (
                rng.range(0.0, SIDE),
                rng.range(0.0, SIDE),
                rng.range(low, high),
            );
            // Neighbours share a family of hues.
            let family = fractal(cx / 150.0, cy / 150.0, 2, 101) * 1.9 - 0.45;
            let index = ((family * washes.len() as f32) as i32 + (rng.unit() * 2.0) as i32)
                .rem_euclid(washes.len() as i32);
            let colour = washes[index as usize];
            let (stretch, tilt, seed) = (
                rng.range(0.55, 1.0),
                rng.range(0.0, TAU),
                200 + n * 7 + size as u32,
            );
            let second = rng.pick(&washes);
            let reach = size * 1.7;
            canvas.touch(
                cx - reach,
                cy - reach,
                cx + reach,
                cy + reach,
                |x, y, ground, _| {
                    let (dx, dy) = (x - cx, y - cy);
                    let (u, v) = (
                        dx * tilt.cos() + dy * tilt.sin(),
                        (dy * tilt.cos() - dx * tilt.sin()) / stretch,
                    );
                    let ragged = size
                        * 0.75
                        * (fractal(x / (size * 0.5 + 6.0), y / (size * 0.5 + 6.0), 4, seed) - 0.5)
                        + 3.0 * (noise(x / 3.5, y / 3.5, seed + 1) - 0.5);
                    let inside = size - u.hypot(v) + ragged;
                    // Some edges were wetted again and run out softly.
                    let soft = 1.2
                        + 16.0
                            * step(0.52, 0.75, noise(x / 60.0, y / 60.0, seed + 2))
                            * (size / 60.0).min(1.0);
                    let cover = step(-soft, soft, inside);
                    if cover <= 0.0 {
                        return;
                    }
                    let rim = 0.55 * (-((inside - 1.6) / 1.7).powi(2)).exp() * step(6.0, 1.0, soft);
                    let pool = 0.55 + 0.75 * fractal(x / 28.0, y / 28.0, 3, seed + 3);
                    let grain = 0.85 + 0.3 * fractal(x / 3.0, y / 3.0, 2, 7);
                    let bleed = blend(
                        colour,
                        second,
                        step(0.45, 0.8, fractal(x / 48.0, y / 48.0, 2, seed + 4)),
                    );
                    *ground = film(
                        *ground,
                        bleed,
                        ((cover * pool + rim) * strength * grain).clamp(0.0, 1.0),
                    );
                },
            );
        }
    }
    // Spatter of clear water lifts the colour again.
    for n in 0..70 {
        let (cx, cy, size) = (
            rng.range(0.0, SIDE),
            rng.range(0.0, SIDE),
            1.0 + 5.0 * rng.unit().powi(3),
        );
        canvas.touch(
            cx - 12.0,
            cy - 12.0,
            cx + 12.0,
            cy + 12.0,
            |x, y, ground, _| {
                let r = (x - cx).hypot(y - cy) + 2.0 * (noise(x / 3.0, y / 3.0, n) - 0.5);
                *ground = blend(*ground, hex(0xfaf5e9), 0.6 * step(size, size - 2.0, r));
                *ground = shade(
                    *ground,
                    1.0 - 0.16 * (-((r - size - 0.8) / 0.9).powi(2)).exp(),
                );
            },
        );
    }
    canvas.on_paper(0.06, 105).picture()
}

/// Where the colour that now floats at (x, y) was dropped: the strokes of stylus and comb, undone last to first.
fn before_the_comb(x: f32, y: f32) -> (f32, f32) {
    let (mut x, mut y) = (
        x + 10.0 * (fractal(x / 80.0, y / 80.0, 2, 111) - 0.5),
        y + 10.0 * (fractal(x / 80.0, y / 80.0, 2, 113) - 0.5),
    );
    // A last, free stylus: curls.
    for (cx, cy, size, turn) in [
        (96.0, 96.0, 60.0, 3.4),
        (290.0, 130.0, 64.0, -3.2),
        (180.0, 262.0, 66.0, 3.0),
        (330.0, 330.0, 56.0, 3.2),
        (52.0, 318.0, 52.0, -3.0),
        (200.0, 20.0, 44.0, -2.6),
    ] {
        let (dx, dy) = (x - cx, y - cy);
        let r = dx.hypot(dy);
        let a = turn * (-(r / size * 1.25).powi(2)).exp();
        x = cx + dx * a.cos() - dy * a.sin();
        y = cy + dx * a.sin() + dy * a.cos();
    }
    // The comb: tines 26 px apart drawn down, then up between them.
    let tines = 26.0;
    let to_tine = |v: f32| ((v / tines).fract() + 1.0).fract() * tines - tines / 2.0;
    y -= 46.0 * 0.80f32.powf(to_tine(x).abs());
    y += 34.0 * 0.80f32.powf(to_tine(x + tines / 2.0).abs());
    // The first rake, wide and across.
    x += 30.0 * (y / 37.0).sin() + 12.0 * (y / 15.0 + 1.0).sin();
    (x, y)
}

fn bath(x: f32, y: f32) -> Colour {
    let colours = [
        hex(0x7d1428),
        hex(0xf3e6c8),
        hex(0x1f3f6e),
        hex(0xd99a2b),
        hex(0x12202c),
        hex(0x2f8a86),
        hex(0xf3e6c8),
        hex(0xb8442c),
    ];
    let (px, py) = before_the_comb(x, y);
    // Bands of drops thrown one after another.
    let flow = py / 23.0 + 1.6 * (fractal(px / 44.0, py / 44.0, 3, 115) - 0.5);
    let band = flow.floor();
    let colour =
        colours[(hash(band as i32, 0, 117) * colours.len() as f32) as usize % colours.len()];
    // A thin vein of ox gall parts the bands.
    let edge = (flow - band).min(1.0 - (flow - band));
    let mut colour = blend(hex(0xf6ecd4), colour, step(0.02, 0.09, edge));
    // Small stones: late drops that pushed the bands aside.
    let (cell_x, cell_y) = ((px / 15.0).floor(), (py / 15.0).floor());
    for n in 0..9 {
        let (i, j) = (cell_x as i32 + n % 3 - 1, cell_y as i32 + n / 3 - 1);
        if hash(i, j, 119) < 0.30 {
            let (sx, sy) = (
                (i as f32 + hash(i, j, 121)) * 15.0,
                (j as f32 + hash(i, j, 123)) * 15.0,
            );
            let size = 1.5 + 4.0 * hash(i, j, 125);
            let stone = colours[(hash(i, j, 127) * 8.0) as usize % 8];
            let r = (px - sx).hypot(py - sy);
            colour = blend(
                colour,
                blend(stone, hex(0xf6ecd4), step(size - 1.4, size - 0.6, r)),
                step(size + 0.5, size - 0.5, r),
            );
        }
    }
    shade(colour, 0.94 + 0.12 * fractal(x / 30.0, y / 30.0, 2, 129))
}

/// Combed and curled marbled paper.
pub fn marbling() -> RgbImage {
    Canvas::sampled(bath).picture()
}
