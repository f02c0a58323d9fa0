//! An error of the library in; the Python exception of its kind, with the message that the program prints, out.

use impasto::Error;
use pyo3::prelude::*;
use std::error::Error as _;

/// The exception for `error`: a class of `package/impasto/_errors.py`.
pub fn exception(py: Python<'_>, error: &Error) -> PyErr {
    raise(py, class(error), &message(error))
}

/// An exception of the class `name` of `package/impasto/_errors.py`.
pub fn raise(py: Python<'_>, name: &str, message: &str) -> PyErr {
    let made = py
        .import("impasto._errors")
        .and_then(|errors| errors.getattr(name)?.call1((message,)));
    made.map_or_else(|error| error, PyErr::from_value)
}

fn class(error: &Error) -> &'static str {
    match error {
        Error::Invalid { .. } => "InvalidError",
        Error::Decode { .. }
        | Error::TooLarge { .. }
        | Error::TooSmall { .. }
        | Error::SizeMismatch { .. } => "PictureError",
        Error::StyleNotFound { .. } | Error::Style { .. } => "StyleError",
        Error::ModelNotFound { .. } | Error::Checksum { .. } | Error::Model { .. } => "ModelError",
        Error::LibraryNotFound(_) | Error::LibraryUnusable { .. } | Error::Install { .. } => {
            "RuntimeLibraryError"
        }
        Error::Device { .. } => "DeviceError",
        Error::Inference { .. } => "InferenceError",
        _ => "Error",
    }
}

/// The error and what it came from, each once.
fn message(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}
