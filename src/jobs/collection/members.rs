//! Galleries, or a folder of pictures, in; their styles as rows of one matrix out.

use std::path::{Path, PathBuf};

use image::RgbImage;
use ndarray::Array2;

use super::MOST_STYLES;
use super::add_styles::{free_name, style_name};
use crate::catalog;
use crate::engine::{Engine, EngineBuilder};
use crate::error::{Error, Result};
use crate::jobs::{Failure, StyleBook, note_device, user_gallery_path};
use crate::picture;
use crate::progress::Progress;
use crate::style::{Gallery, GalleryStyle, StyleArgument, StyleEmbedding, StyleSource};

/// Styles of one predictor.
pub(in crate::jobs) struct Collection {
    pub(in crate::jobs) styles: Vec<GalleryStyle>,
    /// Their embeddings, `[N,D]`.
    pub(in crate::jobs) rows: Array2<f32>,
}

impl Collection {
    /// # Errors
    /// [`Error::Style`] when a style has another number of values than the first; [`Error::Invalid`] for too many.
    pub(in crate::jobs) fn new(styles: Vec<GalleryStyle>) -> Result<Self> {
        if styles.len() > MOST_STYLES {
            let reason = format!(
                "there are {}, and at most {MOST_STYLES} can be compared; take a smaller gallery or folder",
                styles.len()
            );
            return Err(Error::invalid("styles", reason));
        }
        let length = styles.first().map_or(0, |style| style.values.len());
        let mut rows = Array2::zeros((styles.len(), length));
        for (style, mut row) in styles.iter().zip(rows.rows_mut()) {
            // Checks that they are finite, too.
            let embedding = style.embedding()?;
            if embedding.values().len() != length {
                return Err(Error::Style {
                    style: format!("@{}", style.name),
                    reason: format!(
                        "has {} values where others have {length}; remove it and add it again",
                        embedding.values().len()
                    ),
                });
            }
            row.assign(&embedding.values());
        }
        Ok(Self { styles, rows })
    }

    /// The styles of `book` that the predictor `space` made; those of others are told to `progress` and left out.
    pub(in crate::jobs) fn of_book(
        book: &StyleBook,
        space: &str,
        progress: &mut dyn Progress,
    ) -> Result<Self> {
        let all = || book.bundled.styles.iter().chain(&book.user.styles);
        let own: Vec<GalleryStyle> = all().filter(|s| s.space == space).cloned().collect();
        let foreign = all().count() - own.len();
        if foreign > 0 {
            progress.note(&format!(
                "{foreign} styles were made by another predictor and are left out"
            ));
        }
        Self::new(own)
    }
}

/// The galleries, and an engine if a picture must be read.
pub(in crate::jobs) struct Galleries {
    pub(in crate::jobs) book: StyleBook,
    pub(in crate::jobs) space: String,
    model: String,
    engine: Option<Engine>,
}

impl Galleries {
    /// `styles` will be read later: without pictures among them no network is loaded.
    pub(in crate::jobs) fn open(
        builder: &EngineBuilder,
        gallery: Option<&Path>,
        styles: &[&StyleArgument],
        progress: &mut dyn Progress,
    ) -> Result<Self> {
        let path = user_gallery_path(gallery)?;
        if styles.iter().any(|style| style.picture().is_some()) {
            let engine = builder.clone().build()?;
            note_device(builder, engine.device(), progress);
            return Ok(Self {
                book: StyleBook::open(engine.gallery().clone(), path)?,
                space: engine.space().to_owned(),
                model: engine.model().to_owned(),
                engine: Some(engine),
            });
        }
        let set = catalog::find(builder.get_model())?;
        let bundled = Gallery::parse("bundled gallery", set.gallery.as_deref().unwrap_or(""))?;
        Ok(Self {
            book: StyleBook::open(bundled, path)?,
            space: set.space,
            model: set.name,
            engine: None,
        })
    }

    pub(in crate::jobs) fn embed(
        &mut self,
        style: &StyleArgument,
        progress: &mut dyn Progress,
    ) -> Result<StyleEmbedding> {
        match (&mut self.engine, &style.source) {
            (Some(engine), _) => self
                .book
                .embed(engine, style, &mut |note| progress.note(note)),
            (None, StyleSource::Named(name)) => self.book.named(name, &self.space, &self.model),
            // `open` was told of every picture.
            (None, StyleSource::Picture(path)) => Err(Error::invalid(
                path.display().to_string(),
                "needs an engine to be read",
            )),
        }
    }
}

/// The pictures of a folder as styles, each with a thumbnail.
pub(in crate::jobs) struct Folder {
    pub(in crate::jobs) collection: Collection,
    /// The pictures in small, where `thumbnail` was not 0.
    pub(in crate::jobs) thumbnails: Vec<RgbImage>,
    /// Those that are no pictures.
    pub(in crate::jobs) failed: Vec<Failure>,
}

/// Read every picture below `folder`. A picture's name is made of its file's; its painter is the folder directly below
/// `folder` in which it lies, at whatever depth. `thumbnail` is the short side of the small pictures, in pixels.
pub(in crate::jobs) fn read_folder(
    folder: &Path,
    engine: &mut Engine,
    thumbnail: u32,
    progress: &mut dyn Progress,
) -> Result<Folder> {
    let files = picture::find_pictures_below(folder)?;
    let (mut styles, mut thumbnails, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    let mut names = std::collections::HashSet::new();
    for (done, file) in files.iter().enumerate() {
        let shown = file.strip_prefix(folder).unwrap_or(file);
        if progress
            .step(done, files.len(), &shown.display().to_string())
            .is_break()
        {
            return Err(Error::Interrupted);
        }
        let read = picture::open(file, &picture::Limits::default())
            .and_then(|p| Ok((engine.embed(&p.rgb).map_err(|e| e.in_file(file))?, p.rgb)));
        let (style, rgb) = match read {
            Ok(read) => read,
            Err(error) => {
                progress.note(&error.to_string());
                failed.push(Failure {
                    content: file.clone(),
                    error,
                });
                continue;
            }
        };
        let name = free_name(&style_name(file), &mut |name| !names.contains(name));
        names.insert(name.clone());
        styles.push(GalleryStyle {
            name,
            title: None,
            painter: label(shown),
            year: None,
            space: style.space().to_owned(),
            values: style.values().to_vec(),
        });
        if thumbnail > 0 {
            thumbnails.push(picture::fit_short(&rgb, thumbnail)?);
        }
    }
    let _ = progress.step(files.len(), files.len(), "");
    Ok(Folder {
        collection: Collection::new(styles)?,
        thumbnails,
        failed,
    })
}

/// The first folder of a path that has one.
fn label(path: &Path) -> Option<String> {
    let folder: PathBuf = path.parent()?.components().take(1).collect();
    let name = folder.to_string_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn the_label_is_the_first_folder() {
        assert_eq!(label("monet/late/a.jpg".as_ref()), Some("monet".to_owned()));
        assert_eq!(label("a.jpg".as_ref()), None);
    }
}
