//! `impasto film`, through ffmpeg and without.

use std::path::Path;
use std::process::Command;

use crate::campaign::Job;
use crate::common::clip::has_ffmpeg;
use crate::common::scene;

fn paintings(folder: &Path) {
    scene(64, 48).save(folder.join("a.png")).unwrap();
    scene(48, 64).save(folder.join("b.png")).unwrap();
}

fn clip(folder: &Path) {
    paintings(folder);
    let line = "-v error -nostdin -y -f lavfi -i testsrc=s=96x64:r=25:d=4 -pix_fmt yuv420p -threads 1 in.mp4";
    let made = Command::new("ffmpeg")
        .args(line.split_whitespace())
        .current_dir(folder)
        .status();
    assert!(made.unwrap().success());
}

fn animation(folder: &Path) {
    paintings(folder);
    let file = std::fs::File::create(folder.join("in.gif")).unwrap();
    let mut encoder = image::codecs::gif::GifEncoder::new(file);
    for n in 0..30 {
        let frame = image::DynamicImage::ImageRgb8(scene(96 + n, 64)).crop_imm(n, 0, 96, 64);
        encoder
            .encode_frame(image::Frame::new(frame.to_rgba8()))
            .unwrap();
    }
}

/// What is documented to stay: the pieces, and the part that was finished.
fn kept(name: &str) -> bool {
    name.starts_with(".out.mp4.impasto-film/") || name == "out.part.mp4"
}

fn of_ffmpeg() -> Job {
    let line = "film in.mp4 --style a.png --style b.png --glide-over-film --piece 10 --threads 1 --model TINY -o out.mp4";
    Job {
        kept,
        ..Job::new("film MP4", line, clip)
    }
}

fn without_ffmpeg() -> Job {
    let line = "film in.gif --style a.png --threads 1 --model TINY -o out.gif";
    Job {
        kept: |name| name == "out.part.gif",
        ..Job::new("film GIF", line, animation)
    }
}

#[test]
fn an_mp4() {
    if has_ffmpeg() {
        of_ffmpeg().short();
    }
}

#[test]
fn a_gif() {
    without_ffmpeg().short();
}

#[test]
#[ignore = "100 signals"]
fn long_mp4() {
    if has_ffmpeg() {
        of_ffmpeg().long();
    }
}

#[test]
#[ignore = "100 signals"]
fn long_gif() {
    without_ffmpeg().long();
}
