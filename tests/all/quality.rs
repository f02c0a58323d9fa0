//! The quality gate: the bundled models, judged by the bundled feature network on the project's own pictures, stay within
//! the bounds in `models/models.toml`, so that a wrong export cannot land.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use image::{Rgb, RgbImage};
use impasto::gatys::{
    FeatureNetwork, GatysObjective, Measure, Objective, Planes, Pooling, Recipe, TargetPictures,
    planes, weighted,
};
use impasto::runtime::{Runtime, SessionOptions};
use impasto::{Engine, catalog, device::Device, picture};
use serde::Deserialize;

const PHOTO: (u32, u32) = (320, 240);
const STYLES: [&str; 6] = [
    "impasto",
    "mosaic",
    "stained-glass",
    "swirls",
    "watercolour",
    "woodcut",
];

/// What is measured; lower is better.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Quality {
    /// Relative error at relu4_2, mean over [`STYLES`]; 0 is the photo.
    content: f64,
    /// Relative error of the Gram matrices, mean over relu1_1 to relu5_1 and [`STYLES`]; 0 is the painting.
    style: f64,
    /// On a picture without edges: what repeats every 8 pixels, in levels, mean over [`STYLES`].
    grid: f64,
    /// On the same: the step of colour at the border, as a multiple of that further inside, mean over [`STYLES`].
    border: f64,
}

#[derive(Deserialize)]
struct Manifest {
    model: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    quality: Option<Quality>,
}

fn bounds(name: &str) -> Option<Quality> {
    let manifest: Manifest = toml::from_str(include_str!("../../models/models.toml")).unwrap();
    let entry = manifest.model.into_iter().find(|entry| entry.name == name);
    entry.unwrap().quality
}

fn open(path: &str) -> RgbImage {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(path);
    picture::open(&whole, &Default::default()).unwrap().rgb
}

/// A wall in soft light, in 8 bits: half waves as long as the picture and a half of it, level at every side, so that the
/// reflection by which a transformer extends the picture has no edge.
fn wall() -> RgbImage {
    RgbImage::from_fn(256, 256, |x, y| {
        let wave =
            |at: u32, n: f64| (n * std::f64::consts::PI * (f64::from(at) + 0.5) / 256.0).cos();
        let light = [
            wave(x, 1.0) + wave(y, 2.0),
            wave(x, 2.0) - wave(y, 1.0),
            wave(x, 1.0) * wave(y, 1.0) + wave(y, 2.0),
        ];
        Rgb([0, 1, 2].map(|c| (130.0 + 30.0 * light[c]).round() as u8))
    })
}

/// The content and the style term by themselves, each with a sum of weights of 1.
fn recipe() -> Recipe {
    Recipe {
        content: weighted(&["relu4_2"], 1.0).unwrap(),
        style: weighted(&["relu1_1..relu5_1"], 1.0).unwrap(),
        tv: 0.0,
        pooling: Pooling::Max,
        measure: Measure::Relative,
    }
}

/// Content and style error of pictures of one photo in one style.
struct Judge(GatysObjective);

impl Judge {
    fn new(
        runtime: &Runtime,
        network: &FeatureNetwork,
        photo: &RgbImage,
        style: &RgbImage,
    ) -> Self {
        let options = SessionOptions {
            device: Device::Cpu,
            ..SessionOptions::default()
        };
        let (content, style) = (planes::from_picture(photo), planes::from_picture(style));
        let targets = TargetPictures {
            content: Some(&content),
            style: Some(&style),
        };
        let size = (photo.width() as usize, photo.height() as usize);
        Self(GatysObjective::new(runtime, &options, network, &recipe(), targets, size).unwrap())
    }

    fn errors(&mut self, picture: &RgbImage) -> (f64, f64) {
        let mut image = planes::from_picture(picture);
        let mut gradient = Planes::zeros(image.dim());
        let image = planes::values(&mut image).unwrap();
        let losses = self
            .0
            .evaluate(image, planes::values(&mut gradient).unwrap());
        let losses = losses.unwrap();
        (losses.content, losses.style)
    }
}

/// Standard deviation of the mean 8x8 block of the luminance without its mean over 13x13 pixels, in levels.
fn grid(picture: &RgbImage) -> f64 {
    let (width, height) = picture.dimensions();
    let light = |x: u32, y: u32| {
        let [r, g, b] = picture.get_pixel(x, y).0.map(f64::from);
        0.299 * r + 0.587 * g + 0.114 * b
    };
    let mut block = [[0.0; 8]; 8];
    let (columns, rows) = ((width - 16) / 8, (height - 16) / 8);
    for y in 8..8 + 8 * rows {
        for x in 8..8 + 8 * columns {
            let near = (0..169)
                .map(|i| light(x + i % 13 - 6, y + i / 13 - 6))
                .sum::<f64>()
                / 169.0;
            block[(y % 8) as usize][(x % 8) as usize] += light(x, y) - near;
        }
    }
    let cells = block
        .as_flattened()
        .iter()
        .map(|v| v / f64::from(columns * rows));
    let mean = cells.clone().sum::<f64>() / 64.0;
    (cells.map(|v| (v - mean).powi(2)).sum::<f64>() / 64.0).sqrt()
}

/// The change of colour from the outer 8 pixels to the 8 that begin 16 pixels inside, over the same change 32 pixels further
/// inside; along all four sides. A frame is a large step; the wall itself has 0.3.
fn border(picture: &RgbImage) -> f64 {
    let (width, height) = picture.dimensions();
    // The mean colour of 8 rows, or columns, that begin `from` pixels from a side; without the corners.
    let band = |side: usize, from: u32| {
        let mut sum = [0.0; 3];
        let length = if side < 2 { width } else { height };
        for (depth, along) in (from..from + 8).flat_map(|d| (48..length - 48).map(move |a| (d, a)))
        {
            let (x, y) = match side {
                0 => (along, depth),
                1 => (along, height - 1 - depth),
                2 => (depth, along),
                _ => (width - 1 - depth, along),
            };
            let pixel = picture.get_pixel(x, y).0;
            sum = [0, 1, 2].map(|c| sum[c] + f64::from(pixel[c]) / f64::from(8 * (length - 96)));
        }
        sum
    };
    let step = |side, from| {
        let (a, b): ([f64; 3], [f64; 3]) = (band(side, from), band(side, from + 16));
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>()
    };
    let (outer, inner): (Vec<f64>, Vec<f64>) =
        (0..4).map(|side| (step(side, 0), step(side, 32))).unzip();
    outer.iter().sum::<f64>() / (inner.iter().sum::<f64>() + 1.0)
}

fn measure(name: &str, runtime: &Runtime, network: &FeatureNetwork) -> Quality {
    let mut engine = Engine::builder()
        .model(name)
        .device(Device::Cpu)
        .build()
        .unwrap();
    let photo = picture::resize(&open("images/still-life.png"), PHOTO.0, PHOTO.1).unwrap();
    let wall = wall();
    let mut sum = Quality {
        content: 0.0,
        style: 0.0,
        grid: 0.0,
        border: 0.0,
    };
    for style in STYLES {
        let painting = open(&format!("styles/{style}.png"));
        let embedding = match engine.style(style) {
            Ok(learnt) => learnt, // a table's
            Err(_) => engine.embed(&painting).unwrap(),
        };
        let pastiche = engine.stylize(&photo, &embedding).unwrap();
        let mut judge = Judge::new(runtime, network, &photo, &painting);
        let (content, style) = judge.errors(&pastiche);
        let of_photo = judge.errors(&photo);
        assert!(
            of_photo.0 < 1e-6 && of_photo.1 > 0.4,
            "the judge is wrong: {of_photo:?}"
        );
        sum.content += content;
        sum.style += style;
        let painted = engine.stylize(&wall, &embedding).unwrap();
        sum.grid += grid(&painted);
        sum.border += border(&painted);
    }
    let n = STYLES.len() as f64;
    Quality {
        content: sum.content / n,
        style: sum.style / n,
        grid: sum.grid / n,
        border: sum.border / n,
    }
}

#[test]
fn the_bundled_models_keep_their_quality() {
    let runtime = Runtime::load(None).unwrap();
    let features = catalog::features(Some("compact")).unwrap();
    let network = FeatureNetwork::parse("compact", &features.bytes).unwrap();
    for name in catalog::names().unwrap() {
        let now = measure(&name, &runtime, &network);
        let line = format!(
            "quality = {{ content = {:.3}, style = {:.3}, grid = {:.2}, border = {:.2} }}",
            now.content, now.style, now.grid, now.border
        );
        eprintln!("{name}: {line}");
        let bounds = bounds(&name).unwrap_or_else(|| {
            panic!("{name} has no bounds in models.toml. Look at its pictures; if they are good, enter:\n{line}")
        });
        // Other processors and builds of ONNX Runtime round differently.
        for (what, now, bound) in [
            ("content", now.content, bounds.content),
            ("style", now.style, bounds.style),
            ("grid", now.grid, bounds.grid),
            ("border", now.border, bounds.border),
        ] {
            assert!(
                now <= 1.03 * bound + 0.005,
                "{name}: {what} is {now:.3}, was {bound}: {line}"
            );
        }
    }
}

/// A lattice and a frame are seen, and a picture without them has none.
#[test]
fn a_lattice_and_a_frame_are_measured() {
    let wall = wall();
    assert!(grid(&wall) < 0.05, "{}", grid(&wall));
    let mut marked = wall.clone();
    for (x, y, pixel) in marked.enumerate_pixels_mut() {
        if x % 4 == 0 && y % 2 == 0 {
            pixel.0 = pixel.0.map(|v| v + 8);
        }
    }
    let found = grid(&marked);
    assert!((2.0..3.5).contains(&found), "{found}"); // 8 * sqrt(1/8 * 7/8) = 2.6

    let plain = border(&wall);
    assert!((0.2..0.5).contains(&plain), "{plain}"); // the wall is level at its border
    let mut framed = wall;
    for (x, y, pixel) in framed.enumerate_pixels_mut() {
        if x < 4 || y < 4 || x >= 252 || y >= 252 {
            pixel.0 = pixel.0.map(|v| v.saturating_add(40));
        }
    }
    let found = border(&framed);
    assert!(found > plain + 0.5, "{plain} {found}");
}
