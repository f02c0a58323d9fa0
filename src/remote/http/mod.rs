//! The remote control over HTTP: the page, the picture, and endpoints for scripts.

mod address;

pub use address::ServeAddress;
