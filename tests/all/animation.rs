//! Animated GIF, PNG and WebP, in and out: times, plays, composition, and what is broken or too large.
#![allow(clippy::unwrap_used)]

mod bytes;
mod composed;
mod hostile;
mod painted;
mod written;

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use impasto::error::Result;
use impasto::video::animation::{Format, Limits, Plays, Reader, Timeline, WHITE, Writer, Written};
use impasto::video::{Frame, FrameSink, FrameSource, Ratio};
use tempfile::TempDir;

use crate::common::{folder, psnr, quick, refusal as refused_run, save, scene, stderr, strays};

const FORMATS: [&str; 3] = ["gif", "png", "webp"];

fn times(times: u32) -> Plays {
    Plays::Times(NonZeroU32::new(times).unwrap())
}

/// `count` frames of a scene that moves.
fn film(width: u32, height: u32, count: u32) -> Vec<RgbImage> {
    let wide = scene(width + 2 * count, height);
    let crop = |n| image::imageops::crop_imm(&wide, 2 * n, 0, width, height).to_image();
    (0..count).map(crop).collect()
}

fn write(path: &Path, frames: &[RgbImage], seconds: &[Ratio], plays: Plays) -> Result<Written> {
    let mut writer = Writer::create(path, frames[0].dimensions(), plays)?;
    for (frame, seconds) in frames.iter().zip(seconds) {
        writer.write(frame, *seconds)?;
    }
    writer.close()
}

/// All frames and their times.
fn read(path: &Path) -> Result<Vec<(RgbImage, Ratio)>> {
    let mut reader = Reader::open(path, &Limits::default(), WHITE)?;
    let (mut frame, mut all) = (Frame::empty(), Vec::new());
    while reader.next_frame(&mut frame)? {
        assert_eq!(frame.number, all.len() as u64);
        all.push((frame.rgb.clone(), reader.duration()));
    }
    Ok(all)
}

fn refusal(path: &Path) -> String {
    let said = read(path).unwrap_err().to_string();
    assert!(said.starts_with(&path.display().to_string()), "{said}");
    said
}

fn put(dir: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}
