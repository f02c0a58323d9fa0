//! Models, bundled and the user's: takes a name or folder, gives files that are checked.

mod bundled;
mod features;
mod manifest;
mod matte;
mod set;

pub use bundled::file as bundled_file;
pub use features::{
    COMPACT, Features, MOST_BYTES as MOST_FEATURE_BYTES, VGG19, features, installed_path,
    read_for_install, record_of,
};
pub use manifest::{
    FileEntry, MOST_BYTES as MOST_MANIFEST_BYTES, Manifest, ModelEntry, PredictorEntry,
};
pub use matte::matte;
pub use set::{MOST_MODEL_BYTES, ModelSet, Part, find, names};
