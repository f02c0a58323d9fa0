//! The program: arguments in, an exit status out. See `impasto --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    impasto::cli::main(std::env::args_os())
}
