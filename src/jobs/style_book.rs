//! The galleries and a style argument in; its embedding out.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::catalog;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::files;
use crate::picture;
use crate::style::{Gallery, GalleryStyle, StyleArgument, StyleEmbedding, StyleSource};

/// The largest gallery that is read, in bytes. A style has about 3,000.
pub const MOST_GALLERY_BYTES: u64 = 64 << 20;

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
            let reason = "this system has no data folder; name the gallery's file";
            Error::invalid("gallery", reason)
        })
}

/// The gallery in the file `path`; an empty one where there is no file.
pub(super) fn read_gallery(path: &Path) -> Result<Gallery> {
    match files::read_text(path, MOST_GALLERY_BYTES) {
        Ok(text) => Gallery::parse(&path.display().to_string(), &text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Gallery::default()),
        Err(e) => Err(Error::read(path)(e)),
    }
}

/// The error for a style that `model` does not have but other bundled models have.
fn of_other_models(name: &str, model: &str) -> Option<Error> {
    let has = |other: &String| {
        let gallery = catalog::find(Some(other)).ok().and_then(|set| set.gallery);
        let styles = Gallery::parse("bundled gallery", &gallery.unwrap_or_default());
        styles.is_ok_and(|styles| styles.get(name).is_some())
    };
    let others: Vec<_> = catalog::names().ok()?.into_iter().filter(has).collect();
    if others.is_empty() {
        return None;
    }
    let reason = format!(
        "model '{model}' does not have it; choose --model {}",
        others.join(" or ")
    );
    Some(Error::Style {
        style: format!("@{name}"),
        reason,
    })
}

impl StyleBook {
    /// The gallery `bundled` and the one in the file `user_path`, which need not exist.
    ///
    /// # Errors
    /// [`Error::Style`] when a gallery is not one; [`Error::Read`].
    pub fn open(bundled: Gallery, user_path: PathBuf) -> Result<Self> {
        Ok(Self {
            bundled,
            user: read_gallery(&user_path)?,
            user_path,
        })
    }

    /// The style called `name`.
    ///
    /// # Errors
    /// [`Error::Style`], with names of similar spelling.
    pub fn get(&self, name: &str) -> Result<&GalleryStyle> {
        self.bundled
            .get(name)
            .or_else(|| self.user.get(name))
            .ok_or_else(|| {
                let hint = match self.similar(name).as_slice() {
                    [] => "see `impasto styles list`".to_owned(),
                    names => format!("did you mean @{}?", names.join(", @")),
                };
                Error::Style {
                    style: format!("@{name}"),
                    reason: format!("is not in the gallery; {hint}"),
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

    fn similar(&self, name: &str) -> Vec<String> {
        let mut similar = self.bundled.similar(name);
        similar.extend(self.user.similar(name));
        similar
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
            StyleSource::Named(name) => self.named(name, engine.space(), engine.model()),
            StyleSource::Picture(path) => {
                self.check_not_a_name(path)?;
                let picture = picture::open(path, &picture::Limits::default())?;
                picture
                    .notes
                    .iter()
                    .for_each(|n| note(&format!("{}: {n}", path.display())));
                engine.embed(&picture.rgb).map_err(|e| e.in_file(path))
            }
        }
    }

    /// The embedding of the style called `name`, for `model` whose predictor `space` names.
    pub(super) fn named(&self, name: &str, space: &str, model: &str) -> Result<StyleEmbedding> {
        let found = self.get(name);
        let style = found.map_err(|error| of_other_models(name, model).unwrap_or(error))?;
        let style = style.embedding()?;
        if style.space() != space {
            let reason = format!(
                "was made by another predictor than model '{model}' has; add it again with `impasto styles add`"
            );
            return Err(Error::Style {
                style: format!("@{name}"),
                reason,
            });
        }
        Ok(style)
    }

    /// Refuses a file that is not there when it is spelt like a style of the gallery, whose `@` was forgotten.
    fn check_not_a_name(&self, path: &Path) -> Result<()> {
        let Some(name) = path.to_str().filter(|_| !path.exists()) else {
            return Ok(());
        };
        let names = match self.get(name) {
            Ok(style) => vec![style.name.clone()],
            Err(_) => self.similar(name),
        };
        if names.is_empty() {
            return Ok(());
        }
        Err(Error::Style {
            style: name.to_owned(),
            reason: format!(
                "there is no such file; did you mean @{}?",
                names.join(", @")
            ),
        })
    }
}
