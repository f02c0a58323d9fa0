//! Styles as the user writes them: `painting.jpg`, `@great-wave`, `a.jpg:0.7`.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::{Refined, Refiner, refine};
use crate::engine::{Engine, EngineBuilder};
use crate::error::{Error, Result};
use crate::picture;
use crate::progress::Progress;
use crate::style::{Gallery, GalleryStyle, StyleArgument, StyleEmbedding, StyleSource};

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
    pub engine: EngineBuilder,
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
    /// The galleries of `bundled` (a gallery's text) and of the file `user_path`, which need not exist.
    ///
    /// # Errors
    /// [`Error::Style`] when a gallery is not one; [`Error::Read`].
    pub fn open(bundled: Option<&str>, user_path: PathBuf) -> Result<Self> {
        let bundled = bundled.map_or(Ok(Gallery::default()), |text| {
            Gallery::parse("bundled gallery", text)
        })?;
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
            StyleSource::Named(name) => {
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
            StyleSource::Picture(path) => {
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
        let argument = StyleArgument::file(&add.picture);
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
