//! The name of standard input and output.

use std::path::Path;

/// The path that stands for standard input or standard output. (A file of this name is `./-`.)
pub const STANDARD_STREAM: &str = "-";

/// Whether `path` stands for standard input or output.
pub fn is_standard_stream(path: &Path) -> bool {
    path == Path::new(STANDARD_STREAM)
}
