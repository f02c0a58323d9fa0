//! Models, bundled and the user's: takes a name or folder, gives files that are checked.

mod bundled;
mod features;
mod manifest;
mod set;

pub use features::{
    COMPACT, Features, VGG19, features, installed_path, read_for_install, record_of,
};
pub use manifest::{FileEntry, Manifest, ModelEntry, PredictorEntry};
pub use set::{ModelSet, Part, find, names};
