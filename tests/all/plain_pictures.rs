//! Pictures of one colour, which encoders pack best: the bound on what a byte can hold refuses none of them.

#![allow(clippy::unwrap_used)]

use std::io::Cursor;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use impasto::picture::{EXTENSIONS, Format, Limits, SaveOptions, decode, encode_as};

fn is_read(bytes: &[u8]) {
    let read = decode(bytes, Path::new("p"), &Limits::default());
    assert!(read.is_ok(), "{}", read.err().unwrap());
}

#[test]
fn plain_pictures_of_every_format_are_read() {
    // Just above what any file may name.
    let white = RgbImage::from_pixel(2048, 1100, [255; 3].into());
    for extension in EXTENSIONS {
        let format: Format = extension.parse().unwrap();
        let bytes = encode_as(format, &white, None, &SaveOptions::default()).unwrap();
        eprintln!("{extension}: {} bytes", bytes.len());
        is_read(&bytes);
    }
    let grey: DynamicImage = GrayImage::from_pixel(2048, 1100, [128].into()).into();
    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp] {
        let mut out = Cursor::new(Vec::new());
        grey.write_to(&mut out, format).unwrap();
        is_read(out.get_ref());
    }
    let mut poor = Vec::new();
    JpegEncoder::new_with_quality(&mut poor, 1)
        .encode_image(&grey)
        .unwrap();
    is_read(&poor);
}

#[test]
fn the_largest_picture_of_one_colour_is_read() {
    let side = 11_000;
    let white: DynamicImage = GrayImage::from_pixel(side, side, [255].into()).into();
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let mut out = Cursor::new(Vec::new());
        // WebP is not written in grey.
        let written = match format {
            ImageFormat::WebP => white.to_rgb8().write_to(&mut out, format),
            _ => white.write_to(&mut out, format),
        };
        written.unwrap();
        eprintln!("{format:?}: {} bytes", out.get_ref().len());
        is_read(out.get_ref());
    }
}
