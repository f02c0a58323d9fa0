//! Facts that the decoders do not report: bytes in; whether a JPEG is complete, how many frames a GIF has out.
//!
//! Segments are skipped by their lengths; nothing is decoded, and invalid bytes end the scan.

/// Width and height in pixels as a PNG's header says, even where nothing follows the header.
pub(super) fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let size = bytes.get(16..24)?;
    let (width, height) = size.split_first_chunk::<4>()?;
    let height = height.first_chunk::<4>()?;
    (bytes.get(12..16)? == b"IHDR")
        .then_some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

/// The result of a scan of a JPEG's segments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Jpeg {
    /// Whether the end-of-image marker is there; the decoder fills what is missing with grey and says nothing.
    pub whole: bool,
    /// How many colour components the frame header announces; 4 is CMYK.
    pub components: u8,
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
        if is_frame && let Some(components) = bytes.get(at + 7) {
            found.components = *components;
        }
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
            whole: false,
            components: 4,
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
        }
    }
}
