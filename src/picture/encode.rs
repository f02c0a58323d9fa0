//! Encoding: a picture and a path in, a file in the format of the path's extension out.

use super::atomic::refuse;
use super::formats::Format;
use super::metadata::Metadata;
use super::tags::Tags;
use super::{atomic, formats, png_rows};
use crate::{Error, Result};
use image::codecs::gif::GifEncoder;
use image::codecs::{bmp, jpeg, tiff, webp};
use image::{
    ExtendedColorType, GrayImage, ImageEncoder, ImageFormat, ImageResult, RgbImage, RgbaImage,
};
use std::borrow::Cow;
use std::io::{Cursor, Write};
use std::path::Path;

/// High enough that the strokes of a pastiche keep their edges.
const JPEG_QUALITY: u8 = 95;

/// How many pixels a GIF's palette is learnt from, at most; one in `n` is looked at where there are more.
const PALETTE_PIXELS: u32 = 1 << 19;

/// Saves a picture `[H,W,3]` with its opacity `[H,W]`, whole or not at all; the extension tells the format.
///
/// PNG, WebP (lossless), TIFF and GIF keep alpha, GIF only as all or nothing; for JPEG (quality 95) and BMP the
/// picture is laid on white. GIF holds 256 colours. Links and permissions: see [`super::write_bytes`].
///
/// # Errors
/// [`Error::Write`] where the extension is unknown, the picture does not fit the format, or the file cannot be
/// written; [`Error::Invalid`] where `alpha` has another size than `rgb`, or there are no pixels.
pub fn save(path: &Path, rgb: &RgbImage, alpha: Option<&GrayImage>) -> Result<()> {
    save_with(path, rgb, alpha, &SaveOptions::default())
}

/// How a picture is saved. The default is what [`save`] does.
#[derive(Clone, Copy, Debug, Default)]
pub struct SaveOptions<'a> {
    /// Of a JPEG, 1..=100; 95 when absent. Other formats are written without loss.
    pub quality: Option<u8>,
    /// What is written besides the pixels: EXIF data in PNG, JPEG and WebP, and in these and TIFF the profile of sRGB
    /// where the photo had a profile.
    pub metadata: Option<&'a Metadata>,
    /// Never replace a file that is there.
    pub keeps_existing: bool,
}

/// As [`save`], in the way that `options` say.
///
/// # Errors
/// As [`save`]; [`Error::Write`] where a file is there that is to be kept.
pub fn save_with(
    path: &Path,
    rgb: &RgbImage,
    alpha: Option<&GrayImage>,
    options: &SaveOptions<'_>,
) -> Result<()> {
    let format = check(path, rgb)?;
    check_alpha(rgb, alpha)?;
    let only_new = options.keeps_existing;
    if format == ImageFormat::Png {
        let tags = Tags::of(options.metadata, rgb.dimensions());
        let write = |file: &mut dyn Write| png_rows::write(file, rgb, alpha, &tags);
        return atomic::write_pieces(path, only_new, write);
    }
    let bytes = encode(format, rgb, alpha, options).map_err(|e| refuse(path, &e.to_string()))?;
    atomic::write_pieces(path, only_new, |file| file.write_all(&bytes))
}

/// The bytes of a picture in `format`, as [`save_with`] writes them.
///
/// # Errors
/// [`Error::Invalid`] where there are no pixels, or the picture does not fit the format.
pub fn encode_as(
    format: Format,
    rgb: &RgbImage,
    alpha: Option<&GrayImage>,
    options: &SaveOptions<'_>,
) -> Result<Vec<u8>> {
    let most = formats::max_side(format.0);
    if rgb.width().max(rgb.height()) > most {
        let reason = format!("a {format} holds {most} pixels a side; use another format");
        return Err(Error::invalid("picture", reason));
    }
    check_alpha(rgb, alpha)?;
    encode(format.0, rgb, alpha, options).map_err(|e| Error::invalid("picture", e.to_string()))
}

fn check_alpha(rgb: &RgbImage, alpha: Option<&GrayImage>) -> Result<()> {
    if let Some(alpha) = alpha
        && alpha.dimensions() != rgb.dimensions()
    {
        let (size, wanted) = (alpha.dimensions(), rgb.dimensions());
        let reason = format!("its size {size:?} is not that of the picture, {wanted:?}");
        return Err(Error::invalid("alpha", reason));
    }
    Ok(())
}

/// The bytes of a picture as PNG, with its opacity as in [`save`].
///
/// # Errors
/// [`Error::Invalid`] where there are no pixels, or the encoder refuses the picture.
pub fn encode_png(rgb: &RgbImage, alpha: Option<&GrayImage>) -> Result<Vec<u8>> {
    encode_as(Format::PNG, rgb, alpha, &SaveOptions::default())
}

/// The format that `path` asks for, where `rgb` fits into it.
pub(super) fn check(path: &Path, rgb: &RgbImage) -> Result<ImageFormat> {
    let format = formats::by_name(path).ok_or_else(|| atomic::unknown_extension(path))?;
    let (width, height) = rgb.dimensions();
    if width == 0 || height == 0 {
        return Err(Error::invalid("picture", "it has no pixels"));
    }
    let most = formats::max_side(format);
    if width.max(height) > most {
        let title = formats::title(format);
        let reason = format!(
            "{width}x{height} pixels do not fit a {title}, which holds {most} a side; save as .png"
        );
        return Err(refuse(path, &reason));
    }
    Ok(format)
}

fn encode(
    format: ImageFormat,
    rgb: &RgbImage,
    alpha: Option<&GrayImage>,
    options: &SaveOptions<'_>,
) -> ImageResult<Vec<u8>> {
    let (width, height) = rgb.dimensions();
    let keeps_alpha = !matches!(format, ImageFormat::Jpeg | ImageFormat::Bmp);
    let (pixels, kind) = match alpha {
        None => (Cow::Borrowed(rgb.as_raw()), ExtendedColorType::Rgb8),
        Some(alpha) if keeps_alpha => {
            let rgba = join(rgb, alpha, format == ImageFormat::Gif);
            (Cow::Owned(rgba.into_raw()), ExtendedColorType::Rgba8)
        }
        Some(alpha) => {
            let flat = on_white(rgb, alpha);
            (Cow::Owned(flat.into_raw()), ExtendedColorType::Rgb8)
        }
    };
    let mut out = Cursor::new(Vec::new());
    match format {
        ImageFormat::Jpeg => {
            let quality = options.quality.unwrap_or(JPEG_QUALITY);
            let encoder = jpeg::JpegEncoder::new_with_quality(&mut out, quality);
            tagged(encoder, rgb, options).write_image(&pixels, width, height, kind)?
        }
        ImageFormat::WebP => tagged(webp::WebPEncoder::new_lossless(&mut out), rgb, options)
            .write_image(&pixels, width, height, kind)?,
        ImageFormat::Bmp => {
            bmp::BmpEncoder::new(&mut out).write_image(&pixels, width, height, kind)?;
        }
        ImageFormat::Tiff => {
            tagged(tiff::TiffEncoder::new(&mut out), rgb, options)
                .write_image(&pixels, width, height, kind)?;
        }
        ImageFormat::Gif => GifEncoder::new_with_speed(&mut out, gif_speed(rgb))
            .encode(&pixels, width, height, kind)?,
        _ => png_rows::write(
            &mut out,
            rgb,
            alpha,
            &Tags::of(options.metadata, rgb.dimensions()),
        )?,
    }
    Ok(out.into_inner())
}

/// `encoder` with the metadata that its format holds.
fn tagged<E: ImageEncoder>(mut encoder: E, rgb: &RgbImage, options: &SaveOptions<'_>) -> E {
    let tags = Tags::of(options.metadata, rgb.dimensions());
    if let Some(exif) = tags.exif {
        // TIFF has no place for it, and says so.
        let _ = encoder.set_exif_metadata(exif);
    }
    if let Some(profile) = tags.profile {
        let _ = encoder.set_icc_profile(profile);
    }
    encoder
}

/// The encoder's speed: a palette learnt from one pixel in 1 (best) to 10.
pub(super) fn gif_speed(frame: &RgbImage) -> i32 {
    let (width, height) = frame.dimensions();
    let every = width.saturating_mul(height) / PALETTE_PIXELS;
    every.clamp(1, 10) as i32
}

/// Colours and opacity together; `hard` makes every pixel either opaque or clear.
fn join(rgb: &RgbImage, alpha: &GrayImage, hard: bool) -> RgbaImage {
    let (width, height) = rgb.dimensions();
    RgbaImage::from_fn(width, height, |x, y| {
        let [r, g, b] = rgb.get_pixel(x, y).0;
        let a = alpha.get_pixel(x, y).0[0];
        let a = if hard {
            if a < 128 { 0 } else { 255 }
        } else {
            a
        };
        [r, g, b, a].into()
    })
}

/// A picture blended with white by its opacity.
fn on_white(rgb: &RgbImage, alpha: &GrayImage) -> RgbImage {
    let (width, height) = rgb.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let a = u32::from(alpha.get_pixel(x, y).0[0]);
        let mix = |c: u8| ((u32::from(c) * a + 255 * (255 - a) + 127) / 255) as u8;
        rgb.get_pixel(x, y).0.map(mix).into()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{EXTENSIONS, Limits, open};
    use super::*;

    fn gradient() -> RgbImage {
        RgbImage::from_fn(48, 32, |x, y| [x as u8 * 5, y as u8 * 8, 90].into())
    }

    /// The mean difference of two pictures' values; 0 only where they are equal.
    fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
        assert_eq!(a.dimensions(), b.dimensions());
        let pairs = a.as_raw().iter().zip(b.as_raw());
        let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / a.as_raw().len() as f64
    }

    #[test]
    fn every_format_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        for extension in EXTENSIONS {
            let path = dir.path().join(format!("p.{extension}"));
            save(&path, &gradient(), None).unwrap();
            let picture = open(&path, &Limits::default()).unwrap();
            let allowed = match extension {
                "jpg" | "jpeg" => 2.0,
                "gif" => 6.0,
                _ => 0.0,
            };
            let error = difference(&picture.rgb, &gradient());
            assert!(error <= allowed, ".{extension}: off by {error}");
            assert!(picture.alpha.is_none() && picture.notes.is_empty());
        }
    }

    #[test]
    fn alpha_is_kept_or_laid_on_white() {
        let dir = tempfile::tempdir().unwrap();
        let rgb = RgbImage::from_pixel(8, 8, [0, 100, 200].into());
        let alpha = GrayImage::from_fn(8, 8, |x, _| [if x < 4 { 51 } else { 255 }].into());
        for extension in EXTENSIONS {
            let path = dir.path().join(format!("p.{extension}"));
            save(&path, &rgb, Some(&alpha)).unwrap();
            let picture = open(&path, &Limits::default()).unwrap();
            match extension {
                "jpg" | "jpeg" => assert!(picture.alpha.is_none()),
                "bmp" => {
                    assert!(picture.alpha.is_none());
                    assert_eq!(picture.rgb.get_pixel(0, 0).0, [204, 224, 244]);
                    assert_eq!(picture.rgb.get_pixel(7, 0).0, [0, 100, 200]);
                }
                "gif" => {
                    let kept = picture.alpha.unwrap();
                    assert_eq!(
                        (kept.get_pixel(0, 0).0, kept.get_pixel(7, 0).0),
                        ([0], [255])
                    );
                }
                _ => {
                    assert_eq!(picture.alpha.as_ref(), Some(&alpha), ".{extension}");
                    assert_eq!(picture.rgb, rgb);
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_nothing_written() {
        let dir = tempfile::tempdir().unwrap();
        let fails = |result: Result<()>, expected: &str| {
            let message = result.unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        };
        let at = |name: &str| dir.path().join(name);
        let (rgb, small) = (gradient(), GrayImage::new(2, 2));
        fails(save(&at("p.xcf"), &rgb, None), ".png, .jpg");
        fails(save(&at("p"), &rgb, None), ".png, .jpg");
        fails(save(&at("p.png"), &rgb, Some(&small)), "alpha");
        fails(save(&at("p.png"), &RgbImage::new(0, 5), None), "no pixels");
        let long = RgbImage::new(16385, 1);
        fails(save(&at("p.webp"), &long, None), "16384 a side");
        fails(save(&at("p.gif"), &RgbImage::new(65536, 1), None), "65535");
        fails(save(&at("p.jpg"), &RgbImage::new(65536, 1), None), "65535");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        save(&at("p.webp"), &RgbImage::new(16384, 1), None).unwrap();
    }
}
