//! The pictures under `examples/` are there, decode, have the size the documentation counts on,
//! and the swatches are what `make_styles` paints.
#![allow(clippy::unwrap_used)]

#[path = "../../examples/make_styles/swatches/mod.rs"]
mod swatches;

use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::common::difference;

/// Width and height of a swatch.
const SWATCH: (u32, u32) = (384, 384);

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

fn decode(path: &Path) -> RgbImage {
    let picture = image::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    picture.to_rgb8()
}

/// File names in `folder` that end in `.png`, sorted.
fn pictures_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| name.ends_with(".png"));
    names.sort();
    names
}

/// Mean over the channels of the standard deviation, 0..127: 0 is one flat colour.
fn contrast(picture: &RgbImage) -> f64 {
    let count = f64::from(picture.width() * picture.height());
    let deviation = |c: usize| {
        let values = || picture.pixels().map(move |pixel| f64::from(pixel.0[c]));
        let mean = values().sum::<f64>() / count;
        (values().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt()
    };
    (deviation(0) + deviation(1) + deviation(2)) / 3.0
}

#[test]
fn every_swatch_is_there_and_no_other() {
    let mut expected: Vec<String> = swatches::ALL
        .iter()
        .map(|(name, _)| format!("{name}.png"))
        .collect();
    expected.sort();
    assert_eq!(
        pictures_in(&examples().join("styles")),
        expected,
        "run make_styles and commit what it writes"
    );
}

#[test]
fn every_swatch_decodes_is_square_small_and_rich() {
    let folder = examples().join("styles");
    for name in pictures_in(&folder) {
        let path = folder.join(&name);
        let picture = decode(&path);
        assert_eq!(picture.dimensions(), SWATCH, "{name}");
        assert!(
            std::fs::metadata(&path).unwrap().len() < 250_000,
            "{name} is too large for a repository"
        );
        assert!(
            contrast(&picture) > 20.0,
            "{name} is too flat to be a style: {}",
            contrast(&picture)
        );
    }
}

#[test]
fn the_still_life_decodes_at_its_size() {
    let picture = decode(&examples().join("images/still-life.png"));
    assert_eq!(picture.dimensions(), (768, 576));
    assert!(contrast(&picture) > 25.0, "{}", contrast(&picture));
}

#[test]
fn the_moving_scene_is_whole_and_moves_without_jumps() {
    let folder = examples().join("images/moving");
    let names = pictures_in(&folder);
    let expected: Vec<String> = (0..24).map(|n| format!("{n:03}.png")).collect();
    assert_eq!(names, expected);
    let frames: Vec<RgbImage> = names
        .iter()
        .map(|name| decode(&folder.join(name)))
        .collect();
    for (n, frame) in frames.iter().enumerate() {
        assert_eq!(frame.dimensions(), (256, 192), "frame {n}");
        // The film is a loop: the last frame leads to the first.
        let change = difference(frame, &frames[(n + 1) % frames.len()]);
        assert!(
            (0.5..40.0).contains(&change),
            "from frame {n} to the next the picture changes by {change}"
        );
    }
}

#[test]
fn a_swatch_painted_again_is_the_committed_one() {
    let (name, paint) = swatches::ALL
        .iter()
        .find(|(name, _)| *name == "woodcut")
        .unwrap();
    let painted = paint();
    let committed = decode(&examples().join("styles").join(format!("{name}.png")));
    let away = difference(&painted, &committed);
    // Sines differ in their last bits from one platform's library to another's; a changed picture differs by far more.
    assert!(
        away < 1.0,
        "{name}.png is not what make_styles paints (mean difference {away}): run it and commit the result"
    );
}
