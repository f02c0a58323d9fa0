//! Takes the size that was asked of an output; gives an error if it is out of range.

use std::ops::RangeInclusive;

use crate::error::{Error, Result};

/// The range of the long side of an output, in pixels.
pub const SIZES: RangeInclusive<u32> = 16..=16384;

/// Refuses a size outside [`SIZES`].
pub(crate) fn check_size(size: Option<u32>) -> Result<()> {
    match size {
        Some(size) if !SIZES.contains(&size) => Err(Error::invalid(
            "size",
            format!(
                "{size} is not between {} and {} pixels",
                SIZES.start(),
                SIZES.end()
            ),
        )),
        _ => Ok(()),
    }
}
