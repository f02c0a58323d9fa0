//! The styles of the galleries, or the pictures of a folder, in; a map on which like lies by like out: one HTML file that
//! needs nothing else, or a picture.

mod drawing;
mod page;
mod scene;
mod thumbnails;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::collection::{Collection, read_folder};
use super::{Failure, StyleBook, note_device, user_gallery_path};
use crate::engine::EngineBuilder;
use crate::error::{Error, Result};
use crate::picture;
use crate::progress::Progress;
use crate::style::collection::{LEAST_FOR_TSNE, Metric, Pca, Purity, Ruler, purity, tsne};
use scene::{Plane, Scene};

/// How styles are laid in the plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapMethod {
    /// The two axes along which the embeddings differ most. Large distances are true, small ones need not be.
    Pca,
    /// t-SNE: neighbours stay neighbours; how far groups lie from each other means little.
    Tsne,
}

impl MapMethod {
    /// Both.
    pub const ALL: [MapMethod; 2] = [MapMethod::Tsne, MapMethod::Pca];
}

impl fmt::Display for MapMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MapMethod::Pca => "pca",
            MapMethod::Tsne => "tsne",
        })
    }
}

impl FromStr for MapMethod {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|m| m.to_string() == text);
        found.ok_or_else(|| Error::invalid("method", format!("'{text}' is neither pca nor tsne")))
    }
}

/// What to map.
#[derive(Debug, Clone)]
pub struct StyleMapJob {
    /// Map the pictures below this folder, with themselves in small, and not the galleries.
    pub folder: Option<PathBuf>,
    /// The photo that is painted in every style of the galleries; the still life of the examples when absent.
    pub photo: Option<PathBuf>,
    /// The method; when absent, both in a page where there are styles enough, and t-SNE in a picture.
    pub method: Option<MapMethod>,
    /// How the distance of two styles is measured.
    pub metric: Metric,
    /// A `.html` file, or a picture.
    pub output: PathBuf,
    /// The user's gallery, when not the usual one.
    pub gallery: Option<PathBuf>,
    /// Networks and device.
    pub engine: EngineBuilder,
}

/// What was mapped.
#[derive(Debug)]
pub struct StyleMap {
    /// How many styles.
    pub styles: usize,
    /// The methods of the map.
    pub methods: Vec<MapMethod>,
    /// How often the nearest style is of the same painter, where every style has one.
    pub purity: Option<Purity>,
    /// Pictures of the folder that could not be read.
    pub failed: Vec<Failure>,
}

/// Map the styles.
///
/// # Errors
/// [`Error::Invalid`] for fewer than two styles, too few for t-SNE, or more than
/// [`MOST_STYLES`](super::MOST_STYLES); as [`style_sheet`](super::style_sheet).
pub fn style_map(job: &StyleMapJob, progress: &mut dyn Progress) -> Result<StyleMap> {
    let html = is_html(&job.output);
    let inputs: Vec<&Path> = job.photo.iter().map(PathBuf::as_path).collect();
    if html {
        picture::check_folder(job.output.parent().unwrap_or(Path::new("")))?;
    } else {
        picture::check_output(&job.output, &inputs)?;
    }
    let mut engine = job.engine.clone().build()?;
    note_device(&job.engine, engine.device(), progress);
    let (collection, pictures, failed) = match &job.folder {
        Some(folder) => {
            let read = read_folder(folder, &mut engine, thumbnails::SHORT_SIDE, progress)?;
            (read.collection, read.thumbnails, read.failed)
        }
        None => {
            let path = user_gallery_path(job.gallery.as_deref())?;
            let book = StyleBook::open(engine.gallery().clone(), path)?;
            let collection = Collection::of_book(&book, engine.space(), progress)?;
            let photo = job.photo.as_deref();
            let painted = thumbnails::paint(&mut engine, &collection, photo, progress)?;
            (collection, painted, Vec::new())
        }
    };
    let methods = methods(job.method, collection.styles.len(), html)?;

    let rows = collection.rows.view();
    let ruler = Ruler::fit(job.metric, rows);
    let chords = ruler.chords(rows);
    let pca = Pca::fit(rows);
    let axes = pca.plane(rows);
    let mut planes = Vec::new();
    for method in &methods {
        let places = match method {
            MapMethod::Pca => axes.clone(),
            MapMethod::Tsne => tsne(chords.view(), axes.view())?,
        };
        planes.push(Plane::new(*method, places.view()));
    }
    let labels = super::collection::labels(&collection.styles);
    let purity = labels.and_then(|(_, rows)| purity(chords.view(), &rows));
    let scene = Scene {
        nodes: scene::nodes(collection.styles, pictures, &chords, &ruler),
        planes,
        metric: job.metric,
        explained: pca.explained(2),
        purity: purity.clone(),
    };
    if html {
        picture::write_bytes(&job.output, page::page(&scene)?.as_bytes())?;
    } else {
        picture::save(&job.output, &drawing::drawing(&scene)?, None)?;
    }
    Ok(StyleMap {
        styles: scene.nodes.len(),
        methods,
        purity,
        failed,
    })
}

fn is_html(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    extension.eq_ignore_ascii_case("html") || extension.eq_ignore_ascii_case("htm")
}

/// The methods of a map of so many styles.
fn methods(asked: Option<MapMethod>, styles: usize, html: bool) -> Result<Vec<MapMethod>> {
    if styles < 2 {
        let reason =
            format!("there are {styles}, and a map needs two; `impasto styles add` adds some");
        return Err(Error::invalid("styles", reason));
    }
    Ok(match asked {
        Some(method) => vec![method],
        None if styles < LEAST_FOR_TSNE => vec![MapMethod::Pca],
        None if html => MapMethod::ALL.to_vec(),
        None => vec![MapMethod::Tsne],
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn methods_fit_the_number_of_styles() {
        assert!(methods(None, 1, true).is_err());
        assert_eq!(methods(None, 4, true).unwrap(), [MapMethod::Pca]);
        assert_eq!(methods(None, 5, false).unwrap(), [MapMethod::Tsne]);
        assert_eq!(methods(None, 5, true).unwrap().len(), 2);
        let asked = methods(Some(MapMethod::Pca), 99, true);
        assert_eq!(asked.unwrap(), [MapMethod::Pca]);
    }
}
