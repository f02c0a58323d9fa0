//! Facts that the decoders do not report: bytes in; whether a JPEG is complete, how many frames a GIF has, how pixels are
//! packed out.
//!
//! Segments are skipped by their lengths; nothing is decoded, and invalid bytes end the scan.

use super::tiff_numbers::Tiff;

/// Width and height in pixels as a PNG's header says, even where nothing follows the header.
pub(super) fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let size = bytes.get(16..24)?;
    let (width, height) = size.split_first_chunk::<4>()?;
    let height = height.first_chunk::<4>()?;
    (bytes.get(12..16)? == b"IHDR")
        .then_some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

/// Bits of a pixel as a PNG's header says.
pub(super) fn png_bits(bytes: &[u8]) -> Option<u16> {
    let channels = match bytes.get(25)? {
        2 => 3,
        4 => 2,
        6 => 4,
        _ => 1,
    };
    Some(u16::from(*bytes.get(24)?).clamp(1, 16) * channels)
}

/// Bits of a pixel of a BMP; `None` where its lines are packed, or its header is of a kind that is not known here.
pub(super) fn bmp_bits(bytes: &[u8]) -> Option<u16> {
    let short = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk::<2>()?));
    match bytes.get(14)? {
        12 => short(24),
        // No compression, or none but masks for the bits of each colour.
        40.. if matches!(short(30)?, 0 | 3 | 6) => short(28),
        _ => None,
    }
}

/// How a TIFF's first picture is packed, as its tag 259 says; no such tag is 1, not packed.
pub(super) fn tiff_compression(bytes: &[u8]) -> Option<u16> {
    let file = Tiff::of(bytes);
    if file.short(2)? != 42 {
        return None;
    }
    let directory = file.long(4)?;
    for entry in 0..usize::from(file.short(directory)?) {
        let at = directory.checked_add(2 + 12 * entry)?;
        if file.short(at)? == 259 {
            return file.short(at + 8);
        }
    }
    Some(1)
}

/// The result of a scan of a JPEG's segments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Jpeg {
    /// Whether the end-of-image marker is there; the decoder fills what is missing with grey and says nothing.
    pub whole: bool,
    /// How many colour components the frame header announces; 4 is CMYK.
    pub components: u8,
    /// Whether it is stored in passes over the whole picture, from coarse to fine.
    pub progressive: bool,
    /// How many blocks of 8x8 numbers it has, over all components.
    pub blocks: u64,
    /// How many scans it has.
    pub scans: u32,
}

impl Jpeg {
    /// The memory for the numbers of all blocks, where a decoder has to keep them: 64 of two bytes each.
    pub fn coefficient_bytes(&self) -> u64 {
        match self.progressive || self.scans > 1 {
            true => self.blocks.saturating_mul(128),
            false => 0,
        }
    }

    /// Notes what a frame header says; where there are several, the most that one of them says.
    fn frame(&mut self, marker: u8, header: &[u8]) -> Option<()> {
        let side = |at: usize| {
            let two = header.get(at..)?.first_chunk::<2>()?;
            Some(u64::from(u16::from_be_bytes(*two)))
        };
        let (height, width) = (side(3)?, side(5)?);
        self.components = *header.get(7)?;
        self.progressive |= matches!(marker, 0xC2 | 0xC6 | 0xCA | 0xCE);
        let sampling: Vec<(u64, u64)> = (0..usize::from(self.components))
            .map_while(|n| header.get(9 + 3 * n))
            .map(|both| (u64::from(both >> 4).max(1), u64::from(both & 15).max(1)))
            .collect();
        let most = |of: fn(&(u64, u64)) -> u64| sampling.iter().map(of).max().unwrap_or(1);
        let (across, down) = (most(|s| s.0), most(|s| s.1));
        let blocks = |size: u64, share: u64, whole: u64| (size * share).div_ceil(whole * 8);
        let all = sampling
            .iter()
            .map(|(h, v)| blocks(width, *h, across) * blocks(height, *v, down));
        self.blocks = self.blocks.max(all.sum());
        Some(())
    }
}

/// Scans a JPEG's segments up to the end-of-image marker.
///
/// Segments are skipped by their length, so that the end of a thumbnail inside the EXIF data is not taken for the
/// picture's own.
pub(super) fn jpeg(bytes: &[u8]) -> Jpeg {
    let mut found = Jpeg::default();
    let mut at = 2;
    while let Some(marker) = next_marker(bytes, &mut at) {
        let length = match marker {
            0xD9 => {
                found.whole = true;
                return found;
            }
            // Markers without a segment: restarts inside scans, and stuffed or stray bytes.
            0x00 | 0x01 | 0xD0..=0xD8 => continue,
            _ => match bytes.get(at..at + 2) {
                Some(length) => usize::from(u16::from_be_bytes([length[0], length[1]])),
                None => return found,
            },
        };
        let is_frame = matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC);
        if is_frame {
            // A header that is cut short announces nothing.
            let end = at.saturating_add(length).min(bytes.len());
            let _ = found.frame(marker, &bytes[at..end]);
        }
        found.scans += u32::from(marker == 0xDA);
        at += length;
    }
    found
}

/// The next byte after `0xFF`s, with `at` moved behind it.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    *at += bytes.get(*at..)?.iter().position(|&b| b == 0xFF)?;
    *at += bytes[*at..].iter().position(|&b| b != 0xFF)?;
    *at += 1;
    Some(bytes[*at - 1])
}

/// Width and height of a GIF's first frame.
pub(super) fn gif_frame(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = bytes.get(10).map(|flags| 13 + table(*flags))?;
    while *bytes.get(at)? == 0x21 {
        at = blocks(bytes, at + 2)?;
    }
    let side = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk::<2>()?));
    (bytes[at] == 0x2C).then_some((u32::from(side(at + 5)?), u32::from(side(at + 7)?)))
}

/// How many frames a GIF has, counted up to two: one is a picture, two an animation.
pub(super) fn gif_frames(bytes: &[u8]) -> usize {
    let mut frames = 0;
    let mut place = bytes.get(10).map(|flags| 13 + table(*flags));
    while frames < 2
        && let Some(at) = place
    {
        place = match bytes.get(at) {
            Some(0x21) => blocks(bytes, at + 2),
            Some(0x2C) => {
                frames += 1;
                let flags = bytes.get(at + 9);
                flags.and_then(|flags| blocks(bytes, at + 11 + table(*flags)))
            }
            _ => None,
        };
    }
    frames
}

/// The bytes of the colour table that a GIF's flags announce.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        6 << (flags & 7)
    }
}

/// The place behind a chain of GIF sub-blocks, each led by its length and ended by an empty one.
fn blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_does_not_end_the_picture() {
        // SOI, APP1 holding a whole tiny JPEG, SOF0 with 4 components, SOS, data with a stuffed byte and a restart.
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9];
        bytes.extend([0xFF, 0xC0, 0, 8, 8, 0, 1, 0, 1, 4]);
        bytes.extend([0xFF, 0xDA, 0, 2, 1, 2, 0xFF, 0, 3, 0xFF, 0xD0, 4]);
        let mut expected = Jpeg {
            components: 4,
            scans: 1,
            ..Jpeg::default()
        };
        assert_eq!(jpeg(&bytes), expected);
        bytes.extend([0xFF, 0xFF, 0xD9]);
        expected.whole = true;
        assert_eq!(jpeg(&bytes), expected);
        for cut in 0..bytes.len() - 1 {
            assert!(!jpeg(&bytes[..cut]).whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_png_tells_its_size_with_nothing_but_its_header() {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend([0, 1, 0, 0, 0, 0, 0, 5]);
        assert_eq!(png_size(&bytes), Some((65536, 5)));
        assert_eq!(png_size(&bytes[..23]), None);
    }

    #[test]
    fn gif_frames_are_counted_up_to_two() {
        let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0".to_vec();
        bytes.extend([0; 6]);
        assert_eq!(gif_frames(&bytes), 0);
        let frame = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0];
        for expected in [1, 2, 2] {
            bytes.extend([0x21, 0xF9, 4, 0, 0, 0, 0, 0]);
            bytes.extend(frame);
            assert_eq!(gif_frames(&bytes), expected);
            assert_eq!(gif_frame(&bytes), Some((1, 1)));
        }
    }
}
