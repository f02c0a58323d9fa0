//! Two styles in; a way from one to the other through the styles of the galleries out.

use std::path::PathBuf;

use ndarray::{Array2, Axis, concatenate};

use super::{Collection, Galleries, MOST_STYLES};
use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::style::collection::{Metric, PATH_NEIGHBOURS, Ruler, Way, shortest_path};
use crate::style::{StyleArgument, StyleEmbedding};

/// The most steps of a path.
const MOST_STEPS: usize = 1000;

/// Between which styles a way is wanted.
#[derive(Debug, Clone)]
pub struct PathJob {
    /// Where it begins.
    pub from: StyleArgument,
    /// Where it ends.
    pub to: StyleArgument,
    /// Places on the way to be told, 2..=1000, both ends included.
    pub steps: usize,
    /// How the distance of two styles is measured.
    pub metric: Metric,
    /// The user's gallery, when not the usual one.
    pub gallery: Option<PathBuf>,
    /// The model whose styles are meant, and where pictures are read.
    pub engine: EngineBuilder,
}

/// A way through the galleries.
#[derive(Debug, Clone)]
pub struct StylePath {
    /// The styles that it leads over, both ends included, as one writes them: `@name` or a file. The number is the
    /// distance from the one before, 0 for the first.
    pub stops: Vec<(String, f64)>,
    /// Places at equal distances in the space of embeddings.
    pub steps: Vec<PathStep>,
}

/// A place on the way.
#[derive(Debug, Clone)]
pub struct PathStep {
    /// Where, as a share of the whole way.
    pub at: f64,
    /// The style there: stops of the path and their weights, as `--style` takes them.
    pub mix: Vec<(String, f32)>,
}

/// The way from one style to another over styles that are near each other: the shortest path on the graph that joins each
/// style with its nearest ones.
///
/// # Errors
/// [`Error::Invalid`] when the steps are too few or too many, or both styles are the same; as
/// [`StyleBook::embed`](super::super::StyleBook::embed).
pub fn style_path(job: &PathJob, progress: &mut dyn Progress) -> Result<StylePath> {
    if !(2..=MOST_STEPS).contains(&job.steps) {
        let reason = format!("{} is not between 2 and {MOST_STEPS}", job.steps);
        return Err(Error::invalid("steps", reason));
    }
    let ends = [&job.from, &job.to];
    let mut galleries = Galleries::open(&job.engine, job.gallery.as_deref(), &ends, progress)?;
    let from = galleries.embed(&job.from, progress)?;
    let to = galleries.embed(&job.to, progress)?;
    let collection = Collection::of_book(&galleries.book, &galleries.space, progress)?;
    let found = stops(&collection, (&from, &to), job.metric)?;

    let name = |k: usize, index: &Option<usize>| match (k, index) {
        (0, _) => as_written(&job.from),
        (k, _) if k + 1 == found.len() => as_written(&job.to),
        (_, Some(index)) => format!("@{}", collection.styles[*index].name),
        (_, None) => String::new(),
    };
    let names: Vec<String> = found
        .iter()
        .enumerate()
        .map(|(k, s)| name(k, &s.index))
        .collect();
    let stops = names
        .iter()
        .cloned()
        .zip(found.iter().map(|stop| stop.distance));
    let stops = stops.collect();
    let way = Way::new(found.into_iter().map(|stop| stop.style).collect())?;
    let steps = (0..job.steps).map(|step| {
        let at = step as f64 / (job.steps - 1) as f64;
        let (stop, share) = way.place(at);
        let both = [(stop, 1.0 - share), (stop + 1, share)];
        let mix = both.into_iter().filter(|(_, weight)| *weight > 0.0);
        PathStep {
            at,
            mix: mix.map(|(k, weight)| (names[k].clone(), weight)).collect(),
        }
    });
    Ok(StylePath {
        stops,
        steps: steps.collect(),
    })
}

/// A style on the way.
pub(in crate::jobs) struct Stop {
    /// Which of the collection; none for an end that is not in it.
    index: Option<usize>,
    pub(in crate::jobs) style: StyleEmbedding,
    /// The distance from the stop before.
    distance: f64,
}

/// The stops from one style to another through `collection`; the two need not be in it.
///
/// # Errors
/// [`Error::Invalid`] when both are the same, or there are too many styles.
pub(in crate::jobs) fn stops(
    collection: &Collection,
    (from, to): (&StyleEmbedding, &StyleEmbedding),
    metric: Metric,
) -> Result<Vec<Stop>> {
    if from == to {
        return Err(Error::invalid(
            "path",
            "begins and ends with the same style",
        ));
    }
    let known = collection.styles.len();
    let mut rows = collection.rows.clone();
    let mut place = |style: &StyleEmbedding| -> Result<usize> {
        let same = rows
            .rows()
            .into_iter()
            .position(|row| row == style.values());
        if let Some(index) = same {
            return Ok(index);
        }
        let row = style.values().insert_axis(Axis(0));
        let wrong = |_| Error::invalid("styles", "were made by different networks");
        rows = match rows.nrows() {
            0 => row.to_owned(),
            _ => concatenate(Axis(0), &[rows.view(), row]).map_err(wrong)?,
        };
        Ok(rows.nrows() - 1)
    };
    let (begin, end) = (place(from)?, place(to)?);
    if rows.nrows() > MOST_STYLES + 2 {
        return Err(Error::invalid("styles", "are too many for a path"));
    }
    let ruler = Ruler::fit(metric, rows.view());
    let chords: Array2<f64> = ruler.chords(rows.view());
    let path = shortest_path(chords.view(), begin, end, PATH_NEIGHBOURS);
    let before = std::iter::once(begin).chain(path.iter().copied());
    path.iter()
        .zip(before)
        .map(|(here, before)| {
            let style = match *here {
                k if k == begin => from.clone(),
                k if k == end => to.clone(),
                k => collection.styles[k].embedding()?,
            };
            Ok(Stop {
                index: (*here < known).then_some(*here),
                style,
                distance: ruler.distance(chords[(before, *here)]),
            })
        })
        .collect()
}

/// The style as the user wrote it, without its weight.
fn as_written(style: &StyleArgument) -> String {
    match style.picture() {
        Some(path) => path.display().to_string(),
        None => format!("@{}", style.stem()),
    }
}
