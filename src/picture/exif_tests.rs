//! EXIF data made here, edited, and read again.
#![allow(clippy::unwrap_used)]

use super::*;

/// EXIF data of a camera: orientation 6, a maker, a size, Adobe RGB, and a thumbnail. `big`: most significant byte first.
fn sample(big: bool, thumbnail_last: bool) -> Vec<u8> {
    let short = |v: u16| {
        if big {
            v.to_be_bytes()
        } else {
            v.to_le_bytes()
        }
    };
    let long = |v: u32| {
        if big {
            v.to_be_bytes()
        } else {
            v.to_le_bytes()
        }
    };
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&short(tag)[..], &short(kind), &long(count), &value].concat()
    };
    let inline = |v: u16| [short(v), [0, 0]].concat().try_into().unwrap();
    // Header 8, first directory of 4 entries 8..62, EXIF of 4 62..116, rules of 1 116..134, second of 2 134..164.
    let (exif, rules, second) = (62, 116, 134);
    let (maker, thumbnail) = if thumbnail_last {
        (164, 176)
    } else {
        (196, 164)
    };
    let mut bytes = if big {
        b"MM\0*".to_vec()
    } else {
        b"II*\0".to_vec()
    };
    bytes.extend(long(8));
    bytes.extend(short(4));
    bytes.extend(entry(0x010F, ASCII, 12, long(maker)));
    bytes.extend(entry(ORIENTATION, SHORT, 1, inline(6)));
    bytes.extend(entry(WIDTH, LONG, 1, long(4000)));
    bytes.extend(entry(EXIF_DIRECTORY, LONG, 1, long(exif)));
    bytes.extend(long(second));
    bytes.extend(short(4));
    bytes.extend(entry(COLOR_SPACE, SHORT, 1, inline(0xFFFF)));
    bytes.extend(entry(EXIF_WIDTH, SHORT, 1, inline(4000)));
    bytes.extend(entry(EXIF_HEIGHT, LONG, 1, long(3000)));
    bytes.extend(entry(INTEROPERABILITY, LONG, 1, long(rules)));
    bytes.extend(long(0));
    bytes.extend(short(1));
    bytes.extend(entry(INTEROPERABILITY_INDEX, ASCII, 4, *b"R03\0"));
    bytes.extend(long(0));
    bytes.extend(short(2));
    bytes.extend(entry(THUMBNAIL, LONG, 1, long(thumbnail)));
    bytes.extend(entry(THUMBNAIL_LENGTH, LONG, 1, long(32)));
    bytes.extend(long(0));
    assert_eq!(bytes.len(), 164);
    let parts = [&b"Impasto Inc\0"[..], &[0xAB; 32]];
    let parts = if thumbnail_last {
        parts
    } else {
        [parts[1], parts[0]]
    };
    bytes.extend(parts.concat());
    bytes
}

#[test]
fn the_picture_is_upright_without_thumbnail_and_the_maker_stays() {
    for (big, last) in [(false, true), (false, false), (true, true), (true, false)] {
        let bytes = sample(big, last);
        assert_eq!(orientation(&bytes), Some(Orientation::Rotate90));
        let prefixed = [PREFIX, &bytes].concat();
        assert_eq!(orientation(&prefixed), Some(Orientation::Rotate90));
        let kept = for_pastiche(&prefixed).unwrap();
        assert_eq!(for_pastiche(&bytes).as_ref(), Some(&kept));
        assert_eq!(orientation(&kept), Some(Orientation::NoTransforms));
        assert!(kept.windows(12).any(|w| w == b"Impasto Inc\0"));
        assert!(!kept.contains(&0xAB), "the thumbnail is gone");
        assert_eq!(kept.len(), if last { 176 } else { 208 });
        let kept = with_size(&kept, (640, 70_000));
        let tiff = Tiff::open(&kept).unwrap();
        assert_eq!(tiff.long(tiff.end_of(tiff.first).unwrap()), Some(0));
        let exif = tiff.directory_in(tiff.first, EXIF_DIRECTORY).unwrap();
        assert_eq!(tiff.number(tiff.first, WIDTH), Some(640));
        assert_eq!(tiff.number(exif, EXIF_WIDTH), Some(640));
        assert_eq!(tiff.number(exif, EXIF_HEIGHT), Some(70_000));
        assert_eq!(tiff.number(exif, COLOR_SPACE), Some(1));
        assert!(kept.windows(4).any(|w| w == b"R98\0"));
    }
}

#[test]
fn damage_is_refused_or_survived() {
    assert_eq!(for_pastiche(b""), None);
    assert_eq!(for_pastiche(b"II*\0"), None);
    assert_eq!(
        for_pastiche(b"II*\0\x08\0\0\0\xFF\xFF"),
        None,
        "a directory that does not fit"
    );
    assert_eq!(for_pastiche(b"II*\0\xFF\xFF\xFF\xFF\0\0"), None);
    assert_eq!(
        for_pastiche(b"II*\0\x08\0\0\0\0\0"),
        None,
        "an empty directory"
    );
    let bytes = sample(false, true);
    for cut in 0..bytes.len() {
        if let Some(kept) = for_pastiche(&bytes[..cut]) {
            assert!(kept.len() <= cut);
            with_size(&kept, (1, 1));
        }
    }
    // Every byte, replaced by the worst.
    for at in 0..bytes.len() {
        for worst in [0, 8, 0x7F, 0xFF] {
            let mut bytes = bytes.clone();
            bytes[at] = worst;
            if let Some(kept) = for_pastiche(&bytes) {
                with_size(&kept, (9, 9));
            }
        }
    }
    // A directory that is its own next.
    let mut circle = bytes;
    circle[58..62].copy_from_slice(&8u32.to_le_bytes());
    let kept = for_pastiche(&circle).unwrap();
    assert!(kept.windows(12).any(|w| w == b"Impasto Inc\0"));
    assert_eq!(orientation(&kept), Some(Orientation::NoTransforms));
}
