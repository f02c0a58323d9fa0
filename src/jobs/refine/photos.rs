//! The photos that an embedding is fitted on: files go in, decoded pictures come out.

use std::path::Path;

use image::RgbImage;

use super::SIDE;
use crate::error::Result;
use crate::picture;
use crate::video::Frame;
use crate::video::FrameSource;
use crate::video::test_card::TestCard;

/// The pictures in `files`.
///
/// # Errors
/// As [`picture::open`].
pub(in crate::jobs) fn open(
    files: impl IntoIterator<Item = impl AsRef<Path>>,
) -> Result<Vec<RgbImage>> {
    let open = |path: &Path| Ok(picture::open(path, &picture::Limits::default())?.rgb);
    files.into_iter().map(|path| open(path.as_ref())).collect()
}

/// The photos when none is given: two frames of the test card, a second apart.
///
/// # Errors
/// None that is known: the card is drawn.
pub(in crate::jobs) fn test_card() -> Result<Vec<RgbImage>> {
    let mut card = TestCard::new(SIDE * 4 / 3, SIDE, 1, false);
    let mut frame = Frame::empty();
    let mut photos = Vec::new();
    for _ in 0..2 {
        card.next_frame(&mut frame)?;
        photos.push(frame.rgb.clone());
    }
    Ok(photos)
}
