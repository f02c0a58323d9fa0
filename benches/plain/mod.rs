//! Reference implementations: one pixel after another, in floats, without a library. The benches compare the program's
//! own with these, which must give the same pictures.

use image::{Rgb, RgbImage};

/// A pixel of BT.601 in the limited range (ITU-R BT.601-7, section 2.5).
fn pixel(y: u8, u: u8, v: u8) -> Rgb<u8> {
    let y = (f32::from(y) - 16.0) * 255.0 / 219.0;
    let [u, v] = [u, v].map(|c| (f32::from(c) - 128.0) * 255.0 / 224.0);
    let rgb = [
        y + 1.402 * v,
        y - 0.344_136 * u - 0.714_136 * v,
        y + 1.772 * u,
    ];
    Rgb(rgb.map(|c| c.round().clamp(0.0, 255.0) as u8))
}

/// The other way round.
fn ycc(Rgb([r, g, b]): Rgb<u8>) -> [u8; 3] {
    let [r, g, b] = [r, g, b].map(|c| f32::from(c) / 255.0);
    let y = 0.299 * r + 0.587 * g + 0.114 * b;
    let [u, v] = [(b - y) / 1.772, (r - y) / 1.402];
    [16.0 + 219.0 * y, 128.0 + 224.0 * u, 128.0 + 224.0 * v].map(|c| c.round() as u8)
}

/// A picture of an even width as a camera sends it in YUYV; of two pixels the left one gives the colour.
pub fn to_yuyv(picture: &RgbImage) -> Vec<u8> {
    let pixels: Vec<_> = picture.pixels().map(|p| ycc(*p)).collect();
    let pairs = pixels.chunks_exact(2);
    pairs
        .flat_map(|p| [p[0][0], p[0][1], p[1][0], p[0][2]])
        .collect()
}

/// A picture of even sides as a camera sends it in NV12; of four pixels the first one gives the colour.
pub fn to_nv12(picture: &RgbImage) -> Vec<u8> {
    let mut bytes: Vec<u8> = picture.pixels().map(|p| ycc(*p)[0]).collect();
    for y in (0..picture.height()).step_by(2) {
        for x in (0..picture.width()).step_by(2) {
            bytes.extend_from_slice(&ycc(*picture.get_pixel(x, y))[1..]);
        }
    }
    bytes
}

/// YUYV to RGB.
pub fn yuyv(bytes: &[u8], (width, height): (u32, u32)) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let pair = &bytes[4 * (y * width.div_ceil(2) + x / 2) as usize..];
        pixel(pair[if x % 2 == 0 { 0 } else { 2 }], pair[1], pair[3])
    })
}

/// NV12 to RGB.
pub fn nv12(bytes: &[u8], (width, height): (u32, u32)) -> RgbImage {
    let (luma, chroma) = bytes.split_at((width * height) as usize);
    RgbImage::from_fn(width, height, |x, y| {
        let at = 2 * (y / 2 * width.div_ceil(2) + x / 2) as usize;
        pixel(luma[(y * width + x) as usize], chroma[at], chroma[at + 1])
    })
}

/// Bilinear, with a triangle that grows as the picture shrinks, both directions at once.
pub fn resize(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let weights = |at: u32, from: u32, to: u32| {
        let step = f64::from(from) / f64::from(to);
        let (middle, reach) = ((f64::from(at) + 0.5) * step, step.max(1.0));
        let first = (middle - reach).max(0.0) as u32;
        let last = ((middle + reach).ceil() as u32).min(from);
        let weight = |k: u32| (1.0 - (f64::from(k) + 0.5 - middle).abs() / reach).max(0.0);
        (first..last).map(|k| (k, weight(k))).collect::<Vec<_>>()
    };
    let (from_width, from_height) = picture.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let (mut sum, mut all) = ([0.0; 3], 0.0);
        let columns = weights(x, from_width, width);
        for (row, down) in weights(y, from_height, height) {
            for (column, across) in &columns {
                let weight = down * across;
                all += weight;
                for (sum, value) in sum.iter_mut().zip(picture.get_pixel(*column, row).0) {
                    *sum += weight * f64::from(value);
                }
            }
        }
        Rgb(sum.map(|c| (c / all).round() as u8))
    })
}

/// Left and right changed.
pub fn mirror(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(width, height, |x, y| *picture.get_pixel(width - 1 - x, y))
}

/// 0RGB in 32 bits.
pub fn pack(picture: &RgbImage) -> Vec<u32> {
    let mut packed = Vec::new();
    for Rgb([r, g, b]) in picture.pixels() {
        packed.push(u32::from_be_bytes([0, *r, *g, *b]));
    }
    packed
}
