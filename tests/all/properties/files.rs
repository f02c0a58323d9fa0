//! Picture files: what is saved without loss is read again as it was, and a photo that lies on its side is stood up.

use std::path::Path;

use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, GrayImage, ImageEncoder};
use impasto::picture::{self, Format, Limits, SaveOptions, decode, encode_as};
use proptest::prelude::*;

use super::{check, noise};

fn format(name: &str) -> Format {
    Format::of(Path::new(name)).unwrap()
}

#[test]
fn files_without_loss_give_the_picture_back() {
    let names = prop::sample::select(vec!["a.png", "a.tiff", "a.webp", "a.bmp"]);
    let inputs = (names, 1..=60_u32, 1..=40_u32, any::<u64>(), any::<bool>());
    check(
        file!(),
        192,
        inputs,
        |(name, width, height, seed, transparent)| {
            let rgb = noise(width, height, seed);
            // BMP is laid on white.
            let alpha = (transparent && name != "a.bmp").then(|| {
                let grey = noise(width, height, seed ^ 7);
                GrayImage::from_fn(width, height, |x, y| [grey.get_pixel(x, y)[0]].into())
            });
            let bytes =
                encode_as(format(name), &rgb, alpha.as_ref(), &SaveOptions::default()).unwrap();
            let back = decode(&bytes, Path::new(name), &Limits::default()).unwrap();
            prop_assert_eq!(back.rgb, rgb);
            // All opaque is no alpha at all.
            let alpha = alpha.filter(|alpha| alpha.iter().any(|a| *a != 255));
            prop_assert_eq!(back.alpha, alpha);
            Ok(())
        },
    );
}

#[test]
fn a_saved_file_is_the_encoded_picture() {
    let dir = crate::common::folder();
    let names = prop::sample::select(vec!["a.png", "a.tiff", "a.webp", "a.bmp", "a.jpg", "a.gif"]);
    check(
        file!(),
        64,
        (names, 1..=40_u32, 1..=40_u32, any::<u64>()),
        |(name, width, height, seed)| {
            let rgb = noise(width, height, seed);
            let path = dir.path().join(name);
            picture::save(&path, &rgb, None).unwrap();
            let file = picture::open(&path, &Limits::default()).unwrap();
            let bytes = encode_as(format(name), &rgb, None, &SaveOptions::default()).unwrap();
            let encoded = decode(&bytes, &path, &Limits::default()).unwrap();
            prop_assert_eq!(file.rgb.dimensions(), (width, height));
            prop_assert_eq!(file.rgb, encoded.rgb);
            Ok(())
        },
    );
}

/// EXIF data that says this orientation and nothing else: a little-endian TIFF with one entry.
fn exif(orientation: u8) -> Vec<u8> {
    let mut bytes = b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    bytes.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

#[test]
fn a_photo_is_stood_up_once() {
    check(
        file!(),
        128,
        (1..=8_u8, 1..=30_u32, 1..=30_u32, any::<u64>()),
        |(orientation, width, height, seed)| {
            let rgb = noise(width, height, seed);
            let mut bytes = Vec::new();
            let mut encoder = PngEncoder::new(&mut bytes);
            encoder.set_exif_metadata(exif(orientation)).unwrap();
            encoder
                .write_image(&rgb, width, height, ExtendedColorType::Rgb8)
                .unwrap();
            let mut upright = DynamicImage::ImageRgb8(rgb);
            upright.apply_orientation(Orientation::from_exif(orientation).unwrap());
            let read = decode(&bytes, Path::new("a.png"), &Limits::default()).unwrap();
            prop_assert_eq!(&read.rgb, &upright.to_rgb8());
            prop_assert!(read.metadata.has_exif());

            // Its file says that it is upright, so it is not turned again.
            let options = SaveOptions {
                metadata: Some(&read.metadata),
                ..SaveOptions::default()
            };
            let again = encode_as(format("a.png"), &read.rgb, None, &options).unwrap();
            let again = decode(&again, Path::new("a.png"), &Limits::default()).unwrap();
            prop_assert_eq!(again.rgb, read.rgb);
            prop_assert!(again.metadata.has_exif());
            Ok(())
        },
    );
}
