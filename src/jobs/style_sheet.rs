//! A photo in; a contact sheet of it in every style of the gallery out.

use std::path::{Path, PathBuf};

use super::{StyleBook, check_size, note_device, user_gallery_path};
use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
use crate::picture::{self, Limits, Picture};
use crate::progress::Progress;

/// The photo of a sheet when none is given: the still life of the examples.
const STILL_LIFE: &[u8] = include_bytes!("../../examples/images/still-life.png");

/// The long side of each picture on the sheet when no size is given, in pixels.
const DEFAULT_SIZE: u32 = 256;

/// The pictures in a row of the sheet.
const COLUMNS: usize = 4;

/// What to paint on the sheet and where to put it.
#[derive(Debug, Clone)]
pub struct StyleSheetJob {
    /// The photo; the still life of the examples when absent.
    pub photo: Option<PathBuf>,
    /// The long side of each picture in pixels; 256 when absent.
    pub size: Option<u32>,
    /// The picture to write.
    pub output: PathBuf,
    /// The user's gallery, when not the usual one.
    pub gallery: Option<PathBuf>,
    /// Networks and device.
    pub engine: EngineBuilder,
}

/// The photo in the file `path`, or the still life; and what errors call it.
pub(super) fn open_photo(path: Option<&Path>) -> Result<(Picture, PathBuf)> {
    if let Some(path) = path {
        return Ok((picture::open(path, &Limits::default())?, path.to_owned()));
    }
    let name = Path::new("still life");
    let picture = picture::decode(STILL_LIFE, name, &Limits::default())?;
    Ok((picture, name.to_owned()))
}

/// Paint the photo in every style that the model knows, with the names of the styles. Gives these names.
///
/// # Errors
/// As [`stylize`](super::stylize).
pub fn style_sheet(job: &StyleSheetJob, progress: &mut dyn Progress) -> Result<Vec<String>> {
    check_size(job.size)?;
    let inputs: Vec<&Path> = job.photo.iter().map(PathBuf::as_path).collect();
    picture::check_output(&job.output, &inputs)?;
    let (picture, file) = open_photo(job.photo.as_deref())?;
    let side = job.size.unwrap_or(DEFAULT_SIZE);
    let photo = picture::fit_long(&picture.rgb, side)?;

    let mut engine = job.engine.clone().build()?;
    let book = StyleBook::open(
        engine.gallery().clone(),
        user_gallery_path(job.gallery.as_deref())?,
    )?;
    note_device(&job.engine, engine.device(), progress);
    let names = book.names(engine.space());
    let foreign = book.bundled.styles.len() + book.user.styles.len() - names.len();
    if foreign > 0 {
        progress.note(&format!(
            "{foreign} styles were made by another predictor and are left out"
        ));
    }
    let mut cells = vec![(photo.clone(), "photo".to_owned())];
    for (n, name) in names.iter().enumerate() {
        if progress
            .step(n, names.len(), &format!("@{name}"))
            .is_break()
        {
            return Err(Error::Interrupted);
        }
        let style = book.get(name)?.embedding()?;
        let pastiche = engine
            .stylize(&photo, &style)
            .map_err(|e| e.in_file(&file))?;
        cells.push((pastiche, format!("@{name}")));
    }
    picture::save(
        &job.output,
        &picture::contact_sheet(&cells, COLUMNS, side)?,
        None,
    )?;
    let _ = progress.step(names.len(), names.len(), "");
    Ok(names)
}
