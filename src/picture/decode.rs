//! Decoding: the bytes of a file in; an upright picture in 8-bit sRGB out, with alpha apart. Limits are checked first.

use super::claims::{self, Claim};
use super::eight_bits::{in_srgb, split};
use super::metadata::Metadata;
use super::palette::Palette;
use super::{Limits, Picture, exif, formats, scan, webp_chunks};
use crate::files::in_words;
use crate::{Error, Result};
use image::codecs::{bmp, gif, jpeg, png, tiff, webp};
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageResult};
use std::io::{Cursor, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

const AGAIN: &str = "copy or download it again";

/// The most memory for what a PNG holds beside its pixels.
const PNG_TAGS_BYTES: u64 = 16 << 20;

/// Decodes a PNG, JPEG, WebP, BMP, TIFF or GIF, told by content; `name` is only for messages.
///
/// The picture comes upright (EXIF orientation applied), in 8 bits, in sRGB: converted by the embedded colour profile
/// (ICC), and taken as sRGB where there is none or it cannot be used. 16-bit values are rounded, and floats are clipped
/// to 0..1 with what is not a number as 0. Of an animation it is the first frame. Notes say so where it changes what is
/// seen.
///
/// # Errors
/// [`Error::TooLarge`] where the header is over `limits`, before memory for pixels is asked for;
/// [`Error::Decode`] where the bytes are empty, of another kind, damaged or cut short.
pub fn decode(bytes: &[u8], name: &Path, limits: &Limits) -> Result<Picture> {
    let source = Source {
        bytes,
        name,
        limits,
    };
    // A decoder may panic on a hostile file, and one bad file must not end a run over a folder.
    let decode = || {
        let format = source.format()?;
        match Palette::find(bytes).filter(|_| format == ImageFormat::Tiff) {
            Some(palette) => {
                let bytes = &palette.as_grey;
                Source { bytes, ..source }.decode(format, Some(&palette))
            }
            None => source.decode(format, None),
        }
    };
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
        Err(source.error("its decoder gave up on it; save it again as PNG with another program"))
    })
}

/// The bytes of a file, with what is needed to complain about them.
struct Source<'a> {
    bytes: &'a [u8],
    name: &'a Path,
    limits: &'a Limits,
}

impl Source<'_> {
    fn decode(&self, format: ImageFormat, palette: Option<&Palette>) -> Result<Picture> {
        // The PNG decoder reads on to the pixels before it tells the size; a bare header must do.
        if let (ImageFormat::Png, Some((width, height))) = (format, scan::png_size(self.bytes)) {
            self.check_size(width, height, 0)?;
        }
        let explain = |e| self.explain(format, e);
        let (mut decoder, mut notes) = self.header(format).map_err(explain)?;
        let (width, height) = decoder.dimensions();
        let depth = u64::from(decoder.color_type().bytes_per_pixel());
        let stored = u64::from(decoder.original_color_type().bits_per_pixel().div_ceil(8));
        // At least the three bytes that every pixel ends up as.
        self.check_size(width, height, depth.max(stored).max(3))?;
        let jpeg = match format {
            ImageFormat::Jpeg => scan::jpeg(self.bytes),
            _ => scan::Jpeg::default(),
        };
        if format == ImageFormat::Jpeg && !jpeg.whole {
            return Err(self.error(format!("the JPEG is cut short; {AGAIN}")));
        }
        // The first frame of a GIF may be larger than its canvas, and is decoded whole before it is cut.
        let frame = match format {
            ImageFormat::Gif => scan::gif_frame(self.bytes),
            _ => None,
        };
        let area = |(w, h): (u32, u32)| u64::from(w) * u64::from(h);
        let frame = frame.filter(|frame| area(*frame) > area((width, height)));
        let (width, height) = frame.unwrap_or((width, height));
        self.check_size(width, height, depth)?;
        self.check_claim(&Claim {
            format,
            bytes: self.bytes,
            width,
            height,
            bits: decoder.original_color_type().bits_per_pixel(),
            jpeg: &jpeg,
        })?;

        use ExtendedColorType::{Cmyk8, Cmyk16};
        let is_cmyk =
            jpeg.components == 4 || matches!(decoder.original_color_type(), Cmyk8 | Cmyk16);
        if is_cmyk {
            notes.push("CMYK is converted without a colour profile; prints may look duller".into());
        }
        // Damaged metadata is no reason to refuse a picture whose pixels are fine.
        let has_tags = format != ImageFormat::WebP || webp_chunks::are_whole(self.bytes);
        let (profile, found) = match has_tags {
            true => (
                decoder.icc_profile().ok().flatten(),
                decoder.exif_metadata().ok().flatten(),
            ),
            false => (None, None),
        };
        let mut metadata = Metadata::new(profile.is_some());
        if let Some(found) = &found
            && let Err(lost) = metadata.take_exif(found)
        {
            notes.push(lost.to_owned());
        }
        let orientation = found
            .and_then(|found| exif::orientation(&found))
            .or_else(|| match has_tags {
                true => decoder.orientation().ok(),
                false => None,
            })
            .unwrap_or(Orientation::NoTransforms);
        decoder.set_limits(self.decoder_limits()).map_err(explain)?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(explain)?;
        if let (Some(palette), DynamicImage::ImageLuma8(indices)) = (palette, &image) {
            image = palette.colour(indices);
        }
        image.apply_orientation(orientation);
        if let Some(profile) = profile.filter(|_| !is_cmyk) {
            image = in_srgb(image, &profile, &mut notes);
        }
        let (rgb, alpha) = split(image, &mut notes);
        Ok(Picture {
            rgb,
            alpha,
            notes,
            metadata,
        })
    }

    fn format(&self) -> Result<ImageFormat> {
        if self.bytes.is_empty() {
            return Err(self.error(format!("the file is empty (0 bytes); {AGAIN}")));
        }
        if self.bytes.len() as u64 > self.limits.max_file_bytes {
            return Err(file_too_large(self.name, self.limits));
        }
        formats::by_content(self.bytes).map_err(|what| {
            let remedy = match formats::converter(what) {
                Some(command) => format!("convert it first, as with `{command}`"),
                None => "save it as one of these first".to_owned(),
            };
            self.error(format!(
                "the file holds {what}, whatever its name says; \
                 needed is a PNG, JPEG, WebP, BMP, TIFF or GIF: {remedy}"
            ))
        })
    }

    /// A decoder that has read the header, and what there is to say about its kind of file.
    fn header(
        &self,
        format: ImageFormat,
    ) -> ImageResult<(Box<dyn ImageDecoder + '_>, Vec<String>)> {
        let read = Cursor::new(self.bytes);
        let (decoder, animated): (Box<dyn ImageDecoder>, bool) = match format {
            ImageFormat::Png => {
                // What is packed beside the pixels, such as a colour profile, must not grow without bound.
                let mut limits = self.decoder_limits();
                limits.max_alloc = Some(PNG_TAGS_BYTES);
                let decoder = png::PngDecoder::with_limits(read, limits)?;
                let animated = decoder.is_apng()?;
                (Box::new(decoder), animated)
            }
            ImageFormat::WebP => {
                let decoder = webp::WebPDecoder::new(read)?;
                let animated = decoder.has_animation();
                (Box::new(decoder), animated)
            }
            ImageFormat::Gif => {
                let animated = scan::gif_frames(self.bytes) > 1;
                (Box::new(gif::GifDecoder::new(read)?), animated)
            }
            ImageFormat::Jpeg => (Box::new(jpeg::JpegDecoder::new(read)?), false),
            ImageFormat::Bmp => (Box::new(bmp::BmpDecoder::new(read)?), false),
            _ => (Box::new(tiff::TiffDecoder::new(read)?), false),
        };
        let mut notes = Vec::new();
        if animated {
            notes.push("it is an animation; only its first frame is taken".to_owned());
        }
        Ok((decoder, notes))
    }

    fn check_size(&self, width: u32, height: u32, bytes_per_pixel: u64) -> Result<()> {
        if width == 0 || height == 0 {
            let reason = format!("it has no pixels ({width}x{height}); {AGAIN}");
            return Err(self.error(reason));
        }
        let Limits {
            max_side,
            max_bytes,
            ..
        } = *self.limits;
        let pixels = u64::from(width) * u64::from(height);
        let limit = if width.max(height) > max_side {
            format!("{max_side} pixels a side")
        } else if pixels.saturating_mul(bytes_per_pixel) > max_bytes {
            format!("{} of decoded pixels", in_words(max_bytes))
        } else {
            return Ok(());
        };
        Err(Error::TooLarge {
            path: self.name.to_owned(),
            width,
            height,
            limit,
        })
    }

    /// Refuses pixels that the file is too short for, and a JPEG that would be decoded as a whole (a progressive one, or one
    /// in several scans) where that takes more working memory than the limits allow.
    fn check_claim(&self, claim: &Claim<'_>) -> Result<()> {
        let Claim { width, height, .. } = *claim;
        if claim.is_false() {
            let (title, bytes) = (formats::title(claim.format), self.bytes.len() as u64);
            return Err(self.error(claims::refusal(title, (width, height), bytes)));
        }
        let most = self.limits.max_bytes.saturating_mul(2);
        let pixels = u64::from(width) * u64::from(height);
        let working = claim.jpeg.coefficient_bytes().saturating_add(pixels * 3);
        if working > most {
            return Err(Error::TooLarge {
                path: self.name.to_owned(),
                width,
                height,
                limit: format!(
                    "{} for the coefficients of a progressive JPEG",
                    in_words(most)
                ),
            });
        }
        Ok(())
    }

    fn decoder_limits(&self) -> image::Limits {
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(self.limits.max_side);
        limits.max_image_height = Some(self.limits.max_side);
        // Besides the pixels, which are checked already, decoders need working memory of about the same size.
        limits.max_alloc = Some(self.limits.max_bytes.saturating_mul(2));
        limits
    }

    fn error(&self, reason: impl Into<String>) -> Error {
        Error::Decode {
            path: self.name.to_owned(),
            reason: reason.into(),
        }
    }

    /// What a decoder says, as one line with a remedy.
    fn explain(&self, format: ImageFormat, error: ImageError) -> Error {
        let title = formats::title(format);
        // Decoders quote from the file; a hostile one must not fill the terminal.
        let said: String = error
            .to_string()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(200)
            .collect();
        self.error(match error {
            ImageError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => {
                format!("the {title} is cut short; {AGAIN}")
            }
            ImageError::Unsupported(_) => format!(
                "a {title} of a kind that is not supported ({said}); \
                 save it as an ordinary 8-bit RGB {title} or PNG first"
            ),
            ImageError::Limits(_) => format!(
                "decoding the {title} takes more memory than the limits allow ({said}); make it smaller first"
            ),
            _ => format!("the {title} is damaged or cut short ({said}); {AGAIN}"),
        })
    }
}

/// The error for a file of more bytes than the limits allow.
pub(super) fn file_too_large(path: &Path, limits: &Limits) -> Error {
    let limit = in_words(limits.max_file_bytes);
    Error::Decode {
        path: path.to_owned(),
        reason: format!("the file is over the limit of {limit}; make it smaller first"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use image::{Rgb, Rgb32FImage, RgbImage, Rgba, RgbaImage};

    fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        image.into().write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    fn read(bytes: &[u8]) -> Picture {
        decode(bytes, Path::new("p"), &Limits::default()).unwrap()
    }

    fn refused(bytes: &[u8], limits: &Limits) -> String {
        let error = decode(bytes, Path::new("p"), limits).unwrap_err();
        error.to_string()
    }

    #[test]
    fn floats_survive_nan_and_infinity() {
        let values = [f32::NAN, -1.0, 0.5, f32::INFINITY, f32::NEG_INFINITY, 1.0];
        let image = Rgb32FImage::from_raw(2, 1, values.to_vec()).unwrap();
        let picture = read(&encode(image, ImageFormat::Tiff));
        assert_eq!(picture.rgb.as_raw(), &[0, 0, 128, 255, 0, 255]);
        assert_eq!(picture.notes.len(), 2, "{:?}", picture.notes);
    }

    #[test]
    fn alpha_comes_apart_and_only_where_it_matters() {
        let mut image = RgbaImage::from_pixel(2, 1, Rgba([10, 20, 30, 255]));
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
            assert!(read(&encode(image.clone(), format)).alpha.is_none());
        }
        image.put_pixel(1, 0, Rgba([40, 50, 60, 7]));
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
            let picture = read(&encode(image.clone(), format));
            assert_eq!(picture.rgb.as_raw(), &[10, 20, 30, 40, 50, 60]);
            assert_eq!(picture.alpha.unwrap().as_raw(), &[255, 7]);
        }
    }

    #[test]
    fn sixteen_bits_and_grey_become_eight_bits_and_colour() {
        let deep = image::ImageBuffer::from_pixel(1, 1, Rgb([0u16, 0x8080, 0xFFFF]));
        let grey = image::ImageBuffer::from_pixel(1, 1, image::Luma([0x8080u16]));
        for format in [ImageFormat::Png, ImageFormat::Tiff] {
            let picture = read(&encode(deep.clone(), format));
            assert_eq!(picture.rgb.as_raw(), &[0, 128, 255]);
            let picture = read(&encode(grey.clone(), format));
            assert_eq!(picture.rgb.as_raw(), &[128, 128, 128]);
            assert!(picture.notes.is_empty());
        }
    }

    #[test]
    fn limits_name_what_they_break() {
        let bytes = encode(RgbImage::new(40, 30), ImageFormat::Png);
        let side = Limits {
            max_side: 39,
            ..Limits::default()
        };
        let memory = Limits {
            max_bytes: 40 * 30 * 3 - 1,
            ..Limits::default()
        };
        let file = Limits {
            max_file_bytes: bytes.len() as u64 - 1,
            ..Limits::default()
        };
        assert!(
            refused(&bytes, &side).contains("40x30 pixels is over the limit (39 pixels a side)")
        );
        assert!(refused(&bytes, &memory).contains("3599 bytes of decoded pixels"));
        assert!(refused(&bytes, &file).contains("make it smaller"));
    }
}
