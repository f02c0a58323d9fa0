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
    let mut out = Watched { out, failed: None };
    let done = encode(&mut out, rgb, alpha, tags);
    done.map_err(|error| out.failed.take().unwrap_or(error))
}

fn encode(
    out: &mut impl Write,
    rgb: &RgbImage,
    alpha: Option<&GrayImage>,
    tags: &Tags,
) -> io::Result<()> {
    let (width, height) = rgb.dimensions();
    let mut info = png::Info::with_size(width, height);
    info.exif_metadata = tags.exif.as_deref().map(Cow::Borrowed);
    info.icc_profile = tags.profile.as_deref().map(Cow::Borrowed);
    let mut encoder = png::Encoder::with_info(out, info)?;
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(match alpha {
        Some(_) => png::ColorType::Rgba,
        None => png::ColorType::Rgb,
    });
    // What `image` takes, too.
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Adaptive);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer_with_size(CHUNK)?;
    let wide = width as usize;
    let rows = rgb.as_raw().chunks_exact(3 * wide).take(height as usize);
    match alpha {
        None => {
            for row in rows {
                stream.write_all(row)?;
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
                stream.write_all(&both)?;
            }
        }
    }
    stream.finish()?;
    writer.finish()?;
    Ok(())
}

/// Keeps the error of the system, such as that the disk is full: the encoder passes on no more than its words.
struct Watched<W> {
    out: W,
    failed: Option<io::Error>,
}

impl<W: Write> Watched<W> {
    fn kept<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            if kind != io::ErrorKind::Interrupted {
                self.failed.get_or_insert(error);
            }
            kind.into()
        })
    }
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.out.write(bytes);
        self.kept(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.out.flush();
        self.kept(result)
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
