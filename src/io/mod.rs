//! Sources and sinks, one file each. They know no networks.

#[cfg(feature = "live")]
pub mod camera;
pub mod file;
#[cfg(feature = "live")]
pub mod window;
