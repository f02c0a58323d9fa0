//! The command `impasto`, and the library that it and the engine load.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use pyo3::prelude::*;

/// Name the library of ONNX Runtime that the package brings, or its folder. An engine's `runtime=`, `ORT_DYLIB_PATH` and
/// what `impasto runtime install` has installed go before it.
#[pyfunction]
pub fn bring(library: PathBuf) {
    impasto::runtime::library::bring(library);
}

/// Run the command `impasto` with `arguments` (without its name), and give its exit status. `program` starts it anew.
#[pyfunction]
pub fn main(py: Python<'_>, arguments: Vec<OsString>, program: PathBuf) -> u8 {
    let name = std::iter::once(OsString::from("impasto"));
    py.detach(|| {
        impasto::cli::set_program(program);
        status(impasto::cli::main(name.chain(arguments)))
    })
}

/// An exit code as a number, which it does not give away itself.
fn status(code: ExitCode) -> u8 {
    (0..=u8::MAX)
        .find(|number| ExitCode::from(*number) == code)
        .unwrap_or(1)
}
