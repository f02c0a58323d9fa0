//! Decodes what a camera sends: bytes of one of five formats go in, RGB comes out.

use image::RgbImage;
use nokhwa::utils::FrameFormat;
use yuv::{YuvBiPlanarImage, YuvConversionMode, YuvPackedImage, YuvRange, YuvStandardMatrix};
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::picture::reshape;

/// The largest side of a Motion-JPEG picture: its header cannot be trusted.
pub(crate) const MOST_SIDE: usize = 8192;

/// Decode `bytes`, `width` x `height` pixels of `format`, into `rgb`. A Motion-JPEG picture has the size in
/// its own header. YUYV and NV12 are BT.601 in the limited range, the default of the USB video class.
///
/// The error says what is wrong with the bytes; `rgb` is then undefined.
pub fn decode(
    bytes: &[u8],
    format: FrameFormat,
    (width, height): (u32, u32),
    rgb: &mut RgbImage,
) -> Result<(), String> {
    if format == FrameFormat::MJPEG {
        return jpeg(bytes, rgb);
    }
    let (w, h) = (width as usize, height as usize);
    let needed = match format {
        FrameFormat::YUYV => w.div_ceil(2) * 4 * h,
        FrameFormat::NV12 => w * h + w.div_ceil(2) * 2 * h.div_ceil(2),
        _ => w * h * 3,
    };
    let Some(bytes) = bytes.get(..needed) else {
        return Err(format!("{} bytes of a frame of {needed}", bytes.len()));
    };
    reshape(rgb, width, height);
    let (range, matrix) = (YuvRange::Limited, YuvStandardMatrix::Bt601);
    let converted = match format {
        FrameFormat::RAWRGB => {
            rgb.copy_from_slice(bytes);
            Ok(())
        }
        FrameFormat::RAWBGR => yuv::bgr_to_rgb(bytes, width * 3, rgb, width * 3, width, height),
        FrameFormat::YUYV => {
            let packed = YuvPackedImage {
                yuy: bytes,
                yuy_stride: width.div_ceil(2) * 4,
                width,
                height,
            };
            yuv::yuyv422_to_rgb(&packed, rgb, width * 3, range, matrix)
        }
        FrameFormat::NV12 => {
            let (y, uv) = bytes.split_at(w * h);
            let planes = YuvBiPlanarImage {
                y_plane: y,
                y_stride: width,
                uv_plane: uv,
                uv_stride: width.div_ceil(2) * 2,
                width,
                height,
            };
            let mode = YuvConversionMode::Balanced;
            yuv::yuv_nv12_to_rgb(&planes, rgb, width * 3, range, matrix, mode)
        }
        FrameFormat::MJPEG | FrameFormat::GRAY => {
            return Err("grey pictures are not supported".into());
        }
    };
    converted.map_err(|e| e.to_string())
}

/// Decode a Motion-JPEG picture, of the size in its header, into `rgb`. As [`decode`] otherwise.
pub(crate) fn jpeg(bytes: &[u8], rgb: &mut RgbImage) -> Result<(), String> {
    let options = DecoderOptions::default()
        .set_max_width(MOST_SIDE)
        .set_max_height(MOST_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    // Some of the decoder's texts have several lines.
    let said = |e: DecodeErrors| {
        e.to_string()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    decoder.decode_headers().map_err(said)?;
    let Some(info) = decoder.info() else {
        return Err("has no size".to_owned());
    };
    reshape(rgb, u32::from(info.width), u32::from(info.height));
    if decoder.output_buffer_size() != Some(rgb.as_raw().len()) {
        return Err("is not a colour picture".to_owned());
    }
    decoder.decode_into(rgb).map_err(said)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use image::Rgb;

    /// Smooth in both directions, as the colours of YUYV and NV12 are subsampled.
    fn picture(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            Rgb([40 + (x * 2) as u8, 200 - (y * 3) as u8, 90 + (x + y) as u8])
        })
    }

    /// BT.601, limited range (ITU-R BT.601-7, section 2.5).
    fn ycc(Rgb([r, g, b]): Rgb<u8>) -> [f32; 3] {
        let [r, g, b] = [r, g, b].map(|c| f32::from(c) / 255.0);
        let y = 0.299 * r + 0.587 * g + 0.114 * b;
        [
            16.0 + 219.0 * y,
            128.0 + 224.0 * (b - y) / 1.772,
            128.0 + 224.0 * (r - y) / 1.402,
        ]
    }

    fn yuyv(picture: &RgbImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        for row in picture.rows() {
            let row: Vec<_> = row.map(|p| ycc(*p)).collect();
            for pair in row.chunks(2) {
                let (a, b) = (pair[0], pair[pair.len() - 1]);
                let mean = |k: usize| (a[k] + b[k]) / 2.0;
                bytes.extend([a[0], mean(1), b[0], mean(2)].map(|v| v.round() as u8));
            }
        }
        bytes
    }

    fn nv12(picture: &RgbImage) -> Vec<u8> {
        let (w, h) = picture.dimensions();
        let mut bytes: Vec<u8> = picture.pixels().map(|p| ycc(*p)[0].round() as u8).collect();
        for y in (0..h).step_by(2) {
            for x in (0..w).step_by(2) {
                let [_, u, v] = ycc(*picture.get_pixel(x, y));
                bytes.extend([u.round() as u8, v.round() as u8]);
            }
        }
        bytes
    }

    fn worst(a: &RgbImage, b: &RgbImage) -> u8 {
        assert_eq!(a.dimensions(), b.dimensions());
        a.iter()
            .zip(b.iter())
            .map(|(a, b)| a.abs_diff(*b))
            .max()
            .unwrap()
    }

    #[test]
    fn every_format_gives_the_picture_back() {
        for size in [(64, 32), (33, 17), (16, 16)] {
            let picture = picture(size.0, size.1);
            let bgr: Vec<u8> = picture
                .pixels()
                .flat_map(|p| [p.0[2], p.0[1], p.0[0]])
                .collect();
            let mut jpeg = Vec::new();
            image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 98)
                .encode_image(&picture)
                .unwrap();
            let mut rgb = RgbImage::new(1, 1);
            for (format, bytes, most) in [
                (FrameFormat::RAWRGB, picture.as_raw().clone(), 0),
                (FrameFormat::RAWBGR, bgr, 0),
                (FrameFormat::YUYV, yuyv(&picture), 6),
                (FrameFormat::NV12, nv12(&picture), 10),
                (FrameFormat::MJPEG, jpeg, 10),
            ] {
                decode(&bytes, format, size, &mut rgb).unwrap();
                let worst = worst(&rgb, &picture);
                assert!(worst <= most, "{format} {size:?}: {worst} levels");
            }
        }
    }

    #[test]
    fn short_frames_are_refused_and_long_ones_cut() {
        let mut rgb = RgbImage::new(0, 0);
        for format in [
            FrameFormat::RAWRGB,
            FrameFormat::RAWBGR,
            FrameFormat::YUYV,
            FrameFormat::NV12,
        ] {
            assert!(
                decode(&[0; 100], format, (64, 48), &mut rgb).is_err(),
                "{format}"
            );
            decode(&[128; 64 * 48 * 4], format, (64, 48), &mut rgb).unwrap();
            assert_eq!(rgb.dimensions(), (64, 48));
        }
    }

    #[test]
    fn damaged_jpegs_are_no_panic() {
        let mut jpeg = Vec::new();
        image::codecs::jpeg::JpegEncoder::new(&mut jpeg)
            .encode_image(&picture(64, 32))
            .unwrap();
        let mut rgb = RgbImage::new(0, 0);
        let mut seed = 7u32;
        for n in 0..jpeg.len() {
            // A picture that is cut off may be decoded in part; the test is that nothing panics or hangs.
            let _ = decode(&jpeg[..n], FrameFormat::MJPEG, (64, 32), &mut rgb);
            let mut damaged = jpeg.clone();
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            damaged[n] ^= (seed >> 24) as u8;
            let _ = decode(&damaged, FrameFormat::MJPEG, (64, 32), &mut rgb);
        }
        for bytes in [&b""[..], b"\xff\xd8", b"not a picture"] {
            assert!(decode(bytes, FrameFormat::MJPEG, (64, 32), &mut rgb).is_err());
        }
    }
}
