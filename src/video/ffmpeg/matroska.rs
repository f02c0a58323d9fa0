//! Frames of RGB and their times in nanoseconds go in; the bytes of a Matroska film without compression come out, for a
//! pipe. Only so can ffmpeg be told the time of each frame.

use std::io::{self, Write};

/// The size of an element whose end is the pipe's.
const UNKNOWN: [u8; 8] = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/// What comes before the frames: a film of one track of `width` x `height` pixels of 24 bits, its clock in nanoseconds.
pub(super) fn header((width, height): (u32, u32)) -> Vec<u8> {
    let ebml = [
        number(&[0x42, 0x86], 1),            // EBMLVersion
        number(&[0x42, 0xf7], 1),            // EBMLReadVersion
        number(&[0x42, 0xf2], 4),            // EBMLMaxIDLength
        number(&[0x42, 0xf3], 8),            // EBMLMaxSizeLength
        element(&[0x42, 0x82], b"matroska"), // DocType
        number(&[0x42, 0x87], 4),            // DocTypeVersion
        number(&[0x42, 0x85], 2),            // DocTypeReadVersion
    ];
    let video = [
        number(&[0xb0], width.into()),            // PixelWidth
        number(&[0xba], height.into()),           // PixelHeight
        element(&[0x2e, 0xb5, 0x24], b"RGB\x18"), // UncompressedFourCC
    ];
    let track = [
        number(&[0xd7], 1),                  // TrackNumber
        number(&[0x73, 0xc5], 1),            // TrackUID
        number(&[0x83], 1),                  // TrackType: video
        element(&[0x86], b"V_UNCOMPRESSED"), // CodecID
        element(&[0xe0], &video.concat()),   // Video
    ];
    let info = number(&[0x2a, 0xd7, 0xb1], 1); // TimestampScale
    let entry = element(&[0xae], &track.concat()); // TrackEntry
    [
        element(&[0x1a, 0x45, 0xdf, 0xa3], &ebml.concat()),
        [&[0x18, 0x53, 0x80, 0x67][..], &UNKNOWN].concat(), // Segment
        element(&[0x15, 0x49, 0xa9, 0x66], &info),          // Info
        element(&[0x16, 0x54, 0xae, 0x6b], &entry),         // Tracks
    ]
    .concat()
}

/// One frame, in a cluster of its own.
pub(super) fn write_frame(output: &mut impl Write, nanoseconds: u64, rgb: &[u8]) -> io::Result<()> {
    let block = [0x81, 0, 0, 0x80]; // track 1, no offset, a key frame
    let time = number(&[0xe7], nanoseconds); // Timestamp
    let length = (block.len() + rgb.len()) as u64;
    let simple = [&[0xa3][..], &size(length)].concat(); // SimpleBlock
    let whole = (time.len() + simple.len()) as u64 + length;
    output.write_all(&[0x1f, 0x43, 0xb6, 0x75])?; // Cluster
    output.write_all(&size(whole))?;
    output.write_all(&time)?;
    output.write_all(&simple)?;
    output.write_all(&block)?;
    output.write_all(rgb)
}

fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    [id, &size(content.len() as u64), content].concat()
}

fn number(id: &[u8], value: u64) -> Vec<u8> {
    element(id, &value.to_be_bytes())
}

/// A size in eight bytes, of which the first bit says so.
fn size(bytes: u64) -> [u8; 8] {
    (bytes | 1 << 56).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_as_long_as_it_says() {
        let mut bytes = Vec::new();
        assert!(write_frame(&mut bytes, 41_708_333, &[7; 12]).is_ok());
        let length = u64::from_be_bytes([
            0, bytes[5], bytes[6], bytes[7], bytes[8], bytes[9], bytes[10], bytes[11],
        ]);
        assert_eq!(length, bytes.len() as u64 - 12);
        assert_eq!(bytes[12 + 17 + 9..][..4], [0x81, 0, 0, 0x80]);
        assert!(bytes.ends_with(&[7; 12]));
    }
}
