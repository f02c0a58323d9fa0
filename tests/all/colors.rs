//! Colours: of the photo, of another picture, stronger and weaker, through the program.
#![allow(clippy::unwrap_used)]

use image::{Rgb, RgbImage};
use tempfile::TempDir;

use crate::common::*;

fn pictures(dir: &TempDir) {
    save(dir, "photo.png", &scene(80, 60));
    save(dir, "s.png", &image::imageops::rotate90(&scene(70, 50)));
    let autumn = RgbImage::from_fn(60, 40, |x, y| Rgb([180 + x as u8, 90 + y as u8, 20]));
    save(dir, "autumn.png", &autumn);
}

fn painted(dir: &TempDir, more: &str) -> RgbImage {
    let line = format!("stylize photo.png --style s.png {more} -o out.png");
    quick(dir, &line).assert().success();
    open(dir.path().join("out.png"))
}

/// The mean of each channel.
fn mean(picture: &RgbImage) -> [f64; 3] {
    let count = f64::from(picture.width() * picture.height());
    std::array::from_fn(|n| picture.pixels().map(|p| f64::from(p[n])).sum::<f64>() / count)
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum()
}

#[test]
fn the_colours_of_photo_and_palette_are_taken() {
    let dir = folder();
    pictures(&dir);
    let plain = painted(&dir, "");
    let photo = open(dir.path().join("photo.png"));
    let histogram = painted(&dir, "--keep-colors=histogram");
    assert!(distance(mean(&histogram), mean(&photo)) < distance(mean(&plain), mean(&photo)) / 2.0);
    assert_ne!(painted(&dir, "--keep-colors"), histogram);
    assert_eq!(
        painted(&dir, "--keep-colors"),
        painted(&dir, "--keep-colors=luminance")
    );
    let autumn = mean(&open(dir.path().join("autumn.png")));
    let taken = painted(&dir, "--palette-from autumn.png");
    assert!(distance(mean(&taken), autumn) < distance(mean(&plain), autumn) / 3.0);
}

#[test]
fn contrast_and_saturation_are_factors_and_1_is_nothing() {
    let dir = folder();
    pictures(&dir);
    let plain = painted(&dir, "");
    let line = "--contrast 1 --saturation 1 --keep-colors=off";
    assert_eq!(painted(&dir, line), plain);
    assert!(
        painted(&dir, "--saturation 0")
            .pixels()
            .all(|p| p[0] == p[1] && p[1] == p[2])
    );
    let spread = |picture: &RgbImage| {
        let grey = |p: &Rgb<u8>| p.0.iter().map(|c| f64::from(*c)).sum::<f64>() / 3.0;
        let mean = picture.pixels().map(grey).sum::<f64>() / 4800.0;
        picture
            .pixels()
            .map(|p| (grey(p) - mean).abs())
            .sum::<f64>()
    };
    assert!(spread(&painted(&dir, "--contrast 1.5")) > 1.2 * spread(&plain));
    assert!(spread(&painted(&dir, "--contrast 0.5")) < 0.7 * spread(&plain));
}

#[test]
fn a_glide_has_them_too() {
    let dir = folder();
    pictures(&dir);
    let line =
        "blend photo.png --from s.png --to autumn.png --steps 2 --size 64 --saturation 0 -o g.png";
    quick(&dir, line).assert().success();
    assert!(
        open(dir.path().join("g.png"))
            .pixels()
            .all(|p| p[0] == p[1] && p[1] == p[2])
    );
}

#[test]
fn what_cannot_be_is_said() {
    let dir = folder();
    pictures(&dir);
    for (more, said) in [
        ("--contrast 3.5 -o o.png", "3.5 is not between 0 and 3"),
        ("--saturation -1 -o o.png", "-1 is not between 0 and 3"),
        (
            "--keep-colors=hue -o o.png",
            "'hue' is not luminance, histogram or off",
        ),
        (
            "--keep-colors histogram -o o.png",
            "--keep-colors=histogram",
        ),
        (
            "--keep-colors --palette-from autumn.png -o o.png",
            "leave one out",
        ),
        ("--palette-from gone.png -o o.png", "gone.png"),
        (
            "--palette-from autumn.png -o autumn.png",
            "the input autumn.png itself",
        ),
    ] {
        let line = format!("stylize photo.png --style s.png {more}");
        let text = failure(&mut quick(&dir, &line));
        assert!(text.contains(said), "{more}: {text}");
    }
}
