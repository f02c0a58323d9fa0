//! The styles of a collection in; a photo painted in each, small, out. A gallery has no pictures of its paintings.

use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::collection::Collection;
use crate::jobs::style_sheet::open_photo;
use crate::picture;
use crate::progress::Progress;

/// The short side of a thumbnail in pixels: enough for screens of double density.
pub(super) const SHORT_SIDE: u32 = 192;

/// `photo`, or the still life, painted in every style.
pub(super) fn paint(
    engine: &mut Engine,
    collection: &Collection,
    photo: Option<&Path>,
    progress: &mut dyn Progress,
) -> Result<Vec<RgbImage>> {
    let (picture, file): (_, PathBuf) = open_photo(photo)?;
    let photo = picture::fit_short(&picture.rgb, SHORT_SIDE)?;
    let total = collection.styles.len();
    let mut painted = Vec::new();
    for (done, (style, row)) in collection
        .styles
        .iter()
        .zip(collection.rows.rows())
        .enumerate()
    {
        let name = format!("@{}", style.name);
        if progress.step(done, total, &name).is_break() {
            return Err(Error::Interrupted);
        }
        let embedding = crate::style::StyleEmbedding::new(row.to_owned(), style.space.clone())?;
        let pastiche = engine.stylize(&photo, &embedding);
        painted.push(pastiche.map_err(|e| e.in_file(&file))?);
    }
    let _ = progress.step(total, total, "");
    Ok(painted)
}
