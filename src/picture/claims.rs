//! A picture's size and the bytes of its file in; whether so few bytes can hold so many pixels out.
//!
//! A file of 200 bytes can name the largest size, and a decoder would take the memory of that size before it finds nothing
//! to fill it with. Each format has a most that it can pack into a byte, which files made by any encoder keep: plain white
//! comes close to it, photos are far from it.

use image::ImageFormat;

use super::scan::{self, Jpeg};
use super::webp_chunks;
use crate::files::in_words;

/// Pixels that any file may name: what they take is little (30 MB at most), so small pictures are never refused here.
const FREE: u64 = 1 << 21;

/// Bytes that a byte of deflate can become: 258 in two bits.
pub(crate) const DEFLATE: u64 = 1032;

/// Values that a byte of LZW can become: a whole table of 4,096 in 12 bits.
pub(crate) const LZW: u64 = 4096 * 8 / 12 + 1;

/// Bytes that a byte of PackBits can become: 128 in two.
const PACK_BITS: u64 = 64;

/// Pixels that a byte of a run-length coded BMP can become: 255 in two, and rounded up.
const BMP_RUNS: u64 = 128;

/// Pixels that a byte of a lossy WebP can become: a block of 16x16, whose modes of prediction take no fewer than 3 bits.
const WEBP_LOSSY: u64 = 256 * 8 / 3 + 1;

/// Pixels that a byte of a lossless WebP can become: a repetition of 4,096, the longest, in a bit. The format can also hold
/// any number of pixels of one colour in no bits at all, and fast encoders do (`cwebp -m 0`): a large picture of one plain
/// colour that is packed so is refused, as nothing tells it from a bomb.
pub(crate) const WEBP_LOSSLESS: u64 = 4096 * 8;

/// Pixels that a byte of JPEG can become inside a TIFF: a block of 8x8 in one bit.
const JPEG_IN_TIFF: u64 = 64 * 8;

/// Whether a file of so many bytes can hold so many pixels, of which a byte can become `packed`.
#[cfg(feature = "jobs")]
pub(crate) fn can_hold(bytes: u64, pixels: u64, packed: u64) -> bool {
    pixels <= FREE || pixels / packed <= bytes
}

/// Why a file of `bytes` bytes is refused that names so many pixels, with the remedy. `title` is its format.
pub(crate) fn refusal(title: &str, (width, height): (u32, u32), bytes: u64) -> String {
    let held = in_words(bytes);
    format!(
        "the {title} is cut short or false: it names {width}x{height} pixels, and its {held} cannot hold them; \
         copy or download it again"
    )
}

/// What a decoder knows of a picture before it decodes it.
pub(super) struct Claim<'a> {
    pub(super) format: ImageFormat,
    pub(super) bytes: &'a [u8],
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bits of a pixel in the file, by the decoder's account.
    pub(super) bits: u16,
    pub(super) jpeg: &'a Jpeg,
}

impl Claim<'_> {
    /// Whether the file is too short for its pixels, whatever they are.
    pub(super) fn is_false(&self) -> bool {
        let pixels = u64::from(self.width) * u64::from(self.height);
        pixels > FREE && (self.bytes.len() as u64) < self.least_bytes(pixels)
    }

    /// The fewest bytes that hold the picture.
    fn least_bytes(&self, pixels: u64) -> u64 {
        let raw = |bits: u16| pixels.saturating_mul(u64::from(bits)) / 8;
        match self.format {
            ImageFormat::Png => raw(scan::png_bits(self.bytes).unwrap_or(1)) / DEFLATE,
            ImageFormat::Gif => pixels / LZW,
            ImageFormat::WebP if webp_chunks::is_lossy(self.bytes) => pixels / WEBP_LOSSY,
            ImageFormat::WebP => pixels / WEBP_LOSSLESS,
            ImageFormat::Bmp => match scan::bmp_bits(self.bytes) {
                Some(bits) => raw(bits),
                None => pixels / BMP_RUNS,
            },
            ImageFormat::Tiff => match scan::tiff_compression(self.bytes) {
                Some(1) => raw(self.bits),
                // Fax: a line that is as the one before takes a bit.
                Some(3 | 4) => u64::from(self.height) / 8,
                Some(5) => raw(self.bits) / LZW,
                Some(7) => pixels / JPEG_IN_TIFF,
                Some(32773) => raw(self.bits) / PACK_BITS,
                Some(8 | 32946) => raw(self.bits) / DEFLATE,
                // Of another kind, or a BigTIFF, whose directory is not read here.
                _ => (raw(self.bits) / LZW).min(u64::from(self.height) / 8),
            },
            // Two bits for each block, the first number and the end; in progressive files the end may be said for many.
            _ => self.jpeg.blocks.max(pixels / 64) * if self.jpeg.progressive { 1 } else { 2 } / 8,
        }
    }
}
