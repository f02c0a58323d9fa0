//! Make the pictures of the README from the still life.
//!
//! `cargo run --release --example readme_pictures -- examples/images`

use std::path::PathBuf;

use image::RgbImage;
use impasto::picture::{self, Limits};

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
    picture::save(&out.join("blend.jpg"), &sheet(&painted, 5), None)
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
