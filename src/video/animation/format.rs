//! Kinds of animated pictures: a file or a name in, its format out; and what each format can hold.

use std::io::Read;
use std::num::NonZeroU32;
use std::path::Path;

use crate::error::{Error, Result};
use crate::files;
use crate::picture::claims;

/// How often an animation is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plays {
    /// Without end.
    Forever,
    /// So many times in all; 1 is once and then still.
    Times(NonZeroU32),
}

impl Plays {
    /// Once.
    pub const ONCE: Self = Self::Times(NonZeroU32::MIN);

    /// `times` in all, with 0 for without end, as APNG and WebP write it.
    pub(super) fn from_zero_forever(times: u32) -> Self {
        NonZeroU32::new(times).map_or(Self::Forever, Self::Times)
    }

    /// The reverse of [`Plays::from_zero_forever`].
    pub(super) fn zero_forever(self) -> u32 {
        match self {
            Self::Forever => 0,
            Self::Times(times) => times.get(),
        }
    }
}

/// A kind of animated picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// GIF: 256 colours a frame, times in hundredths of a second.
    Gif,
    /// PNG, of one frame or animated: lossless, times as fractions of a second.
    Png,
    /// WebP, of one frame or animated: written lossless, times in milliseconds.
    WebP,
}

impl Format {
    /// The format of the file `path`, told by content; `None` where it is none of the three.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn of_file(path: &Path) -> Result<Option<Self>> {
        let mut start = Vec::new();
        let file = files::open(path).map_err(Error::read(path))?;
        file.take(12)
            .read_to_end(&mut start)
            .map_err(Error::read(path))?;
        Ok(Self::of_bytes(&start))
    }

    /// The format of a file that begins with `start`, of at least 12 bytes.
    pub fn of_bytes(start: &[u8]) -> Option<Self> {
        match start {
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some(Self::Png),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::WebP),
            _ => None,
        }
    }

    /// The format that a file name asks for: `.gif`, `.png` or `.apng`, `.webp`; `None` for any other.
    pub fn by_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "gif" => Some(Self::Gif),
            "png" | "apng" => Some(Self::Png),
            "webp" => Some(Self::WebP),
            _ => None,
        }
    }

    /// The most pixels that a byte of a file can become; see `picture::claims`.
    pub(super) const fn pixels_of_a_byte(self) -> u64 {
        match self {
            Self::Gif => claims::LZW,
            // Of one bit each.
            Self::Png => 8 * claims::DEFLATE,
            Self::WebP => claims::WEBP_LOSSLESS,
        }
    }

    /// Its name, as people write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Gif => "GIF",
            Self::Png => "PNG",
            Self::WebP => "WebP",
        }
    }

    /// The most pixels along either side that it can hold.
    pub const fn max_side(self) -> u32 {
        match self {
            Self::Gif => u16::MAX as u32,
            Self::Png => i32::MAX as u32,
            Self::WebP => 1 << 14,
        }
    }

    /// The most plays that it can count, other than without end.
    pub const fn max_plays(self) -> u32 {
        match self {
            // It counts the plays after the first.
            Self::Gif => u16::MAX as u32 + 1,
            Self::Png => i32::MAX as u32,
            Self::WebP => u16::MAX as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_content_and_by_name() {
        assert_eq!(Format::of_bytes(b"GIF89a......"), Some(Format::Gif));
        assert_eq!(Format::of_bytes(b"RIFF1234WEBP"), Some(Format::WebP));
        assert_eq!(Format::of_bytes(b"RIFF1234AVI "), None);
        assert_eq!(Format::of_bytes(b""), None);
        assert_eq!(Format::by_name(Path::new("a.APNG")), Some(Format::Png));
        assert_eq!(Format::by_name(Path::new("a.mp4")), None);
        assert_eq!(Format::by_name(Path::new("gif")), None);
    }

    #[test]
    fn zero_plays_are_without_end() {
        assert_eq!(Plays::from_zero_forever(0), Plays::Forever);
        assert_eq!(Plays::from_zero_forever(1), Plays::ONCE);
        assert_eq!(Plays::from_zero_forever(7).zero_forever(), 7);
    }
}
