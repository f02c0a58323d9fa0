//! `impasto gatys`: a photo and a painting go in; pictures made by optimisation, reconstructions, textures, and grids of
//! them come out.

mod descent;
mod grid;
mod loss_plot;
mod memory;
mod options;
mod picture_job;
#[cfg(feature = "live")]
mod preview_window;
mod runner;
mod scales;

pub use descent::{OnStep, Optimised, StepRecord};
pub use grid::{Cell, GridJob, grid};
pub use loss_plot::{Curve, plot, table};
pub use options::{DEFAULT_SIZE, GatysOptions, ITERATIONS, Init, Method, SCALES};
pub(in crate::jobs) use picture_job::open;
pub use picture_job::{Extras, GatysJob, GatysReport, Preview, Subject, gatys, style_file};
#[cfg(feature = "live")]
pub use preview_window::PreviewWindow;
pub use runner::GatysRunner;
pub(in crate::jobs) use scales::{scales_up_to, shares};
