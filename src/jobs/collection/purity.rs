//! A folder with a subfolder for each painter in; how often the style most like a painting is of the same painter out.

use std::path::PathBuf;

use super::read_folder;
use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
use crate::jobs::{Failure, note_device};
use crate::progress::Progress;
use crate::style::GalleryStyle;
use crate::style::collection::{Metric, Purity, Ruler, purity};

/// The labelled folder.
#[derive(Debug, Clone)]
pub struct PurityJob {
    /// A folder; what lies in one of its subfolders, at whatever depth, has the subfolder's name as its label.
    pub folder: PathBuf,
    /// Networks and device.
    pub engine: EngineBuilder,
}

/// The purity by each metric.
#[derive(Debug)]
pub struct PurityReport {
    /// The labels, as [`Purity::labels`] has them.
    pub labels: Vec<String>,
    /// The pictures that were read.
    pub pictures: usize,
    /// Leave-one-out nearest-neighbour purity.
    pub purity: Vec<(Metric, Purity)>,
    /// Pictures that could not be read.
    pub failed: Vec<Failure>,
}

/// Leave-one-out nearest-neighbour purity of a labelled folder, by every metric.
///
/// # Errors
/// [`Error::Invalid`] when a picture lies in no subfolder, or no subfolder has two; as [`picture::find_pictures_below`]
/// and [`EngineBuilder::build`].
///
/// [`picture::find_pictures_below`]: crate::picture::find_pictures_below
pub fn style_purity(job: &PurityJob, progress: &mut dyn Progress) -> Result<PurityReport> {
    let mut engine = job.engine.clone().build()?;
    note_device(&job.engine, engine.device(), progress);
    let folder = read_folder(&job.folder, &mut engine, 0, progress)?;
    let what = job.folder.display().to_string();
    let (labels, rows) = labels(&folder.collection.styles).ok_or_else(|| {
        let reason =
            "has pictures beside its subfolders; each must lie in one, whose name is its label";
        Error::invalid(what.clone(), reason)
    })?;
    let mut found = Vec::new();
    for metric in Metric::ALL {
        let view = folder.collection.rows.view();
        let chords = Ruler::fit(metric, view).chords(view);
        let purity = purity(chords.view(), &rows).ok_or_else(|| {
            Error::invalid(what.clone(), "no subfolder has two pictures to compare")
        })?;
        found.push((metric, purity));
    }
    Ok(PurityReport {
        labels,
        pictures: rows.len(),
        purity: found,
        failed: folder.failed,
    })
}

/// The painters, and for each style the index of its own; `None` when a style has none.
pub(in crate::jobs) fn labels(styles: &[GalleryStyle]) -> Option<(Vec<String>, Vec<usize>)> {
    let mut names: Vec<String> = styles.iter().filter_map(|s| s.painter.clone()).collect();
    names.sort();
    names.dedup();
    let rows = styles.iter().map(|style| {
        let painter = style.painter.as_ref()?;
        names.binary_search(painter).ok()
    });
    let rows: Option<Vec<usize>> = rows.collect();
    Some((names, rows?))
}
