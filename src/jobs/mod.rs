//! The jobs of the program: a struct of options in, what was done out. Progress goes to a callback; nothing is printed.

pub mod bench;
mod blend;
mod collection;
mod doctor;
pub mod film;
mod gallery_edit;
pub mod gatys;
mod html;
mod models;
mod output_names;
mod output_paths;
mod refine;
pub mod regions;
pub mod runtime;
mod sizes;
mod standard_stream;
mod style_book;
mod style_map;
mod style_sheet;
mod stylize;
pub mod verify;
#[cfg(feature = "remote")]
mod web;

pub use blend::{BLEND_STEPS, BlendJob, MOST_GIF_PIXELS, blend};
pub use collection::{
    AddStyles, AddedStyles, MOST_STYLES, Near, NearestJob, PathJob, PathStep, PurityJob,
    PurityReport, StylePath, add_styles, nearest_styles, style_name, style_path, style_purity,
};
pub use doctor::{Finding, Report, doctor};
pub use gallery_edit::{AddStyle, Refinement};
pub use models::{ModelInfo, add_model, list_models};
pub use output_paths::STANDARD_STREAM;
pub use refine::{Mismatch, REFINE_DEFAULT, REFINE_STEPS, Refined, Refiner};
pub use sizes::SIZES;
pub(crate) use sizes::check_size;
pub use style_book::{MOST_GALLERY_BYTES, StyleBook, user_gallery_path};
pub use style_map::{MapMethod, StyleMap, StyleMapJob, style_map};
pub use style_sheet::{StyleSheetJob, style_sheet};
pub use stylize::{
    BEST_DEFAULT, BEST_SIZE, BEST_STEPS, Bettered, Failure, FileOptions, Painted, QUALITIES, Shard,
    Skipped, StylizeJob, StylizeProgress, Summary, WhySkipped, stylize, stylize_lines,
};
#[cfg(feature = "remote")]
pub use web::{WebJob, web};

use crate::device::{Choice, Device};
use crate::engine::EngineBuilder;
use crate::progress::Progress;

/// Tell which device was taken: as a note where the user named one or a better one failed, else as a detail.
fn note_device(asked: &EngineBuilder, taken: &Choice, progress: &mut dyn Progress) {
    if asked.device == Device::Auto && !taken.second_best {
        progress.detail(&taken.to_string());
    } else {
        progress.note(&taken.to_string());
    }
}
