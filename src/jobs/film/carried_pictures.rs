//! The pictures that steadiness goes on from, beside the record of a piece: lossless, so that a film that is continued is
//! the same as one that was not interrupted.

use std::fs;
use std::path::{Path, PathBuf};

use image::RgbImage;

use super::painter::SteadyMemory;
use crate::error::Result;
use crate::picture::{self, Limits};

/// The extensions that take the place of the record's.
const CONTENT: &str = "content.png";
const SHOWN: &str = "shown.png";
const FRAMES: &str = "frames";

/// Write them beside `record`.
pub(super) fn write(record: &Path, memory: &SteadyMemory) -> Result<()> {
    picture::save(&record.with_extension(CONTENT), &memory.content, None)?;
    picture::save(&record.with_extension(SHOWN), &memory.shown, None)?;
    // Last: its presence says that the others are there.
    let frames = memory.frames.to_string();
    picture::write_bytes(&record.with_extension(FRAMES), frames.as_bytes())
}

/// Read what stands beside `record`; `None` where it is not all there.
pub(super) fn read(record: &Path) -> Option<SteadyMemory> {
    let frames = fs::read_to_string(record.with_extension(FRAMES)).ok()?;
    let open = |path: PathBuf| -> Option<RgbImage> {
        picture::open(&path, &Limits::default()).ok().map(|p| p.rgb)
    };
    Some(SteadyMemory {
        content: open(record.with_extension(CONTENT))?,
        shown: open(record.with_extension(SHOWN))?,
        frames: frames.parse().ok()?,
    })
}

/// Remove what stands beside `record`, if anything does.
pub(super) fn remove(record: &Path) {
    for extension in [FRAMES, CONTENT, SHOWN] {
        // They are only in the way.
        let _ = fs::remove_file(record.with_extension(extension));
    }
}
