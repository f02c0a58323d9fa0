//! Cameras: which ones there are, and their frames.

mod list;
mod mode;
mod pixels;
mod probe;
mod stream;

pub use list::{CameraInfo, list};
pub use mode::Wanted;
pub use stream::Camera;
