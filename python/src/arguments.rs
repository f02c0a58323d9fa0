//! Arguments of Python in; values of the library out.

use std::path::PathBuf;

use impasto::Error;
use pyo3::prelude::*;

use crate::errors;

/// How large strokes are.
#[derive(FromPyObject)]
pub enum Brush {
    /// As a number.
    Number(f32),
    /// By a word, of which there is one.
    Word(String),
}

impl Brush {
    /// The number; `None` for `"auto"`.
    pub fn number(self, py: Python<'_>) -> PyResult<Option<f32>> {
        match self {
            Self::Number(number) => Ok(Some(number)),
            Self::Word(word) if word == "auto" => Ok(None),
            Self::Word(word) => {
                let reason = format!("'{word}' is neither \"auto\" nor a number");
                Err(errors::exception(py, &Error::invalid("brush", reason)))
            }
        }
    }
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
