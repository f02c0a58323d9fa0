//! The extension module `impasto._impasto`: what Python calls.
//!
//! Arrays are read where they lie, pastiches are painted into arrays of numpy, and Python's lock is released while a
//! network runs. The Python side of the package is in `package/impasto/`.

mod arguments;
mod arrays;
mod command;
mod engine;
mod errors;
mod style;

use pyo3::prelude::*;

/// The part of impasto that is written in Rust; import `impasto`.
#[pymodule]
mod _impasto {
    #[pymodule_export]
    use super::command::{bring, main};
    #[pymodule_export]
    use super::engine::Engine;
    #[pymodule_export]
    use super::style::Style;

    #[allow(non_upper_case_globals)] // Python's name for it
    #[pymodule_export]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
