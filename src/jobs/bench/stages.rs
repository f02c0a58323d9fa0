//! The time of a live frame's stages outside the networks: decode, preprocess, postprocess, show.

use std::time::{Duration, Instant};

use image::RgbImage;
use serde::Serialize;

use super::test_inputs::card;
use super::{LEAST_RUNS, LONGEST_ROW, Spread, WARM_UP};
use crate::error::Result;
use crate::picture::Scaler;

/// The cost of a live frame of one size outside the networks, on one thread. The networks' cost is in
/// [`Row`](super::Row) and [`Bench`](super::Bench).
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Stages {
    /// Width and height in pixels of the camera's picture and of the window.
    pub size: (u32, u32),
    /// Decoding a camera's Motion-JPEG picture to RGB; `None` without the feature `live`, and above 8192 pixels a side.
    pub decode: Option<Spread>,
    /// Mirroring, and shrinking to half the width and height, as `live` does to hold its frame rate.
    pub preprocess: Spread,
    /// Enlarging the pastiche from half the width and height.
    pub postprocess: Spread,
    /// Converting the pastiche to the window's pixel format, without the window itself; `None` without the feature
    /// `live`.
    pub show: Option<Spread>,
}

/// Measure all of them at `width` x `height` pixels.
pub(super) fn stages((width, height): (u32, u32), runs: usize) -> Result<Stages> {
    let mut picture = card(width, height, 0)?;
    let mut small = RgbImage::new((width / 2).max(1), (height / 2).max(1));
    let mut large = RgbImage::new(width, height);
    let mut scaler = Scaler::default();
    let preprocess = spread(runs, || {
        image::imageops::flip_horizontal_in_place(&mut picture);
        scaler.resize(&picture, &mut small)
    })?;
    let postprocess = spread(runs, || scaler.resize(&small, &mut large))?;
    Ok(Stages {
        size: (width, height),
        decode: decode(&picture, runs)?,
        preprocess,
        postprocess,
        show: show(&picture, runs)?,
    })
}

#[cfg(feature = "live")]
fn decode(picture: &RgbImage, runs: usize) -> Result<Option<Spread>> {
    use crate::camera;
    use crate::error::Error;

    // Typical of cameras.
    const QUALITY: u8 = 85;
    let (width, height) = picture.dimensions();
    if width.max(height) as usize > camera::MOST_JPEG_SIDE {
        return Ok(None);
    }
    let failed = |reason: String| Error::invalid("Motion-JPEG picture", reason);
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode_image(picture)
        .map_err(|e| failed(e.to_string()))?;
    let mut rgb = RgbImage::new(width, height);
    spread(runs, || {
        camera::decode_jpeg(&jpeg, &mut rgb).map_err(failed)
    })
    .map(Some)
}

#[cfg(feature = "live")]
fn show(pastiche: &RgbImage, runs: usize) -> Result<Option<Spread>> {
    let mut canvas = crate::picture::canvas::Canvas::new();
    let mut packed = Vec::new();
    spread(runs, || {
        canvas.begin(pastiche, None);
        crate::window::pack(canvas.picture(), &mut packed);
        Ok(())
    })
    .map(Some)
}

#[cfg(not(feature = "live"))]
fn decode(_: &RgbImage, _: usize) -> Result<Option<Spread>> {
    Ok(None)
}

#[cfg(not(feature = "live"))]
fn show(_: &RgbImage, _: usize) -> Result<Option<Spread>> {
    Ok(None)
}

/// The times of `work`: `runs` of them, or fewer when they take longer than [`LONGEST_ROW`].
fn spread(runs: usize, mut work: impl FnMut() -> Result<()>) -> Result<Spread> {
    for _ in 0..WARM_UP {
        work()?;
    }
    let mut times: Vec<Duration> = Vec::new();
    let started = Instant::now();
    while times.len() < runs && (times.len() < LEAST_RUNS || started.elapsed() < LONGEST_ROW) {
        let began = Instant::now();
        work()?;
        times.push(began.elapsed());
    }
    Ok(Spread::of(&times))
}
