//! Animated pictures, read and written without ffmpeg: GIF, animated PNG (APNG) and animated WebP.
//!
//! A [`Timeline`] tells the size, the time of every frame and how often it plays, before a pixel is decoded. A
//! [`Reader`] gives the frames one at a time, a [`Writer`] takes them one at a time: neither holds a film in memory.

mod changed;
mod clock;
mod decode;
mod encode;
mod fault;
mod format;
mod limits;
mod reader;
mod scan;
mod timeline;
mod writer;

pub use format::{Format, Plays};
pub use limits::Limits;
pub use reader::{Reader, WHITE};
pub use timeline::Timeline;
pub use writer::{Writer, Written};
