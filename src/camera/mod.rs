//! Cameras: which ones there are, and their frames.

mod list;
mod mode;
mod pixels;
mod probe;
mod stream;
#[cfg(target_os = "linux")]
pub mod virtual_camera;

pub use list::{CameraInfo, list};
pub use mode::Wanted;
pub(crate) use pixels::{MOST_SIDE as MOST_JPEG_SIDE, jpeg as decode_jpeg};
// For the benches: nobody else has a camera's bytes in hand.
#[doc(hidden)]
pub use pixels::decode;
pub use stream::Camera;
