//! The pixel formats of cameras: what is encoded comes back, and no bytes are too strange.

use image::{Rgb, RgbImage};
use impasto::camera::decode;
use nokhwa::utils::FrameFormat;
use proptest::prelude::*;

use super::{check, most_difference, noise};

/// The most levels that 8 bits of luma and chroma in the limited range cost: half a level of each, times 255/219 for luma
/// and 1.772 * 255/224 for chroma, and one for the decoder's integers.
const MOST_LEVELS: u8 = 3;

/// BT.601, limited range (ITU-R BT.601-7, section 2.5), rounded to bytes.
fn ycc(Rgb([r, g, b]): Rgb<u8>) -> [u8; 3] {
    let [r, g, b] = [r, g, b].map(|c| f32::from(c) / 255.0);
    let y = 0.299 * r + 0.587 * g + 0.114 * b;
    [
        16.0 + 219.0 * y,
        128.0 + 224.0 * (b - y) / 1.772,
        128.0 + 224.0 * (r - y) / 1.402,
    ]
    .map(|c| c.round() as u8)
}

/// A picture whose blocks of 2x2 pixels have one colour, so that subsampled chroma loses nothing.
fn blocks(width: u32, height: u32, seed: u64) -> RgbImage {
    let small = noise(width.div_ceil(2), height.div_ceil(2), seed);
    RgbImage::from_fn(width, height, |x, y| *small.get_pixel(x / 2, y / 2))
}

fn yuyv(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in picture.rows() {
        let row: Vec<_> = row.map(|pixel| ycc(*pixel)).collect();
        for pair in row.chunks(2) {
            let [y, u, v] = pair[0];
            bytes.extend([y, u, pair.last().unwrap()[0], v]);
        }
    }
    bytes
}

fn nv12(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let mut bytes: Vec<u8> = picture.pixels().map(|pixel| ycc(*pixel)[0]).collect();
    for y in (0..height).step_by(2) {
        for x in (0..width).step_by(2) {
            bytes.extend(&ycc(*picture.get_pixel(x, y))[1..]);
        }
    }
    bytes
}

fn decoded(bytes: &[u8], format: FrameFormat, size: (u32, u32)) -> Result<RgbImage, String> {
    let mut rgb = RgbImage::new(0, 0);
    decode(bytes, format, size, &mut rgb).map(|()| rgb)
}

#[test]
fn luma_and_chroma_come_back_as_the_colours() {
    check(
        file!(),
        128,
        (1..=70_u32, 1..=20_u32, any::<u64>()),
        |(width, height, seed)| {
            let picture = blocks(width, height, seed);
            let formats = [
                (FrameFormat::YUYV, yuyv(&picture)),
                (FrameFormat::NV12, nv12(&picture)),
            ];
            for (format, bytes) in formats {
                let back = decoded(&bytes, format, (width, height)).unwrap();
                let most = most_difference(&picture, &back);
                prop_assert!(most <= MOST_LEVELS, "{format:?}: {most} levels");
            }
            Ok(())
        },
    );
}

#[test]
fn plain_colours_come_back_exactly() {
    check(
        file!(),
        128,
        (1..=70_u32, 1..=20_u32, any::<u64>()),
        |(width, height, seed)| {
            let picture = noise(width, height, seed);
            let size = (width, height);
            let same = decoded(picture.as_raw(), FrameFormat::RAWRGB, size).unwrap();
            prop_assert_eq!(&same, &picture);
            let turned: Vec<u8> = picture
                .pixels()
                .flat_map(|Rgb([r, g, b])| [*b, *g, *r])
                .collect();
            prop_assert_eq!(
                &decoded(&turned, FrameFormat::RAWBGR, size).unwrap(),
                &picture
            );
            Ok(())
        },
    );
}

#[test]
fn any_bytes_are_a_picture_of_the_size_or_refused() {
    let formats = prop::sample::select(vec![
        FrameFormat::MJPEG,
        FrameFormat::YUYV,
        FrameFormat::NV12,
        FrameFormat::GRAY,
        FrameFormat::RAWRGB,
        FrameFormat::RAWBGR,
    ]);
    let bytes = prop::collection::vec(any::<u8>(), 0..3000);
    check(
        file!(),
        512,
        (bytes, formats, 0..40_u32, 0..40_u32),
        |(bytes, format, width, height)| {
            if let Ok(rgb) = decoded(&bytes, format, (width, height)) {
                let (w, h) = rgb.dimensions();
                prop_assert!(format == FrameFormat::MJPEG || (w, h) == (width, height));
            }
            Ok(())
        },
    );
}
