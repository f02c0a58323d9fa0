//! The program: see `impasto --help`. This file is a table of contents.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(error) => cli::report(&error),
    }
}
