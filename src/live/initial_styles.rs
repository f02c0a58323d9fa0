//! The styles that a session begins with: the job's arguments go in, their embeddings and thumbnails come out.

use std::sync::Arc;

use super::folder_watch::FolderWatcher;
use super::job::LiveJob;
use super::style_list::StyleEntry;
use super::thumbnails::thumbnail;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::{StyleBook, user_gallery_path};
use crate::picture;
use crate::progress::Progress;
use crate::style::StyleArgument;

/// Read the styles that are named, or all of the gallery.
///
/// # Errors
/// Those of reading pictures and galleries, and [`Error::Invalid`] when there is no style at all.
pub(super) fn read(
    job: &LiveJob,
    engine: &mut Engine,
    progress: &mut dyn Progress,
) -> Result<Vec<StyleEntry>> {
    let book = StyleBook::open(
        engine.gallery().clone(),
        user_gallery_path(job.gallery.as_deref())?,
    )?;
    let arguments = match (job.styles.as_slice(), &job.styles_folder) {
        ([], None) => book
            .names(engine.space())
            .into_iter()
            .map(StyleArgument::named)
            .collect(),
        // The watcher finds the others; until then there must be one to paint with.
        ([], Some(folder)) => picture::find_pictures(folder)?
            .into_iter()
            .take(1)
            .map(StyleArgument::file)
            .collect(),
        (given, _) => given.to_vec(),
    };
    let mut entries = Vec::new();
    for argument in &arguments {
        let embedding = book.embed(engine, argument, &mut |note| progress.note(note))?;
        let thumbnail = match argument.picture() {
            Some(path) => {
                let picture = picture::open(path, &picture::Limits::default())?;
                Some(Arc::new(thumbnail(&picture.rgb)?))
            }
            None => None,
        };
        entries.push(StyleEntry {
            name: argument.stem(),
            embedding,
            thumbnail,
        });
    }
    if entries.is_empty() {
        let reason = "there is none to begin with; name one, or add some to the gallery";
        return Err(Error::invalid("styles", reason));
    }
    Ok(entries)
}

/// The watcher of the folder from which styles come.
///
/// # Errors
/// [`Error::Read`] when the folder cannot be read.
pub(super) fn watcher(job: &LiveJob) -> Result<Option<FolderWatcher>> {
    let Some(path) = &job.styles_folder else {
        return Ok(None);
    };
    std::fs::read_dir(path).map_err(Error::read(path))?;
    Ok(Some(FolderWatcher::new(path)))
}
