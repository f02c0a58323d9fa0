//! `impasto live`: a source of frames, painted, and gliding from one style to the next.
//!
//! Three threads with a slot of one between them, so that nothing queues: the **capture** thread reads the source,
//! the **painter** thread paints, and the calling thread (windows want the main one) shows the frames, hands them to
//! the sinks and reads the keys. A fourth, the **embedder**, reads new paintings, so that none stalls the picture.

mod capture;
pub mod choice;
mod clock;
mod commands;
mod embedder;
mod entry;
mod hud;
mod job;
mod keys;
mod meter;
mod motion;
mod own;
mod pace;
mod painted;
mod painter;
mod saver;
mod screen;
mod session;
mod sizing;
mod strip;
mod watch;

pub use job::{LiveJob, LiveReport, MODEL};
pub use keys::{help_text as key_help, markdown as key_table};
pub use meter::StageSummary;
pub use session::live;
