//! Make the pictures of the README from the still life.
//!
//! `cargo run --release --example readme_pictures -- examples/images`

use std::path::PathBuf;

use image::{GrayImage, RgbImage};
use impasto::jobs::regions::lay_over;
use impasto::picture::{self, Colors, KeepColors, Limits};

use impasto::{Engine, Result, StyleEmbedding};

/// Styles of the first picture: bundled ones by name, swatches by file, in two rows.
const BUNDLED: [&str; 3] = ["great-wave", "starry-night", "the-scream"];
const SWATCHES: [&str; 3] = ["stained-glass", "watercolour", "woodcut"];

fn main() -> Result<()> {
    let out = PathBuf::from(std::env::args_os().nth(1).unwrap_or(".".into()));
    let open = |name: &str| {
        Ok(picture::open(format!("examples/{name}.png").as_ref(), &Limits::default())?.rgb)
    };
    let photo: RgbImage = open("images/still-life")?;

    let mut engine = Engine::builder().build()?;
    let mut styles = BUNDLED
        .iter()
        .map(|name| engine.style(name))
        .collect::<Result<Vec<_>>>()?;
    for name in SWATCHES {
        styles.push(engine.embed(&open(&format!("styles/{name}"))?)?);
    }
    let painted = paint(&mut engine, &photo, &styles, 400)?;
    picture::save(&out.join("gallery.jpg"), &sheet(&painted, 3), None)?;

    let small = picture::fit_long(&photo, 480)?;
    let wave = engine.style("great-wave")?;
    let mut way = Vec::new();
    for step in 0..5 {
        let pastiche = engine.stylize_at(&small, &wave, step as f32 / 4.0)?;
        way.push(picture::fit_long(&pastiche, 240)?);
    }
    picture::save(&out.join("strength.jpg"), &sheet(&way, 5), None)?;

    let scream = engine.style("the-scream")?;
    let glide = (0..5)
        .map(|k| wave.lerp(&scream, k as f32 / 4.0))
        .collect::<Result<Vec<_>>>()?;
    let painted = paint(&mut engine, &small, &glide, 240)?;
    picture::save(&out.join("blend.jpg"), &sheet(&painted, 5), None)?;

    let painted = options(&mut engine, &picture::fit_long(&photo, 960)?)?;
    picture::save(&out.join("options.jpg"), &sheet(&painted, 5), None)
}

/// Brush 1, 2 and 4; another style in the upper half; the photo's own colours.
fn options(engine: &mut Engine, photo: &RgbImage) -> Result<Vec<RgbImage>> {
    let (wave, irises) = (engine.style("great-wave")?, engine.style("irises")?);
    let mut all = Vec::new();
    for brush in [1.0, 2.0, 4.0] {
        engine.set_brush(brush)?;
        all.push(engine.stylize(photo, &wave)?);
    }
    engine.set_brush(2.0)?;
    let mut parts = engine.stylize(photo, &irises)?;
    let soft =
        |y: u32| (255.0 * (6.0 - 12.0 * y as f32 / photo.height() as f32).clamp(0.0, 1.0)) as u8;
    let mask = GrayImage::from_fn(photo.width(), photo.height(), |_, y| [soft(y)].into());
    lay_over(&mut parts, &all[1], &mask);
    let mut own = engine.stylize(photo, &irises)?;
    let colors = Colors {
        keep: KeepColors::Luminance,
        ..Colors::default()
    };
    colors.apply(photo, &mut own);
    all.extend([parts, own]);
    engine.set_brush(1.0)?;
    all.iter().map(|p| picture::fit_long(p, 320)).collect()
}

/// The photo in every style, each brought to `width` pixels.
fn paint(
    engine: &mut Engine,
    photo: &RgbImage,
    styles: &[StyleEmbedding],
    width: u32,
) -> Result<Vec<RgbImage>> {
    styles
        .iter()
        .map(|style| picture::fit_long(&engine.stylize(photo, style)?, width))
        .collect()
}

/// Pictures of one size in rows of `columns`.
fn sheet(pictures: &[RgbImage], columns: u32) -> RgbImage {
    let (width, height) = pictures[0].dimensions();
    let rows = (pictures.len() as u32).div_ceil(columns);
    let mut sheet = RgbImage::new(width * columns, height * rows);
    for (k, picture) in (0u32..).zip(pictures) {
        let (x, y) = (k % columns * width, k / columns * height);
        image::imageops::replace(&mut sheet, picture, i64::from(x), i64::from(y));
    }
    sheet
}
