//! A picture as PNG, row by row: nothing is held in memory but two rows and what the compressor holds. `image` encodes
//! the whole picture in memory first, which for 8192x8192 pixels takes up to 400 MB more.

use std::borrow::Cow;
use std::io::{self, Write};

use image::{GrayImage, RgbImage};

use super::tags::Tags;

/// The bytes of a chunk of the file.
const CHUNK: usize = 1 << 16;

/// Write `rgb`, with its opacity, to `out`; both have the same size and some pixels.
pub(super) fn write(
    out: impl Write,
    rgb: &RgbImage,
    alpha: Option<&GrayImage>,
    tags: &Tags,
) -> io::Result<()> {
    let (width, height) = rgb.dimensions();
    let mut info = png::Info::with_size(width, height);
    info.exif_metadata = tags.exif.as_deref().map(Cow::Borrowed);
    info.icc_profile = tags.profile.as_deref().map(Cow::Borrowed);
    let mut encoder = png::Encoder::with_info(out, info).map_err(cause)?;
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(match alpha {
        Some(_) => png::ColorType::Rgba,
        None => png::ColorType::Rgb,
    });
    // What `image` takes, too.
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Adaptive);
    let mut writer = encoder.write_header().map_err(cause)?;
    let mut stream = writer.stream_writer_with_size(CHUNK).map_err(cause)?;
    let wide = width as usize;
    let rows = rgb.as_raw().chunks_exact(3 * wide).take(height as usize);
    match alpha {
        None => {
            for row in rows {
                stream.write_all(row).map_err(innermost)?;
            }
        }
        Some(alpha) => {
            let mut both = Vec::with_capacity(4 * wide);
            for (row, opacity) in rows.zip(alpha.as_raw().chunks_exact(wide)) {
                both.clear();
                for (rgb, a) in row.chunks_exact(3).zip(opacity) {
                    both.extend_from_slice(rgb);
                    both.push(*a);
                }
                stream.write_all(&both).map_err(innermost)?;
            }
        }
    }
    stream.finish().map_err(cause)?;
    writer.finish().map_err(cause)?;
    Ok(())
}

/// What the system said, such as that the disk is full; the encoder's own words otherwise.
fn cause(error: png::EncodingError) -> io::Error {
    match error {
        png::EncodingError::IoError(error) => innermost(error),
        other => io::Error::other(other),
    }
}

/// The system's error, where the encoder wrapped it.
fn innermost(error: io::Error) -> io::Error {
    match error.downcast::<png::EncodingError>() {
        Ok(error) => cause(error),
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A picture that compresses badly, of more than one chunk.
    fn noise(width: u32, height: u32) -> RgbImage {
        let mut state = 1_u32;
        RgbImage::from_fn(width, height, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [r, g, b, _] = state.to_le_bytes();
            [r, g, b ^ r].into()
        })
    }

    #[test]
    fn what_is_written_is_read() {
        for (width, height) in [(1, 1), (7, 300), (400, 173)] {
            let rgb = noise(width, height);
            let mut bytes = Vec::new();
            write(&mut bytes, &rgb, None, &Tags::default()).unwrap();
            assert_eq!(image::load_from_memory(&bytes).unwrap().into_rgb8(), rgb);

            let alpha = GrayImage::from_fn(width, height, |x, y| [(x * 3 + y) as u8].into());
            let mut bytes = Vec::new();
            write(&mut bytes, &rgb, Some(&alpha), &Tags::default()).unwrap();
            let read = image::load_from_memory(&bytes).unwrap().into_rgba8();
            for (pixel, (colour, a)) in read.pixels().zip(rgb.pixels().zip(alpha.pixels())) {
                assert_eq!((&pixel.0[..3], pixel.0[3]), (&colour.0[..], a.0[0]));
            }
        }
    }

    #[test]
    fn a_full_disk_is_told() {
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self
                    .0
                    .checked_sub(bytes.len())
                    .ok_or(io::ErrorKind::StorageFull)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = write(Full(100_000), &noise(400, 173), None, &Tags::default()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
