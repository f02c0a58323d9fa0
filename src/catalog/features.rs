//! Takes the name of a feature network; gives its weights: the bundled compact one, VGG-19 once it is installed, or a
//! file.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::bundled;
use super::manifest::Manifest;
use super::set::{hash, read_at_most};
use crate::error::{Error, Result};
use crate::files;

/// The name of the bundled network.
pub const COMPACT: &str = "compact";

/// The name of VGG-19, where it is installed.
pub const VGG19: &str = "vgg19";

/// The largest file that is read, in bytes: VGG-19's convolutions in f32 are 80 MB.
pub const MOST_BYTES: u64 = 512 << 20;

/// The largest record of a sha256 that is read, in bytes. Ours have 64.
const MOST_RECORD_BYTES: u64 = 1 << 10;

/// Weights of a feature network; bundled and installed ones are checked against their recorded sha256.
#[derive(Debug, Clone)]
pub struct Features {
    /// `compact`, `vgg19`, or the file.
    pub name: String,
    /// Safetensors.
    pub bytes: Cow<'static, [u8]>,
}

/// The network that `which` names: `compact`, `vgg19`, or a file; `None` is VGG-19 if it is installed, else the compact
/// one.
///
/// # Errors
/// [`Error::Model`] with the remedy when it is not installed or differs from what was installed; [`Error::Read`].
pub fn features(which: Option<&str>) -> Result<Features> {
    match which {
        Some(COMPACT) => compact(),
        Some(VGG19) => installed(&installed_path()?),
        Some(file) => Ok(Features {
            name: file.to_owned(),
            bytes: read_at_most(Path::new(file), MOST_BYTES)?.into(),
        }),
        None => match installed_path() {
            Ok(path) if path.exists() => installed(&path),
            _ => compact(),
        },
    }
}

/// Where VGG-19 lies once it is installed: in `IMPASTO_MODELS`, or `impasto/models` of the user's data folder.
///
/// # Errors
/// [`Error::Invalid`] when the system has no such folder.
pub fn installed_path() -> Result<PathBuf> {
    let folder = match std::env::var_os("IMPASTO_MODELS").filter(|p| !p.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => etcetera::choose_base_strategy()
            .map(|base| etcetera::BaseStrategy::data_dir(&base).join("impasto/models"))
            .map_err(|_| {
                let reason = "this system has no data folder; name one in IMPASTO_MODELS";
                Error::invalid("models", reason)
            })?,
    };
    Ok(folder.join("vgg19.safetensors"))
}

/// The file beside an installed network that holds its sha256.
pub fn record_of(path: &Path) -> PathBuf {
    path.with_extension("safetensors.sha256")
}

/// Read a file that is to be installed. Gives its bytes and their sha256.
///
/// # Errors
/// [`Error::Read`], [`Error::Model`] for a file that is too large.
pub fn read_for_install(path: &Path) -> Result<(Vec<u8>, String)> {
    let bytes = read_at_most(path, MOST_BYTES)?;
    let sha256 = hash(&bytes);
    Ok((bytes, sha256))
}

fn compact() -> Result<Features> {
    let manifest = Manifest::parse("models.toml", bundled::MANIFEST)?;
    let refuse = |reason: &str| Error::Model {
        model: "bundled features".to_owned(),
        reason: reason.to_owned(),
    };
    let entry = manifest
        .features
        .ok_or_else(|| refuse("are not in the manifest"))?;
    let bytes = bundled::file(&entry.file).ok_or_else(|| refuse("are not compiled in"))?;
    if hash(bytes) != entry.sha256 {
        return Err(refuse("differ from the manifest; build the program again"));
    }
    Ok(Features {
        name: COMPACT.to_owned(),
        bytes: bytes.into(),
    })
}

fn installed(path: &Path) -> Result<Features> {
    let refuse = |reason: String| Error::Model {
        model: VGG19.to_owned(),
        reason: format!(
            "{reason}; install it with `impasto models add vgg19 FILE` (FILE is made by export/ship/vgg19.py)"
        ),
    };
    if !path.exists() {
        return Err(refuse("is not installed".to_owned()));
    }
    let bytes = read_at_most(path, MOST_BYTES)?;
    let record = record_of(path);
    let recorded = files::read_text(&record, MOST_RECORD_BYTES)
        .map_err(|e| refuse(format!("{}: cannot be read: {e}", record.display())))?;
    if recorded.trim() != hash(&bytes) {
        return Err(refuse(format!(
            "{} is not what was installed",
            path.display()
        )));
    }
    Ok(Features {
        name: VGG19.to_owned(),
        bytes: bytes.into(),
    })
}
