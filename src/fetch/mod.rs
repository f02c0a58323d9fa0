//! Builds of ONNX Runtime: takes a device and a system, gives the library in the user's cache folder, downloaded through
//! pip if it is not there.
//!
//! The build script is `build.rs` in this folder, with `obtain`; it compiles `pins`, `pip`, `cache_dirs`, `wheel` and
//! `store` for itself, so these use nothing but the standard library and the crates that check and unpack a wheel.

pub mod cache_dirs;
#[cfg(feature = "jobs")]
mod install;
pub mod packages;
pub mod pins;
#[cfg(feature = "jobs")]
mod pip;
#[cfg(all(test, feature = "jobs"))]
#[allow(dead_code)] // used by the build script; compiled here for its tests
mod store;
#[cfg(all(test, feature = "jobs"))]
mod store_tests;
#[cfg(feature = "jobs")]
pub(crate) mod wheel;

#[cfg(feature = "jobs")]
pub use install::install;
