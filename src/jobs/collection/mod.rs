//! Collections of styles: folders added to a gallery, neighbours, ways through a gallery, and how pure a labelled folder is.

mod add_styles;
mod members;
mod nearest;
mod purity;
mod through;

pub use add_styles::{AddStyles, AddedStyles, add_styles, style_name};
pub(super) use members::{Collection, Galleries, read_folder};
pub use nearest::{Near, NearestJob, nearest_styles};
pub(super) use purity::labels;
pub use purity::{PurityJob, PurityReport, style_purity};
pub(super) use through::stops;
pub use through::{PathJob, PathStep, StylePath, style_path};

/// The most styles of which all distances are computed: 4000 x 4000 of them take 128 MB.
pub const MOST_STYLES: usize = 4000;
