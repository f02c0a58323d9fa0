//! What the tests of the program share.
#![allow(dead_code, unused_imports, clippy::unwrap_used)] // each test binary uses its own part

pub mod clip;
mod command;
pub mod optimise;
pub mod random;

use std::path::{Path, PathBuf};

pub use command::*;
use image::{Rgb, RgbImage};
use impasto::StyleEmbedding;
use impasto::style::Gallery;
use tempfile::TempDir;

/// A fresh folder.
pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A file of this repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// `--model` for networks of a few hundred bytes: most tests are not about beauty.
pub fn tiny() -> String {
    repository("tests/data/tiny").display().to_string()
}

/// A colourful picture that compresses badly enough to be truncated.
pub fn scene(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = ((x as f32 * 0.21).sin() + (y as f32 * 0.13).cos()) * 60.0 + 128.0;
        Rgb([
            wave as u8,
            (x * 255 / width) as u8,
            (y * 255 / height) as u8,
        ])
    })
}

/// Save `picture` in `dir`.
pub fn save(dir: &TempDir, name: &str, picture: &RgbImage) -> PathBuf {
    let path = dir.path().join(name);
    picture.save(&path).unwrap();
    path
}

/// Read a picture back.
pub fn open(path: impl AsRef<Path>) -> RgbImage {
    image::open(path).unwrap().to_rgb8()
}

/// With `IMPASTO_KEEP=DIR`, keep a result picture there as `name`, for the eye.
pub fn keep(name: &str, picture: &RgbImage) {
    if let Some(dir) = std::env::var_os("IMPASTO_KEEP") {
        // Relative to the repository: tests run in folders of their own.
        let dir = repository("").join(dir);
        std::fs::create_dir_all(&dir).unwrap();
        picture.save(dir.join(name)).unwrap();
    }
}

/// Mean absolute difference over all channels, 0..=255.
pub fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let pairs = a.iter().zip(b.iter());
    let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64
}

/// Peak signal-to-noise ratio in decibels.
pub fn psnr(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: f64 = a
        .as_raw()
        .iter()
        .zip(b.as_raw())
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
        .sum();
    10.0 * (255.0f64.powi(2) / (sum / a.as_raw().len() as f64)).log10()
}

/// Everything in a folder below the names in `known`, to see that nothing half-written stays.
pub fn strays(dir: &TempDir, known: &[&str]) -> Vec<String> {
    let names = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap());
    names.filter(|n| !known.contains(&n.as_str())).collect()
}

/// A style of a bundled model: the Great Wave, or the first of a table.
pub fn bundled_style(model: &str) -> StyleEmbedding {
    let set = impasto::catalog::find(Some(model)).unwrap();
    if set.predictor.is_some() {
        return great_wave();
    }
    let styles = Gallery::parse("gallery", &set.gallery.unwrap())
        .unwrap()
        .styles;
    styles[0].embedding().unwrap()
}

/// A style of the bundled models that read paintings.
pub fn great_wave() -> StyleEmbedding {
    let gallery = impasto::catalog::find(None).unwrap().gallery.unwrap();
    let styles = Gallery::parse("gallery", &gallery).unwrap().styles;
    let wave = styles.iter().find(|s| s.name == "great-wave").unwrap();
    wave.embedding().unwrap()
}
