//! Cameras: a number, a name or nothing goes in, RGB frames come out. Virtual cameras: frames go in.

mod choose;
mod list;
mod mode;
mod pixels;
mod probe;
mod stream;
#[cfg(target_os = "linux")]
pub mod virtual_camera;
mod virtual_cameras;

pub use list::{CameraInfo, list};
pub use mode::Wanted;
pub(crate) use pixels::{MOST_SIDE as MOST_JPEG_SIDE, jpeg as decode_jpeg};
// For the benches only.
#[doc(hidden)]
pub use pixels::decode;
pub use stream::Camera;
pub use virtual_cameras::virtual_cameras;
