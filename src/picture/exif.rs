//! EXIF data of a photo in; the same for its pastiche out: upright, without thumbnail, of the right size.
//!
//! It is edited where it stands and not written anew: maker notes hold offsets into the whole, which a rewrite breaks. All
//! of it comes from a file, so every place is checked before it is read or written.

use image::metadata::Orientation;

/// The most bytes: what one segment of a JPEG holds behind its name.
pub(super) const MOST_BYTES: usize = 65_533 - PREFIX.len();

/// What stands before the data in a JPEG, and by mistake in some WebP files.
const PREFIX: &[u8] = b"Exif\0\0";

/// Tags of the first directory.
const WIDTH: u16 = 0x0100;
const HEIGHT: u16 = 0x0101;
const ORIENTATION: u16 = 0x0112;
const THUMBNAIL: u16 = 0x0201;
const THUMBNAIL_LENGTH: u16 = 0x0202;
const EXIF_DIRECTORY: u16 = 0x8769;
/// Tags of the EXIF directory.
const COLOR_SPACE: u16 = 0xA001;
const EXIF_WIDTH: u16 = 0xA002;
const EXIF_HEIGHT: u16 = 0xA003;
const INTEROPERABILITY: u16 = 0xA005;
/// The tag of the interoperability directory that says which colour space's rules the file follows.
const INTEROPERABILITY_INDEX: u16 = 0x0001;

/// Types of values.
const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;

/// The data without what JPEG puts before it.
pub(super) fn without_prefix(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(PREFIX).unwrap_or(bytes)
}

/// The data made fit for a picture that is upright, in sRGB and another than the photo: orientation 1, no thumbnail.
/// `None` where the directories cannot be followed.
pub(super) fn for_pastiche(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut tiff = Tiff::open(without_prefix(bytes))?;
    tiff.put_number(tiff.first, ORIENTATION, 1);
    tiff.drop_thumbnail();
    if let Some(exif) = tiff.directory_in(tiff.first, EXIF_DIRECTORY) {
        tiff.put_number(exif, COLOR_SPACE, 1);
        if let Some(rules) = tiff.directory_in(exif, INTEROPERABILITY) {
            tiff.put_srgb_rules(rules);
        }
    }
    Some(tiff.bytes)
}

/// The data with the size that the pastiche has, where it says a size.
pub(super) fn with_size(bytes: &[u8], (width, height): (u32, u32)) -> Vec<u8> {
    let Some(mut tiff) = Tiff::open(bytes) else {
        return bytes.to_vec();
    };
    tiff.put_number(tiff.first, WIDTH, width);
    tiff.put_number(tiff.first, HEIGHT, height);
    if let Some(exif) = tiff.directory_in(tiff.first, EXIF_DIRECTORY) {
        tiff.put_number(exif, EXIF_WIDTH, width);
        tiff.put_number(exif, EXIF_HEIGHT, height);
    }
    tiff.bytes
}

/// How the photo is to be turned.
pub(super) fn orientation(bytes: &[u8]) -> Option<Orientation> {
    Orientation::from_exif_chunk(without_prefix(bytes))
}

/// Directories of entries, as in a TIFF file.
struct Tiff {
    bytes: Vec<u8>,
    little: bool,
    /// Where the first directory stands.
    first: usize,
}

impl Tiff {
    /// `None` where there is no first directory that is whole.
    fn open(bytes: &[u8]) -> Option<Self> {
        let little = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let mut tiff = Self {
            bytes: bytes.to_vec(),
            little,
            first: 0,
        };
        tiff.first = tiff.long(4)? as usize;
        let end = tiff.end_of(tiff.first)?;
        (end <= bytes.len() && tiff.short(tiff.first)? > 0).then_some(tiff)
    }

    fn short(&self, at: usize) -> Option<u16> {
        let two = *self.bytes.get(at..)?.first_chunk()?;
        Some(match self.little {
            true => u16::from_le_bytes(two),
            false => u16::from_be_bytes(two),
        })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let four = *self.bytes.get(at..)?.first_chunk()?;
        Some(match self.little {
            true => u32::from_le_bytes(four),
            false => u32::from_be_bytes(four),
        })
    }

    fn put(&mut self, at: usize, new: &[u8]) {
        if let Some(old) = self.bytes.get_mut(at..at.saturating_add(new.len())) {
            old.copy_from_slice(new);
        }
    }

    /// The place behind the entries of the directory at `directory`, where the next directory is named.
    fn end_of(&self, directory: usize) -> Option<usize> {
        directory.checked_add(2 + 12 * usize::from(self.short(directory)?))
    }

    /// The place of the entry `tag`: tag, type, number of values, and the value or where it stands.
    fn entry(&self, directory: usize, tag: u16) -> Option<usize> {
        let count = usize::from(self.short(directory)?);
        (0..count)
            .map(|n| directory + 2 + 12 * n)
            .find(|at| self.short(*at) == Some(tag))
    }

    /// A lone number.
    fn number(&self, directory: usize, tag: u16) -> Option<u32> {
        let at = self.entry(directory, tag)?;
        match (self.short(at + 2)?, self.long(at + 4)?) {
            (SHORT, 1) => self.short(at + 8).map(u32::from),
            (LONG, 1) => self.long(at + 8),
            _ => None,
        }
    }

    /// The directory whose place the entry `tag` holds.
    fn directory_in(&self, directory: usize, tag: u16) -> Option<usize> {
        let at = self.number(directory, tag)? as usize;
        (self.end_of(at)? <= self.bytes.len()).then_some(at)
    }

    /// Write a lone number, where the entry is there and holds it.
    fn put_number(&mut self, directory: usize, tag: u16, value: u32) {
        let Some(at) = self.entry(directory, tag) else {
            return;
        };
        match (self.short(at + 2), self.long(at + 4), u16::try_from(value)) {
            (Some(SHORT), Some(1), Ok(value)) => {
                let two = match self.little {
                    true => value.to_le_bytes(),
                    false => value.to_be_bytes(),
                };
                self.put(at + 8, &two);
            }
            (Some(LONG), Some(1), _) => self.put_long(at + 8, value),
            _ => {}
        }
    }

    fn put_long(&mut self, at: usize, value: u32) {
        let four = match self.little {
            true => value.to_le_bytes(),
            false => value.to_be_bytes(),
        };
        self.put(at, &four);
    }

    /// "R03", the rules of Adobe RGB, becomes "R98", those of sRGB.
    fn put_srgb_rules(&mut self, directory: usize) {
        if let Some(at) = self.entry(directory, INTEROPERABILITY_INDEX)
            && (self.short(at + 2), self.long(at + 4)) == (Some(ASCII), Some(4))
        {
            self.put(at + 8, b"R98\0");
        }
    }

    /// Take the second directory out of the chain, and the picture that it holds: it shows the photo.
    fn drop_thumbnail(&mut self) {
        let Some(link) = self.end_of(self.first) else {
            return;
        };
        let second = self.long(link).unwrap_or(0) as usize;
        let Some(end) = self.end_of(second).filter(|_| second != 0) else {
            return;
        };
        let start = self.number(second, THUMBNAIL).map(|at| at as usize);
        let length = self.number(second, THUMBNAIL_LENGTH);
        self.put_long(link, 0);
        // Its link too.
        self.blank(second, end.saturating_add(4));
        if let (Some(start), Some(length)) = (start, length)
            && start >= link.saturating_add(4)
        {
            let end = start.saturating_add(length as usize);
            if end >= self.bytes.len() {
                self.bytes.truncate(start);
            } else {
                self.blank(start, end);
            }
        }
    }

    /// Nothing but zeros from `start` to `end`, unless the first directory is there.
    fn blank(&mut self, start: usize, end: usize) {
        let first = self.first..self.end_of(self.first).unwrap_or(self.first);
        let end = end.min(self.bytes.len());
        if start < end && (end <= first.start || start >= first.end) {
            self.bytes[start..end].fill(0);
        }
    }
}

#[cfg(test)]
#[path = "exif_tests.rs"]
mod tests;
