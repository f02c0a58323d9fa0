//! The network that finds people: gives its bytes, checked.

use super::bundled;
use super::manifest::Manifest;
use super::set::hash;
use crate::error::{Error, Result};

/// The bundled ONNX file that finds people in a picture: `content` u8 `[1,256,256,3]` -> `matte` u8 `[1,256,256,1]`.
///
/// # Errors
/// [`Error::Model`] when it is not compiled in, or is not the file of the manifest.
pub fn matte() -> Result<&'static [u8]> {
    let manifest = Manifest::parse("models.toml", bundled::MANIFEST)?;
    let refuse = |reason: &str| Error::Model {
        model: "bundled matte".to_owned(),
        reason: reason.to_owned(),
    };
    let entry = manifest
        .matte
        .ok_or_else(|| refuse("is not in the manifest"))?;
    let bytes = bundled::file(&entry.file).ok_or_else(|| refuse("is not compiled in"))?;
    if hash(bytes) != entry.sha256 {
        return Err(refuse("differs from the manifest; build the program again"));
    }
    Ok(bytes)
}
