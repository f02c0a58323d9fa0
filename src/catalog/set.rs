//! Takes a model's name or folder; gives its files, their sha256 verified.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::bundled;
use super::manifest::{FileEntry, MOST_BYTES, Manifest, ModelEntry};
use crate::error::{Error, Result};
use crate::files;

/// The largest model file that is read, in bytes. Ours are a few million.
pub const MOST_MODEL_BYTES: u64 = 1 << 30;

/// One ONNX file, its sha256 verified.
#[derive(Debug, Clone)]
pub struct Part {
    /// What errors call it, e.g. `fine/transformer.onnx`.
    pub label: String,
    /// The file's bytes.
    pub bytes: Cow<'static, [u8]>,
}

/// A model and the predictor beside it, every file verified.
#[derive(Debug, Clone)]
pub struct ModelSet {
    /// The model's name.
    pub name: String,
    /// "bundled", or the folder.
    pub origin: String,
    /// style picture -> bottleneck; absent for a model that knows only its own styles.
    pub predictor: Option<Part>,
    /// bottleneck -> style_params.
    pub head: Part,
    /// content and style_params -> pastiche and stats.
    pub transformer: Part,
    /// The transformer with its statistics as an input.
    pub transformer_frozen: Part,
    /// Both with int8 convolutions, for CPUs.
    pub int8: Option<(Part, Part)>,
    /// The short side, in pixels, that a style picture is brought to.
    pub style_side: u32,
    /// D, when the manifest says it.
    pub bottleneck: Option<usize>,
    /// P, the number of gammas and betas.
    pub params: usize,
    /// S, the number of means and variances.
    pub stats: usize,
    /// The embedding space: the first 16 digits of the sha256 of the network that made the embedding (the predictor; the
    /// head where there is none). An embedding fits models of the same space; models with one predictor share it.
    pub space: String,
    /// Named embeddings that come with the model, as TOML.
    pub gallery: Option<String>,
}

impl ModelSet {
    /// The same model with its transformer in int8.
    ///
    /// # Errors
    /// [`Error::Model`] when the model has none.
    pub fn in_int8(self) -> Result<Self> {
        let Some((transformer, transformer_frozen)) = self.int8 else {
            return Err(Error::Model {
                model: self.name,
                reason: "has no int8 networks; make them with export/ship/quantise.py, or choose another precision"
                    .to_owned(),
            });
        };
        Ok(Self {
            transformer,
            transformer_frozen,
            int8: None,
            ..self
        })
    }
}

/// Where the files of a manifest are.
enum Origin {
    Bundled,
    Folder(PathBuf),
}

/// The names of the bundled models, the default first.
///
/// # Errors
/// [`Error::Model`] when the bundled manifest is broken, which a test rules out.
pub fn names() -> Result<Vec<String>> {
    Ok(Manifest::parse("models.toml", bundled::MANIFEST)?
        .models
        .into_iter()
        .map(|m| m.name)
        .collect())
}

/// Find a model: `None` is the default, otherwise the name of a bundled model, a folder with a
/// `models.toml` (its first model), or `FOLDER#NAME`.
///
/// # Errors
/// [`Error::ModelNotFound`]; [`Error::Checksum`] when a file's sha256 is not the manifest's; [`Error::Model`] when the
/// manifest is bad;
/// [`Error::Read`] when a file cannot be read.
pub fn find(which: Option<&str>) -> Result<ModelSet> {
    let known = names()?;
    let Some(which) = which else {
        return load(Origin::Bundled, None);
    };
    if known.iter().any(|name| name == which) {
        return load(Origin::Bundled, Some(which));
    }
    let (folder, name) = match which.rsplit_once('#') {
        Some((folder, name)) if !Path::new(which).exists() => (folder, Some(name)),
        _ => (which, None),
    };
    if Path::new(folder).is_dir() {
        return load(Origin::Folder(PathBuf::from(folder)), name);
    }
    Err(Error::ModelNotFound {
        model: format!("'{which}'"),
        reason: format!(
            "is neither bundled ({}) nor a folder with a models.toml",
            known.join(", ")
        ),
    })
}

fn load(origin: Origin, name: Option<&str>) -> Result<ModelSet> {
    let (place, manifest) = match &origin {
        Origin::Bundled => (
            "bundled".to_owned(),
            Manifest::parse("models.toml", bundled::MANIFEST)?,
        ),
        Origin::Folder(folder) => {
            let path = folder.join("models.toml");
            let bytes = read_at_most(&path, MOST_BYTES)?;
            let label = path.display().to_string();
            let text = String::from_utf8(bytes).map_err(|_| Error::Model {
                model: label.clone(),
                reason: "is not a manifest: not text".to_owned(),
            })?;
            (
                folder.display().to_string(),
                Manifest::parse(&label, &text)?,
            )
        }
    };
    let model = pick(&place, &manifest, name)?;
    let part = |entry: &FileEntry| origin.part(&place, entry);
    // A model with styles of its own was trained without a predictor; one beside it belongs to other models.
    let predictor = manifest
        .predictor
        .as_ref()
        .filter(|_| model.styles.is_none());
    let int8 = match (&model.transformer_int8, &model.transformer_frozen_int8) {
        (Some(moving), Some(frozen)) => Some((part(moving)?, part(frozen)?)),
        _ => None,
    };
    let maker = predictor.map_or(&model.head.sha256, |p| &p.sha256);
    Ok(ModelSet {
        name: model.name.clone(),
        predictor: predictor
            .map(|p| {
                part(&FileEntry {
                    file: p.file.clone(),
                    sha256: p.sha256.clone(),
                })
            })
            .transpose()?,
        head: part(&model.head)?,
        transformer: part(&model.transformer)?,
        transformer_frozen: part(&model.transformer_frozen)?,
        int8,
        style_side: predictor.map_or(256, |p| p.style_side),
        bottleneck: predictor.map(|p| p.bottleneck),
        params: model.params,
        stats: model.stats,
        space: maker.to_ascii_lowercase().chars().take(16).collect(),
        gallery: origin.gallery(&place, model)?,
        origin: place,
    })
}

fn pick<'m>(place: &str, manifest: &'m Manifest, name: Option<&str>) -> Result<&'m ModelEntry> {
    let Some(name) = name else {
        return Ok(&manifest.models[0]);
    };
    manifest
        .models
        .iter()
        .find(|m| m.name == name)
        .ok_or_else(|| Error::ModelNotFound {
            model: place.to_owned(),
            reason: format!(
                "has no model '{name}'; it has {}",
                manifest
                    .models
                    .iter()
                    .map(|m| m.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        })
}

impl Origin {
    fn part(&self, place: &str, entry: &FileEntry) -> Result<Part> {
        let label = match self {
            Origin::Bundled => entry.file.clone(),
            Origin::Folder(folder) => folder.join(&entry.file).display().to_string(),
        };
        let bytes: Cow<'static, [u8]> = match self {
            Origin::Bundled => {
                Cow::Borrowed(bundled::file(&entry.file).ok_or_else(|| Error::Model {
                    model: place.to_owned(),
                    reason: format!("{} is not compiled in", entry.file),
                })?)
            }
            Origin::Folder(folder) => {
                Cow::Owned(read_at_most(&folder.join(&entry.file), MOST_MODEL_BYTES)?)
            }
        };
        let found = hash(&bytes);
        if !found.eq_ignore_ascii_case(&entry.sha256) {
            return Err(Error::Checksum {
                file: label,
                found: found.chars().take(12).collect(),
                expected: entry.sha256.chars().take(12).collect(),
            });
        }
        Ok(Part { label, bytes })
    }

    fn gallery(&self, place: &str, model: &ModelEntry) -> Result<Option<String>> {
        let (label, bytes) = match (self, &model.styles) {
            (_, Some(entry)) => {
                let part = self.part(place, entry)?;
                (part.label, part.bytes)
            }
            (Origin::Bundled, None) => return Ok(Some(bundled::GALLERY.to_owned())),
            (Origin::Folder(_), None) => return Ok(None),
        };
        let text = String::from_utf8(bytes.into_owned()).map_err(|_| Error::Model {
            model: label,
            reason: "is not a gallery: not text".to_owned(),
        })?;
        Ok(Some(text))
    }
}

/// Read a whole file, unless it is larger than `most` bytes.
pub(super) fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>> {
    files::read(path, most).map_err(Error::read(path))
}

/// The sha256 of `bytes`, as 64 hexadecimal digits.
pub(super) fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}
