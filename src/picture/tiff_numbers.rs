//! A place in a TIFF in; the number that stands there out.

/// Numbers in a TIFF, in its byte order; `None` behind the end.
pub(super) struct Tiff<'a> {
    bytes: &'a [u8],
    pub(super) little: bool,
}

impl<'a> Tiff<'a> {
    /// The numbers of the file `bytes`.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let little = bytes.starts_with(b"II");
        Self { bytes, little }
    }

    /// A 16-bit number.
    pub(super) fn short(&self, at: usize) -> Option<u16> {
        let two = self.bytes.get(at..)?.first_chunk::<2>()?;
        Some(if self.little {
            u16::from_le_bytes(*two)
        } else {
            u16::from_be_bytes(*two)
        })
    }

    /// A 32-bit number as a place in the file.
    pub(super) fn long(&self, at: usize) -> Option<usize> {
        let four = self.bytes.get(at..)?.first_chunk::<4>()?;
        let value = if self.little {
            u32::from_le_bytes(*four)
        } else {
            u32::from_be_bytes(*four)
        };
        usize::try_from(value).ok()
    }
}
