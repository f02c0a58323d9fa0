//! Pieces laid side by side: tesserae, glass, threads, gilded scales.

use std::f32::consts::TAU;

use image::RgbImage;

use super::canvas::{Canvas, Colour, along, blend, hex, shade, step};
use super::noise::{Rng, fractal, hash, noise};

/// Rows of stones that ring a few medallions and run on between them.
pub fn mosaic() -> RgbImage {
    let mut rng = Rng::new(547);
    let mut canvas =
        Canvas::new(|x, y| shade(hex(0x5a5044), 0.75 + 0.5 * noise(x / 2.5, y / 2.5, 131)));
    // Medallions: centre and the radius at which their border lies.
    let medallions = [
        (120.0, 126.0, 92.0),
        (318.0, 72.0, 60.0),
        (296.0, 276.0, 88.0),
        (84.0, 326.0, 66.0),
    ];
    let gold = [hex(0xa8742a), hex(0xd8a43c), hex(0xf2d27a)];
    let lapis = [hex(0x12264f), hex(0x1f4a8c), hex(0x3f78b4)];
    let sea = [hex(0x1f6b62), hex(0x4fa08c), hex(0xa8cfb4)];
    let clay = [hex(0x7a2418), hex(0xb0442a), hex(0xd98a5a)];
    let bone = [hex(0xc8b898), hex(0xe8dcc0), hex(0xf8f2e2)];
    let colour_at = |x: f32, y: f32, rng: &mut Rng| -> Colour {
        let at = (0.5 + 0.5 * rng.bell()).clamp(0.0, 1.0);
        for (n, (cx, cy, size)) in medallions.into_iter().enumerate() {
            let (r, a) = ((x - cx).hypot(y - cy) / size, (y - cy).atan2(x - cx));
            if r > 1.04 {
                continue;
            }
            // A flower of petals on a ground, inside two borders.
            let petals = [8.0, 6.0, 10.0, 6.0][n];
            let petal = 0.44 + 0.26 * (a * petals).cos();
            let (flower, ground) = [(clay, sea), (bone, clay), (gold, lapis), (clay, bone)][n];
            return along(
                &if r > 0.92 {
                    lapis
                } else if r > 0.81 {
                    bone
                } else if r < 0.14 {
                    gold
                } else if r < petal - 0.10 {
                    bone
                } else if r < petal {
                    flower
                } else {
                    ground
                },
                at,
            );
        }
        // Between them, golden ground with waves of blue.
        let wave =
            (y / 17.0 + 1.8 * (x / 42.0).sin() + 2.4 * fractal(x / 90.0, y / 90.0, 2, 133)).sin();
        along(
            &if wave > 0.62 {
                sea
            } else if wave > 0.30 {
                lapis
            } else {
                gold
            },
            at,
        )
    };
    let mut lay = |x: f32, y: f32, angle: f32, long: f32, high: f32, rng: &mut Rng| {
        let colour = shade(colour_at(x, y, rng), rng.range(0.84, 1.12));
        let angle = angle + 0.10 * rng.bell();
        let (half_u, half_v) = (
            long / 2.0 - 0.75 + 0.35 * rng.bell(),
            high / 2.0 - 0.75 + 0.35 * rng.bell(),
        );
        let (tilt_x, tilt_y, skew) = (0.16 * rng.bell(), 0.16 * rng.bell(), 0.12 * rng.bell());
        canvas.touch(
            x - 9.0,
            y - 9.0,
            x + 9.0,
            y + 9.0,
            |px, py, ground, height| {
                let (dx, dy) = (px - x, py - y);
                let u = dx * angle.cos() + dy * angle.sin();
                let v = dy * angle.cos() - dx * angle.sin() + skew * u;
                let inside = (half_u - u.abs()).min(half_v - v.abs());
                let cover = step(-0.6, 0.6, inside);
                // Each stone is set a little askew and catches the light differently.
                let gleam = 1.0 + tilt_x * u / 4.0 + tilt_y * v / 4.0;
                *ground = blend(*ground, shade(colour, gleam), cover);
                *height += (step(-0.5, 2.0, inside) - *height) * cover;
            },
        );
    };
    let pitch = 8.6;
    // Which medallion a place belongs to; None is the ground between.
    let owner = |x: f32, y: f32| {
        medallions
            .iter()
            .position(|(cx, cy, size)| (x - cx).hypot(y - cy) < size * 1.04 + 2.0)
    };
    for row in 0..50 {
        for column in 0..50 {
            let bend = 7.0 * (column as f32 * pitch / 42.0).sin();
            let (x, y) = (
                (column as f32 + 0.5 * (row % 2) as f32) * pitch,
                row as f32 * pitch - bend,
            );
            let slope = -7.0 / 42.0 * (x / 42.0).cos();
            if owner(x, y).is_none() {
                lay(x, y, slope, pitch, pitch, &mut rng);
            }
        }
    }
    for (n, (cx, cy, size)) in medallions.into_iter().enumerate() {
        let mut r = size * 1.0;
        while r > 2.0 {
            let count = (TAU * r / pitch).round().max(1.0);
            let turn = rng.range(0.0, TAU);
            for stone in 0..count as u32 {
                let a = turn + stone as f32 / count * TAU;
                let (x, y) = (cx + r * a.cos(), cy + r * a.sin());
                if owner(x, y).is_none_or(|o| o == n) {
                    lay(x, y, a + TAU / 4.0, TAU * r / count, pitch, &mut rng);
                }
            }
            r -= pitch;
        }
    }
    canvas.lit(0.30).picture()
}

/// A rose window: leaded panes on rings, jewel colours, light behind.
pub fn stained_glass() -> RgbImage {
    let mut rng = Rng::new(1220);
    let jewels = [
        hex(0xb0121f),
        hex(0x12309c),
        hex(0x0f7a4a),
        hex(0xe8a010),
        hex(0x6a1a80),
        hex(0x1a8ac0),
        hex(0xe0521a),
        hex(0xf0e2a8),
    ];
    let centre = (176.0, 204.0);
    let mut panes: Vec<(f32, f32, Colour)> = Vec::new();
    let mut add = |x: f32, y: f32, ring: usize, n: usize, rng: &mut Rng| {
        let base = if rng.unit() < 0.80 {
            jewels[(ring * 3 + (n % 2) * (1 + ring % 3)) % jewels.len()]
        } else {
            rng.pick(&jewels)
        };
        panes.push((x, y, shade(base, rng.range(0.8, 1.2))));
    };
    add(centre.0, centre.1, 3, 0, &mut rng);
    for (ring, (radius, count)) in [
        (27.0, 8),
        (58.0, 12),
        (88.0, 16),
        (116.0, 32),
        (148.0, 24),
        (182.0, 40),
        (220.0, 36),
        (256.0, 56),
        (292.0, 48),
    ]
    .into_iter()
    .enumerate()
    {
        for n in 0..count {
            let a = (n as f32 + 0.5 * (ring % 2) as f32 + 0.10 * rng.bell()) / count as f32 * TAU;
            let r = radius + 3.0 * rng.bell();
            add(
                centre.0 + r * a.cos(),
                centre.1 + r * a.sin(),
                ring,
                n,
                &mut rng,
            );
        }
    }
    let canvas = Canvas::sampled(|x, y| {
        let (wx, wy) = (
            x + 5.0 * (noise(x / 24.0, y / 24.0, 141) - 0.5),
            y + 5.0 * (noise(x / 24.0, y / 24.0, 143) - 0.5),
        );
        let (mut first, mut second) = ((f32::MAX, 0), (f32::MAX, 0));
        for (n, (px, py, _)) in panes.iter().enumerate() {
            let d = (wx - px).powi(2) + (wy - py).powi(2);
            if d < first.0 {
                second = first;
                first = (d, n);
            } else if d < second.0 {
                second = (d, n);
            }
        }
        let (a, b) = (panes[first.1], panes[second.1]);
        // Distance to the lead between this pane and the next.
        let apart = (a.0 - b.0).hypot(a.1 - b.1).max(1e-3);
        let edge = (second.0 - first.0) / (2.0 * apart);
        let tilt = hash(first.1 as i32, 1, 145) * TAU;
        let (u, v) = (
            x * tilt.cos() + y * tilt.sin(),
            y * tilt.cos() - x * tilt.sin(),
        );
        // Old glass: streaks, seeds, and paint that darkens towards the lead.
        let streak = 0.72 + 0.56 * fractal(u / 26.0, v / 5.5, 3, 147 + first.1 as u32);
        let sun = 1.12 - 0.0018 * (x - 150.0).hypot(y - 150.0);
        let bloom = 0.30 * step(2.0, 14.0, edge) * streak;
        let mut glass = shade(a.2, streak * sun * (0.74 + 0.30 * step(1.5, 6.0, edge)));
        glass = blend(glass, hex(0xfff6d8), bloom * 0.40);
        let lead = shade(
            hex(0x2a2a2e),
            0.5 + 0.9
                * step(
                    2.6,
                    0.4,
                    (edge - 0.4).abs() + 0.9 * noise(x / 4.0, y / 4.0, 149),
                ),
        );
        blend(lead, glass, step(2.0, 2.9, edge))
    });
    canvas.picture()
}

/// The colour of a kilim at a knot: stepped diamonds in bands, with borders.
fn kilim(i: i32, j: i32) -> Colour {
    let (red, blue, ochre, wool, brown, green) = (
        hex(0x9c2a22),
        hex(0x22406e),
        hex(0xd09a34),
        hex(0xe9dcc0),
        hex(0x3c2018),
        hex(0x5a7a4a),
    );
    let band = j.rem_euclid(32);
    let fold = |v: i32, period: i32| (v.rem_euclid(period) - period / 2).abs();
    if band < 2 || band == 9 || band == 10 {
        return brown;
    }
    if band < 9 {
        // Running hooks.
        let hook = (fold(i + 3, 12) + (band - 5).abs()) % 6;
        return if hook < 2 {
            wool
        } else if hook < 4 {
            red
        } else {
            ochre
        };
    }
    let ring = fold(i, 20) + (band - 21).abs() * 20 / 22;
    let odd = (i.div_euclid(20) + j.div_euclid(32)).rem_euclid(2) == 0;
    match ring {
        0..=1 => wool,
        2..=3 => {
            if odd {
                brown
            } else {
                red
            }
        }
        4..=5 => {
            if odd {
                ochre
            } else {
                green
            }
        }
        6..=7 => {
            if odd {
                red
            } else {
                blue
            }
        }
        8..=9 => wool,
        10..=11 => {
            if odd {
                blue
            } else {
                ochre
            }
        }
        _ => {
            if odd {
                green
            } else {
                red
            }
        }
    }
}

/// Hand-woven wool, thread by thread.
pub fn weave() -> RgbImage {
    let canvas = Canvas::sampled(|x, y| {
        // The cloth was pulled a little out of square.
        let (wx, wy) = (
            x + 9.0 * (fractal(x / 110.0, y / 110.0, 2, 151) - 0.5),
            y + 9.0 * (fractal(x / 110.0, y / 110.0, 2, 153) - 0.5),
        );
        let (pitch_x, pitch_y) = (6.2, 4.6);
        let j = (wy / pitch_y).floor() as i32;
        let shift = if j.rem_euclid(2) == 0 { 0.0 } else { 0.5 };
        let along_x = wx / pitch_x + shift + 0.25 * (hash(0, j, 155) - 0.5);
        let i = along_x.floor() as i32;
        let (u, v) = (along_x - i as f32 - 0.5, wy / pitch_y - j as f32 - 0.5);
        // Dye takes unevenly: by the row, by the knot, and in slow waves.
        let dye = 0.82
            + 0.16 * hash(3, j, 157)
            + 0.16 * hash(i, j, 159)
            + 0.18 * (fractal(x / 60.0, y / 30.0, 2, 161) - 0.5);
        let twist = 0.12 * ((u * 2.2 + v * 1.2) * TAU + 6.0 * hash(i, j, 163)).sin();
        let round = 1.0 - 1.3 * (u * u * 1.1 + v * v * 1.9);
        let light = 0.42 + 0.68 * round - 0.22 * (v * 0.8 + u * 0.4);
        let fuzz = 0.10 * (noise(x / 1.6, y / 1.6, 165) - 0.5);
        shade(kilim(i, j), (light + twist) * dye + fuzz)
    });
    canvas.picture()
}

/// Fans in overlapping rows, enamel and gold leaf.
pub fn art_deco() -> RgbImage {
    let size = 58.0;
    let enamel = [
        [hex(0x0c2f36), hex(0x14555a), hex(0x2f8c86)],
        [hex(0x141822), hex(0x232c42), hex(0x47587a)],
        [hex(0x4a1024), hex(0x7c1f38), hex(0xb8506a)],
        [hex(0xc8b48c), hex(0xe6d8b8), hex(0xf7efdc)],
    ];
    let canvas = Canvas::sampled(|x, y| {
        let (wx, wy) = (
            x + 1.4 * (noise(x / 14.0, y / 14.0, 171) - 0.5),
            y + 1.4 * (noise(x / 14.0, y / 14.0, 173) - 0.5),
        );
        // The lowest row whose fan reaches this place lies on top.
        let rise = size * 0.56;
        let mut row = (wy / rise).floor() as i32 + 3;
        let (mut i, mut dx, mut dy);
        loop {
            let offset = if row.rem_euclid(2) == 0 { 0.0 } else { size };
            i = ((wx - offset) / (2.0 * size)).round() as i32;
            dx = wx - offset - i as f32 * 2.0 * size;
            dy = wy - row as f32 * rise;
            if dx.hypot(dy) <= size && dy <= 0.0 || row < -3 {
                break;
            }
            row -= 1;
        }
        let r = dx.hypot(dy) / size;
        let a = dx.atan2(-dy);
        let palette =
            &enamel[(row.rem_euclid(2) * 2 + (i + row.div_euclid(2)).rem_euclid(2)) as usize];
        let leaf = fractal(x / 7.0, y / 7.0, 3, 175);
        let gold = shade(
            along(
                &[hex(0x7a5218), hex(0xc8963a), hex(0xf4dc96)],
                0.55 + 0.9 * (leaf - 0.5) + 0.25 * ((x + y) / 46.0).sin(),
            ),
            1.0,
        );
        // Ribs spread from the foot; rings close the fan.
        let rib = (a / (TAU / 2.0) * 13.0 + 0.5).rem_euclid(1.0) - 0.5;
        let across = rib.abs() * r * size * TAU / 26.0;
        let petal = (0.78 + 0.075 * (a * 26.0).cos() - r) * size;
        let mut colour = along(
            palette,
            1.15 * r + 0.5 * (fractal(x / 22.0, y / 22.0, 3, 177) - 0.5) - 0.35 * rib.abs(),
        );
        colour = shade(colour, 1.06 - 0.35 * step(0.5, 0.0, r));
        let lines = [
            step(1.7, 0.9, across) * step(0.22, 0.26, r) * step(-1.0, 0.5, petal),
            step(1.9, 1.0, petal.abs()),
            step(1.5, 0.7, (r - 0.88).abs() * size),
            step(2.6, 1.8, (1.0 - r) * size),
            step(0.22, 0.20, r),
        ];
        let line = lines.into_iter().fold(0.0, f32::max);
        // Leaf is rubbed away here and there, and each fan shades the one beneath.
        blend(colour, gold, line * step(0.16, 0.34, leaf))
    });
    canvas.picture()
}
