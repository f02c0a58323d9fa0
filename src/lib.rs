//! Impasto paints photos, films and live video in the style of any painting, in real time.

pub mod error;
pub mod io;
pub mod runtime;

pub use error::{Error, Result};
