//! Styles as the user writes them: `painting.jpg`, `@great-wave`, `a.jpg:0.7`.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use etcetera::BaseStrategy;

use super::{EngineOptions, Refined, Refiner, refine};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::picture;
use crate::progress::Progress;
use crate::style::{Gallery, GalleryStyle, StyleEmbedding};

/// Where a style comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A named one of a gallery.
    Named(String),
    /// A picture.
    Picture(PathBuf),
}

/// A style and its weight in a blend, as written after `--style`.
#[derive(Debug, Clone, PartialEq)]
pub struct StyleArgument {
    /// Where it comes from.
    pub source: Source,
    /// Its weight, >= 0; 1 unless written. Weights are divided by their sum.
    pub weight: f32,
}

impl FromStr for StyleArgument {
    type Err = Error;

    /// `@NAME`, `FILE`, or either with `:WEIGHT` behind it. A file whose own name ends in `:0.5` wins over a weight.
    fn from_str(text: &str) -> Result<Self> {
        let (what, weight) = match text.rsplit_once(':') {
            Some((what, number)) if !what.is_empty() && !Path::new(text).exists() => {
                match number.parse::<f32>() {
                    Ok(weight) if weight.is_finite() && weight >= 0.0 => (what, weight),
                    Ok(_) => {
                        let reason = format!("weight '{number}' is not a number of 0 or more");
                        return Err(Error::Style {
                            style: text.to_owned(),
                            reason,
                        });
                    }
                    Err(_) => (text, 1.0), // a colon of the path, as in C:\painting.jpg
                }
            }
            _ => (text, 1.0),
        };
        let source = match what.strip_prefix('@') {
            Some(name) => Source::Named(name.to_owned()),
            None if what.is_empty() => {
                return Err(Error::Style {
                    style: "''".to_owned(),
                    reason: "is empty; give a file or @name".to_owned(),
                });
            }
            None => Source::Picture(PathBuf::from(what)),
        };
        Ok(Self { source, weight })
    }
}

impl StyleArgument {
    /// Its picture, when it is one.
    pub fn picture(&self) -> Option<&Path> {
        match &self.source {
            Source::Picture(path) => Some(path),
            Source::Named(_) => None,
        }
    }

    /// What output files call it: the name, or the file's stem.
    pub fn stem(&self) -> String {
        match &self.source {
            Source::Named(name) => name.clone(),
            Source::Picture(path) => path
                .file_stem()
                .map_or("style".into(), |s| s.to_string_lossy().into_owned()),
        }
    }
}

/// The galleries in the order in which `@name` is looked up: the model's own, then the user's.
#[derive(Debug, Clone)]
pub struct StyleBook {
    /// Styles that come with the model.
    pub bundled: Gallery,
    /// The user's styles.
    pub user: Gallery,
    /// The user's file.
    pub user_path: PathBuf,
}

/// A style to be added to the user's gallery.
#[derive(Debug, Clone, Default)]
pub struct AddStyle {
    /// The picture.
    pub picture: PathBuf,
    /// What `@name` will call it.
    pub name: String,
    /// The painting's title.
    pub title: Option<String>,
    /// Who painted it.
    pub painter: Option<String>,
    /// When.
    pub year: Option<String>,
    /// Replace a style of the same name.
    pub replace: bool,
    /// Fit the embedding before it is kept.
    pub refine: Option<Refinement>,
}

/// How a style is fitted before it is kept: see [`Refiner`].
#[derive(Debug, Clone)]
pub struct Refinement {
    /// Steps, of [`REFINE_STEPS`](super::REFINE_STEPS).
    pub steps: usize,
    /// The network that measures, as [`Refiner::open`] takes it.
    pub features: Option<String>,
    /// The photos that it is fitted on; the test card where there are none.
    pub photos: Vec<PathBuf>,
    /// The networks and the device of the engine that reads it.
    pub engine: EngineOptions,
}

/// The user's gallery: `given`, else `IMPASTO_GALLERY`, else `impasto/styles.toml` in the user's data folder.
///
/// # Errors
/// [`Error::Invalid`] when the system has no data folder.
pub fn user_gallery_path(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = given {
        return Ok(path.to_owned());
    }
    if let Some(path) = std::env::var_os("IMPASTO_GALLERY").filter(|p| !p.is_empty()) {
        return Ok(PathBuf::from(path));
    }
    etcetera::choose_base_strategy()
        .map(|base| base.data_dir().join("impasto").join("styles.toml"))
        .map_err(|_| {
            Error::invalid(
                "gallery",
                "this system has no data folder; name a file with --gallery",
            )
        })
}

impl StyleBook {
    /// The gallery `bundled` and that of the file `user_path`, which need not exist.
    ///
    /// # Errors
    /// [`Error::Style`] when a gallery is not one; [`Error::Read`].
    pub fn open(bundled: Gallery, user_path: PathBuf) -> Result<Self> {
        let user = match std::fs::read_to_string(&user_path) {
            Ok(text) => Gallery::parse(&user_path.display().to_string(), &text)?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Gallery::default(),
            Err(e) => {
                return Err(Error::Read {
                    path: user_path,
                    source: e,
                });
            }
        };
        Ok(Self {
            bundled,
            user,
            user_path,
        })
    }

    /// The style called `name`.
    ///
    /// # Errors
    /// [`Error::Style`], with names that are spelt alike.
    pub fn get(&self, name: &str) -> Result<&GalleryStyle> {
        self.bundled
            .get(name)
            .or_else(|| self.user.get(name))
            .ok_or_else(|| {
                let mut similar = self.bundled.similar(name);
                similar.extend(self.user.similar(name));
                Error::StyleNotFound {
                    name: name.to_owned(),
                    similar,
                }
            })
    }

    /// The names of all styles made by the predictor that `space` names, bundled ones first.
    pub fn names(&self, space: &str) -> Vec<String> {
        let all = self.bundled.styles.iter().chain(&self.user.styles);
        all.filter(|style| style.space == space)
            .map(|style| style.name.clone())
            .collect()
    }

    /// The embedding of one style argument; notes on its picture go to `note`.
    ///
    /// # Errors
    /// As [`StyleBook::get`], [`picture::open`] and [`Engine::embed`].
    pub fn embed(
        &self,
        engine: &mut Engine,
        argument: &StyleArgument,
        note: &mut dyn FnMut(&str),
    ) -> Result<StyleEmbedding> {
        match &argument.source {
            Source::Named(name) => {
                let style = self.get(name)?.embedding()?;
                if style.space() != engine.space() {
                    let reason = format!(
                        "was made by another predictor than model '{}' has; add it again with `impasto styles add`",
                        engine.model()
                    );
                    return Err(Error::Style {
                        style: format!("@{name}"),
                        reason,
                    });
                }
                Ok(style)
            }
            Source::Picture(path) => {
                let picture = picture::open(path, &picture::Limits::default())?;
                picture
                    .notes
                    .iter()
                    .for_each(|n| note(&format!("{}: {n}", path.display())));
                engine.embed(&picture.rgb).map_err(|e| e.in_file(path))
            }
        }
    }

    /// Read a painting and keep its embedding in the user's gallery. Gives what a refinement came to, if one was asked for.
    ///
    /// # Errors
    /// [`Error::Style`] when the name is taken; as [`picture::open`], [`Engine::embed`], [`Refiner::refine`] and
    /// [`picture::write_bytes`].
    pub fn add(
        &mut self,
        engine: &mut Engine,
        add: &AddStyle,
        progress: &mut dyn Progress,
    ) -> Result<Option<Refined>> {
        if self.bundled.get(&add.name).is_some() {
            let reason = "is the name of a bundled style; choose another".to_owned();
            return Err(Error::Style {
                style: format!("@{}", add.name),
                reason,
            });
        }
        let argument = StyleArgument {
            source: Source::Picture(add.picture.clone()),
            weight: 1.0,
        };
        let embedding = self.embed(engine, &argument, &mut |n| progress.note(n))?;
        let mut style = GalleryStyle {
            name: add.name.clone(),
            title: add.title.clone(),
            painter: add.painter.clone(),
            year: add.year.clone(),
            space: embedding.space().to_owned(),
            values: embedding.values().to_vec(),
        };
        let mut user = self.user.clone();
        // A name that cannot be used is refused before the work of a refinement.
        user.add(style.clone(), add.replace)?;
        let mut refined = None;
        if let Some(how) = &add.refine {
            let found = how.refine(engine, &add.picture, progress)?;
            style.values = found.style.values().to_vec();
            user.add(style, true)?;
            refined = Some(found);
        }
        if let Some(folder) = self
            .user_path
            .parent()
            .filter(|f| !f.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(Error::write(folder))?;
        }
        picture::write_bytes(&self.user_path, user.to_toml()?.as_bytes())?;
        self.user = user;
        Ok(refined)
    }
}

impl Refinement {
    fn refine(
        &self,
        engine: &mut Engine,
        painting: &Path,
        progress: &mut dyn Progress,
    ) -> Result<Refined> {
        let photos = match self.photos.as_slice() {
            [] => refine::test_card()?,
            files => refine::open_pictures(files)?,
        };
        let picture = picture::open(painting, &picture::Limits::default())?.rgb;
        let name = painting.display().to_string();
        let refiner = Refiner::open(&self.engine, self.features.as_deref())?;
        let found = refiner.refine(engine, &photos, &picture, self.steps, &mut |done| {
            progress.step(done, self.steps, &name)
        })?;
        let _ = progress.step(self.steps, self.steps, "");
        Ok(found)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Source, f32) {
        let argument: StyleArgument = text.parse().unwrap();
        (argument.source, argument.weight)
    }

    #[test]
    fn styles_are_read_as_written() {
        assert_eq!(
            parse("@great-wave"),
            (Source::Named("great-wave".into()), 1.0)
        );
        assert_eq!(
            parse("@great-wave:0.3"),
            (Source::Named("great-wave".into()), 0.3)
        );
        assert_eq!(parse("a/b.jpg:2"), (Source::Picture("a/b.jpg".into()), 2.0));
        assert_eq!(
            parse("C:\\b.jpg"),
            (Source::Picture("C:\\b.jpg".into()), 1.0)
        );
        assert_eq!(parse("b.jpg").1, 1.0);
    }

    #[test]
    fn weights_that_make_no_sense_are_refused() {
        for text in ["a.jpg:NaN", "a.jpg:-1", "a.jpg:inf", "a.jpg:1e99", ""] {
            assert!(text.parse::<StyleArgument>().is_err(), "{text}");
        }
    }
}
