//! The pictures that an embedding is fitted on.

use std::path::Path;

use image::RgbImage;

use super::SIDE;
use crate::error::Result;
use crate::frame::Frame;
use crate::io::test_card::TestCard;
use crate::io::{FrameSource, file};

/// The pictures in `files`.
///
/// # Errors
/// As [`file::open`].
pub(in crate::app) fn open(
    files: impl IntoIterator<Item = impl AsRef<Path>>,
) -> Result<Vec<RgbImage>> {
    let open = |path: &Path| Ok(file::open(path, &file::Limits::default())?.rgb);
    files.into_iter().map(|path| open(path.as_ref())).collect()
}

/// Where no photo is given: two moments of the test card, a second apart.
///
/// # Errors
/// None that is known: the card is drawn.
pub(in crate::app) fn test_card() -> Result<Vec<RgbImage>> {
    let mut card = TestCard::new(SIDE * 4 / 3, SIDE, 1, false);
    let mut frame = Frame::empty();
    let mut photos = Vec::new();
    for _ in 0..2 {
        card.next_frame(&mut frame)?;
        photos.push(frame.rgb.clone());
    }
    Ok(photos)
}
