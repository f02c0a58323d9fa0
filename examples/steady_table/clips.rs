//! Short clips whose motion is known: every pixel's place in the frame before, and what stands truly still.

use image::{Rgb, RgbImage};
use impasto::video::test_card::TestCard;
use impasto::video::{Frame, FrameSource};
use impasto::{Result, picture};

/// Size of the frames.
pub const SIZE: (u32, u32) = (320, 240);

/// Standard deviation of the camera's noise, in levels.
const NOISE: f32 = 5.0;

/// Where pixel (x, y) of frame t was in frame t - 1, relative to where it is; `None` where it was hidden or outside.
type Motion = Box<dyn Fn(usize, f32, f32) -> Option<[f32; 2]>>;

/// Frames, and what is known of them.
pub struct Clip {
    pub name: &'static str,
    pub frames: Vec<RgbImage>,
    /// `None`: not known.
    pub motion: Option<Motion>,
    /// Of every pixel, whether it shows the same in every frame, but for noise.
    pub still: Vec<bool>,
}

/// All clips, of `count` frames each.
pub fn all(count: usize) -> Result<Vec<Clip>> {
    let photo = picture::open(
        "examples/images/still-life.png".as_ref(),
        &Default::default(),
    )?
    .rgb;
    Ok(vec![
        texture_pan(count),
        photo_pan(&photo, count),
        zoom(count),
        still(&photo, count),
        objects(count),
        test_card(count)?,
    ])
}

fn draw(mut pixel: impl FnMut(f32, f32) -> [f32; 3]) -> RgbImage {
    RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let levels = pixel(x as f32, y as f32);
        Rgb(levels.map(|level| level.round().clamp(0.0, 255.0) as u8))
    })
}

fn is_inside([x, y]: [f32; 2]) -> bool {
    x >= 0.0 && y >= 0.0 && x <= (SIZE.0 - 1) as f32 && y <= (SIZE.1 - 1) as f32
}

fn still_where(is_still: impl Fn(f32, f32) -> bool) -> Vec<bool> {
    let places = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x as f32, y as f32)));
    places.map(|(x, y)| is_still(x, y)).collect()
}

/// A steady movement by `by` pixels a frame.
fn pan([u, v]: [f32; 2]) -> Option<Motion> {
    Some(Box::new(move |_, x, y| {
        is_inside([x + u, y + v]).then_some([u, v])
    }))
}

fn texture_pan(count: usize) -> Clip {
    let (u, v) = (1.3, -0.7);
    let frame = |t: usize| draw(|x, y| texture(x + u * t as f32, y + v * t as f32, 7));
    Clip {
        name: "pan 1.3, -0.7 over a texture",
        frames: (0..count).map(frame).collect(),
        motion: pan([u, v]),
        still: still_where(|_, _| false),
    }
}

fn photo_pan(photo: &RgbImage, count: usize) -> Clip {
    let frame = |t: usize| {
        let (x, y) = (200 + 3 * t as u32, 200 + 2 * t as u32);
        let (w, h) = (photo.width(), photo.height());
        RgbImage::from_fn(SIZE.0, SIZE.1, |dx, dy| {
            *photo.get_pixel((x + dx) % w, (y + dy) % h)
        })
    };
    Clip {
        name: "pan 3, 2 over a picture",
        frames: (0..count).map(frame).collect(),
        motion: pan([3.0, 2.0]),
        still: still_where(|_, _| false),
    }
}

fn zoom(count: usize) -> Clip {
    let (by, x0, y0) = (1.012_f32, SIZE.0 as f32 * 0.5, SIZE.1 as f32 * 0.5);
    let frame = |t: usize| {
        let scale = by.powi(-(t as i32));
        draw(|x, y| texture(x0 + (x - x0) * scale, y0 + (y - y0) * scale, 40))
    };
    Clip {
        name: "zoom by 1.2 % over a texture",
        frames: (0..count).map(frame).collect(),
        motion: Some(Box::new(move |_, x, y| {
            Some([(x - x0) * (1.0 / by - 1.0), (y - y0) * (1.0 / by - 1.0)])
        })),
        still: still_where(|_, _| false),
    }
}

/// The middle of the picture through a noisy camera.
fn still(photo: &RgbImage, count: usize) -> Clip {
    let frame = |t: usize| {
        let mut random = Random::new(t as u32 + 1);
        draw(|x, y| {
            let pixel = photo.get_pixel(224 + x as u32, 168 + y as u32).0;
            pixel.map(|level| f32::from(level) + NOISE * random.normal())
        })
    };
    Clip {
        name: "still picture, noisy camera",
        frames: (0..count).map(frame).collect(),
        motion: pan([0.0, 0.0]),
        still: still_where(|_, _| true),
    }
}

/// Discs: where they are in frame 0, how they move in a frame, radius.
const DISCS: [([f32; 2], [f32; 2], f32); 3] = [
    ([40.0, 60.0], [4.0, 0.6], 26.0),
    ([290.0, 150.0], [-5.5, 0.0], 20.0),
    ([150.0, 20.0], [0.4, 3.0], 34.0),
];

/// The topmost disc at a place, if any.
fn disc_at(t: f32, x: f32, y: f32) -> Option<usize> {
    let covers = |n: &usize| {
        let (at, by, radius) = DISCS[*n];
        let (dx, dy) = (x - at[0] - by[0] * t, y - at[1] - by[1] * t);
        dx * dx + dy * dy < radius * radius
    };
    (0..DISCS.len()).rev().find(covers)
}

fn objects(count: usize) -> Clip {
    let frame = |t: usize| {
        let mut random = Random::new(1000 + t as u32);
        draw(|x, y| {
            let levels = match disc_at(t as f32, x, y) {
                None => texture(x, y, 90),
                Some(n) => {
                    let (at, by, _) = DISCS[n];
                    let (u, v) = (x - at[0] - by[0] * t as f32, y - at[1] - by[1] * t as f32);
                    let [r, g, b] = texture(2.0 * u, 2.0 * v, 200 + n as u32);
                    // Each another colour than the ground.
                    [
                        r * 0.5 + [120.0, 0.0, 60.0][n],
                        g * 0.6,
                        b * 0.5 + [0.0, 110.0, 60.0][n],
                    ]
                }
            };
            levels.map(|level| level + NOISE * random.normal())
        })
    };
    let motion = |t: usize, x: f32, y: f32| {
        let now = disc_at(t as f32, x, y);
        let by = now.map_or([0.0; 2], |n| DISCS[n].1.map(|by| -by));
        let was = [x + by[0], y + by[1]];
        let before = disc_at(t as f32 - 1.0, was[0], was[1]);
        (before == now && is_inside(was)).then_some(by)
    };
    Clip {
        name: "objects before a still noisy ground",
        frames: (0..count).map(frame).collect(),
        motion: Some(Box::new(motion)),
        // Where no disc comes, with a margin as wide as the networks look.
        still: still_where(|x, y| {
            let near = |t: usize, (at, by, radius): &([f32; 2], [f32; 2], f32)| {
                let (dx, dy) = (x - at[0] - by[0] * t as f32, y - at[1] - by[1] * t as f32);
                dx.hypot(dy) < radius + 12.0
            };
            !(0..count).any(|t| DISCS.iter().any(|disc| near(t, disc)))
        }),
    }
}

/// The sea, whose motion is not known; its sky stands still.
fn test_card(count: usize) -> Result<Clip> {
    let mut card = TestCard::new(SIZE.0, SIZE.1, 25, false);
    let mut frame = Frame::empty();
    let mut frames = Vec::new();
    while frames.len() < count && card.next_frame(&mut frame)? {
        frames.push(frame.rgb.clone());
    }
    let (w, h) = (SIZE.0 as f32, SIZE.1 as f32);
    Ok(Clip {
        name: "test card",
        frames,
        motion: None,
        still: still_where(|x, y| y < h * 0.30 && x < w * 0.70),
    })
}

/// A colourful texture with detail of every size from 4 to 64 pixels, at any place of an endless plane.
fn texture(x: f32, y: f32, seed: u32) -> [f32; 3] {
    std::array::from_fn(|channel| {
        let (mut sum, mut share, mut scale) = (0.0, 0.42, 1.0 / 64.0);
        for octave in 0..5 {
            // Red and green go together, as in most of what there is to see.
            let seed = seed + octave + 17 * (channel as u32 / 2);
            sum += share * smooth_noise(x * scale, y * scale, seed);
            share *= 0.62;
            scale *= 2.0;
        }
        (sum - 0.15) * 330.0
    })
}

fn smooth_noise(x: f32, y: f32, seed: u32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (u, v) = (ease(x - left), ease(y - top));
    let at = |dx: i32, dy: i32| {
        let place = (left as i32 + dx) as u32 ^ ((top as i32 + dy) as u32).rotate_left(16);
        Random::new(place ^ seed.wrapping_mul(0x9E37_79B1)).uniform()
    };
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    mix(mix(at(0, 0), at(1, 0), u), mix(at(0, 1), at(1, 1), u), v)
}

/// Random numbers that are the same on every machine.
struct Random(u32);

impl Random {
    fn new(seed: u32) -> Self {
        let mut hash = seed.wrapping_add(0x9E37_79B9);
        for (shift, factor) in [(16, 0x7FEB_352D), (15, 0x846C_A68B)] {
            hash = (hash ^ (hash >> shift)).wrapping_mul(factor);
        }
        // A xorshift generator must not begin at 0.
        Self((hash ^ (hash >> 16)).max(1))
    }

    /// 0..1.
    fn uniform(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) as f32 / (1 << 24) as f32
    }

    /// Mean 0, deviation 1: a sum of uniform ones.
    fn normal(&mut self) -> f32 {
        let sum: f32 = (0..4).map(|_| self.uniform()).sum();
        (sum - 2.0) * 3.0_f32.sqrt()
    }
}
