//! A real camera: `tests/camera/run.sh` boots Linux in QEMU with cameras of the kernel's own, and runs the program there.
//!
//! Ignored by default, as it takes a minute or two: `cargo test --release --test camera -- --ignored --nocapture`.
//! Where something that it needs is missing, it says so and skips; `IMPASTO_CAMERA_GUEST=require` makes that a failure.
//! `IMPASTO_KEEP=DIR` keeps what the guest made in `DIR/camera`.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use image::RgbImage;

/// What the script's exit status says when something that it needs is not here.
const SKIPPED: i32 = 77;
/// vivid's colour bars, mirrored as a live picture is: black, blue, red, magenta, green, cyan, yellow, white.
const BARS: [[bool; 3]; 8] = [
    [false, false, false],
    [false, false, true],
    [true, false, false],
    [true, false, true],
    [false, true, false],
    [false, true, true],
    [true, true, false],
    [true, true, true],
];
/// Runs that show the bars: in the format that the program chose, and from cameras of one format each.
const CHOSEN: [&str; 2] = ["plain", "second"];
const FORMATS: [&str; 5] = [
    "bars-YUYV",
    "bars-NV12",
    "bars-RGB3",
    "bars-BGR3",
    "bars-MJPG",
];

#[test]
#[ignore = "boots a guest in QEMU: cargo test --release --test camera -- --ignored --nocapture"]
fn a_camera_is_painted_unplugged_and_found_again() {
    let required = std::env::var_os("IMPASTO_CAMERA_GUEST").is_some_and(|value| value == "require");
    let temporary = tempfile::tempdir().unwrap();
    let made = std::env::var_os("IMPASTO_KEEP").map_or_else(
        || temporary.path().to_owned(),
        |keep| PathBuf::from(keep).join("camera"),
    );
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/camera/run.sh");
    let status = Command::new("bash")
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_impasto"))
        .arg("--keep")
        .arg(&made)
        .status()
        .unwrap_or_else(|error| panic!("bash: {error}"));
    if status.code() == Some(SKIPPED) && !required {
        eprintln!("skipped: the camera guest (the reason stands above)");
        return;
    }
    assert!(status.success(), "the camera guest: {status}");

    let console = std::fs::read_to_string(made.join("console.txt")).unwrap();
    let loopback = !console.lines().any(|line| line.starts_with("SKIP formats"));
    assert!(
        loopback || !required,
        "no v4l2loopback, but IMPASTO_CAMERA_GUEST=require"
    );
    let formats: &[&str] = if loopback { &FORMATS } else { &[] };
    for run in CHOSEN.iter().chain(formats) {
        let report = std::fs::read(made.join(format!("{run}.json"))).unwrap();
        let report: Result<serde_json::Value, _> = serde_json::from_slice(&report);
        assert!(report.is_ok(), "{run}: --json printed no JSON: {report:?}");
        let picture = last_picture(&made.join(run));
        if let Err(reason) = shows_bars(&image::open(&picture).unwrap().to_rgb8()) {
            panic!("{run}: {}: {reason}", picture.display());
        }
    }
}

/// The picture with the highest number.
fn last_picture(folder: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).unwrap();
    let pictures = entries.map(|entry| entry.unwrap().path());
    pictures
        .filter(|path| path.extension().is_some_and(|end| end == "png"))
        .max()
        .unwrap_or_else(|| panic!("{}: no picture", folder.display()))
}

/// Whether each colour channel is high in those bars where it should be, and low in the others. The tiny networks
/// pull the two ends together, but keep the channels apart; a wrong channel order, wrong chroma or a picture
/// that is not mirrored does not pass.
fn shows_bars(picture: &RgbImage) -> Result<(), String> {
    let (width, height) = picture.dimensions();
    let centre = |bar: u32| picture.get_pixel((2 * bar + 1) * width / 16, height / 3);
    let colours = [0, 1, 2, 3, 4, 5, 6, 7].map(|bar| centre(bar).0.map(f32::from));
    for channel in 0..3 {
        let values = || colours.iter().map(|colour| colour[channel]);
        let (low, high) = (values().fold(255.0, f32::min), values().fold(0.0, f32::max));
        if high - low < 30.0 {
            return Err(format!("channel {channel} is flat: {colours:?}"));
        }
        for (bar, value) in values().enumerate() {
            let expected = if BARS[bar][channel] { high } else { low };
            if (value - expected).abs() > (high - low) / 4.0 {
                return Err(format!("bar {bar}, channel {channel}: {colours:?}"));
            }
        }
    }
    Ok(())
}

#[test]
fn bars_are_told_from_their_mirror_image_and_from_swapped_channels() {
    let bars = RgbImage::from_fn(128, 72, |x, _| {
        let on = BARS[(x / 16) as usize];
        image::Rgb(on.map(|on| if on { 164 } else { 86 }))
    });
    assert_eq!(shows_bars(&bars), Ok(()));
    let mirrored = image::imageops::flip_horizontal(&bars);
    assert!(shows_bars(&mirrored).is_err());
    let mut swapped = bars.clone();
    swapped.pixels_mut().for_each(|pixel| pixel.0.swap(0, 2));
    assert!(shows_bars(&swapped).is_err());
    let grey = RgbImage::from_pixel(128, 72, image::Rgb([120; 3]));
    assert!(shows_bars(&grey).is_err());
}
