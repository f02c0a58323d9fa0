#![allow(clippy::unwrap_used)]
use image::Rgb;

use super::*;

/// A disc of one light on another: a content with an edge in every direction.
fn disc(width: u32, height: u32, dark: u8, light: u8) -> RgbImage {
    let radius = f64::from(width.min(height)) * 0.3;
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
        let (dx, dy) = (x - f64::from(width) / 2.0, y - f64::from(height) / 2.0);
        let share = (radius - dx.hypot(dy) + 0.5).clamp(0.0, 1.0);
        let value = f64::from(dark) + share * (f64::from(light) - f64::from(dark));
        Rgb([value.round() as u8; 3])
    })
}

/// `content` through a painter that is `paint` for each pixel.
fn painted(
    content: &RgbImage,
    size: (u32, u32),
    paint: impl Fn(u32, u32, Rgb<u8>) -> Rgb<u8>,
) -> RgbImage {
    let mut scaler = BrushScaler::new(Some(2));
    let (small, pastiche) = scaler.prepare(content, size).unwrap();
    assert_eq!((small.dimensions(), pastiche.dimensions()), (size, size));
    for (x, y, pixel) in pastiche.enumerate_pixels_mut() {
        *pixel = paint(x, y, *small.get_pixel(x, y));
    }
    let mut result = RgbImage::new(0, 0);
    scaler.finish(content, &mut result).unwrap();
    result
}

fn rms(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let square = |(a, b): (&u8, &u8)| (f64::from(*a) - f64::from(*b)).powi(2);
    (a.iter().zip(b.iter()).map(square).sum::<f64>() / a.len() as f64).sqrt()
}

#[test]
fn sizes_are_kept_odd_tiny_and_on_the_way() {
    for (full, size) in [
        ((101, 67), (51, 34)),
        ((67, 101), (17, 25)),
        ((20, 20), (16, 16)),
        ((300, 17), (282, 16)),
        ((33, 47), (66, 94)),
        ((1, 1), (1, 1)),
        ((1, 9), (1, 3)),
        ((640, 480), (16, 16)),
        ((17, 90), (16, 45)),
    ] {
        let content = RgbImage::from_fn(full.0, full.1, |x, y| Rgb([x as u8, y as u8, 90]));
        let result = painted(&content, size, |_, _, pixel| pixel);
        assert_eq!(result.dimensions(), full, "by way of {size:?}");
    }
}

#[test]
fn a_flat_stroke_stays_flat_whatever_the_photo_shows_there() {
    let mut seed = 7_u32;
    let content = RgbImage::from_fn(200, 150, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgb([(seed >> 24) as u8; 3])
    });
    let paint = Rgb([20, 140, 230]);
    for size in [(100, 75), (50, 38), (150, 112), (400, 300)] {
        let result = painted(&content, size, |_, _, _| paint);
        assert!(result.pixels().all(|p| *p == paint), "{size:?}");
    }
}

#[test]
fn edges_are_those_of_the_content_and_have_no_halo() {
    let content = disc(240, 200, 30, 220);
    // A painter in two colours that knows nothing of what lies between the pixels.
    let paint = |v: u8| Rgb([v, 255 - v, v / 2 + 60]);
    let wanted = RgbImage::from_fn(240, 200, |x, y| paint(content.get_pixel(x, y)[0]));
    for size in [(120, 100), (60, 50)] {
        let result = painted(&content, size, |_, _, pixel| paint(pixel[0]));
        let mut enlarged = RgbImage::new(240, 200);
        let mut scaler = Scaler::default();
        let mut small = RgbImage::new(size.0, size.1);
        scaler.resize(&wanted, &mut small).unwrap();
        scaler.resize(&small, &mut enlarged).unwrap();
        let (crisp, soft) = (rms(&result, &wanted), rms(&enlarged, &wanted));
        assert!(crisp < soft * 0.5, "{size:?}: {crisp} against {soft}");
        // Rounding apart, nothing is darker or lighter than the paint.
        for pixel in result.pixels() {
            assert!((29..=221).contains(&pixel[0]), "{size:?}: {pixel:?}");
            assert!((34..=226).contains(&pixel[1]), "{size:?}: {pixel:?}");
        }
    }
}

#[test]
fn strokes_that_the_content_lacks_are_as_they_were_painted() {
    let content = RgbImage::from_pixel(256, 192, Rgb([120; 3]));
    // Stripes of 12 pixels.
    let stripes = |x: u32, y: u32, _| Rgb([if (x + y / 2) % 12 < 6 { 40 } else { 210 }, 99, 10]);
    for brush in [2, 4] {
        let size = (256 / brush, 192 / brush);
        let result = painted(&content, size, stripes);
        let small = RgbImage::from_fn(size.0, size.1, |x, y| stripes(x, y, Rgb([0; 3])));
        let mut enlarged = RgbImage::new(256, 192);
        Scaler::default().resize(&small, &mut enlarged).unwrap();
        // Nearer to stripes with edges from one pixel to the next than what is only enlarged.
        let hard = RgbImage::from_fn(256, 192, |x, y| stripes(x / brush, y / brush, Rgb([0; 3])));
        let (crisp, soft) = (rms(&result, &hard), rms(&enlarged, &hard));
        assert!(crisp < soft * 0.85, "brush {brush}: {crisp} against {soft}");
        assert!(
            result
                .pixels()
                .all(|p| (40..=210).contains(&p[0]) && p[1] == 99)
        );
    }
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let content = disc(700, 500, 10, 240);
    let through = |threads| {
        let mut scaler = BrushScaler::new(Some(threads));
        let mut result = RgbImage::new(0, 0);
        // Twice: buffers that were used give the same.
        for size in [(190, 130), (333, 251)] {
            let (small, pastiche) = scaler.prepare(&content, size).unwrap();
            pastiche.copy_from_slice(small);
            scaler.finish(&content, &mut result).unwrap();
        }
        result
    };
    let one = through(1);
    assert!(one == through(2) && one == through(7));
}

#[test]
fn an_enlarged_picture_comes_back() {
    let content = disc(90, 70, 30, 220);
    let result = painted(&content, (360, 280), |_, _, pixel| pixel);
    let error = rms(&result, &content);
    assert!(error < 2.0, "{error} levels");
}
