//! What is wrong with an animation's file, before the file's name is known; and the error with the name.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::format::Format;
use crate::error::{Error, Result};

/// What to do about a file that is broken.
pub(super) const AGAIN: &str = "copy or download it again, or save it again with another program";

/// Why a file cannot be read on.
#[derive(Debug)]
pub(super) enum Fault {
    /// The system could not read it.
    Read(io::Error),
    /// It ends in the middle.
    Short,
    /// It is not of its format, in words: "has no frames".
    Damaged(String),
    /// It is over a limit or of an unsupported kind, in words with the remedy.
    Refused(String),
}

impl Fault {
    pub(super) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged(reason.into())
    }

    /// The error for the file `path`, of which `frames` frames are whole.
    pub(super) fn explain(self, path: &Path, format: Format, frames: usize) -> Error {
        let title = format.title();
        let whole = match frames {
            0 => "before its first frame is complete".to_owned(),
            1 => "after 1 frame".to_owned(),
            n => format!("after {n} frames"),
        };
        let reason = match self {
            Self::Read(error) => return Error::read(path)(error),
            Self::Short => format!("the {title} is cut short {whole}; {AGAIN}"),
            Self::Damaged(what) => format!("the {title} is damaged: it {what}; {AGAIN}"),
            Self::Refused(what) => what,
        };
        Error::Decode {
            path: path.to_owned(),
            reason,
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedEof => Self::Short,
            _ => Self::Read(error),
        }
    }
}

/// What a scan or a decoder gives.
pub(super) type Found<T> = std::result::Result<T, Fault>;

/// Whether a frame of `width` x `height` pixels is small enough to be decoded.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::Decode`] where it has no pixels.
pub(super) fn check_size(
    path: &Path,
    format: Format,
    (width, height): (u32, u32),
    limits: &super::Limits,
) -> Result<()> {
    if width == 0 || height == 0 {
        let none = Fault::Damaged(format!("has no pixels ({width}x{height})"));
        return Err(none.explain(path, format, 0));
    }
    let bytes = u64::from(width)
        .saturating_mul(u64::from(height))
        .saturating_mul(4);
    let limit = if width.max(height) > limits.max_side {
        format!("{} pixels a side", limits.max_side)
    } else if bytes > limits.max_bytes {
        format!("{} MiB a frame", limits.max_bytes >> 20)
    } else {
        return Ok(());
    };
    Err(Error::TooLarge {
        path: path.to_owned(),
        width,
        height,
        limit,
    })
}
