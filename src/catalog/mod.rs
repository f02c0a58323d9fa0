//! Models: the bundled ones and the user's, found by name or folder, checked before they are used.

mod bundled;
mod manifest;
mod set;

pub use manifest::{FileEntry, Manifest, ModelEntry, PredictorEntry};
pub use set::{ModelSet, Part, find, names};
