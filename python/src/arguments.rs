//! Arguments of Python in; values of the library out.

use std::path::PathBuf;

use impasto::Error;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::errors;

/// How large strokes are: a number, or `None` for `"auto"`.
pub fn brush(brush: &Bound<'_, PyAny>) -> PyResult<Option<f32>> {
    if let Ok(word) = brush.extract::<String>() {
        if word == "auto" {
            return Ok(None);
        }
        let error = Error::invalid(
            "brush",
            format!("'{word}' is neither \"auto\" nor a number"),
        );
        return Err(errors::exception(brush.py(), &error));
    }
    brush.extract().map(Some).map_err(|_| {
        let kind = brush.get_type();
        PyTypeError::new_err(format!(
            "brush: is neither \"auto\" nor a number, but a {kind}"
        ))
    })
}

/// A count; what no count can be becomes 0, which the library refuses with the range.
pub fn count<T: TryFrom<i64> + Default>(number: i64) -> T {
    T::try_from(number).unwrap_or_default()
}

/// A model's name or folder.
pub fn model(py: Python<'_>, model: PathBuf) -> PyResult<String> {
    model.into_os_string().into_string().map_err(|name| {
        let reason = format!("{} is not text in UTF-8", name.display());
        errors::exception(py, &Error::invalid("model", reason))
    })
}
