//! The jobs of the program: loops, progress, files. They print nothing; they return what was done.

pub mod bench;
mod blend;
mod doctor;
pub mod gatys;
mod look;
mod models;
mod output;
mod refine;
pub mod runtime;
mod styles;
mod stylize;
pub mod verify;

pub use blend::{BlendJob, blend};
pub use doctor::{Finding, Report, doctor};
pub use models::{ModelInfo, add_model, list_models};
pub use refine::{Mismatch, REFINE_DEFAULT, REFINE_STEPS, Refined, Refiner};
pub use styles::{AddStyle, Refinement, StyleBook, user_gallery_path};
pub(crate) use stylize::check_size;
pub use stylize::{Failure, Painted, SIZES, StylizeJob, Summary, stylize};
