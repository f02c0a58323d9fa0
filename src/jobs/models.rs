//! `models`: the networks that can be chosen out; weights of VGG-19 in, installed for the optimiser.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::catalog;
use crate::error::{Error, Result};
use crate::gatys::FeatureNetwork;
use crate::picture;

/// A network that can be chosen.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ModelInfo {
    /// The name by which it is chosen.
    pub name: String,
    /// What it does: `paints`, or `measures` how near a picture is to its photo and painting.
    pub kind: &'static str,
    /// Where it is.
    pub place: String,
}

/// List the networks.
///
/// # Errors
/// [`Error::Model`] when the bundled manifest is broken.
pub fn list_models() -> Result<Vec<ModelInfo>> {
    let bundled = |name: String, kind| ModelInfo {
        name,
        kind,
        place: "bundled".to_owned(),
    };
    let mut all: Vec<ModelInfo> = catalog::names()?
        .into_iter()
        .map(|name| bundled(name, "paints"))
        .collect();
    let features = "measures";
    all.push(bundled(catalog::COMPACT.to_owned(), features));
    let path = catalog::installed_path()?;
    if path.exists() {
        all.push(ModelInfo {
            name: catalog::VGG19.to_owned(),
            kind: features,
            place: path.display().to_string(),
        });
    }
    Ok(all)
}

/// Install the weights of VGG-19 that `export/ship/vgg19.py` made, and record their sha256. Gives the file written.
///
/// # Errors
/// [`Error::Model`] when the file is not such a network, or lacks layers; [`Error::Read`], [`Error::Write`].
pub fn add_model(name: &str, from: &Path) -> Result<PathBuf> {
    if name != catalog::VGG19 {
        let reason = format!("only {} can be added", catalog::VGG19);
        return Err(Error::invalid(format!("model '{name}'"), reason));
    }
    let (bytes, sha256) = catalog::read_for_install(from)?;
    let network = FeatureNetwork::parse(&from.display().to_string(), &bytes)?;
    let needed = [
        "relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu4_2", "relu5_1",
    ];
    for layer in needed {
        if !network.has(layer.parse()?) {
            return Err(Error::Model {
                model: from.display().to_string(),
                reason: format!("has no {layer}; VGG-19 has {}", needed.join(", ")),
            });
        }
    }
    let path = catalog::installed_path()?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Error::write(folder))?;
    }
    // The record first: weights without a record would be refused, a record without weights is ignored.
    picture::write_bytes(&catalog::record_of(&path), format!("{sha256}\n").as_bytes())?;
    picture::write_bytes(&path, &bytes)?;
    Ok(path)
}
