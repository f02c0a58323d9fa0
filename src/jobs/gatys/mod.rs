//! `impasto gatys`: the slow optimum of a pair, reconstructions, textures, and grids of them.

mod curve;
mod grid;
mod jobs;
mod memory;
mod options;
mod sheet;
mod studio;
#[cfg(feature = "live")]
mod window;

pub use curve::{Line, plot, table};
pub use grid::{Cell, GridJob, grid};
pub(in crate::jobs) use jobs::open;
pub use jobs::{Extras, GatysJob, GatysReport, Preview, Subject, gatys, style_file};
pub use options::{DEFAULT_SIZE, GatysOptions, ITERATIONS, Init, Method, SCALES};
pub use sheet::sheet;
pub use studio::{Outcome, Record, Studio, Watch};
#[cfg(feature = "live")]
pub use window::PreviewWindow;
