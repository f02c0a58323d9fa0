//! A style in; the styles of the galleries that are most like it out.

use std::path::PathBuf;

use super::{Collection, Galleries};
use crate::engine::EngineBuilder;
use crate::error::Result;
use crate::jobs::StyleBook;
use crate::progress::Progress;
use crate::style::collection::{Metric, Ruler};
use crate::style::{GalleryStyle, StyleArgument, StyleEmbedding, StyleSource};

/// Which style's neighbours are wanted.
#[derive(Debug, Clone)]
pub struct NearestJob {
    /// The style.
    pub style: StyleArgument,
    /// How many.
    pub count: usize,
    /// How the distance is measured.
    pub metric: Metric,
    /// The user's gallery, when not the usual one.
    pub gallery: Option<PathBuf>,
    /// The model whose styles are meant, and where a picture is read.
    pub engine: EngineBuilder,
}

/// A style, and how far it is.
#[derive(Debug, Clone)]
pub struct Near {
    /// The style.
    pub style: GalleryStyle,
    /// Its distance, as [`Metric`] defines it.
    pub distance: f64,
}

/// The styles of the bundled gallery and the user's that are nearest to one style, nearest first. A style of the gallery
/// is no neighbour of its own; a picture that was added is at distance 0 from its style.
///
/// # Errors
/// As [`StyleBook::embed`](super::super::StyleBook::embed).
pub fn nearest_styles(job: &NearestJob, progress: &mut dyn Progress) -> Result<Vec<Near>> {
    let mut galleries =
        Galleries::open(&job.engine, job.gallery.as_deref(), &[&job.style], progress)?;
    let style = galleries.embed(&job.style, progress)?;
    let collection = Collection::of_book(&galleries.book, &galleries.space, progress)?;
    let mut near = by_distance(collection, &style, job.metric);
    near.retain(|near| job.style.source != StyleSource::Named(near.style.name.clone()));
    near.truncate(job.count);
    Ok(near)
}

impl StyleBook {
    /// The other styles of the predictor that made `style`, nearest first.
    ///
    /// # Errors
    /// [`Error::Style`](crate::Error::Style) when values are not those of an embedding.
    pub fn neighbours(&self, style: &GalleryStyle, metric: Metric) -> Result<Vec<Near>> {
        let all = self.bundled.styles.iter().chain(&self.user.styles);
        let same = all.filter(|other| other.space == style.space).cloned();
        let collection = Collection::new(same.collect())?;
        let mut near = by_distance(collection, &style.embedding()?, metric);
        near.retain(|near| near.style.name != style.name);
        Ok(near)
    }
}

/// The styles of `collection`, those nearest to `style` first.
fn by_distance(collection: Collection, style: &StyleEmbedding, metric: Metric) -> Vec<Near> {
    if collection.styles.is_empty() {
        return Vec::new();
    }
    let ruler = Ruler::fit(metric, collection.rows.view());
    let point = ruler.point(style.values());
    let distance = |row| ruler.distance(Ruler::chord(ruler.point(row).view(), point.view()));
    let styles = collection.rows.rows().into_iter().zip(collection.styles);
    let near = styles.map(|(row, style)| Near {
        style,
        distance: distance(row),
    });
    let mut near: Vec<Near> = near.collect();
    near.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    near
}
