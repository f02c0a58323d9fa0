//! Palette TIFF, which the decoder refuses: a file in; a picture out that was decoded as grey and looked up in the palette.

use super::tiff_numbers::Tiff;
use image::{DynamicImage, GrayImage, RgbImage};

const PHOTOMETRIC: u16 = 262;
const BITS_PER_SAMPLE: u16 = 258;
const COLOR_MAP: u16 = 320;
const PALETTE: u16 = 3;
const BLACK_IS_ZERO: u16 = 1;

/// A palette TIFF of 8 bits, taken apart.
pub(super) struct Palette {
    /// The file with one number changed, so that its pixels pass for grey.
    pub as_grey: Vec<u8>,
    /// The colour of each of the 256 grey values.
    colours: Vec<[u8; 3]>,
}

impl Palette {
    /// Takes a TIFF apart, where its first picture is one of 8-bit palette indices.
    pub fn find(bytes: &[u8]) -> Option<Self> {
        let file = Tiff::of(bytes);
        let directory = file.long(4)?;
        let (mut kind_at, mut bits, mut map) = (None, None, None);
        for entry in 0..usize::from(file.short(directory)?) {
            // An entry is tag, type, count, and the value or where it stands.
            let at = directory + 2 + 12 * entry;
            match file.short(at)? {
                PHOTOMETRIC if file.short(at + 8)? == PALETTE => kind_at = Some(at + 8),
                BITS_PER_SAMPLE => bits = Some(file.short(at + 8)?),
                COLOR_MAP if file.long(at + 4)? == 3 * 256 => map = Some(file.long(at + 8)?),
                _ => {}
            }
        }
        let (kind_at, map) = (kind_at?, map?);
        if bits != Some(8) {
            return None;
        }
        // All reds, then all greens, then all blues, in 16 bits; some writers wrongly use 8.
        let values: Option<Vec<u16>> = (0..768).map(|i| file.short(map + 2 * i)).collect();
        let values = values?;
        let shift = if values.iter().all(|&v| v < 256) {
            0
        } else {
            8
        };
        let value = |i: usize| (values[i] >> shift) as u8;
        let colours = (0..256)
            .map(|i| [value(i), value(256 + i), value(512 + i)])
            .collect();
        let mut as_grey = bytes.to_vec();
        let grey = if file.little {
            BLACK_IS_ZERO.to_le_bytes()
        } else {
            BLACK_IS_ZERO.to_be_bytes()
        };
        as_grey
            .get_mut(kind_at..kind_at + 2)?
            .copy_from_slice(&grey);
        Some(Self { as_grey, colours })
    }

    /// The picture in its colours.
    pub fn colour(&self, indices: &GrayImage) -> DynamicImage {
        let (width, height) = indices.dimensions();
        let colour = |x, y| self.colours[usize::from(indices.get_pixel(x, y).0[0])].into();
        RgbImage::from_fn(width, height, colour).into()
    }
}
