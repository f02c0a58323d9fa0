//! Sizes from coarse to fine, and the pictures at them: options and pictures go in; the sizes, the steps at each and the
//! picture to begin with come out.

use image::RgbImage;

use super::options::{DEFAULT_SIZE, GatysOptions, Init, SCALES};
use crate::error::{Error, Result};
use crate::gatys::{Planes, planes};
use crate::picture;

/// The smallest long side of a scale but the last, in pixels: below it a scale gains nothing.
const MIN_SCALE: u32 = 96;

/// The standard deviation of the noise that pictures begin with, around mid-grey.
const NOISE: f32 = 0.1;

/// Widths and heights from coarse to fine.
pub(super) fn sizes(shape: &RgbImage, options: &GatysOptions) -> Vec<(usize, usize)> {
    let long = options.size.unwrap_or(DEFAULT_SIZE);
    let (w, h) = shape.dimensions();
    let size = |long: f64| {
        let scale = long / f64::from(w.max(h).max(1));
        let side = |side: u32| ((f64::from(side) * scale).round() as usize).max(1);
        (side(w), side(h))
    };
    let long_of = |n: usize| f64::from(long) / 2.0_f64.powf((options.scales - 1 - n) as f64 / 2.0);
    (0..options.scales)
        .filter(|&n| n + 1 == options.scales || long_of(n) >= f64::from(MIN_SCALE))
        .map(|n| size(long_of(n)))
        .collect()
}

/// The number of scales up to a long side, so that the first is about `first` pixels.
pub(in crate::jobs) fn scales_up_to(long: u32, first: u32) -> usize {
    let octaves = (f64::from(long) / f64::from(first.max(1))).log2();
    (1.0 + (2.0 * octaves).ceil().max(0.0)).min(*SCALES.end() as f64) as usize
}

/// For each scale its size, its steps, and the time of a step there against one at the first, which goes by the pixels.
pub(in crate::jobs) fn shares(
    shape: &RgbImage,
    options: &GatysOptions,
) -> Vec<((usize, usize), usize, f64)> {
    let sizes = sizes(shape, options);
    let area = |(w, h): (usize, usize)| (w * h) as f64;
    let first = sizes.first().map_or(1.0, |size| area(*size));
    let all = sizes.iter().enumerate();
    all.map(|(n, &size)| {
        let steps = steps_at(options.iterations, sizes.len(), n);
        (size, steps, area(size) / first)
    })
    .collect()
}

/// The steps of scale `n`; the last gets what is left over.
pub(super) fn steps_at(iterations: usize, scales: usize, n: usize) -> usize {
    let each = iterations / scales;
    if n + 1 == scales {
        iterations - each * (scales - 1)
    } else {
        each
    }
}

/// The picture to begin with, at the first scale's size.
pub(super) fn start(
    options: &GatysOptions,
    content: Option<&RgbImage>,
    style: Option<&RgbImage>,
    shape: &RgbImage,
    first: (usize, usize),
    last: (usize, usize),
) -> Result<Planes> {
    let missing = |what| Error::invalid("init", format!("{what} needs one"));
    let picture = match &options.init {
        Init::Noise => return Ok(planes::noise(first, NOISE, options.seed)),
        Init::Content => content.ok_or_else(|| missing("content"))?.clone(),
        Init::File(path) => picture::open(path, &picture::Limits::default())?.rgb,
        Init::Pastiche => {
            let mut engine = options.engine.clone().build()?;
            let style = engine.embed(style.ok_or_else(|| missing("pastiche (of a style)"))?)?;
            let content = content.unwrap_or(shape);
            let content = picture::resize(content, last.0 as u32, last.1 as u32)?;
            engine.stylize(&content, &style)?
        }
    };
    let start = picture::resize(&picture, first.0 as u32, first.1 as u32)?;
    Ok(planes::from_picture(&start))
}

/// The style with about as many pixels as the optimised picture, so that its strokes keep their size.
pub(super) fn to_area(style: &RgbImage, (width, height): (usize, usize)) -> Result<RgbImage> {
    let (w, h) = style.dimensions();
    let scale = ((width * height) as f64 / (f64::from(w) * f64::from(h)).max(1.0)).sqrt();
    let side = |side: u32| ((f64::from(side) * scale).round() as u32).max(16);
    picture::resize(style, side(w), side(h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_of_all_scales_are_the_iterations() {
        for (iterations, scales) in [(300, 3), (100, 3), (2, 3), (1, 1)] {
            let sum: usize = (0..scales).map(|n| steps_at(iterations, scales, n)).sum();
            assert_eq!(sum, iterations);
        }
    }

    #[test]
    fn a_style_gets_the_area_of_the_picture() {
        let style = to_area(&RgbImage::new(100, 400), (200, 200)).expect("resizes");
        assert_eq!(style.dimensions(), (100, 400));
        let style = to_area(&RgbImage::new(50, 50), (300, 100)).expect("resizes");
        assert_eq!(style.dimensions(), (173, 173));
    }
}
