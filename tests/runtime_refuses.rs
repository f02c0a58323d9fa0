//! Libraries that cannot be loaded. In a file of their own, that is, in a process of their own: once a good library is
//! loaded nothing else is looked at.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use impasto::Error;
use impasto::runtime::Runtime;

fn refused(path: &Path) -> String {
    match Runtime::load(Some(path)) {
        Err(error @ (Error::LibraryNotFound(_) | Error::LibraryUnusable { .. })) => {
            error.to_string()
        }
        other => panic!("{}: {other:?}", path.display()),
    }
}

#[test]
fn a_path_that_does_not_exist() {
    let text = refused(Path::new("no/such/libonnxruntime.so"));
    assert!(
        text.contains("no/such/libonnxruntime.so") && text.contains("does not exist"),
        "{text}"
    );
}

#[test]
fn a_file_that_is_no_library() {
    for bytes in [
        &b""[..],
        b"not a library",
        &[0x7f, b'E', b'L', b'F', 2, 1, 1, 0],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libonnxruntime.so.1.28.0");
        std::fs::write(&path, bytes).unwrap();
        let text = refused(&path);
        assert!(
            text.contains("cannot be loaded") && text.contains("pip install"),
            "{text}"
        );
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn a_library_that_is_not_onnx_runtime() {
    // Every process here has this one, at a path that the system itself tells.
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let path = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .find(|path| path.contains("/libc.so"))
        .unwrap();
    let text = refused(Path::new(path));
    assert!(
        text.contains("not ONNX Runtime") && text.contains("pip install"),
        "{text}"
    );
}
