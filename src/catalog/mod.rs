//! Models: the bundled ones and the user's, found by name or folder, checked before they are used.

mod bundled;
mod features;
mod manifest;
mod set;

pub use features::{
    COMPACT, Features, VGG19, features, installed_path, read_for_install, record_of,
};
pub use manifest::{FileEntry, Manifest, ModelEntry, PredictorEntry};
pub use set::{ModelSet, Part, find, names};
